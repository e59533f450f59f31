//! Numbers in every spelling: each has one value, or is ambiguous.

use super::*;

/// The values that a text can have, as digits and places; of an ambiguous one two.
fn read(text: &str, sign: DecimalSign) -> Vec<(u128, u32)> {
    let value = |number: Number| (number.digits, number.places);
    match Numeral::parse(text, sign) {
        Ok(Numeral::Plain(number, _)) => vec![value(number)],
        Ok(Numeral::Ambiguous {
            decimal, grouped, ..
        }) => vec![value(decimal), value(grouped)],
        Err(_) => Vec::new(),
    }
}

#[test]
fn separators_count_only_where_they_are_legal() {
    use DecimalSign::{Auto, Comma, Point};
    type Values = &'static [(u128, u32)];
    let cases: [(&str, Values, Values, Values); 24] = [
        ("15", &[(15, 0)], &[(15, 0)], &[(15, 0)]),
        ("15.00", &[(15, 0)], &[(15, 0)], &[]),
        ("15.5", &[(155, 1)], &[(155, 1)], &[]),
        ("15,5", &[(155, 1)], &[], &[(155, 1)]),
        ("15,50", &[(155, 1)], &[], &[(155, 1)]),
        ("1.2345", &[(12_345, 4)], &[(12_345, 4)], &[]),
        ("1234.567", &[(1_234_567, 3)], &[(1_234_567, 3)], &[]),
        ("0.500", &[(5, 1)], &[(5, 1)], &[]),
        ("0,500", &[(5, 1)], &[], &[(5, 1)]),
        (
            "1,234",
            &[(1_234, 3), (1_234, 0)],
            &[(1_234, 0)],
            &[(1_234, 3)],
        ),
        (
            "1.234",
            &[(1_234, 3), (1_234, 0)],
            &[(1_234, 3)],
            &[(1_234, 0)],
        ),
        (
            "15.000",
            &[(15, 0), (15_000, 0)],
            &[(15, 0)],
            &[(15_000, 0)],
        ),
        ("1,234.50", &[(12_345, 1)], &[(12_345, 1)], &[]),
        ("1.234,50", &[(12_345, 1)], &[], &[(12_345, 1)]),
        ("1.234.567,8", &[(12_345_678, 1)], &[], &[(12_345_678, 1)]),
        ("1.234,567", &[(1_234_567, 3)], &[], &[(1_234_567, 3)]),
        ("1.234.567", &[(1_234_567, 0)], &[], &[(1_234_567, 0)]),
        ("1,234,567", &[(1_234_567, 0)], &[(1_234_567, 0)], &[]),
        ("1,29,999.00", &[(129_999, 0)], &[(129_999, 0)], &[]),
        ("1,29,999", &[(129_999, 0)], &[(129_999, 0)], &[]),
        ("12\u{a0}990,5", &[(129_905, 1)], &[], &[(129_905, 1)]),
        ("12'990.50", &[(129_905, 1)], &[(129_905, 1)], &[]),
        ("100.-", &[(100, 0)], &[(100, 0)], &[]),
        ("1.299,\u{2013}", &[(1_299, 0)], &[], &[(1_299, 0)]),
    ];
    for (text, auto, point, comma) in cases {
        assert_eq!(read(text, Auto), auto, "{text}");
        assert_eq!(read(text, Point), point, "{text}");
        assert_eq!(read(text, Comma), comma, "{text}");
    }
}

#[test]
fn a_spelling_proves_its_sign_or_nothing() {
    let proves = |text: &str| match Numeral::parse(text, DecimalSign::Auto) {
        Ok(Numeral::Plain(_, sign)) => sign,
        other => panic!("{text}: {other:?}"),
    };
    for text in ["15", "1 234", "1'234'567"] {
        assert_eq!(proves(text), None, "{text}");
    }
    for text in [
        "15.5",
        "0.500",
        "1,234.567",
        "1,234,567",
        "1 234.5",
        "1234.567",
        "100.-",
    ] {
        assert_eq!(proves(text), Some(Sign::Point), "{text}");
    }
    for text in [
        "15,5",
        "0,500",
        "1.234,567",
        "1.234.567",
        "1 234,5",
        "1234,567",
        "100,-",
    ] {
        assert_eq!(proves(text), Some(Sign::Comma), "{text}");
    }
}

#[test]
fn what_is_no_plain_number_is_refused() {
    for text in [
        "",
        "-",
        ".",
        ",",
        "15.",
        ".5",
        "+15",
        "1e3",
        "1,2,3",
        "1.2.3",
        "12,34.5",
        "1,234,56.7",
        "1234,567.8",
        ",234.5",
        "1 00",
        "1 2345",
        "0x1",
        "١٥",
        "1_0",
        "--1",
        "1,234.567.8",
        "Inf",
        "1 234'567",
        "1 234 ",
        "1.29.999",
        "0,123,456",
        "100-",
        "-.-",
        "15.0 0",
        "1,234 567.0",
    ] {
        assert_eq!(read(text, DecimalSign::Auto), [], "{text}");
    }
}

#[test]
fn a_number_of_any_length_is_no_panic() {
    let long = "9".repeat(60);
    let parsed = Numeral::parse(&long, DecimalSign::Auto);
    assert_eq!(parsed, Err(NumberError::TooLarge));
    let zeros = format!("{}1.{}", "0".repeat(60), "0".repeat(60));
    assert_eq!(read(&zeros, DecimalSign::Auto), [(1, 0)]);
}

#[test]
fn a_number_is_shown_with_a_point() {
    let shown = |text: &str, decimals| match Numeral::parse(text, DecimalSign::Comma) {
        Ok(Numeral::Plain(number, _)) => number.to_decimal_string(decimals),
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(shown("1,250", 2), "1.25");
    assert_eq!(shown("1.250", 2), "1250.00");
    assert_eq!(shown("-0,005", 2), "-0.005");
    assert_eq!(shown("15.000", 0), "15000");
}
