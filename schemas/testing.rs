//! Generators of valid orders, for the property tests of every crate (feature `testing`).
//!
//! They build the body that a platform would post and parse it as usual, so that
//! whatever the parser accepts is tested at once.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};
use time::macros::datetime;

use crate::{
    order::Order,
    refund::{Refund, RefundOutcome, RefundRequest},
    text::Slug,
};

/// The partners in generated orders.
const PARTNERS: [&str; 3] = ["acme", "fancy", "gum-shop"];

/// Prices are low enough that no sum reaches 14 digits and looks like a card.
const PRICE_MAX: i64 = 100_000_000;

/// Any valid order of one to three partners.
pub fn arb_order() -> impl Strategy<Value = Order> {
    arb_order_body().prop_filter_map("the door refuses it", |body| {
        Order::parse(body.to_string().as_bytes()).ok()
    })
}

/// The body of any valid order.
pub fn arb_order_body() -> impl Strategy<Value = Value> {
    (
        vec(line(), 1..6),
        vec(0..PRICE_MAX, 3),
        vec(0.0..=1.0, 3),
        any::<bool>(),
        head(),
    )
        .prop_map(|(lines, shipping, discounts, tax_included, mut order)| {
            add_money(&mut order, &lines, &shipping, &discounts, tax_included);
            order
        })
}

/// A valid order with valid refunds, each checked against those before it.
pub fn arb_refunded_order() -> impl Strategy<Value = (Order, Vec<Refund>)> {
    let requests = vec((0..PARTNERS.len(), 1..PRICE_MAX), 0..4);
    (arb_order(), requests).prop_map(|(order, requested)| {
        let mut refunds = Vec::new();
        for (number, (partner, amount)) in requested.into_iter().enumerate() {
            let partner = PARTNERS.get(partner).copied().unwrap_or_default();
            let body =
                json!({"refund_id": format!("R{number}"), "partner": partner, "amount": amount});
            let outcome = RefundRequest::parse(body.to_string().as_bytes()).and_then(|request| {
                request.evaluate(&order, &refunds, datetime!(2026-11-21 08:29:59 UTC))
            });
            if let Ok(RefundOutcome::Created(refund)) = outcome {
                refunds.push(refund);
            }
        }
        (order, refunds)
    })
}

/// Any partner of the order, and sometimes one that is not.
pub fn arb_partner() -> impl Strategy<Value = Slug> {
    proptest::sample::select(PARTNERS.as_slice())
        .prop_filter_map("a slug", |slug| Slug::parse(slug).ok())
}

#[derive(Debug, Clone)]
struct ArbLine {
    partner: &'static str,
    quantity: i64,
    unit_price: i64,
    tax: i64,
    title: String,
    attributes: Value,
}

fn line() -> impl Strategy<Value = ArbLine> {
    (
        proptest::sample::select(PARTNERS.as_slice()),
        1..=10_000_i64,
        0..PRICE_MAX,
        0..PRICE_MAX,
        arb_text(1..40),
        attributes(),
    )
        .prop_map(
            |(partner, quantity, unit_price, tax, title, attributes)| ArbLine {
                partner,
                quantity,
                unit_price,
                tax,
                title,
                attributes,
            },
        )
}

/// Everything but the money.
fn head() -> impl Strategy<Value = Value> {
    (
        "[A-Za-z][A-Za-z0-9._:-]{0,12}",
        0..=59_u8,
        proptest::sample::select(["USD", "EUR", "JPY", "KWD", "CLP"].as_slice()),
        (arb_text(1..40), option::of("[a-z]{1,8}@[a-z]{1,8}\\.example"), option::of("\\+1[0-9]{10}")),
        (any::<bool>(), any::<bool>(), any::<bool>()),
        option::of(arb_text(1..20)),
        option::of(arb_text(0..60)),
        attributes(),
    )
        .prop_map(|(id, second, currency, (name, email, phone), flags, street, note, metadata)| {
            json!({
                "order_id": id,
                "confirmed_at": format!("2026-11-20T10:00:{second:02}+02:00"),
                "currency": currency,
                "buyer": {
                    "name": name, "email": email, "phone": phone,
                    "share_email": flags.0, "share_phone": flags.1,
                },
                "ship_to": street.map(|street| json!({
                    "name": name, "line1": street, "city": "Lyon",
                    "postal_code": "69001", "country": "FR",
                })),
                "payment": {"processor": "stripe", "reference": "pi_1", "brand": "visa", "last4": "4242"},
                "note": note,
                "metadata": metadata,
                "test": flags.2,
            })
        })
}

