//! For any draft: no panic, and a valid item keeps its limits and validates again.

use std::sync::LazyLock;

use buywire_schemas::catalog::Price;
use buywire_schemas::money::{AMOUNT_MAX, Currency};
use jsonschema::Validator;
use proptest::prelude::*;

use super::drafts::{redraft, spelled};
use super::*;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let text = buywire_schemas::schema("catalog.v1.json").unwrap();
    jsonschema::draft202012::new(&serde_json::from_str(text).unwrap()).unwrap()
});

/// Fields that any text may stand in.
const FIELDS: [&str; 38] = [
    "id",
    "group",
    "title",
    "description",
    "url",
    "image",
    "price",
    "sale_price",
    "list_price",
    "sale_window",
    "sale_starts",
    "sale_ends",
    "availability",
    "available_from",
    "expires_at",
    "quantity",
    "max_per_order",
    "brand",
    "gtin",
    "mpn",
    "sku",
    "identifier_exists",
    "condition",
    "age_group",
    "gender",
    "adult",
    "digital",
    "shipping",
    "weight",
    "for_sale",
    "option:size",
    "option:",
    "option:a&amp;b",
    "category:google",
    "category:",
    "attribute:note",
    "attribute:",
    "attribute:<b>x</b>",
];

/// Pieces with a meaning to one check or another.
const WORDS: &[&str] = &[
    "<p>",
    "</p>",
    "<script>",
    "<!--",
    "-->",
    "<b",
    ">",
    "<",
    "&",
    "&amp;",
    "amp;",
    "&lt;",
    "&#1;",
    "&#x3c;",
    ";",
    "&colon;",
    "\u{37e}",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{202e}",
    "\u{301}",
    "e\u{301}",
    "\r\n",
    "\n\n\n",
    "\t",
    " ",
    "é",
    "日本",
    "👩\u{200d}👧",
    "15.00",
    "1,5",
    "1.234,56",
    "-",
    "USD",
    "KWD",
    "EUR",
    "eur",
    "$",
    ":",
    "US",
    "/",
    "..",
    "2027-03-01",
    "T08:00",
    "Z",
    "+01:00",
    "9999-12-31",
    "https://",
    "http://",
    "shop.example",
    "bücher.example",
    "ann:pw@",
    "?a=b",
    "/a b.jpg",
    "/../",
    "#",
    "4006381333931",
    "8.7E+12",
    "X",
    "in_stock",
    "preorder",
    "no",
    "yes",
    "kg",
    "lb",
    ">",
    "|",
    ",",
    "0",
    "99999999999999999999",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => proptest::collection::vec(any::<char>(), 0..6).prop_map(|letters| letters.into_iter().collect()),
        1 => ("[a-z <&é]", 1_usize..6_000).prop_map(|(letter, times)| letter.repeat(times)),
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat())
}

fn changes() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    proptest::collection::vec((proptest::sample::select(&FIELDS[..]), text()), 1..5)
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let decimal = prop_oneof![
        Just(DecimalSign::Auto),
        Just(DecimalSign::Point),
        Just(DecimalSign::Comma)
    ];
    (decimal, any::<bool>(), any::<bool>()).prop_map(|(decimal, zero_price_allowed, bound)| Rules {
        default_currency: bound.then(|| Currency::parse("KWD").unwrap()),
        decimal,
        zero_price_allowed,
        ..Rules::default()
    })
}

/// Rules under which a spelled item reads as it is.
fn spelled_rules(rules: &Rules) -> Rules {
    Rules {
        decimal: DecimalSign::Point,
        ..rules.clone()
    }
}

