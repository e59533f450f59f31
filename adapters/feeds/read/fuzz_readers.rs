//! Feeds damaged documents to every reader: `fuzz_readers [--inputs N] [--seed N]`.
//!
//! Takes fixtures of all kinds, also packed and recoded, changes bytes, cuts, repeats and splices
//! them, and reads the result to its end within small limits. Fails if a reader panics, returns a
//! record above its limit, continues after its end, or forgets a fault. Prints the number of each outcome
//! and the peak memory. The same arguments give the same inputs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fuzzer that is wrong should stop"
)]

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::time::Instant;

use buywire_feeds::read::{DocumentKind, Fault, Hints, Limits, Quoting, open_within};
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LIMITS: Limits = Limits {
    record_bytes_max: 4 << 10,
    expanded_bytes_max: 1 << 20,
    ratio_max: 100,
    ratio_floor_bytes: 16 << 10,
};
/// Many times what the limits above need, and little compared to a document.
const MEMORY_KIB_MAX: u64 = 64 << 10;
const INPUT_BYTES_MAX: usize = 8 << 10;
const FIXTURES: [&[u8]; 12] = [
    include_bytes!("fixtures/array.json"),
    include_bytes!("fixtures/channel.rss.xml"),
    include_bytes!("fixtures/entities.xml"),
    include_bytes!("fixtures/other.xml"),
    include_bytes!("fixtures/page.html"),
    include_bytes!("fixtures/product.jsonld"),
    include_bytes!("fixtures/products.json"),
    include_bytes!("fixtures/products.jsonl"),
    include_bytes!("fixtures/quoted.csv"),
    include_bytes!("fixtures/semicolon.csv"),
    include_bytes!("fixtures/stray.tsv"),
    include_bytes!("fixtures/undeclared.atom.xml"),
];
/// Pieces with a meaning to one of the readers.
const TOKENS: [&[u8]; 32] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r\n",
    b"\r",
    b"<item>",
    b"</item>",
    b"<item/>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<!DOCTYPE a>",
    b"&amp;",
    b"&nbsp;",
    b"&#0;",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"\\",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfc",
    b"\0",
    b"<?xml encoding='windows-1250'?>",
    b"</channel>",
];

/// SplitMix64: short, and good enough to pick positions.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; zero if there is none.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn main() {
    let inputs = argument("--inputs").unwrap_or(1_000_000);
    let mut rng = Rng(argument("--seed").unwrap_or(1));
    let seeds = seeds();
    let mut outcomes = BTreeMap::new();
    let began = Instant::now();
    for _ in 0..inputs {
        let (input, hints) = input(&seeds, &mut rng);
        *outcomes.entry(read(input, &hints)).or_insert(0_u64) += 1;
    }
    for (outcome, count) in &outcomes {
        println!("{count:>10}  {outcome}");
    }
    let missing: Vec<_> = Fault::CODES
        .iter()
        .filter(|code| !outcomes.keys().any(|met| met.contains(*code)))
        .collect();
    println!(
        "{inputs} inputs in {:.0?}; codes not met: {missing:?}",
        began.elapsed()
    );
    if let Some(memory_kib) = memory_kib_max() {
        println!("at most {memory_kib} KiB of memory");
        assert!(memory_kib <= MEMORY_KIB_MAX, "memory is not bounded");
    }
}

/// The number behind this argument.
fn argument(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).map(|number| number.parse().unwrap())
}

/// The fixtures, and what only a packed document can be.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = FIXTURES.iter().map(|fixture| fixture.to_vec()).collect();
    seeds.push(zip(&[FIXTURES[0], FIXTURES[1]]));
    seeds.push(gzip(&vec![b' '; 1 << 20]));
    seeds
}

