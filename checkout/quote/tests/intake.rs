//! Every quote becomes an order that the intake accepts, with the same total.
//! `PROPTEST_CASES=1000000 cargo test --release -p buywire-checkout every_quote` is the full size.

use buywire_schemas::{money::Currency, order::Order, text::Slug};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::super::*;

/// Without decimals, with two and with three.
const CURRENCIES: [&str; 5] = ["JPY", "EUR", "USD", "KWD", "KRW"];
const PARTNERS: [&str; 3] = ["acme", "fancy", "gum-shop"];

fn cases() -> u32 {
    let variable = std::env::var("PROPTEST_CASES").ok();
    variable
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(4_000)
}

fn slug(index: usize) -> Slug {
    Slug::parse(PARTNERS[index]).unwrap()
}

fn rate() -> impl Strategy<Value = TaxRate> {
    let usual = select(
        &[
            "0", "5.5", "7", "7.7", "8.875", "9.975", "19", "20", "21", "25", "100",
        ][..],
    );
    prop_oneof![
        3 => usual.prop_map(|percent| TaxRate::parse(percent).unwrap()),
        1 => (0..=1_000_000_u32).prop_map(|ppm| TaxRate::from_ppm(ppm).unwrap()),
    ]
}

fn price() -> impl Strategy<Value = i64> {
    prop_oneof![
        0..3_i64,
        0..10_000_i64,
        0..100_000_000_i64,
        Just(QUOTE_AMOUNT_MAX / 40)
    ]
}

fn line(partners: usize) -> impl Strategy<Value = QuoteLine> {
    let quantity = prop_oneof![4 => 1..6_i64, 1 => 1..=10_000_i64];
    (0..partners, quantity, price(), rate(), any::<bool>()).prop_map(
        |(partner, quantity, unit_price, rate, taxes_shipping)| QuoteLine {
            partner: slug(partner),
            item_id: "SKU-1".to_owned(),
            quantity,
            unit_price,
            tax: LineTax::Rate {
                rate,
                jurisdiction: "DE".to_owned(),
                taxes_shipping,
            },
        },
    )
}

fn delivery_tax() -> impl Strategy<Value = DeliveryTax> {
    let own = rate().prop_map(|rate| DeliveryTax::Rate {
        rate,
        jurisdiction: "DE".to_owned(),
    });
    prop_oneof![Just(DeliveryTax::AsLines), own]
}

fn discount() -> impl Strategy<Value = Discount> {
    prop_oneof![
        Just(Discount::Amount(0)),
        price().prop_map(Discount::Amount),
        rate().prop_map(Discount::Percent),
    ]
}

/// A request, and for some of its lines a tax as the hook would state it: a part of what the line costs.
fn request() -> impl Strategy<Value = QuoteRequest> {
    let lines = (1..=PARTNERS.len()).prop_flat_map(|partners| vec(line(partners), 1..6));
    (
        select(CURRENCIES.as_slice()),
        any::<bool>(),
        lines,
        vec(proptest::option::of((price(), delivery_tax())), 3),
        discount(),
        any::<bool>(),
    )
        .prop_map(
            |(currency, tax_included, lines, deliveries, discount, is_estimated)| {
                let deliveries = deliveries.into_iter().enumerate();
                let deliveries = deliveries.filter_map(|(index, delivery)| {
                    let (price, tax) = delivery?;
                    let partner = slug(index);
                    lines
                        .iter()
                        .any(|line| line.partner == partner)
                        .then(|| QuoteDelivery {
                            partner,
                            option_id: "standard".to_owned(),
                            price,
                            tax,
                        })
                });
                QuoteRequest {
                    currency: Currency::parse(currency).unwrap(),
                    tax_included,
                    deliveries: deliveries.collect(),
                    lines,
                    discount,
                    source: RateSource::Tables,
                    is_estimated,
                }
            },
        )
}

/// The order that a checkout sends to the intake.
pub(super) fn order_of(quote: &Quote) -> Value {
    let mut order = serde_json::to_value(quote.order_amounts()).unwrap();
    for line in order["lines"].as_array_mut().unwrap() {
        line["title"] = json!("Shirt");
    }
    order["order_id"] = json!("P-1");
    order["confirmed_at"] = json!("2026-11-30T10:00:00Z");
    order["buyer"] = json!({"name": "Ada"});
    order["payment"] = json!({"processor": "stripe", "reference": "pi_1"});
    order
}

/// Sums made again from what the buyer is shown line by line.
fn check_shown(quote: &Quote) -> Result<(), TestCaseError> {
    let lines = quote.lines();
    let shown: i64 = lines.iter().map(|line| line.total).sum();
    let shipping_tax = if quote.tax_included() {
        0
    } else {
        quote.shipping_tax()
    };
    prop_assert_eq!(shown + quote.shipping() + shipping_tax, quote.total());
    prop_assert_eq!(
        lines.iter().map(|line| line.discount).sum::<i64>(),
        quote.discount()
    );
    for line in lines {
        prop_assert_eq!(line.net + line.tax, line.total);
        prop_assert!(line.net >= 0 && line.tax >= 0 && line.discount <= line.subtotal);
    }
    Ok(())
}

/// A tax is within half a minor unit of the exact one, whatever the rate.
fn check_taxes(quote: &Quote) -> Result<(), TestCaseError> {
    for (line, quoted) in quote.request().lines.iter().zip(quote.lines()) {
        let LineTax::Rate { rate, .. } = &line.tax else {
            continue;
        };
        let price = i128::from(quoted.subtotal - quoted.discount);
        let rate = i128::from(rate.ppm());
        let whole = if quote.tax_included() {
            1_000_000 + rate
        } else {
            1_000_000
        };
        let distance = 2 * (i128::from(quoted.tax) * whole - price * rate);
        prop_assert!(-whole < distance && distance <= whole);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_global_rejects: u32::MAX, ..ProptestConfig::default() })]
    #[test]
    fn every_quote_is_an_order_that_the_intake_accepts(request in request()) {
        match Quote::calculate(request.clone()) {
            // Not counted: as many are tried until enough become orders.
            Err(QuoteError::TooLarge { .. }) => prop_assume!(false),
            Err(error) => prop_assert!(false, "{error}"),
            Ok(QuoteOutcome::TaxUnknown(_)) => prop_assert!(false, "all rates are given"),
            Ok(QuoteOutcome::Quoted(quote)) => {
                let order = Order::parse(order_of(&quote).to_string().as_bytes());
                prop_assert!(order.is_ok(), "{:?} {:?}", order, quote.order_amounts());
                prop_assert_eq!(order.unwrap().total(), quote.total());
                check_shown(&quote)?;
                check_taxes(&quote)?;
                let stored: Quote = serde_json::from_value(serde_json::to_value(&quote).unwrap()).unwrap();
                prop_assert_eq!(stored, *quote);
            }
        }
    }

    #[test]
    fn amounts_of_the_hook_are_refused_or_ordered(
        request in request(),
        taxes in vec(0..10_000_i64, 5),
        shipping_tax in 0..1_000_i64,
    ) {
        let mut request = request;
        for (line, tax) in request.lines.iter_mut().zip(taxes) {
            line.tax = LineTax::Amount(tax);
        }
        for delivery in &mut request.deliveries {
            delivery.tax = DeliveryTax::Amount(shipping_tax);
        }
        if let Ok(QuoteOutcome::Quoted(quote)) = Quote::calculate(request) {
            let order = Order::parse(order_of(&quote).to_string().as_bytes());
            prop_assert!(order.is_ok(), "{:?}", order);
            prop_assert_eq!(order.unwrap().total(), quote.total());
        }
    }
}
