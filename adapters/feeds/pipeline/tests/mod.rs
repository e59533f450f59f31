//! The whole pipeline, from bytes to items.

mod decimal_signs;

use std::io::Cursor;

use buywire_schemas::catalog::issue::{Code, Issue};
use proptest::prelude::*;
use time::macros::datetime;

use super::{FeedReader, FeedStep, RawRecord, ReaderSettings};
use crate::formats::FormatRules;
use crate::read::Hints;

fn settings() -> ReaderSettings {
    ReaderSettings {
        format_rules: FormatRules {
            shop_url: Some("https://shop.example".to_owned()),
            ..FormatRules::default()
        },
        rules: crate::validate::Rules {
            default_currency: buywire_schemas::money::Currency::parse("EUR").ok(),
            ..crate::validate::Rules::default()
        },
        ..ReaderSettings::default()
    }
}

fn open(text: &str, settings: ReaderSettings) -> Result<FeedReader, Issue> {
    let now = datetime!(2026-11-21 12:00 UTC);
    let source = Cursor::new(text.as_bytes().to_vec());
    FeedReader::open(source, &Hints::default(), settings, now)
}

/// The ids of the items, the codes of errors, and each record's hash.
#[derive(Debug, Default, PartialEq, Eq)]
struct FeedSummary {
    items: Vec<String>,
    errors: Vec<(Option<u64>, Code)>,
    hashes: Vec<u128>,
    fault: Option<Code>,
}

fn summarize(text: &str, settings: ReaderSettings) -> FeedSummary {
    let mut feed = open(text, settings).unwrap();
    let mut summary = FeedSummary::default();
    let mut raw = RawRecord::default();
    let mut steps = Vec::new();
    loop {
        match feed.next_record(&mut raw) {
            Ok(true) => summary.hashes.push(raw.hash()),
            Ok(false) => break feed.finish(&mut steps),
            Err(issue) => break summary.fault = Some(issue.code),
        }
        feed.read(&raw, &mut steps);
    }
    for step in steps {
        let issues = match step {
            FeedStep::Item(checked) => {
                summary.items.extend(checked.item.map(|item| item.id));
                checked.issues
            }
            FeedStep::Issue(issue) => vec![issue],
        };
        let errors = issues.into_iter().filter(|issue| {
            issue.code.severity() == buywire_schemas::catalog::issue::Severity::Error
        });
        summary
            .errors
            .extend(errors.map(|issue| (issue.row, issue.code)));
    }
    summary
}

const HEADER: &str = "id,title,link,image_link,price,availability";

fn row(id: &str) -> String {
    format!("{id},Cup,https://shop.example/{id},https://img.example/{id}.jpg,5.00 EUR,in_stock")
}

#[test]
fn good_rows_are_items_and_bad_ones_cost_only_themselves() {
    let wide = format!("{},more", row("wide"));
    let text = [HEADER, &row("a"), &wide, ",Cup,,,,", &row("b"), ""].join("\n");
    let summary = summarize(&text, settings());
    assert_eq!(summary.items, ["a", "b"]);
    assert!(
        summary.errors.contains(&(Some(3), Code::RowTooWide)),
        "{:?}",
        summary.errors
    );
    assert!(
        summary.errors.contains(&(Some(4), Code::IdMissing)),
        "{:?}",
        summary.errors
    );
    assert_eq!(summary.fault, None);
}

#[test]
fn a_record_that_cannot_be_read_is_told_with_its_row() {
    let good = |id: &str| {
        format!(
            r#"{{"id":"{id}","title":"Cup","link":"https://shop.example/c","image_link":"https://img.example/c.jpg","price":"5.00 EUR","availability":"in_stock"}}"#
        )
    };
    let text = [good("a"), "{\"id\":".to_owned(), good("b")].join("\n");
    let summary = summarize(&text, settings());
    assert_eq!(summary.items, ["a", "b"]);
    assert_eq!(summary.errors, [(Some(2), Code::RecordMalformed)]);
}

#[test]
fn damage_is_told_after_the_records_before_it() {
    let item = |id: &str| {
        format!(
            "<item><g:id>{id}</g:id><title>Cup</title><link>https://shop.example/c</link><g:image_link>https://img.example/c.jpg</g:image_link><g:price>5.00 EUR</g:price><g:availability>in_stock</g:availability></item>"
        )
    };
    let text = format!("<rss><channel>{}{}<item><g:id>", item("a"), item("b"));
    let summary = summarize(&text, settings());
    assert_eq!(summary.items, ["a", "b"]);
    assert_eq!(summary.fault, Some(Code::XmlTruncated));
}

