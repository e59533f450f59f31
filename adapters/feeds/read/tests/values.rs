//! JSON: arrays, lines, single objects.

use serde_json::json;

use super::*;

fn array(path: &[&str]) -> DocumentKind {
    DocumentKind::JsonArray {
        path: path.iter().map(|key| (*key).to_owned()).collect(),
    }
}

#[test]
fn an_array_gives_its_elements_bare_or_wrapped() {
    let read_bare = read(ARRAY);
    assert_eq!(
        (&*read_bare.kind, read_bare.rows()),
        (&array(&[]), vec![1, 2, 3])
    );
    assert_eq!(read_bare.records[0].1, r#"{"id":1,"name":"a"}"#);
    let wrapped = read(WRAPPED);
    assert_eq!(
        (&*wrapped.kind, wrapped.rows()),
        (&array(&["products"]), vec![1, 2])
    );
    assert_eq!(wrapped.values()[1]["title"], "Töpfe }{");
}

#[test]
fn the_records_are_found_under_known_keys_or_in_the_first_array_of_objects() {
    let cases = [
        (
            r#"{"object":"list","data":[{"id":"p"}],"has_more":false}"#,
            &["data"][..],
        ),
        (
            r#"{"feed":{"title":"t","products":[{"id":1}]},"v":2}"#,
            &["feed", "products"],
        ),
        (
            r#"{"@context":"c","@graph":[{"@type":"Product"}]}"#,
            &["@graph"],
        ),
        (r#"{"tags":["a"],"wares":[{"x":1}]}"#, &["wares"]),
        (r#"{"products":[]}"#, &["products"]),
    ];
    for (text, path) in cases {
        assert_eq!(*read(text).kind, array(path), "{text}");
    }
}

#[test]
fn the_objects_that_a_json_api_document_includes_are_records_too() {
    let document =
        r#"{"data":[{"id":1}],"meta":{"included":[{}]},"included":[{"id":2},{"id":3}],"links":{}}"#;
    let included = read(document);
    assert_eq!(*included.kind, array(&["data"]));
    assert_eq!(included.rows(), [1, 2, 3]);
    assert_eq!(included.values()[2]["id"], 3);
    for (text, rows) in [
        (r#"{"data":[],"included":[{"id":2}]}"#, 1),
        (r#"{"data":[{"id":1}],"included":[]}"#, 1),
        (r#"{"data":[{"id":1}],"included":{"id":2}}"#, 1),
        (r#"{"products":[{"id":1}],"included":[{"id":2}]}"#, 1),
        (
            r#"{"data":[{"id":1}],"included":[{"id":2}],"included":[{"id":3}]}"#,
            2,
        ),
    ] {
        assert_eq!(read(text).rows().len(), rows, "{text}");
    }
}

#[test]
fn one_item_is_one_record_whatever_it_holds() {
    assert_eq!(*read(LINKED).kind, DocumentKind::JsonObject);
    assert_eq!(read(LINKED).values()[0]["sku"], "f1");
    let stripe = r#"{"id":"prod_1","skus":{"object":"list","data":[{"id":"sku_1"}]}}"#;
    assert_eq!(*read(stripe).kind, DocumentKind::JsonObject);
    let acp = r#"{"id":"p","variants":[{"id":"v"}]}"#;
    assert_eq!(
        read(acp).values(),
        [json!({"id": "p", "variants": [{"id": "v"}]})]
    );
}

#[test]
fn lines_are_found_blank_ones_left_out_and_broken_ones_cost_themselves_alone() {
    let read_lines = read(LINES);
    assert_eq!(
        (&*read_lines.kind, read_lines.rows()),
        (&DocumentKind::JsonLines, vec![1, 2, 4])
    );
    let broken = read("{\"id\":1\n{\"id\":2}\n{\"id\":tru}\n{\"id\":4}\n{\"id\":5}");
    assert_eq!(*broken.kind, DocumentKind::JsonLines);
    let good: Vec<_> = broken
        .parsed()
        .into_iter()
        .map(|parsed| parsed.is_ok())
        .collect();
    assert_eq!(
        (good, broken.rows()),
        (vec![false, true, false, true, true], vec![1, 2, 3, 4, 5])
    );
    assert_eq!(
        broken.parsed()[0].as_ref().unwrap_err().code(),
        "json_malformed"
    );
}

#[test]
fn a_line_alone_is_told_by_name_or_type() {
    let line = r#"{"id":1,"items":[{"id":2}]}"#;
    assert_eq!(*read(line).kind, array(&["items"]));
    let named = Hints {
        file_name: Some("a.jsonl".to_owned()),
        ..Hints::default()
    };
    assert_eq!(*read_with(line, &named).kind, DocumentKind::JsonLines);
    let typed = Hints {
        content_type: Some("application/x-ndjson".to_owned()),
        ..Hints::default()
    };
    assert_eq!(*read_with(line, &typed).kind, DocumentKind::JsonLines);
    assert_eq!(*read_with(WRAPPED, &typed).kind, array(&["products"]));
}

#[test]
fn a_last_line_that_is_not_whole_makes_the_end_unprovable() {
    let cut = read("{\"id\":1}\n{\"id\":2}\n{\"id\":3,\"ti");
    assert_eq!(cut.records.len(), 2);
    assert_eq!(cut.fault().code(), "json_malformed");
    assert_eq!(cut.fault().line(), Some(3));
}

#[test]
fn arrays_and_what_holds_them_must_be_closed() {
    let cases = [
        r#"[{"id":1},{"id":2}"#,
        r#"[{"id":1},"#,
        r#"[{"id":1}{"id":2}]"#,
        r#"[{"id":1},]"#,
        r#"[{"id":1]]"#,
        r#"[{"id":1}] []"#,
        r#"{"products":[{"id":1}]"#,
        r#"{"products":[{"id":1}],"#,
        r#"{"products":[{"id":1}],"a" 1}"#,
        r#"{"products":[{"id":1}],"a":"b}"#,
        r#"{"products":[{"id":1}]}}"#,
    ];
    for text in cases {
        assert_eq!(read(text).fault().code(), "json_malformed", "{text}");
    }
    for text in [
        r#"{"id":1"#,
        r#"{"id":[1}"#,
        r#"{"id":1}{"id":2}"#,
        r#"{"id" 1}"#,
        "{1}",
    ] {
        assert_eq!(refused(text).code(), "json_malformed", "{text}");
    }
}

#[test]
fn a_wrong_word_costs_its_element_alone() {
    let read = read(r#"[{"id":1},{"id":nope},{"id":3}]"#);
    let good: Vec<_> = read
        .parsed()
        .into_iter()
        .map(|parsed| parsed.is_ok())
        .collect();
    assert_eq!(
        (good, read.rows()),
        (vec![true, false, true], vec![1, 2, 3])
    );
}

#[test]
fn error_bodies_are_no_feeds() {
    for text in [
        r#"{"error":{"message":"no"}}"#,
        r#"{"errors":[{"message":"no"}]}"#,
        "{}",
    ] {
        assert_eq!(refused(text).code(), "not_a_feed", "{text}");
    }
}

#[test]
fn nesting_and_size_are_bounded() {
    let deep = format!("[{}{}]", "[".repeat(200), "]".repeat(200));
    let reason = "values are nested deeper than 128";
    assert_eq!(
        read(deep).fault(),
        &Fault::JsonMalformed { line: 1, reason }
    );
    let huge = format!("[1,\n\"{}\"]", "x".repeat(3_000));
    let read_huge = read_in_pieces(huge.as_bytes(), &[100], &small()).unwrap();
    assert_eq!(
        read_huge.fault(),
        &Fault::RecordTooLarge {
            line: 2,
            bytes_max: 2_000
        }
    );
    let many = format!("[[{}0]]", "0,".repeat(300_000));
    assert_eq!(
        read(many).parsed()[0].as_ref().unwrap_err().code(),
        "record_too_complex"
    );
}
