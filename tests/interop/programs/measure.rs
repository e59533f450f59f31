//! Measures texts: reads one JSON string a line, writes `[weight, valid, valid_end]`.
//! `counting.mjs` compares them with the published counter.

use std::io::{BufRead, Write};

use buywire_schemas::tweet::measure;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let measured = measure(&text);
        let (weight, valid, end) = (measured.weight, measured.valid, measured.valid_end);
        writeln!(out, "[{weight},{valid},{end}]")?;
    }
    out.flush()
}
