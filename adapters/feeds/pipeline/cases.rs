//! Documents as merchants send them, with the expected result of each. They are in `adapters/feeds/cases/`.
//!
//! A new one is a file and a row below: its format, its valid items, the errors of the others, further
//! findings, and values that must match.

use std::io::{Cursor, Write};
use std::path::Path;

use buywire_schemas::catalog::issue::{Code, Issue, Severity};
use serde_json::{Value, json};
use time::macros::datetime;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{FeedReader, FeedStep, RawRecord, ReaderSettings};
use crate::formats::FormatRules;
use crate::is_record_error;
use crate::read::Hints;
use crate::validate::{CrossItemChecks, Rules};

mod formats;

use self::formats::FORMAT_CASES;

struct Case {
    file: &'static str,
    /// The format, or the code of the refusal.
    expected_format: Result<&'static str, Code>,
    /// The ids of the valid items, in document order.
    items: &'static [&'static str],
    /// Errors of records, with their rows.
    errors: &'static [(u64, Code)],
    /// Further findings, each code once.
    other_codes: &'static [Code],
    /// An item's id, the path to a value, and the value in JSON.
    values: &'static [(&'static str, &'static str, &'static str)],
}

const EMPTY_CASE: Case = Case {
    file: "",
    expected_format: Ok("google"),
    items: &[],
    errors: &[],
    other_codes: &[],
    values: &[],
};

