//! The hot path of a feed: finding its records, and parsing one.
//! `cargo bench --bench feeds`. An unchanged record is only found; a changed one is parsed too.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark that is wrong should stop; the macro's main has no doc"
)]

use std::fmt::Write;
use std::io::Cursor;

use buywire_feeds::read::{Hints, open};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// About what the reading thread sees in a tenth of a second.
const ITEMS: usize = 20_000;

/// Documents with items of about 1 kB each, by format.
fn documents() -> [(&'static str, String); 4] {
    let prose = "Clay, fired twice, glazed &amp; signed. ".repeat(18);
    let mut csv = "id,title,description,link,image_link,price,availability\n".to_owned();
    let mut lines = String::new();
    let mut rss = "<rss><channel><title>Shop</title>\n".to_owned();
    let mut array = "[".to_owned();
    for id in 0..ITEMS {
        let (link, image) = (
            format!("https://shop.example/p/{id}"),
            format!("https://shop.example/i/{id}.jpg"),
        );
        let _ = writeln!(
            csv,
            "{id},\"Vase, {id}\",\"{prose}\",{link},{image},{id}.00 EUR,in_stock"
        );
        let item = format!(
            r#"{{"id":"{id}","title":"Vase \"{id}\"","description":"{prose}","link":"{link}","image_link":"{image}","price":"{id}.00 EUR","availability":"in_stock"}}"#
        );
        let _ = writeln!(lines, "{item}");
        let _ = write!(array, "{}{item}", if id > 0 { "," } else { "" });
        let _ = writeln!(
            rss,
            "<item>\n<g:id>{id}</g:id>\n<g:title>Vase {id}</g:title>\n<g:description>{prose}</g:description>\n\
             <g:link>{link}</g:link>\n<g:image_link>{image}</g:image_link>\n<g:price>{id}.00 EUR</g:price>\n\
             <g:availability>in_stock</g:availability>\n</item>"
        );
    }
    rss.push_str("</channel></rss>");
    array.push(']');
    [
        ("csv", csv),
        ("json lines", lines),
        ("json array", array),
        ("rss", rss),
    ]
}

/// Reads the whole document and optionally parses each record. Returns their number.
fn read_document(document: Cursor<Vec<u8>>, parse: bool) -> usize {
    let mut document = open(document, &Hints::default()).unwrap();
    let kind = document.kind().clone();
    let mut records = 0;
    while let Some(record) = document.next().unwrap() {
        records += 1;
        if parse {
            kind.parse(record.raw).unwrap();
        }
    }
    records
}

fn read_feed(bench: &mut Criterion) {
    for (kind, document) in documents() {
        let mut group = bench.benchmark_group(kind);
        group.throughput(Throughput::Bytes(document.len() as u64));
        group.sample_size(10);
        for (work, parse) in [("find its records", false), ("find and parse them", true)] {
            group.bench_function(work, |b| {
                let fresh = || Cursor::new(document.clone().into_bytes());
                b.iter_batched(
                    fresh,
                    |document| assert_eq!(read_document(document, parse), ITEMS),
                    BatchSize::LargeInput,
                );
            });
        }
    }
}

criterion_group!(benches, read_feed);
criterion_main!(benches);
