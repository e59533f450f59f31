//! Buckets of gradual rollouts: reads one JSON `[group, id]` a line, writes its bucket of 100.
//! `rollout.mjs` compares them with the published vectors.

use std::io::{BufRead, Write};

use buywire_schemas::rollout::bucket;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let (group, id): (String, String) = serde_json::from_str(&line?)?;
        writeln!(out, "{}", bucket(&group, &id, 100))?;
    }
    out.flush()
}