/// How documents are read.
const READING_CASES: &[Case] = &[
    Case {
        file: "quote-takes-rows-in.csv",
        items: &["2", "3", "4", "5"],
        errors: &[(2, Code::RecordMalformed)],
        values: &[
            ("4", "/title", "\"Screen 26\\\"\""),
            ("4", "/price/amount", "9900"),
            ("4", "/url", "\"https://shop.example/p/4\""),
            ("2", "/price/amount", "500"),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "quote-backslash.csv",
        items: &["1", "2", "3"],
        other_codes: &[Code::QuoteUnescaped],
        values: &[
            ("1", "/title", "\"Say \\\"yes\\\" mug\""),
            ("2", "/title", "\"24\\\" wheel\\\" stand\""),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "comments-before-header.csv",
        items: &["1"],
        values: &[("1", "/price/amount", "1000")],
        ..EMPTY_CASE
    },
    Case {
        file: "sep-line.csv",
        items: &["1"],
        values: &[("1", "/price/amount", "1250")],
        ..EMPTY_CASE
    },
    Case {
        file: "broken-off.csv",
        items: &["1", "2"],
        other_codes: &[Code::FeedTruncated],
        values: &[("2", "/price/amount", "129900")],
        ..EMPTY_CASE
    },
    Case {
        file: "shopify-guarded-barcodes.csv",
        expected_format: Ok("shopify_csv"),
        items: &["P1", "P2", "P3"],
        other_codes: &[Code::QuantityColumnMissing, Code::SpreadsheetGuard],
        values: &[
            ("P1", "/gtins", "[\"04006381333931\"]"),
            ("P2", "/gtins", "[\"05901234123457\"]"),
            ("P3", "/gtins", "[\"00036000291452\"]"),
            ("P2", "/title", "\"+Tea\""),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "shopify-long-handle.csv",
        expected_format: Ok("shopify_csv"),
        items: &[
            "a-handle-that-goes-on-a-handle-that-goes-on-a-handle-that-goes-on-a-handle-that-goes-on-a-handle-that-goes-on-a~b7a5a89685f47624",
            "a-handle-that-goes-on-a-handle-that-goes-on-a-handle-that-goes-on-a-handle-that-goes-on-a-handle-that-goes-on-a~6508a7d5b8c54881",
        ],
        other_codes: &[Code::IdLong],
        ..EMPTY_CASE
    },
    Case {
        file: "shopify-sku-twice.csv",
        expected_format: Ok("shopify_csv"),
        items: &["R1", "R2"],
        errors: &[(3, Code::IdDuplicate), (5, Code::IdDuplicate)],
        ..EMPTY_CASE
    },
    Case {
        file: "row-too-wide.csv",
        items: &["1"],
        errors: &[(3, Code::RowTooWide)],
        ..EMPTY_CASE
    },
    Case {
        file: "no-namespace.xml",
        items: &["1"],
        errors: &[(2, Code::PriceTooPrecise)],
        other_codes: &[Code::NamespaceUndeclared, Code::AmpersandUnescaped],
        values: &[("1", "/title", "\"Bread & Butter\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "description-cdata.csv",
        items: &["1"],
        other_codes: &[Code::HtmlInDescription],
        values: &[("1", "/description", "\"wrapped\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "misread-letters.csv",
        items: &["1", "2"],
        other_codes: &[Code::TextWindows1252, Code::TextMojibake],
        values: &[("1", "/title", "\"Book – 2nd\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "woo-escapes.csv",
        expected_format: Ok("woocommerce"),
        items: &["W-1", "W-2", "W-3-A", "W-7"],
        values: &[
            ("W-1", "/title", "\"+Size dress\""),
            ("W-1", "/description", "\"- machine wash\\nwarm\""),
            ("W-1", "/categories/0/value", "\"Body > Perfume, Cologne\""),
            ("W-1", "/categories/1/value", "\"Sale\""),
            ("W-1", "/options/0/value", "\"+A3\""),
            ("W-2", "/title", "\"@home mug\""),
            ("W-2", "/availability", "\"backorder\""),
            ("W-3-A", "/options/0/value", "\"5,5 cm\""),
            ("W-7", "/url", "\"https://partner.example/x?tag=a&b=c\""),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "ids.jsonl",
        items: &["18446744073709551617", "18446744073709551618"],
        ..EMPTY_CASE
    },
    Case {
        file: "id-guarded.csv",
        items: &["00123"],
        other_codes: &[Code::SpreadsheetGuard],
        ..EMPTY_CASE
    },
];

#[derive(Debug, Default)]
struct CaseResult {
    items: Vec<Value>,
    issues: Vec<Issue>,
    read: u64,
    bad: u64,
}

fn settings() -> ReaderSettings {
    ReaderSettings {
        format_rules: FormatRules {
            shop_url: Some("https://shop.example".to_owned()),
            ..FormatRules::default()
        },
        rules: Rules {
            default_currency: buywire_schemas::money::Currency::parse("EUR").ok(),
            ..Rules::default()
        },
        ..ReaderSettings::default()
    }
}

fn bytes(file: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    std::fs::read(folder.join(file)).expect(file)
}

fn read_case(bytes: Vec<u8>) -> Result<(&'static str, CaseResult), Issue> {
    let now = datetime!(2026-11-21 12:00 UTC);
    let mut feed = FeedReader::open(Cursor::new(bytes), &Hints::default(), settings(), now)?;
    let mut result = CaseResult {
        issues: feed.issues().to_vec(),
        ..CaseResult::default()
    };
    let (mut raw, mut steps, mut cross_item) = (
        RawRecord::default(),
        Vec::new(),
        CrossItemChecks::new(1_000),
    );
    while feed.next_record(&mut raw)? {
        feed.read(&raw, &mut steps);
    }
    feed.finish(&mut steps);
    for step in steps {
        match step {
            FeedStep::Issue(issue) => {
                result.read += u64::from(is_record_error(&issue));
                result.bad += u64::from(is_record_error(&issue));
                result.issues.push(issue);
            }
            FeedStep::Item(checked) => {
                result.read += 1;
                result.bad += u64::from(checked.item.is_none());
                if let Some(item) = &checked.item {
                    result.issues.extend(cross_item.check(item, checked.row));
                    result.items.push(json!(item));
                }
                result.issues.extend(checked.issues);
            }
        }
    }
    let copies = result
        .issues
        .iter()
        .filter(|issue| issue.code == Code::IdDuplicate);
    let copies: Vec<_> = copies.filter_map(|issue| issue.item_id.clone()).collect();
    result
        .items
        .retain(|item| !copies.iter().any(|copy| item["id"] == copy.as_str()));
    Ok((feed.format().name(), result))
}

/// How a document's result differs from the expected one.
fn differences(case: &Case, actual: Result<(&'static str, CaseResult), Issue>) -> Vec<String> {
    let mut mismatches = Vec::new();
    let mut expect = |what: &str, found: Value, expected: Value| {
        if found != expected {
            mismatches.push(format!("{}: {what} is {found}, not {expected}", case.file));
        }
    };
    let (format, result) = match (actual, case.expected_format) {
        (Err(issue), read_as) => {
            expect("the refusal", json!(issue.code), json!(read_as.err()));
            return mismatches;
        }
        (Ok(found), Ok(_)) => found,
        (Ok((format, _)), Err(code)) => {
            expect("the format", json!(format), json!(code));
            return mismatches;
        }
    };
    let expected = json!(case.expected_format.ok());
    expect("the format", json!(format), expected);
    let ids: Vec<_> = result.items.iter().map(|item| item["id"].clone()).collect();
    expect("what is good", json!(ids), json!(case.items));
    let is_error = |issue: &&Issue| issue.code.severity() == Severity::Error;
    let errors = result.issues.iter().filter(is_error);
    let errors: Vec<_> = errors.map(|issue| json!([issue.row, issue.code])).collect();
    let expected = case.errors.iter().map(|(row, code)| json!([row, code]));
    let expected: Vec<_> = expected.collect();
    expect("what is bad", json!(errors), json!(expected));
    // Every one of these documents has this finding.
    let usual = [
        Code::DomainsUndeclared,
        Code::BrandMissing,
        Code::DefaultCurrencyUsed,
        Code::HeaderUnknown,
        Code::BackorderDateMissing,
        Code::DateWithoutTimezone,
        Code::LinkSharedByVariants,
    ];
    let others = result
        .issues
        .iter()
        .filter(|issue| !is_error(issue) && !usual.contains(&issue.code));
    let mut others: Vec<_> = others.map(|issue| issue.code).collect();
    others.sort_unstable();
    others.dedup();
    let mut expected = case.other_codes.to_vec();
    expected.sort_unstable();
    expect("what is said", json!(others), json!(expected));
    for (id, pointer, value) in case.values {
        let item = result.items.iter().find(|item| item["id"] == *id);
        let found = item.and_then(|item| item.pointer(pointer)).cloned();
        expect(
            pointer,
            found.unwrap_or_default(),
            serde_json::from_str(value).unwrap(),
        );
    }
    mismatches
}

#[test]
fn every_document_comes_to_what_is_right() {
    let mut mismatches = Vec::new();
    for case in READING_CASES.iter().chain(FORMAT_CASES) {
        mismatches.extend(differences(case, read_case(bytes(case.file))));
    }
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
}

#[test]
fn every_file_has_its_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut named: Vec<_> = READING_CASES
        .iter()
        .chain(FORMAT_CASES)
        .map(|case| case.file)
        .collect();
    named.sort_unstable();
    assert_eq!(files, named);
}

#[test]
fn one_file_in_a_folder_of_an_archive_is_one_file() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    archive.start_file("feeds/products.csv", options).unwrap();
    archive.write_all(&bytes("sep-line.csv")).unwrap();
    archive
        .start_file("__MACOSX/feeds/._products.csv", options)
        .unwrap();
    archive.write_all(b"Mac OS X").unwrap();
    let (format, result) = read_case(archive.finish().unwrap().into_inner()).unwrap();
    assert_eq!((format, result.items.len()), ("google", 1));
}

#[test]
fn a_row_that_cannot_be_mapped_was_read_and_is_bad() {
    let (_, result) = read_case(bytes("row-too-wide.csv")).unwrap();
    assert_eq!((result.read, result.bad), (2, 1));
    let (_, result) = read_case(bytes("quote-takes-rows-in.csv")).unwrap();
    assert_eq!((result.read, result.bad), (5, 1));
}
