//! Measures texts: one JSON string a line in, `[weight, valid, valid_end]` a line out. The counter
//! of another maker is asked the same (`counting.mjs`).

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
