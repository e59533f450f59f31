//! Documents that are not feeds, and failures of the source.

use std::collections::BTreeSet;

use super::*;

#[test]
fn web_pages_errors_and_pictures_are_no_feeds() {
    let pages = [
        "<html><body>503</body></html>",
        " <!-- x -->\n<HTML>",
        "<!doctype HTML>",
        "<body>Maintenance",
    ];
    for page in pages.map(str::as_bytes).iter().chain([&PAGE]) {
        let fault = refused(page);
        assert!(
            matches!(&fault, Fault::NotAFeed { what: "a web page", begins } if !begins.is_empty()),
            "{fault}"
        );
    }
    assert_eq!(
        refused("<Error><Code>AccessDenied</Code></Error>").code(),
        "not_a_feed"
    );
    assert_eq!(
        refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").code(),
        "not_a_feed"
    );
}

#[test]
fn nothing_is_an_empty_feed_and_not_one_without_items() {
    for nothing in ["", " ", "\u{feff}", "\n\n \t\r\n"] {
        assert_eq!(refused(nothing), Fault::EmptyFeed, "{nothing:?}");
    }
    for no_items in [
        "[]",
        "id,title\n",
        "<rss><channel/></rss>",
        r#"{"items":[]}"#,
    ] {
        assert_eq!(read(no_items).rows(), [] as [u64; 0], "{no_items}");
    }
}

#[test]
fn a_source_that_fails_is_told_apart_from_a_bad_document() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "no"))
        }
    }
    let later = Cursor::new(b"id,title\n1,a\n".to_vec()).chain(Broken);
    let fault = open(later, &Hints::default()).err().unwrap();
    assert_eq!(fault, Fault::ReadFailed("no".to_owned()));
}

#[test]
fn excerpts_are_short() {
    let fault = refused(format!("<html>{}", "ö".repeat(1_000)));
    assert_eq!(fault.excerpt().unwrap().chars().count(), 200);
}

#[test]
fn codes_are_sorted_and_each_is_there_once() {
    let faults: BTreeSet<_> = Fault::CODES.into_iter().collect();
    assert!(faults.into_iter().eq(Fault::CODES));
    let records: BTreeSet<_> = RecordFault::CODES.into_iter().collect();
    assert!(records.into_iter().eq(RecordFault::CODES));
}
