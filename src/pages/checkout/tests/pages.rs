//! Every page in every language: whole, small, escaped, and true to its situation.

use std::fs;
use std::path::Path;

use buywire_checkout::address::{AddressField, country_names};
use buywire_checkout::machine::PageSituation;

use super::super::*;
use super::gallery;
use super::scenes::{self, Stage, TOKEN, listing};
use crate::pages::Site;

const PAGE_BYTES_MAX: usize = 50_000;
const HOSTILE: &str =
    "</script></title><script>alert(1)</script>\"'`<img src=x onerror=alert(2)>&amp;{total}";

fn occurrences(page: &str, part: &str) -> usize {
    page.matches(part).count()
}

#[test]
fn every_page_is_whole_and_small() {
    for language in Language::ALL {
        for (name, page) in gallery::pages(language) {
            let name = format!("{name} {language:?}");
            assert!(page.len() <= PAGE_BYTES_MAX, "{name}: {} bytes", page.len());
            assert!(
                page.contains(&format!("<html lang=\"{}\">", language.tag())),
                "{name}"
            );
            assert_eq!(occurrences(&page, "<h1"), 1, "{name}");
            let (_, body) = page.split_once("<body>").unwrap();
            assert!(!body.contains(['{', '}']), "{name}: a value is missing");
            assert!(
                !page.contains("<script") && !page.contains("style="),
                "{name}"
            );
            for (open, close) in [
                ("<form", "</form>"),
                ("<div", "</div>"),
                ("<p", "</p>"),
                ("<label", "</label>"),
            ] {
                let opened =
                    occurrences(body, &format!("{open} ")) + occurrences(body, &format!("{open}>"));
                assert_eq!(opened, occurrences(body, close), "{name}: {open}");
            }
        }
    }
}

/// The pages as files, for a browser: `tests/pages/run` sets where.
#[test]
fn every_page_is_written_where_a_browser_looks() {
    let Some(folder) = std::env::var_os("CHECKOUT_PAGES_OUT") else {
        return;
    };
    for language in Language::ALL {
        let folder = Path::new(&folder).join(language.tag());
        fs::create_dir_all(&folder).unwrap();
        for (name, page) in gallery::pages(language) {
            fs::write(folder.join(format!("{name}.html")), page).unwrap();
        }
    }
}

#[test]
fn the_button_says_that_it_must_be_paid_and_how_much() {
    for (language, words) in [
        (Language::English, "Order and pay €33.90"),
        (
            Language::French,
            "Commander avec obligation de paiement\u{a0}: 33,90\u{a0}€",
        ),
        (
            Language::German,
            "Zahlungspflichtig bestellen: 33,90\u{a0}€",
        ),
        (
            Language::Spanish,
            "Pedir con obligación de pago: 33,90\u{a0}€",
        ),
        (
            Language::Dutch,
            "Bestellen met betalingsverplichting: €\u{a0}33,90",
        ),
    ] {
        let page = Stage::new(language).review().render().unwrap();
        let button = format!("<button class=\"button\">{words}</button>");
        assert!(page.contains(&button), "{language:?}: {page}");
        assert_eq!(
            occurrences(&page, "class=\"button\""),
            1,
            "one button orders"
        );
        let (above, _) = page.split_once(&button).unwrap();
        let essentials = above.rsplit_once("<p class=\"essentials\">").unwrap().1;
        for part in ["Tour T-shirt", "Acme Outfitters"] {
            assert!(essentials.contains(part), "{language:?}: {essentials}");
        }
        assert_eq!(
            occurrences(essentials, "<"),
            1,
            "nothing stands between: {essentials}"
        );
    }
}

#[test]
fn what_cannot_be_ordered_has_no_button_and_one_action() {
    for language in Language::ALL {
        let stage = Stage::new(language);
        for (name, problem) in scenes::problems() {
            let review = Review {
                problem: Some(&problem),
                ..stage.review()
            };
            let page = review.render().unwrap();
            let has_button = page.contains("<button class=\"button\">");
            assert_eq!(has_button, problem.may_order(), "{name}");
            let without = Review {
                totals: None,
                ..review
            }
            .render()
            .unwrap();
            assert!(
                !without.contains("name=\"delivery\""),
                "{name}: a price without a total"
            );
            let (_, alert) = page.split_once("class=\"alert watch\"").unwrap();
            let alert = alert.split_once("</div>").unwrap().0;
            assert_eq!(
                occurrences(alert, "<a "),
                usize::from(!has_button),
                "{name}: {alert}"
            );
        }
    }
}

