//! What every reader promises, on small documents.

mod charsets;
mod cuts;
mod damage;
mod packed;
mod properties;
mod quotes;
mod tables;
mod trees;
mod values;

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use super::{
    Document, DocumentKind, Element, Fault, Hints, Limits, Parsed, RecordFault, Truncation, open,
    open_within,
};

const RSS: &[u8] = include_bytes!("../fixtures/channel.rss.xml");
const ATOM: &[u8] = include_bytes!("../fixtures/undeclared.atom.xml");
const OTHER: &[u8] = include_bytes!("../fixtures/other.xml");
const ENTITIES: &[u8] = include_bytes!("../fixtures/entities.xml");
const PAGE: &[u8] = include_bytes!("../fixtures/page.html");
const QUOTED: &[u8] = include_bytes!("../fixtures/quoted.csv");
const SEMICOLON: &[u8] = include_bytes!("../fixtures/semicolon.csv");
const STRAY: &[u8] = include_bytes!("../fixtures/stray.tsv");
const WRAPPED: &[u8] = include_bytes!("../fixtures/products.json");
const ARRAY: &[u8] = include_bytes!("../fixtures/array.json");
const LINES: &[u8] = include_bytes!("../fixtures/products.jsonl");
const LINKED: &[u8] = include_bytes!("../fixtures/product.jsonld");

/// A document read to its end, or to where it failed.
#[derive(Debug, PartialEq)]
struct Reading {
    kind: Arc<DocumentKind>,
    /// Row and bytes of each record.
    records: Vec<(u64, String)>,
    end: Result<(), Fault>,
    /// Where it was found to be cut.
    cut: Option<Truncation>,
}

impl Reading {
    fn of(mut document: Document) -> Self {
        let kind = document.kind().clone();
        let mut records = Vec::new();
        let end = loop {
            match document.next() {
                Ok(Some(record)) => {
                    let raw = std::str::from_utf8(record.raw).unwrap();
                    records.push((record.row, raw.to_owned()));
                }
                Ok(None) => break Ok(()),
                Err(fault) => {
                    assert_eq!(document.next(), Err(fault.clone()), "it stays failed");
                    break Err(fault);
                }
            }
        };
        let cut = document.truncation().cloned();
        Self {
            kind,
            records,
            end,
            cut,
        }
    }

    /// The rows, of a document that is whole.
    fn rows(&self) -> Vec<u64> {
        assert_eq!(self.end, Ok(()));
        self.records.iter().map(|(row, _)| *row).collect()
    }

    fn parsed(&self) -> Vec<Result<Parsed<'_>, RecordFault>> {
        self.records
            .iter()
            .map(|(_, raw)| self.kind.parse(raw.as_bytes()))
            .collect()
    }

    /// The cells of a table that is whole, or the code of a broken row.
    fn cells(&self) -> Vec<Result<Vec<String>, &'static str>> {
        assert_eq!(self.end, Ok(()));
        let cells = |parsed| match parsed {
            Ok(Parsed::Cells { cells, .. }) => {
                Ok(cells.into_iter().map(|cell| cell.into_owned()).collect())
            }
            Ok(other) => panic!("{other:?}"),
            Err(fault) => Err(RecordFault::code(&fault)),
        };
        self.parsed().into_iter().map(cells).collect()
    }

    /// Rows in which a quote stands where none may.
    fn stray_quotes(&self) -> Vec<u64> {
        let rows = self.records.iter().map(|(row, _)| *row);
        let is_stray = |parsed: &Result<Parsed<'_>, RecordFault>| {
            matches!(
                parsed,
                Ok(Parsed::Cells {
                    has_stray_quote: true,
                    ..
                })
            )
        };
        let rows = rows.zip(self.parsed());
        let stray = rows.filter(|(_, parsed)| is_stray(parsed));
        stray.map(|(row, _)| row).collect()
    }

    fn elements(&self) -> Vec<Element> {
        assert_eq!(self.end, Ok(()));
        let element = |parsed| match parsed {
            Ok(Parsed::Element(element)) => element,
            other => panic!("{other:?}"),
        };
        self.parsed().into_iter().map(element).collect()
    }

    fn values(&self) -> Vec<serde_json::Value> {
        assert_eq!(self.end, Ok(()));
        let value = |parsed| match parsed {
            Ok(Parsed::Json(value)) => value,
            other => panic!("{other:?}"),
        };
        self.parsed().into_iter().map(value).collect()
    }

    fn header(&self) -> Vec<&str> {
        match &*self.kind {
            DocumentKind::Table { header, .. } => header.iter().map(|name| &**name).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// Why it could not be read to its end.
    fn fault(&self) -> &Fault {
        self.end.as_ref().unwrap_err()
    }
}

fn read(bytes: impl AsRef<[u8]>) -> Reading {
    read_with(bytes, &Hints::default())
}

fn read_with(bytes: impl AsRef<[u8]>, hints: &Hints) -> Reading {
    Reading::of(open(Cursor::new(bytes.as_ref().to_vec()), hints).unwrap())
}

/// Why the document cannot be opened.
fn refused(bytes: impl AsRef<[u8]>) -> Fault {
    refused_with(bytes, &Hints::default())
}

fn refused_with(bytes: impl AsRef<[u8]>, hints: &Hints) -> Fault {
    match open(Cursor::new(bytes.as_ref().to_vec()), hints) {
        Ok(document) => panic!("it is {:?}", document.kind()),
        Err(fault) => fault,
    }
}

/// The same in the end, however the bytes arrive: kind, records and fault, or the fault of opening.
fn read_in_pieces(bytes: &[u8], pieces: &[usize], limits: &Limits) -> Result<Reading, Fault> {
    let source = Pieces {
        bytes: Cursor::new(bytes.to_vec()),
        sizes: pieces.to_vec(),
        next: 0,
    };
    open_within(source, &Hints::default(), limits).map(Reading::of)
}

/// Gives its bytes in pieces of these sizes, in turns.
struct Pieces {
    bytes: Cursor<Vec<u8>>,
    sizes: Vec<usize>,
    next: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.next += 1;
        let size = self.sizes[self.next % self.sizes.len()].min(into.len());
        self.bytes.read(&mut into[..size])
    }
}

fn small() -> Limits {
    Limits {
        record_bytes_max: 2_000,
        expanded_bytes_max: 1 << 20,
        ratio_max: 100,
        ratio_floor_bytes: 16 << 10,
    }
}
