//! What becomes of a partner's yes and no when something around it is not as expected.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::datetime;

use super::*;
use crate::contract::Adapter;
use crate::contract::reply::Acknowledgement;
use crate::dialects::by_name;

const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// A dialect that may say no inside a 2xx: its words for yes and no with names of the order, the same
/// with members of other types beside them, and what a whole yes acknowledges.
struct DialectCase {
    name: &'static str,
    settings: Value,
    yes: &'static str,
    no: &'static str,
    odd_yes: &'static str,
    odd_no: &'static str,
    named: Acknowledgement,
    /// Whether an empty body is a yes.
    terse: bool,
}

fn named(id: Option<&str>, number: &str) -> Acknowledgement {
    Acknowledgement {
        order_id: id.map(str::to_owned),
        number: Some(number.to_owned()),
        permalink: None,
    }
}

fn dialect_cases() -> Vec<DialectCase> {
    vec![
        DialectCase {
            name: "acp",
            settings: json!({}),
            yes: r#"{"received":true,"order":{"id":"A-7","order_number":"1007"}}"#,
            no: r#"{"received":false,"order":{"id":"A-7","order_number":"1007"}}"#,
            odd_yes: r#"{"order":{"permalink_url":7.5,"id":7,"order_number":1007},"received":true}"#,
            odd_no: r#"{"order":[],"received":false,"request_id":7}"#,
            named: named(Some("A-7"), "1007"),
            terse: true,
        },
        DialectCase {
            name: "ucp",
            settings: json!({}),
            yes: r#"{"ucp":{"status":"success"},"order":{"id":"A-7","label":"1007"}}"#,
            no: r#"{"ucp":{"status":"error"},"order":{"id":"A-7","label":"1007"}}"#,
            odd_yes: r#"{"order":{"permalink_url":{},"id":7,"label":1007},"ucp":{"version":4,"status":"success"}}"#,
            odd_no: r#"{"ucp":{"version":4,"status":"error"},"order":"none"}"#,
            named: named(Some("A-7"), "1007"),
            terse: true,
        },
        DialectCase {
            name: "gumroad",
            settings: json!({}),
            yes: r#"{"success":true,"sale":{"id":"A-7","order_id":"1007"}}"#,
            no: r#"{"success":false,"sale":{"id":"A-7","order_id":"1007"}}"#,
            odd_yes: r#"{"sale":{"receipt_url":[],"id":7,"order_id":1007},"success":true}"#,
            odd_no: r#"{"sale":"none","success":false,"message":["no"]}"#,
            named: named(Some("A-7"), "1007"),
            terse: true,
        },
        DialectCase {
            name: "musictoday",
            settings: json!({}),
            yes: r#"{"errors":{},"orders":[{"orderNumber":"1007"}]}"#,
            no: r#"{"errors":[{"code":"ORDFAIL"}],"orders":{}}"#,
            odd_yes: r#"{"errors":{},"orders":[{"billing":7,"orderNumber":1007}]}"#,
            odd_no: r#"{"orders":7,"errors":{"0":"ORDFAIL"}}"#,
            named: named(Some("1007"), "1007"),
            terse: true,
        },
        DialectCase {
            name: "template",
            settings: json!({
                "success": {"body": [{"pointer": "/failed", "is_not": true}, {"pointer": "/ok", "is": true}]},
                "acknowledgement": {"order_id": "/id", "number": "/no"}
            }),
            yes: r#"{"failed":false,"ok":true,"id":"A-7","no":"1007"}"#,
            no: r#"{"failed":true,"ok":true,"id":"A-7","no":"1007"}"#,
            odd_yes: r#"{"failed":"","ok":true,"id":7,"no":1007}"#,
            odd_no: r#"{"failed":true,"ok":[],"id":{}}"#,
            named: named(Some("A-7"), "1007"),
            terse: false,
        },
    ]
}

