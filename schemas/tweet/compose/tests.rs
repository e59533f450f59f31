//! What a composed text keeps, whatever it is made of.

use proptest::prelude::*;

use super::*;

const URL: &str = "https://shop.example/b/tea-cup";

fn compose(template: &str, words: Words<'_>) -> String {
    Template::parse(template).unwrap().compose(&words).unwrap()
}

#[test]
fn words_are_put_where_they_belong() {
    let words = Words {
        title: "Tea  cup\n“Ume”",
        brand: "Ume",
        price: "12.00 USD",
        url: URL,
        ..Words::default()
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
    let words = Words {
        title: &title,
        price: "12.00 USD",
        url: URL,
        ..Words::default()
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
    let words = Words {
        title: &family,
        price: "1 JPY",
        url: URL,
        ..Words::default()
    };
    let text = compose(DEFAULT, words);
    let (kept, _) = text.split_once('…').unwrap();
    assert_eq!(kept.replace("👨‍👩‍👧‍👦", ""), "");

    let words_before = "w ".repeat(118);
    let title = format!("{words_before}see tea.museum/a/long/path/behind/it and more");
    let words = Words {
        title: &title,
        price: "1 JPY",
        url: URL,
        ..Words::default()
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
    assert_eq!(refused("{title}"), TemplateFault::NoUrl);
    assert_eq!(refused("{url} {url}"), TemplateFault::NoUrl);
    assert_eq!(
        refused("{titel} {url}"),
        TemplateFault::Unknown("titel".into())
    );
    assert_eq!(
        refused("{title {url}"),
        TemplateFault::Unknown("title {url".into())
    );
    assert_eq!(refused("{url"), TemplateFault::Brace);
    assert_eq!(refused("url} {url}"), TemplateFault::Brace);
    let long = format!("{} {{url}}", "x".repeat(200));
    assert_eq!(refused(&long), TemplateFault::TooLong { weight: 201 });
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
        let words = Words { title: &title, brand: &brand, description: &description, price: "12.00 USD", was: &was, merchant: "", url: URL };
        let text = template.compose(&words).unwrap();
        prop_assert!(measure(&text).valid, "{:?}", text);
        prop_assert!(text.contains(URL) && text.contains("12.00 USD"));
    }
}
