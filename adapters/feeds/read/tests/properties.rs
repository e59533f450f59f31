//! Splitting and parsing agree with other readers; any input ends.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::xml;
use super::*;

/// Text with everything that means something to a reader.
fn text() -> impl Strategy<Value = String> {
    "[a-zäß€😀 ,;|\t\"'\n<>&\\[\\]{}:\\\\]{0,12}"
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        text().prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let object = proptest::collection::btree_map(text(), inner.clone(), 0..4);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|object| json!(object))
        ]
    })
}

fn element() -> impl Strategy<Value = Element> {
    // The end of the root inside a record means that the record was never closed.
    let name = "[a-z]{1,3}(:[a-z]{1,4})?".prop_filter("neither a record nor the root", |name| {
        name != "item" && name != "rss"
    });
    let attributes = proptest::collection::btree_map("[a-z]{1,4}", text(), 0..3);
    let leaf = (name.clone(), attributes, text()).prop_map(|(name, attributes, text)| Element {
        name,
        attributes: attributes.into_iter().collect(),
        text: text.trim().to_owned(),
        children: Vec::new(),
        ..Element::default()
    });
    leaf.prop_recursive(3, 16, 4, move |inner| {
        (name.clone(), vec(inner, 0..4)).prop_map(|(name, children)| Element {
            name,
            children,
            ..Element::default()
        })
    })
}

fn escaped(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('\n', "&#xA;")
        .replace('\t', "&#9;")
}

fn write(element: &Element, cdata: bool, into: &mut String) {
    let Element {
        name,
        attributes,
        text,
        children,
        ..
    } = element;
    let attributes = attributes
        .iter()
        .map(|(name, value)| format!(" {name}=\"{}\"", escaped(value)));
    into.push_str(&format!("<{name}{}>", attributes.collect::<String>()));
    if cdata && !text.contains("]]>") {
        into.push_str(&format!("<![CDATA[{text}]]><!-- </item> -->"));
    } else {
        into.push_str(&escaped(text));
    }
    children.iter().for_each(|child| write(child, cdata, into));
    into.push_str(&format!("</{name}>"));
}

/// What the usual reader makes of it; rows of nothing left out.
fn usual_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
    let blank = |cell: &String| cell.trim().is_empty();
    rows.filter(|row| !row.iter().all(blank)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn written_tables_come_back(rows in vec(vec(text(), 3), 0..12), pieces in vec(1_usize..40, 1..6)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "title", "price"]).unwrap();
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let written = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let read = read_in_pieces(written.as_bytes(), &pieces, &Limits::default()).unwrap();
        prop_assert_eq!(
            read.cells().into_iter().map(Result::unwrap).collect::<Vec<_>>(),
            &usual_rows(&written)[1..]
        );
    }

    #[test]
    fn untidy_tables_are_read_as_usual(text in "[a,\" \n]{0,60}") {
        let text = format!("id,title\n{text}\n");
        let hints = Hints { delimiter: Some(b','), ..Hints::default() };
        let read = read_with(&text, &hints);
        let is_usual = read.end.is_ok() && read.stray_quotes().is_empty();
        if is_usual && read.cells().iter().all(Result::is_ok) {
            let cells: Vec<_> = read.cells().into_iter().map(Result::unwrap).collect();
            prop_assert_eq!(cells, &usual_rows(&text)[1..]);
        }
    }

    #[test]
    fn written_values_come_back(values in vec(value(), 0..8), pretty: bool, wrapped: bool, pieces in vec(1_usize..40, 1..6)) {
        // An array is taken for the records where its first element is an object.
        let values: Vec<_> = std::iter::once(json!({"id": 1})).chain(values).collect();
        let whole = if wrapped { json!({"at": "2026", "products": &values, "z": {}}) } else { json!(&values) };
        let written = if pretty { serde_json::to_vec_pretty(&whole) } else { serde_json::to_vec(&whole) }.unwrap();
        let read = read_in_pieces(&written, &pieces, &Limits::default()).unwrap();
        prop_assert_eq!(read.values(), values);
    }

    #[test]
    fn written_lines_come_back(values in vec(value(), 0..8), crlf: bool, pieces in vec(1_usize..40, 1..6)) {
        let values: Vec<_> = [json!({"id": 1}), json!({"id": 2})].into_iter().chain(values).collect();
        let lines: Vec<_> = values.iter().map(Value::to_string).collect();
        let written = lines.join(if crlf { "\r\n" } else { "\n" });
        let read = read_in_pieces(written.as_bytes(), &pieces, &Limits::default()).unwrap();
        prop_assert_eq!(read.values(), values);
    }

    #[test]
    fn written_elements_come_back(items in vec(vec(element(), 0..4), 0..8), cdata: bool, pieces in vec(1_usize..40, 1..6)) {
        let items: Vec<_> = items.into_iter().map(|children| Element { name: "item".to_owned(), children, ..Element::default() }).collect();
        let mut written = "<?xml version=\"1.0\"?>\n<rss>".to_owned();
        items.iter().for_each(|item| write(item, cdata, &mut written));
        written.push_str("<!-- end --></rss>\n");
        let read = read_in_pieces(written.as_bytes(), &pieces, &Limits::default()).unwrap();
        prop_assert_eq!(read.elements(), &items[..]);
        // The parser of records, given the whole, sees the same.
        let whole = xml::element(&written.as_bytes()[22..]).unwrap();
        prop_assert_eq!(whole.children, items);
    }

    #[test]
    fn any_bytes_end_somewhere(bytes in vec(any::<u8>(), 0..600), pieces in vec(1_usize..40, 1..6)) {
        alike_in_pieces(&bytes, &pieces)?;
    }

    #[test]
    fn damaged_documents_end_somewhere(at in any::<prop::sample::Index>(), which in 0..12_usize, byte: u8, pieces in vec(1_usize..40, 1..6)) {
        let all = [RSS, ATOM, OTHER, ENTITIES, PAGE, QUOTED, SEMICOLON, STRAY, WRAPPED, ARRAY, LINES, LINKED];
        let mut bytes = all[which].to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        alike_in_pieces(&bytes, &pieces)?;
        alike_in_pieces(&bytes[..at], &pieces)?;
    }
}

/// The same end, however the bytes arrive, and no panic on the way.
fn alike_in_pieces(bytes: &[u8], pieces: &[usize]) -> Result<(), TestCaseError> {
    let whole = read_in_pieces(bytes, &[usize::MAX], &small());
    if let Ok(read) = &whole {
        drop(read.parsed());
        let longest = read.records.iter().map(|(_, raw)| raw.len()).max();
        prop_assert!(longest <= Some(small().record_bytes_max));
    }
    prop_assert_eq!(whole, read_in_pieces(bytes, pieces, &small()));
    Ok(())
}