impl DialectCase {
    fn classify(
        &self,
        body: impl Into<Vec<u8>>,
        truncated: bool,
    ) -> (Verdict, Option<Acknowledgement>) {
        let adapter: &dyn Adapter = by_name(self.name).unwrap();
        let configured = adapter.with_settings(&self.settings).unwrap();
        let adapter = configured.as_deref().unwrap_or(adapter);
        let reply = Reply {
            status: 200,
            body: body.into(),
            truncated,
            ..Reply::default()
        };
        (
            adapter.classify(&reply, NOW),
            adapter.read_acknowledgement(&reply),
        )
    }

    fn verdict(&self, body: impl Into<Vec<u8>>, truncated: bool) -> Verdict {
        self.classify(body, truncated).0
    }
}

fn retry(reason: ReplyFailure) -> Verdict {
    Verdict::Retry {
        after: None,
        reason,
    }
}

const NO: ReplyFailure = ReplyFailure::NotReceived;
const UNREADABLE: ReplyFailure = ReplyFailure::UnreadableReply;

fn with_bom(body: &str) -> Vec<u8> {
    [b"\xef\xbb\xbf", body.as_bytes()].concat()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::default());
    packing.write_all(body).unwrap();
    packing.finish().unwrap()
}

/// The answer with a member of 100,000 bytes in front of the last one, or behind all of them.
fn long(body: &str, behind: bool) -> String {
    let filler = format!(r#""filler":"{}""#, "x".repeat(100_000));
    let members = body.trim_start_matches('{');
    if behind {
        format!(
            "{},{filler}}}",
            body.trim_end_matches('}').to_owned() + &"}".repeat(closers(body))
        )
    } else {
        format!("{{{filler},{members}")
    }
}

/// Closing braces at the end that are not the answer's own.
fn closers(body: &str) -> usize {
    body.len() - body.trim_end_matches('}').len() - 1
}

#[test]
fn a_yes_is_a_yes_and_a_no_is_a_no_whatever_stands_around_it() {
    for dialect in dialect_cases() {
        let name = dialect.name;
        let (yes, no) = (dialect.yes, dialect.no);
        assert_eq!(
            dialect.classify(yes, false),
            (Verdict::Accepted, Some(dialect.named.clone())),
            "{name}"
        );
        assert_eq!(dialect.verdict(no, false), retry(NO), "{name}");

        // Members of other types beside it; ids that are numbers.
        let (verdict, named) = dialect.classify(dialect.odd_yes, false);
        let number = named.and_then(|named| named.number);
        assert_eq!(
            (verdict, number.as_deref()),
            (Verdict::Accepted, Some("1007")),
            "{name}"
        );
        assert_eq!(dialect.verdict(dialect.odd_no, false), retry(NO), "{name}");

        // Half a character, bytes that are no UTF-8, a number beyond all numbers.
        for odd in [
            &br#""\ud83d""#[..],
            b"\"caf\xe9\"",
            b"1e999",
            &b"[".repeat(200),
        ] {
            let odd = [odd, &b"]".repeat(if odd[0] == b'[' { 200 } else { 0 })].concat();
            let surplus =
                |body: &str| [br#"{"odd":"#, &odd[..], b",", &body.as_bytes()[1..]].concat();
            assert_eq!(
                dialect.verdict(surplus(yes), false),
                Verdict::Accepted,
                "{name}"
            );
            assert_eq!(dialect.verdict(surplus(no), false), retry(NO), "{name}");
        }

        for packed in [
            with_bom,
            |body: &str| gzip(body.as_bytes()),
            |body: &str| gzip(&with_bom(body)),
        ] {
            assert_eq!(
                dialect.classify(packed(yes), false),
                (Verdict::Accepted, Some(dialect.named.clone())),
                "{name}"
            );
            assert_eq!(dialect.verdict(packed(no), false), retry(NO), "{name}");
        }

        // Longer than is read, with the word in the part that was.
        for cut in [30_000, 60_000] {
            let read = |body: &str| long(body, true).into_bytes()[..cut].to_vec();
            assert_eq!(
                dialect.verdict(read(yes), true),
                Verdict::Accepted,
                "{name}"
            );
            assert_eq!(dialect.verdict(read(no), true), retry(NO), "{name}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_neither_yes_nor_no() {
    for dialect in dialect_cases() {
        let name = dialect.name;
        let unreadable = |body: &[u8], truncated: bool| {
            let excerpt = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            assert_eq!(
                dialect.verdict(body, truncated),
                retry(UNREADABLE),
                "{name}: {excerpt}"
            );
        };
        for body in [dialect.yes, dialect.no] {
            // Cut before the word, wherever that is.
            unreadable(&long(body, false).as_bytes()[..60_000], true);
            unreadable(&body.as_bytes()[..1], false);
            unreadable(&body.as_bytes()[..10], false);
            unreadable(&gzip(long(body, false).repeat(3).as_bytes())[..30], false);
        }
        unreadable(
            b"<!doctype html><html><title>Sign in</title><form></form></html>",
            false,
        );
        unreadable(
            b"<br />\n<b>Warning</b>: mysql_connect() in <b>/var/www/hook.php</b>",
            false,
        );
        if dialect.terse {
            unreadable(br#"[{"code":"no"}]"#, false);
        }
        unreadable(b"\xff\xfe{\0}\0", false);
        unreadable(&[0x1f, 0x8b, 8, 0, 1, 2, 3], false);
    }
}

#[test]
fn a_packed_body_that_grows_without_end_is_not_read_to_its_end() {
    let bomb = gzip(&vec![b' '; 2 << 20]);
    for dialect in dialect_cases() {
        assert_eq!(
            dialect.verdict(bomb.clone(), false),
            retry(UNREADABLE),
            "{}",
            dialect.name
        );
    }
    let reply = Reply {
        body: bomb,
        ..Reply::default()
    };
    assert!(reply.decoded().bytes.len() <= UNPACKED_BYTES_MAX);
}

#[test]
fn nothing_said_is_as_the_dialects_notes_say() {
    for dialect in dialect_cases() {
        // A partner's own rule asks for what it asks for; every other dialect is content with a 2xx.
        let silent = if dialect.terse {
            Verdict::Accepted
        } else {
            retry(NO)
        };
        for body in ["", " \r\n", "\u{feff}"] {
            assert_eq!(
                dialect.verdict(body, false),
                silent,
                "{}: {body:?}",
                dialect.name
            );
        }
        let plain = if dialect.terse {
            Verdict::Accepted
        } else {
            retry(UNREADABLE)
        };
        assert_eq!(dialect.verdict("OK", false), plain, "{}", dialect.name);
        let other = dialect.verdict(r#"{"status":7}"#, false);
        assert_eq!(other, silent, "{}", dialect.name);
    }
}

#[test]
fn a_word_in_another_writing_is_understood_and_no_word_is_unclear() {
    for (value, word) in [
        (json!(null), Acceptance::Unstated),
        (json!("False"), Acceptance::Rejected),
        (json!(0), Acceptance::Rejected),
        (json!(" yes "), Acceptance::Accepted),
        (json!(1), Acceptance::Accepted),
        (json!("later"), Acceptance::Unclear),
        (json!(2), Acceptance::Unclear),
        (json!({}), Acceptance::Unclear),
    ] {
        assert_eq!(Acceptance::parse(Some(&value)), word, "{value}");
    }
}

#[test]
fn an_empty_list_that_only_began_says_nothing() {
    let [musictoday] = dialect_cases()
        .into_iter()
        .filter(|dialect| dialect.name == "musictoday")
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or_else(|_| panic!("one"));
    for cut in [r#"{"errors":["#, r#"{"errors":{"#, r#"{"errors":"#] {
        assert_eq!(musictoday.verdict(cut, true), retry(UNREADABLE), "{cut}");
    }
    assert_eq!(musictoday.verdict(r#"{"errors":[{"me"#, true), retry(NO));
}

proptest! {
    /// However a no is cut, it never becomes a yes.
    #[test]
    fn a_no_that_is_cut_anywhere_never_accepts(at in 1_usize..60, truncated: bool) {
        for dialect in dialect_cases() {
            let cut = &dialect.no.as_bytes()[..at.min(dialect.no.len() - 1)];
            prop_assert_ne!(dialect.verdict(cut, truncated), Verdict::Accepted, "{}", dialect.name);
        }
    }

    #[test]
    fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200), truncated: bool) {
        for dialect in dialect_cases() {
            let _ = dialect.classify(body.clone(), truncated);
        }
    }
}
