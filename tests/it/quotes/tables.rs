//! Quotes from stored tables: chosen delivery, taxes by destination, and everything that stops a sale.

use buywire::testing::{QuoteAnswer, QuoteQuestion};
use buywire_checkout::quote::QuoteError;
use serde_json::json;

use super::{Shop, cups, line, quoted, shipping, slug, taxes};

async fn shop() -> Shop {
    let shop = Shop::start().await;
    shop.app.set("acme", "shipping", &shipping()).await;
    shop.app.set("acme", "taxes", &taxes()).await;
    shop
}

#[tokio::test]
async fn a_quote_has_the_first_delivery_and_the_taxes_of_its_destination() {
    let shop = shop().await;
    let (quote, deliveries) = quoted(shop.quote(&cups("DE")).await);
    // 2 × 19.99 + 4.90 with 19 % in it: 6.38 + 0.78.
    assert_eq!(
        (quote.total(), quote.tax(), quote.shipping()),
        (4_488, 716, 490)
    );
    assert!(quote.tax_included() && !quote.is_estimated());
    let [delivery] = deliveries.as_slice() else {
        panic!("{deliveries:?}")
    };
    let ids: Vec<_> = delivery.options.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["std", "shop"], "goods do not go over the network");
    assert_eq!(
        (delivery.chosen.as_str(), delivery.is_replaced),
        ("std", false)
    );
    // The chosen one; and one that does not exist any more.
    let mut question = cups("DE");
    question.delivery.insert(slug("acme"), "shop".to_owned());
    let (quote, deliveries) = quoted(shop.quote(&question).await);
    assert_eq!(
        (quote.total(), deliveries[0].chosen.as_str()),
        (3_998, "shop")
    );
    question.delivery.insert(slug("acme"), "drone".to_owned());
    let (quote, deliveries) = quoted(shop.quote(&question).await);
    assert_eq!((quote.total(), deliveries[0].is_replaced), (4_488, true));
    // Free from 50.00, and the rest of the world at its own price, without tax.
    question = cups("DE");
    question.lines[0].quantity = 3;
    assert_eq!(quoted(shop.quote(&question).await).0.shipping(), 0);
    let (quote, _) = quoted(shop.quote(&cups("CH")).await);
    assert_eq!((quote.total(), quote.tax()), (6_488, 0));
    shop.app.finish().await;
}

#[tokio::test]
async fn digital_items_need_no_delivery_and_a_category_has_its_own_tax() {
    let shop = shop().await;
    let mut question = cups("DE");
    question.lines[0].is_digital = true;
    question.lines[0].category = Some("books".to_owned());
    let (quote, deliveries) = quoted(shop.quote(&question).await);
    assert_eq!(
        (quote.total(), quote.tax(), deliveries),
        (3_998, 262, vec![])
    );
    // They do not make the delivery of others free either.
    question.lines[0].quantity = 5;
    question.lines.push(line("CUP-2", 1, 500));
    assert_eq!(quoted(shop.quote(&question).await).0.shipping(), 490);
    shop.app.finish().await;
}

#[tokio::test]
async fn what_nobody_has_stated_stops_the_sale() {
    let shop = shop().await;
    // The world is delivered to, and no row states the tax of France.
    let QuoteAnswer::TaxUnknown {
        subtotals,
        deliveries,
    } = shop.quote(&cups("FR")).await
    else {
        panic!("there is no rate for France")
    };
    assert_eq!((subtotals.subtotal, subtotals.shipping), (3_998, 2_490));
    assert_eq!(deliveries[0].chosen, "world");
    let nowhere = QuoteQuestion {
        ship_to: None,
        ..cups("DE")
    };
    let QuoteAnswer::TaxUnknown { deliveries, .. } = shop.quote(&nowhere).await else {
        panic!("there is no address")
    };
    assert_eq!(deliveries, []);
    let mut table = shipping();
    table["zones"].as_array_mut().unwrap().pop();
    shop.app.set("acme", "shipping", &table).await;
    let not_delivered = QuoteAnswer::NotDelivered {
        partner: slug("acme"),
    };
    assert_eq!(shop.quote(&cups("FR")).await, not_delivered);
    table["currency"] = json!("USD");
    shop.app.set("acme", "shipping", &table).await;
    let mismatch = QuoteAnswer::CurrencyMismatch {
        partner: slug("acme"),
    };
    assert_eq!(shop.quote(&cups("DE")).await, mismatch);
    let empty = QuoteQuestion {
        lines: vec![],
        ..cups("DE")
    };
    let invalid = shop.quote(&empty).await;
    assert!(
        matches!(invalid, QuoteAnswer::Invalid(QuoteError::LineCount { .. })),
        "{invalid:?}"
    );
    // A partner that has stated nothing, and one that does not exist.
    shop.app.partner("silent").await;
    for partner in ["silent", "nobody"] {
        let mut question = cups("DE");
        question.lines[0].partner = slug(partner);
        let not_delivered = QuoteAnswer::NotDelivered {
            partner: slug(partner),
        };
        assert_eq!(shop.quote(&question).await, not_delivered);
        question.lines[0].is_digital = true;
        let unknown = shop.quote(&question).await;
        assert!(
            matches!(unknown, QuoteAnswer::TaxUnknown { .. }),
            "{unknown:?}"
        );
    }
    shop.app.finish().await;
}

#[tokio::test]
async fn one_quote_has_one_kind_of_prices() {
    let shop = shop().await;
    shop.app.partner("net").await;
    shop.app.set("net", "shipping", &shipping()).await;
    let mut net = taxes();
    net["tax_included"] = json!(false);
    shop.app.set("net", "taxes", &net).await;
    let mut question = cups("DE");
    let mut other = line("PLATE", 1, 1_000);
    other.partner = slug("net");
    question.lines.push(other);
    assert_eq!(shop.quote(&question).await, QuoteAnswer::MixedPrices);
    shop.app.set("net", "taxes", &taxes()).await;
    // Lines of two partners, mixed: each has its delivery, and each line its tax.
    question.lines.push(line("BOWL", 1, 119));
    question.delivery.insert(slug("net"), "shop".to_owned());
    let (quote, deliveries) = quoted(shop.quote(&question).await);
    let chosen: Vec<_> = deliveries
        .iter()
        .map(|one| (one.partner.as_str(), one.chosen.as_str()))
        .collect();
    assert_eq!(chosen, [("acme", "std"), ("net", "shop")]);
    let line_taxes: Vec<_> = quote.lines().iter().map(|line| line.tax).collect();
    assert_eq!(line_taxes, [638, 160, 19]);
    assert_eq!(quote.total(), 3_998 + 1_000 + 119 + 490);
    shop.app.finish().await;
}