#[test]
fn what_others_wrote_is_never_markup() {
    let stage = Stage::new(Language::German);
    let product = listing(|item| {
        HOSTILE.clone_into(&mut item.title);
        item.images[0].url = "javascript:alert(3)".to_owned();
    });
    let item = CheckoutItem::of(&product, HOSTILE, None);
    let options = [HOSTILE, "b"].map(|name| OptionChoice {
        value: name.to_owned(),
        name: name.to_owned(),
        is_available: true,
    });
    let input = AddressField::ALL
        .into_iter()
        .fold(BuyInput::default(), |input, field| {
            input.with(BuyField::Address(field), HOSTILE)
        });
    let input = input
        .with(BuyField::Email, HOSTILE)
        .with(BuyField::COUNTRY, "US");
    let refusal = BuyProblem::Refused {
        reason: buywire_checkout::hook::RefusalReason::Other,
        text: Some(HOSTILE.to_owned()),
    };
    let form = BuyForm {
        item: &item,
        options: &options,
        option_name: Some(HOSTILE),
        input: &input,
        checkout: Some(HOSTILE),
        problem: Some(&refusal),
        ..stage.form()
    };
    let mut address = stage.address.clone();
    HOSTILE.clone_into(&mut address.line1);
    let review = Review {
        item: &item,
        address: Some(&address),
        email: HOSTILE,
        quote: HOSTILE,
        checkout: HOSTILE,
        problem: Some(&refusal),
        ..stage.review()
    };
    let order = OrderPage {
        item: &item,
        token: HOSTILE,
        email: Some(HOSTILE),
        address: Some(&address),
        ..stage.order(PageSituation::Confirmed)
    };
    for page in [
        form.render().unwrap(),
        review.render().unwrap(),
        order.render().unwrap(),
    ] {
        assert!(
            !page.contains("<script")
                && !page.contains("<img src=x")
                && !page.contains("javascript:"),
            "{page}"
        );
        assert_eq!(occurrences(&page, "</title>"), 1);
        assert!(page.contains("alert(1)"));
        // A value in a value is not filled in.
        assert!(
            page.contains("{total}") || page.contains("&#123;total"),
            "{page}"
        );
    }
}

#[test]
fn the_fields_have_their_tokens_and_at_most_eight_are_typed() {
    let stage = Stage::new(Language::English);
    for (country, name) in country_names(Language::English) {
        let input = BuyInput::default().with(BuyField::COUNTRY, country);
        let form = BuyForm {
            input: &input,
            needs_phone: true,
            options: &[],
            ..stage.form()
        };
        let page = form.render().unwrap();
        assert!(page.len() <= PAGE_BYTES_MAX, "{name}: {} bytes", page.len());
        for (field, token) in [
            ("email", "email"),
            ("phone", "tel"),
            ("name", "name"),
            ("country", "shipping country"),
            ("line1", "shipping address-line1"),
            ("line2", "shipping address-line2"),
            ("dependent_locality", "shipping address-level3"),
            ("city", "shipping address-level2"),
            ("region", "shipping address-level1"),
            ("postal_code", "shipping postal-code"),
            ("sorting_code", "off"),
        ] {
            let control = page
                .split('<')
                .find(|tag| tag.contains(&format!(" id=\"{field}\"")));
            let expected = format!("autocomplete=\"{token}\"");
            assert!(
                control.is_none_or(|tag| tag.contains(&expected)),
                "{name}: {control:?}"
            );
        }
        let (_, form) = page.split_once("<form").unwrap();
        let outside: String = form
            .split("<details")
            .enumerate()
            .map(|(index, part)| match index {
                0 => part,
                _ => part.split_once("</details>").unwrap().1,
            })
            .collect();
        let inputs = outside.split("<input ").skip(1);
        let typed = inputs
            .filter(|tag| !tag.starts_with("type=\"hidden\""))
            .count();
        assert!((4..=8).contains(&typed), "{name}: {typed} typed fields");
    }
}

#[test]
fn a_page_leads_to_itself_in_every_language() {
    let stage = Stage::new(Language::French);
    let page = stage.order(PageSituation::PayNow).render().unwrap();
    assert!(page.contains("<b aria-current=\"true\">Français</b>"));
    for tag in ["en", "de", "es", "nl"] {
        let link = format!("<a href=\"/o/{TOKEN}?lang={tag}\" lang=\"{tag}\" hreflang=\"{tag}\">");
        assert!(page.contains(&link), "{link}");
    }
    let forms = occurrences(&page, "<form ");
    assert_eq!(occurrences(&page, "name=\"lang\" value=\"fr\""), forms);
    let links = CheckoutLinks {
        site: Site("https://x.example/shop"),
        ..stage.links
    };
    let page = BuyForm {
        links,
        ..stage.form()
    }
    .render()
    .unwrap();
    assert!(page.contains("<form method=\"post\" action=\"/shop/b/tour-shirt-x1/buy\""));
}

#[test]
fn consent_to_immediate_delivery_is_a_box_that_is_not_ticked() {
    let stage = Stage::new(Language::English);
    let legal = LegalNotices {
        withdrawal: WithdrawalRight::Except(WithdrawalException::Digital),
        ..stage.legal.clone()
    };
    let page = Review {
        legal: &legal,
        ..stage.review()
    }
    .render()
    .unwrap();
    let (_, control) = page.split_once("<input type=\"checkbox\"").unwrap();
    let control = control.split_once('>').unwrap().0;
    assert!(
        control.contains("required") && !control.contains("checked"),
        "{control}"
    );
    let plain = stage.review().render().unwrap();
    assert!(!plain.contains("type=\"checkbox\""));
}

#[test]
fn sellers_pages_are_linked_only_where_they_are_pages() {
    let stage = Stage::new(Language::English);
    let mut legal = stage.legal.clone();
    legal.pages.terms = Some("javascript:alert(1)".to_owned());
    legal.pages.returns = None;
    let page = Review {
        legal: &legal,
        ..stage.review()
    }
    .render()
    .unwrap();
    assert!(!page.contains("javascript:") && !page.contains("Terms of sale"));
    assert!(page.contains("https://acme.example/privacy") && !page.contains(">Returns<"));
}
