//! What a composed text keeps, whatever it is made of.

use proptest::prelude::*;

use super::super::defuse::INVISIBLE_BREAK;
use super::*;

const URL: &str = "https://shop.example/b/tea-cup";
/// One that the network sees as a link.
const LINK: &str = "https://shop.example.com/b/tea-cup";

fn compose(template: &str, words: TemplateValues<'_>) -> String {
    Template::parse(template).unwrap().compose(&words).unwrap()
}

#[test]
fn words_are_put_where_they_belong() {
    let words = TemplateValues {
        title: "Tea  cup\n“Ume”",
        brand: "Ume",
        price: "12.00 USD",
        url: URL,
        ..TemplateValues::default()
    };
    assert_eq!(
        compose(DEFAULT, words),
        "Tea cup “Ume” – 12.00 USD\nhttps://shop.example/b/tea-cup"
    );
    assert_eq!(
        compose("New: {brand} {title} {was} now {price} {url} #tea", words),
        "New: Ume Tea cup “Ume” now 12.00 USD https://shop.example/b/tea-cup #tea"
    );
}

#[test]
fn the_title_gives_way_to_the_price_and_the_link() {
    let title = "Tea cup ".repeat(60);
    let words = TemplateValues {
        title: &title,
        price: "12.00 USD",
        url: URL,
        ..TemplateValues::default()
    };
    let text = compose(DEFAULT, words);
    assert!(
        text.ends_with("… – 12.00 USD\nhttps://shop.example/b/tea-cup"),
        "{text}"
    );
    assert!((270..=280).contains(&measure(&text).weight));
}

#[test]
fn no_grapheme_and_no_address_is_cut() {
    let family = "👨‍👩‍👧‍👦".repeat(200);
    let words = TemplateValues {
        title: &family,
        price: "1 JPY",
        url: URL,
        ..TemplateValues::default()
    };
    let text = compose(DEFAULT, words);
    let (kept, _) = text.split_once('…').unwrap();
    assert_eq!(kept.replace("👨‍👩‍👧‍👦", ""), "");

    let words_before = "w ".repeat(118);
    let title = format!("{words_before}see tea.museum/a/long/path/behind/it and more");
    let words = TemplateValues {
        title: &title,
        price: "1 JPY",
        url: URL,
        ..TemplateValues::default()
    };
    let text = compose(DEFAULT, words);
    assert!(
        !text.contains("museum") || text.contains("tea.museum/a/long/path/behind/it"),
        "{text}"
    );
}

#[test]
fn what_is_no_template_is_refused_with_a_reason() {
    let refused = |text: &str| Template::parse(text).unwrap_err();
    assert_eq!(refused("{title}"), TemplateError::NoUrl);
    assert_eq!(refused("{url} {url}"), TemplateError::NoUrl);
    assert_eq!(
        refused("{titel} {url}"),
        TemplateError::Unknown("titel".into())
    );
    assert_eq!(
        refused("{title {url}"),
        TemplateError::Unknown("title {url".into())
    );
    assert_eq!(refused("{url"), TemplateError::Brace);
    assert_eq!(refused("url} {url}"), TemplateError::Brace);
    let long = format!("{} {{url}}", "x".repeat(200));
    assert_eq!(refused(&long), TemplateError::TooLong { weight: 201 });
}

#[test]
fn what_belongs_to_nothing_is_left_out_with_its_sign() {
    let words = TemplateValues {
        title: "Tea cup",
        price: "12.00 USD",
        url: URL,
        ..TemplateValues::default()
    };
    for (template, expected) in [
        (
            "{title} – {brand} – {price}\n{url}",
            "Tea cup – 12.00 USD\nURL",
        ),
        ("{brand} – {title}\n{url}", "Tea cup\nURL"),
        ("{title}, {options}\n{url}", "Tea cup\nURL"),
        ("{title} ({options}) {price} {url}", "Tea cup 12.00 USD URL"),
        ("({brand}) {title} {url}", "Tea cup URL"),
        ("{title} ({brand}, {options}), {url}", "Tea cup, URL"),
        ("was {was}, now {price} {url}", "now 12.00 USD URL"),
        ("Now {price}. Was {was}. {url}", "Now 12.00 USD. URL"),
        (
            "{title}\nBrand: {brand}\nSize: {options}\n\n{url}",
            "Tea cup\n\nURL",
        ),
        ("{title} | was {was} | {url}", "Tea cup | URL"),
        ("{url} – {brand}", "URL"),
        // Text without a placeholder stays, and so does text with a placeholder that has a value.
        (
            "{brand} – only today – {title}! {url}",
            "only today – Tea cup! URL",
        ),
        (
            "New (really): {title} :) {url}",
            "New (really): Tea cup :) URL",
        ),
        (
            "{title} {brand} for {price} {url}",
            "Tea cup for 12.00 USD URL",
        ),
        (
            "10–20 % off, {title}-{price} {url}",
            "10–20 % off, Tea cup-12.00 USD URL",
        ),
    ] {
        assert_eq!(
            compose(template, words),
            expected.replace("URL", URL),
            "{template}"
        );
    }
    let words = TemplateValues {
        brand: "Ume",
        options: "M / Red",
        was: "15.00 USD",
        ..words
    };
    let template = "{title} ({brand}, {options}) – was {was}, now {price}.\n{url}";
    assert_eq!(
        compose(template, words),
        format!("Tea cup (Ume, M / Red) – was 15.00 USD, now 12.00 USD.\n{URL}")
    );
}