#[test]
fn the_rows_of_one_product_are_one_record_wherever_the_sample_ends() {
    let mut text = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src".to_owned();
    for product in 0..15 {
        text.push_str(&format!(
            "\nhat-{product},Hat,Size,S,5,https://img.example/h.jpg"
        ));
        text.push_str(&format!(
            "\nhat-{product},,,M,5,\nhat-{product},,,,,https://img.example/h2.jpg"
        ));
    }
    let summary = summarize(&text, settings());
    assert_eq!(summary.hashes.len(), 15);
    assert_eq!(summary.items.len(), 30);
    assert_eq!(summary.items[1], "hat-0/M");
    assert_eq!(summary.errors, []);
}

#[test]
fn a_hash_follows_the_row_the_header_and_the_settings_and_nothing_else() {
    let text = [HEADER, &row("a"), &row("b"), &row("a"), ""].join("\n");
    let first = summarize(&text, settings()).hashes;
    assert_eq!(first[0], first[2]);
    assert_ne!(first[0], first[1]);
    let shuffled = [HEADER, &row("b"), &row("a"), ""].join("\n");
    assert_eq!(
        summarize(&shuffled, settings()).hashes,
        [first[1], first[0]]
    );
    let renamed = text.replace("link,image", "url,image");
    assert_ne!(summarize(&renamed, settings()).hashes[0], first[0]);
    let mut other = settings();
    other.rules.zero_price_allowed = true;
    assert_ne!(summarize(&text, other).hashes[0], first[0]);
    let mut other = settings();
    other.format = Some("meta".to_owned());
    assert_ne!(summarize(&text, other).hashes[0], first[0]);
}

#[test]
fn a_format_that_was_declared_is_not_guessed() {
    let mut declared = settings();
    declared.format = Some("x".to_owned());
    let text = [HEADER, &row("a"), ""].join("\n");
    assert_eq!(open(&text, declared).unwrap().format().name(), "x");
    assert_eq!(open(&text, settings()).unwrap().format().name(), "google");
    let mut unknown = settings();
    unknown.format = Some("cobol".to_owned());
    let issue = open(&text, unknown).err().unwrap();
    assert_eq!(
        (issue.code, issue.value.as_deref()),
        (Code::FormatUnknown, Some("cobol"))
    );
}

#[test]
fn what_is_no_catalog_is_refused() {
    let code = |text: &str| open(text, settings()).err().unwrap().code;
    assert_eq!(code("<html><body>Sign in</body></html>"), Code::NotAFeed);
    assert_eq!(code("[]"), Code::EmptyFeed);
    assert_eq!(
        code("id,name,email\n1,Jo,jo@example.com\n"),
        Code::FormatUnknown
    );
    // A header alone is a feed without items: what that means is decided where the catalog is known.
    assert!(open(HEADER, settings()).is_ok());
}

#[test]
fn products_that_never_got_a_price_are_told_at_the_end() {
    let text = "{\"id\":\"prod_1\",\"object\":\"product\",\"name\":\"Cup\",\"active\":true,\"url\":\"https://shop.example/c\",\"images\":[\"https://img.example/c.jpg\"],\"default_price\":\"price_1\"}\n{\"id\":\"price_1\",\"object\":\"price\",\"product\":\"prod_1\",\"currency\":\"usd\",\"unit_amount\":500}\n{\"id\":\"prod_2\",\"object\":\"product\",\"name\":\"Mug\",\"active\":true,\"url\":\"https://shop.example/m\",\"images\":[\"https://img.example/m.jpg\"]}\n";
    let summary = summarize(text, settings());
    assert_eq!(summary.items, ["prod_1"]);
    assert_eq!(summary.errors, [(Some(3), Code::PriceMissing)]);
    assert!(!open(text, settings()).unwrap().is_self_contained());
}

/// The documents of all fixtures.
fn fixtures() -> Vec<Vec<u8>> {
    let folders = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let folders = std::fs::read_dir(folders).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|file| !file.to_str().unwrap().ends_with(".drafts.json"));
    files.map(|file| std::fs::read(file).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_document_ends_and_never_panics(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        end in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let files = fixtures();
        let mut bytes = file.get(&files).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        let now = datetime!(2026-11-21 12:00 UTC);
        let records = bytes.len();
        let Ok(mut feed) = FeedReader::open(Cursor::new(bytes), &Hints::default(), settings(), now) else {
            return Ok(());
        };
        let (mut raw, mut steps, mut read) = (RawRecord::default(), Vec::new(), 0);
        while let Ok(true) = feed.next_record(&mut raw) {
            read += raw.rows();
            feed.read(&raw, &mut steps);
        }
        feed.finish(&mut steps);
        prop_assert!(read <= records);
    }
}
