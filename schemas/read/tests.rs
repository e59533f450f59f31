//! What the reader promises to every route that uses it.

use super::*;

fn problems(refused: BodyError) -> Vec<(String, &'static str)> {
    match refused {
        BodyError::Invalid(problems) => problems
            .into_iter()
            .map(|problem| (problem.pointer, problem.code))
            .collect(),
        BodyError::NotJson(reason) => panic!("not JSON: {reason}"),
    }
}

type Parsed = (String, Option<i64>, Option<Vec<String>>);

/// Reads `{"name": text, "size"?: {"w": integer}, "tags"?: [text]}`.
fn read(body: &str) -> Result<Parsed, BodyError> {
    let mut body = Reader::object(body.as_bytes())?;
    let name = body.required("name", text(1..=5));
    let size = body.optional_nested("size", |size| size.required("w", integer(0..=9)));
    let tags = body.optional_values("tags", 0..=2, text(1..=5));
    body.finish(|| Some((name?, size, tags)))
}

#[test]
fn a_good_body_is_taken() {
    assert_eq!(read(r#"{"name":"a"}"#).unwrap(), ("a".into(), None, None));
    let whole = read(r#"{"tags":["x"],"size":{"w":3},"name":"a"}"#).unwrap();
    assert_eq!(whole, ("a".into(), Some(3), Some(vec!["x".into()])));
}

#[test]
fn every_problem_is_named_with_its_place() {
    let body = r#"{"name":7,"size":{"w":10,"h":1},"tags":["x","","y"],"a/b":1}"#;
    assert_eq!(
        problems(read(body).unwrap_err()),
        [
            ("/name".into(), "wrong_type"),
            ("/size/w".into(), "out_of_range"),
            ("/size/h".into(), "unknown_field"),
            ("/tags".into(), "wrong_count"),
            ("/a~1b".into(), "unknown_field"),
        ]
    );
}

#[test]
fn null_is_absent() {
    assert!(read(r#"{"name":"a","size":null,"tags":null}"#).is_ok());
    assert_eq!(
        problems(read(r#"{"name":null}"#).unwrap_err()),
        [("/name".into(), "missing")]
    );
}

#[test]
fn a_doubled_name_is_refused_at_every_level() {
    let body = r#"{"name":"a","name":"a","size":{"w":1,"w":1},"x":1,"x":1}"#;
    let found = problems(read(body).unwrap_err());
    assert_eq!(
        found[..2],
        [
            ("/name".into(), "duplicate_key"),
            ("/size/w".into(), "duplicate_key")
        ]
    );
}

#[test]
fn not_json_is_told_from_json_that_is_refused() {
    for body in [
        "",
        "{",
        "{\"name\":\"a\"} x",
        "{'name':1}",
        "\u{feff}{}",
        "nul",
    ] {
        assert!(matches!(read(body), Err(BodyError::NotJson(_))), "{body}");
    }
    for body in ["null", "[]", "1", "\"a\""] {
        assert_eq!(
            problems(read(body).unwrap_err()),
            [(String::new(), "wrong_type")],
            "{body}"
        );
    }
}

#[test]
fn only_whole_numbers_written_whole_are_integers() {
    for (written, code) in [
        ("2.0", "not_integer"),
        ("1e0", "not_integer"),
        ("\"2\"", "wrong_type"),
        ("-0", "not_integer"),
    ] {
        let body = format!(r#"{{"name":"a","size":{{"w":{written}}}}}"#);
        assert_eq!(
            problems(read(&body).unwrap_err()),
            [("/size/w".into(), code)],
            "{written}"
        );
    }
}

#[test]
fn a_card_number_is_found_everywhere_and_told_nowhere() {
    const CARD: &str = "4242424242424242";
    for body in [
        format!(r#"{{"name":"{CARD}"}}"#),
        format!(r#"{{"name":"a","x":{CARD}}}"#),
        format!(r#"{{"name":"a","x":-{CARD}}}"#),
        format!(r#"{{"name":"a","x":{CARD}.0}}"#),
        r#"{"name":"a","x":4.242424242424242e15}"#.to_owned(),
        format!(r#"{{"name":"a","{CARD}":1}}"#),
        format!(r#"{{"name":"a","tags":["{CARD}"]}}"#),
        r#"{"name":"a","x":[{"y":"4242 4242\u00204242-424\u0032"}]}"#.to_owned(),
        format!(r#"{{"name":"{CARD}","name":"a"}}"#),
    ] {
        let refused = read(&body).unwrap_err();
        let notice = format!("{refused:?} {refused}");
        assert!(!notice.contains("4242"), "{notice}");
        assert!(
            problems(refused)
                .iter()
                .any(|(_, code)| *code == "card_number"),
            "{body}"
        );
    }
}

#[test]
fn problems_are_bounded() {
    let fields: Vec<String> = (0..10_000).map(|n| format!("\"f{n}\":{n}")).collect();
    let found = problems(read(&format!("{{{}}}", fields.join(","))).unwrap_err());
    assert_eq!(found.len(), PROBLEMS_MAX);
}

#[test]
fn a_time_is_turned_to_utc_or_refused() {
    let read = |text: &str| timestamp(Json::String(text.to_owned().into()));
    let utc = read("2026-11-20T10:00:00Z").unwrap();
    assert_eq!(read("2026-11-20T12:00:00+02:00").unwrap(), utc);
    assert!(read("2026-11-20T12:00:00+02:00").unwrap().offset().is_utc());
    for text in [
        "2026-11-20",
        "2026-11-20T10:00:00",
        "2026-13-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
    ] {
        assert_eq!(read(text).unwrap_err().code, "time_malformed", "{text}");
    }
}