proptest! {
    // More with `PROPTEST_CASES`.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(1_000)))]

    #[test]
    fn what_passes_keeps_its_bounds_and_passes_again(
        changes in changes(), rules in any_rules(), html in any::<bool>()
    ) {
        let changes: Vec<_> = changes.iter().map(|(field, text)| (*field, text.as_str())).collect();
        let mut draft = draft(&changes);
        if html && let Some(Prose::Plain(raw)) = draft.description.take() {
            draft.description = Some(Prose::Html(raw));
        }
        let checked = check(draft, &rules, NOW);
        for issue in &checked.issues {
            let value = issue.value.as_deref().unwrap_or_default();
            prop_assert!(value.chars().count() <= 200 && !value.contains("ann:pw@"), "{issue:?}");
        }
        let Some(item) = checked.item else { return Ok(()) };
        let json = serde_json::to_value(&item).unwrap();
        if let Err(error) = SCHEMA.validate(&json) {
            return Err(TestCaseError::fail(format!("{error} at {}", error.instance_path())));
        }
        let again = check(redraft(&item), &spelled_rules(&rules), NOW);
        prop_assert_eq!(again.item.as_ref(), Some(&item), "{:?}", again.issues);
    }

    #[test]
    fn a_price_survives_its_spelling(
        amount in prop_oneof![0..=AMOUNT_MAX, 0..=100_000_i64],
        code in proptest::sample::select(vec!["JPY", "USD", "CZK", "KWD", "CLF"]),
    ) {
        let price = Price { amount, currency: Currency::parse(code).unwrap() };
        let rules = Rules { zero_price_allowed: true, ..Rules::default() };
        let text = spelled(price);
        let comma = text.replace('.', ",");
        let glued = text.replace(' ', "");
        let (number, unit) = text.split_once(' ').unwrap();
        for (text, decimal) in [
            (text.clone(), DecimalSign::Point),
            (comma, DecimalSign::Comma),
            (glued, DecimalSign::Point),
            (format!("{unit} {number}"), DecimalSign::Point),
        ] {
            let rules = Rules { decimal, ..rules.clone() };
            let checked = check(draft(&[("price", &text)]), &rules, NOW);
            prop_assert_eq!(checked.item.map(|item| item.price), Some(price), "{}", text);
        }
    }

    #[test]
    fn no_spelling_of_a_price_is_read_as_another_price(
        amount in prop_oneof![1..=AMOUNT_MAX, 1..=1_000_000_i64, (1..=10_000_i64).prop_map(|n| n * 1_000)],
        code in proptest::sample::select(vec!["JPY", "USD", "INR", "CHF", "KWD", "CLF"]),
        form in any::<[prop::sample::Index; 4]>(),
        is_cut in any::<bool>(),
    ) {
        let price = Price { amount, currency: Currency::parse(code).unwrap() };
        // `1.000 KWD` is one dinar: who means a thousand writes no point there.
        let text = written(price, &form, is_cut && code != "KWD");
        let rules = Rules::default();
        let checked = check(draft(&[("price", &text)]), &rules, NOW);
        match checked.item {
            Some(item) => prop_assert_eq!(item.price, price, "{}", text),
            None => {
                // Only where one separator stands before three digits can it mean something else.
                prop_assert_eq!(codes(&checked), ["price_ambiguous"], "{}", &text);
                let digits = text.split(|letter: char| !letter.is_ascii_digit());
                let groups: Vec<_> = digits.filter(|group| !group.is_empty()).collect();
                prop_assert!(groups.len() == 2 && groups[1].len() == 3, "{}", text);
                let value = checked.issues[0].value.clone().unwrap();
                prop_assert!(value.contains(&price.currency.format_amount(amount)), "{}", value);
            }
        }
    }
}

/// A price as some shop writes it.
fn written(price: Price, form: &[prop::sample::Index; 4], is_cut: bool) -> String {
    let [signs, grouping, unit, position] = form;
    let plain = price.currency.decimal(price.amount);
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let (decimal, gap) = signs.get(&[
        ('.', ","),
        ('.', ""),
        ('.', " "),
        ('.', "'"),
        ('.', "\u{2019}"),
        (',', "."),
        (',', ""),
        (',', " "),
        (',', "\u{a0}"),
        (',', "\u{202f}"),
    ]);
    let indian = *grouping.get(&[false, false, true]) && *gap == ",";
    let mut number = String::new();
    for (at, digit) in whole.char_indices() {
        let left = whole.len() - at;
        let is_group = match indian {
            true => left == 3 || left > 3 && left % 2 == 1,
            false => left % 3 == 0,
        };
        if at > 0 && is_group {
            number.push_str(gap);
        }
        number.push(digit);
    }
    let zeros = fraction.bytes().all(|byte| byte == b'0');
    match (is_cut && zeros, fraction.is_empty()) {
        (true, _) | (_, true) => {}
        (false, false) => {
            number.push(*decimal);
            number.push_str(fraction);
        }
    }
    let symbol = match price.currency.code() {
        "USD" => "US$",
        "INR" => "\u{20b9}",
        code => code,
    };
    let unit = *unit.get(&[price.currency.code(), symbol]);
    let forms = [
        format!("{number} {unit}"),
        format!("{unit} {number}"),
        format!("{number}{unit}"),
        format!("{unit}\u{a0}{number}"),
    ];
    position.get(&forms).clone()
}
