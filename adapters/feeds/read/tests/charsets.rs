//! Charsets: found, declared, refused. Never mojibake.

use encoding_rs::{Encoding, WINDOWS_1250, WINDOWS_1252};

use super::*;

const TABLE: &str = "id,title\n1,Töpfe\n";

fn in_charset(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn served_as(content_type: &str) -> Hints {
    Hints {
        content_type: Some(content_type.to_owned()),
        ..Hints::default()
    }
}

fn set(charset: &str) -> Hints {
    Hints {
        charset: Some(charset.to_owned()),
        ..Hints::default()
    }
}

/// The first row's second cell.
fn title(read: &Reading) -> String {
    read.cells()[0].as_ref().unwrap()[1].clone()
}

#[test]
fn byte_order_marks_decide_and_are_gone() {
    let marked = format!("\u{feff}{TABLE}");
    let little = utf_16(&marked, u16::to_le_bytes);
    let big = utf_16(&marked, u16::to_be_bytes);
    for bytes in [marked.into_bytes(), little, big] {
        let read = read_with(bytes, &set("windows-1250"));
        assert_eq!(
            (read.header(), title(&read)),
            (vec!["id", "title"], "Töpfe".to_owned())
        );
    }
}

#[test]
fn utf_16_needs_no_mark() {
    for bytes in [
        utf_16(TABLE, u16::to_le_bytes),
        utf_16(TABLE, u16::to_be_bytes),
    ] {
        assert_eq!(title(&read(bytes)), "Töpfe");
    }
}

#[test]
fn a_declared_charset_is_read() {
    let czech = "id,title\n1,Kůň žluťoučký\n";
    let bytes = in_charset(WINDOWS_1250, czech);
    assert_eq!(
        title(&read_with(&bytes, &set("windows-1250"))),
        "Kůň žluťoučký"
    );
    assert_eq!(
        title(&read_with(
            &bytes,
            &served_as("text/csv; header=present; Charset=\"cp1250\"")
        )),
        "Kůň žluťoučký"
    );
    let xml = "<?xml version='1.0' encoding = 'windows-1252' ?><rss><item>Töpfe “1”</item></rss>";
    let declared = read_with(
        in_charset(WINDOWS_1252, xml),
        &served_as("text/xml; charset=utf-8"),
    );
    assert_eq!(declared.elements()[0].text, "Töpfe “1”");
}

#[test]
fn what_is_utf_8_is_read_as_utf_8_whatever_the_server_declares() {
    assert_eq!(
        title(&read_with(
            TABLE,
            &served_as("text/csv; charset=iso-8859-1")
        )),
        "Töpfe"
    );
    let late = format!("id,title\n{}1,Töpfe\n", "2,pots\n".repeat(40_000));
    let read = read_with(late, &served_as("text/csv; charset=iso-8859-1"));
    assert_eq!(read.cells().last().unwrap().as_ref().unwrap()[1], "Töpfe");
    // The setting is obeyed.
    assert_eq!(title(&read_with(TABLE, &set("iso-8859-1"))), "TÃ¶pfe");
}

#[test]
fn text_that_is_neither_utf_8_nor_declared_is_refused_with_a_guess() {
    let bytes = in_charset(WINDOWS_1252, TABLE);
    let looks_like = Some("windows-1252");
    assert_eq!(
        refused_with_or_end(&bytes),
        Fault::EncodingUndetected { at: 12, looks_like }
    );
    let message = refused_with_or_end(&bytes).to_string();
    assert!(
        message.contains("windows-1252") && message.contains("12"),
        "{message}"
    );
}

/// The fault, whether it comes when the document is opened or later.
fn refused_with_or_end(bytes: &[u8]) -> Fault {
    let document = open(Cursor::new(bytes.to_vec()), &Hints::default());
    document.map_or_else(
        |fault| fault,
        |document| Reading::of(document).fault().clone(),
    )
}

#[test]
fn wrong_bytes_are_told_with_their_place() {
    let mut bytes = TABLE.as_bytes().to_vec();
    bytes.extend(in_charset(WINDOWS_1252, "2,Größe\n"));
    // The sample as a whole is not UTF-8, and its charset is declared.
    let fault = refused_with(&bytes, &served_as("text/csv; charset=utf-8"));
    assert_eq!(
        fault,
        Fault::EncodingInvalidBytes {
            charset: "UTF-8",
            at: 22
        }
    );
    let late = [
        format!("id,title\n1,é\n{}", "2,pots\n".repeat(60_000)).into_bytes(),
        vec![b'3', b',', 0xe9, b'\n'],
    ]
    .concat();
    let at = late.len() as u64 - 2;
    assert_eq!(
        read(&late).fault(),
        &Fault::EncodingInvalidBytes {
            charset: "UTF-8",
            at
        }
    );
    let cut = &TABLE.as_bytes()[..13];
    assert_eq!(
        refused_with(cut, &set("utf-8")),
        Fault::EncodingInvalidBytes {
            charset: "UTF-8",
            at: 12
        }
    );
}

#[test]
fn unknown_charsets_are_refused() {
    assert_eq!(
        refused_with(TABLE, &set("klingon")),
        Fault::EncodingUnknown("klingon".to_owned())
    );
    assert_eq!(
        refused("<?xml version='1.0' encoding='klingon'?><rss/>").code(),
        "encoding_unknown"
    );
}

#[test]
fn a_declaration_that_can_be_read_is_not_utf_16() {
    let xml = "<?xml version='1.0' encoding='utf-16'?><rss><item>Töpfe</item></rss>";
    assert_eq!(read(xml).elements()[0].text, "Töpfe");
}