/// Text in several scripts, never blank and without digits, so that no card number occurs by chance.
fn arb_text(letters: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let letter = proptest::char::ranges(
        vec![
            'a'..='z',
            'à'..='ö',
            'あ'..='ん',
            '😀'..='😏',
            '"'..='"',
            '\\'..='\\',
        ]
        .into(),
    );
    vec(letter, letters).prop_map(|letters| format!("w {}", String::from_iter(letters)))
}

fn attributes() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        arb_text(0..9).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        (-1_000_000_000_000..1_000_000_000_000_i64).prop_map(Value::from),
        (-1e12..1e12_f64).prop_map(Value::from),
    ];
    proptest::collection::btree_map("[a-z_]{1,8}", value, 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// One partner's part of the money of a generated order.
struct ArbShare {
    partner: &'static str,
    shipping: i64,
    shipping_tax: i64,
    discount: i64,
    tax: i64,
    total: i64,
}

/// A discount is a part of what its partner would get without it, so that no share turns negative. Tax that prices contain
/// is a sixth of them at most, and no discount takes what it is part of.
fn arb_share(
    partner: &'static str,
    lines: &[ArbLine],
    shipping: i64,
    discount: f64,
    tax_included: bool,
) -> Option<ArbShare> {
    let mut own = lines
        .iter()
        .filter(|line| line.partner == partner)
        .peekable();
    own.peek()?;
    let (mut prices, mut tax) = (0, shipping / 6);
    for line in own {
        prices += line.unit_price * line.quantity;
        tax += line.tax;
    }
    let full = prices + shipping;
    let (full, discountable) = match tax_included {
        true => (full, full - tax),
        false => (full + tax, full + tax),
    };
    let discount = (discountable as f64 * discount) as i64;
    Some(ArbShare {
        partner,
        shipping,
        shipping_tax: shipping / 6,
        discount,
        tax,
        total: full - discount,
    })
}

/// Adds lines and all sums over them.
fn add_money(
    order: &mut Value,
    lines: &[ArbLine],
    shipping: &[i64],
    discounts: &[f64],
    tax_included: bool,
) {
    let contained = |line: &ArbLine| ArbLine {
        tax: line.tax.min(line.unit_price * line.quantity / 6),
        ..line.clone()
    };
    let lines: Vec<_> = match tax_included {
        true => lines.iter().map(contained).collect(),
        false => lines.to_vec(),
    };
    let parts = PARTNERS.iter().zip(shipping).zip(discounts);
    let shares: Vec<_> = parts
        .filter_map(|((partner, shipping), discount)| {
            arb_share(partner, &lines, *shipping, *discount, tax_included)
        })
        .collect();
    let charge = |amount: fn(&ArbShare) -> i64| match shares.as_slice() {
        [only] => json!(amount(only)),
        several => several
            .iter()
            .map(|share| json!({"partner": share.partner, "amount": amount(share)}))
            .collect(),
    };
    let Some(order) = order.as_object_mut() else {
        return;
    };
    let sum = |amount: fn(&ArbShare) -> i64| shares.iter().map(amount).sum::<i64>();
    order.insert("shipping".into(), charge(|share| share.shipping));
    order.insert("discount".into(), charge(|share| share.discount));
    order.insert("shipping_tax".into(), charge(|share| share.shipping_tax));
    order.insert("tax_included".into(), tax_included.into());
    order.insert("tax".into(), sum(|share| share.tax).into());
    order.insert("total".into(), sum(|share| share.total).into());
    let lines = lines.iter().map(|line| {
        json!({
            "partner": line.partner, "item_id": "item-1", "title": line.title,
            "quantity": line.quantity, "unit_price": line.unit_price, "tax": line.tax,
            "attributes": line.attributes,
        })
    });
    order.insert("lines".into(), lines.collect());
}
