//! How JSON documents are read.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Document<'_> {
    Json::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_doubled_name_is_kept_and_a_plain_string_borrowed() {
    let Json::Object(members) = read(r#"{"a":"x","a":"\u0079"}"#).json else {
        panic!("an object")
    };
    assert_eq!(members.len(), 2);
    assert!(matches!(members[0].1, Json::String(Cow::Borrowed("x"))));
    assert!(matches!(&members[1].1, Json::String(Cow::Owned(y)) if y == "y"));
}

#[test]
fn depth_is_bounded() {
    for opening in ["[", "{\"a\":", "[0.5,", "[\"\\ud800\","] {
        assert!(Json::parse(opening.repeat(100_000).as_bytes()).is_err());
    }
    let deep = format!("{}1.5{}", "[".repeat(100), "]".repeat(100));
    assert!(Json::parse(deep.as_bytes()).is_err());
}

#[test]
fn numbers_are_read_as_they_are_written() {
    for text in [
        "12345678901234567890121",
        "0.1",
        "-0",
        "1e3",
        "1e400",
        "18446744073709551616",
        "-9223372036854775809",
    ] {
        assert_eq!(read(text).json, Json::Decimal(text.into()), "{text}");
    }
    assert_eq!(
        read("18446744073709551615").json,
        Json::Number(u64::MAX.into())
    );
    assert_eq!(
        read("[-9223372036854775808,0.5]").json,
        Json::List(vec![
            Json::Number(i64::MIN.into()),
            Json::Decimal("0.5".into()),
        ])
    );
    for text in ["01", "1.", ".5", "+1", "0x1", "1e", "NaN", "--1"] {
        assert!(Json::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn half_a_surrogate_pair_is_replaced_and_named() {
    let text =
        r#"{"a":["x","\ud83d\ude00 \ud83d!","\\ud800","\udc00\ud800\ud83d\ude00"],"b\udfff":1}"#;
    let document = read(text);
    let expected = Json::Object(vec![
        (
            "a".into(),
            Json::List(vec![
                Json::String("x".into()),
                Json::String("😀 \u{fffd}!".into()),
                Json::String("\\ud800".into()),
                Json::String("\u{fffd}\u{fffd}😀".into()),
            ]),
        ),
        ("b\u{fffd}".into(), Json::Number(1.into())),
    ]);
    assert_eq!(document.json, expected);
    assert_eq!(document.replaced, ["/a/1", "/a/3", ""]);
}

#[test]
fn what_is_no_json_is_refused_with_the_place() {
    for text in [
        "",
        "{",
        "{\"a\":0.5",
        "[\"\\ud800\"",
        "[0.5] x",
        "[\"\\ud800\", \"\\x\"]",
        "[\"\\ud80\"]",
    ] {
        let error = Json::parse(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("line 1"), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn the_exact_reader_reads_what_the_usual_one_reads(
        value in arb_value(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = value.to_string().into_bytes();
        let exact = exact::parse(&bytes).unwrap();
        prop_assert_eq!(exact.json.into_value(), Some(value));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        // Both readers report the same error.
        if serde_json::from_slice::<serde_json::Value>(&bytes).is_ok() {
            prop_assert!(exact::parse(&bytes).is_ok());
        }
    }
}

fn arb_value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e300..1e300_f64).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