/// Half of the documents come packed or in another charset.
fn repack(bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let text = String::from_utf8_lossy(&bytes);
    let units = || "\u{feff}".encode_utf16().chain(text.encode_utf16());
    match rng.below(12) {
        0 => units().flat_map(u16::to_le_bytes).collect(),
        1 => units().flat_map(u16::to_be_bytes).collect(),
        2 => {
            let declared = format!("<?xml version='1.0' encoding='windows-1252'?>{text}");
            encoding_rs::WINDOWS_1252.encode(&declared).0.into_owned()
        }
        3 => gzip(&bytes),
        4 => {
            let (first, second) = bytes.split_at(rng.below(bytes.len() + 1));
            [gzip(first), gzip(second)].concat()
        }
        5 => zip(&[&bytes]),
        _ => bytes,
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zip(files: &[&[u8]]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (number, file) in files.iter().enumerate() {
        archive
            .start_file(format!("feed{number}"), SimpleFileOptions::default())
            .unwrap();
        archive.write_all(file).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A seed, changed in up to eight places, packed or recoded, and sometimes changed again.
fn input(seeds: &[Vec<u8>], rng: &mut Rng) -> (Vec<u8>, Hints) {
    let mut bytes = seeds[rng.below(seeds.len())].clone();
    for _ in 0..rng.below(9) {
        change(&mut bytes, seeds, rng);
    }
    bytes.truncate(INPUT_BYTES_MAX);
    bytes = repack(bytes, rng);
    if rng.below(4) == 0 {
        change(&mut bytes, seeds, rng);
    }
    let mut hints = Hints::default();
    match rng.below(32) {
        0 => hints.quoting = Some(true),
        1 => hints.delimiter = Some(b','),
        2 => hints.content_type = Some("text/csv; charset=windows-1251".to_owned()),
        3 => hints.file_name = Some("feed.jsonl".to_owned()),
        4 => hints.charset = Some("shift_jis".to_owned()),
        5 => hints.charset = Some("klingon".to_owned()),
        _ => {}
    }
    (bytes, hints)
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.below(bytes.len() + 1);
    let end = (at + rng.below(64)).min(bytes.len());
    match rng.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => drop(bytes.splice(at..at, TOKENS[rng.below(TOKENS.len())].iter().copied())),
        3 => {
            let token = TOKENS[rng.below(TOKENS.len())];
            let many = token.repeat(1 + rng.below(200));
            bytes.splice(at..at, many);
        }
        4 => {
            let other = &seeds[rng.below(seeds.len())];
            let from = rng.below(other.len());
            let to = (from + rng.below(256)).min(other.len());
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        5 => {
            let repeated = bytes[at..end].repeat(1 + rng.below(8));
            bytes.splice(at..at, repeated);
        }
        6 => bytes
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|byte| *byte ^= 1 << (at % 8)),
        _ => bytes
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|byte| *byte = end as u8),
    }
}

/// Reads to the end, and returns the outcome.
fn read(input: Vec<u8>, hints: &Hints) -> String {
    let mut document = match open_within(Cursor::new(input), hints, &LIMITS) {
        Ok(document) => document,
        Err(fault) => return format!("not opened: {}", fault.code()),
    };
    let kind = document.kind().clone();
    let mut record_fault = None;
    let end = loop {
        match document.next() {
            Ok(None) => break "complete",
            Err(fault) => break fault.code(),
            Ok(Some(record)) => {
                assert!(
                    record.raw.len() <= LIMITS.record_bytes_max,
                    "a record above its limit"
                );
                assert!(record.row > 0, "a record without a row");
                record_fault = kind
                    .parse(record.raw)
                    .err()
                    .map(|fault| fault.code())
                    .or(record_fault);
            }
        }
    };
    match document.next() {
        Ok(record) => assert!(
            end == "complete" && record.is_none(),
            "it goes on after its end"
        ),
        Err(fault) => assert_eq!(fault.code(), end, "the fault is forgotten"),
    }
    let record_fault = record_fault
        .map(|code| format!(", with {code}"))
        .unwrap_or_default();
    format!("{}: {end}{record_fault}", name(&kind))
}

fn name(kind: &DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Table {
            quotes: Quoting::Csv,
            ..
        } => "quoted table",
        DocumentKind::Table { .. } => "table",
        DocumentKind::Xml { .. } => "xml",
        DocumentKind::JsonArray { .. } => "json array",
        DocumentKind::JsonLines => "json lines",
        DocumentKind::JsonObject => "json object",
    }
}

/// The high-water mark of resident memory, where the system tells.
fn memory_kib_max() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