/// The visible text.
fn visible(text: &str) -> String {
    text.replace(INVISIBLE_BREAK, "")
}

#[test]
fn a_merchants_words_make_nothing_live() {
    let words = |title| TemplateValues {
        title,
        price: "12.00 USD",
        url: LINK,
        ..TemplateValues::default()
    };
    for title in [
        "Cup evil.example.com/x",
        "See https://evil.com now",
        "by @nike",
        "＠nike @nike/shoes",
        "#cup ＃お茶 #été",
        "$TSLA $BRK.A",
        "me@evil.com",
        "evil.com/",
        "x.co.uk.evil.io",
        "http://日本語.jp/ 日本.com",
        "evil.co",
    ] {
        for template in [
            DEFAULT,
            "{title}{url}",
            "{url}{title}",
            "{title}/{url}",
            "@{title} {url}",
            "{title}.com {url}",
            "https://{title} {url}",
            "x{title} ${title} {url}",
        ] {
            let text = compose(template, words(title));
            assert_eq!(live(&text), [LINK], "{template}: {text}");
            assert_eq!(
                visible(&text),
                template
                    .replace("{title}", title)
                    .replace("{url}", LINK)
                    .replace("{price}", "12.00 USD")
            );
        }
    }
    // What the template's author wrote is kept.
    let text = compose(
        "#tea at @acme, acme.com: {title} $ACME {url} #{title}",
        words("cup"),
    );
    assert_eq!(
        live(&text),
        ["#tea", "@acme", "acme.com", "$ACME", LINK, "#cup"]
    );
    assert!(!text.contains(INVISIBLE_BREAK), "{text:?}");
    // Text without anything active is unchanged.
    let plain = compose(DEFAULT, words("No.1 cup, 5.5 in. & 1️⃣ #️⃣ – $15 @ home"));
    assert!(!plain.contains(INVISIBLE_BREAK), "{plain:?}");
}

/// What the network would activate, by the published patterns; URLs as we count them.
fn live(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut addresses = address::find(&letters);
    let patterns = [
        r"(?:^|[^a-zA-Z0-9_!#$%&*@＠])([@＠][a-zA-Z0-9_]{1,20}(?:/[a-zA-Z][a-zA-Z0-9_-]{0,24})?)",
        r"(?:^|[^&\p{L}\p{M}\p{Nd}_])([#＃][\p{L}\p{M}\p{Nd}_]*[\p{L}\p{M}][\p{L}\p{M}\p{Nd}_]*)",
        r"(?:^|\s)(\$[a-zA-Z]{1,6}(?:[._][a-zA-Z]{1,2})?)(?:$|\s|[[:punct:]])",
    ];
    for pattern in patterns {
        for found in regex::Regex::new(pattern).unwrap().captures_iter(text) {
            let found = found.get(1).unwrap();
            let char_index = |byte| text.get(..byte).unwrap().chars().count();
            addresses.push((char_index(found.start()), char_index(found.end())));
        }
    }
    addresses.sort_unstable();
    let is_inside = |(from, to): &(usize, usize)| {
        addresses
            .iter()
            .any(|(start, end)| (start, end) != (from, to) && start <= from && to <= end)
    };
    let outer = addresses.iter().filter(|position| !is_inside(position));
    outer
        .map(|(from, to)| letters.get(*from..*to).unwrap().iter().collect())
        .collect()
}

/// Text that tries to create links.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[@＠#＃$]{0,2}[a-zA-Z_0-9]{0,6}",
        "(https?://)?[a-z日é-]{1,6}\\.(com|co|io|org|jp|co\\.uk|museum|中国)(/[a-z@(.]{0,5})?",
        "[ .,:/!?&’_–\u{200d}\u{202e}\u{301}-]{1,3}",
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    // `PROPTEST_CASES=100000 cargo test --release --package buywire-schemas nothing_is_live` composes more.
    #[test]
    fn nothing_is_live_but_the_link(title in hostile(), brand in hostile(), options in hostile()) {
        for template in [DEFAULT, "{brand}{title}: {options}.{price}{url}{brand}"] {
            let words = TemplateValues { title: &title, brand: &brand, options: &options, price: "12.00 USD", url: LINK, ..TemplateValues::default() };
            let text = Template::parse(template).unwrap().compose(&words).unwrap();
            prop_assert!(measure(&text).valid, "{:?}", text);
            prop_assert_eq!(live(&text), vec![LINK.to_owned()], "{:?}", text);
        }
    }
}

fn word() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        "\\PC{0,40}",
        "[a-z ]{0,200}",
        "(東京|👨‍👩‍👧‍👦|e\u{301}|🇫🇷|1️⃣|https://example.com/x|example.org|\u{202e}|\\.){0,60}",
    ];
    prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    // `PROPTEST_CASES=100000 cargo test --release --package buywire-schemas compositions` composes more.
    #[test]
    fn all_compositions_fit(title in word(), brand in word(), description in word(), was in "[0-9]{0,6}") {
        let template = Template::parse("{brand}: {title} {description} {was} {price}\n{url} #shop").unwrap();
        let words = TemplateValues { title: &title, brand: &brand, description: &description, options: "", price: "12.00 USD", was: &was, merchant: "", url: URL };
        let text = template.compose(&words).unwrap();
        prop_assert!(measure(&text).valid, "{:?}", text);
        prop_assert!(text.contains(URL) && text.contains("12.00 USD"));
    }
}
