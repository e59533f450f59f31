//! Prices that contain their tax, and tax on shipping.

use serde_json::{Value, json};

use super::tests::{GOODS, SEVERAL, order, slug};
use super::*;

/// An order of gross prices: 2 × 19.99, shipping 4.90, 19 % VAT contained.
fn gross() -> Value {
    let mut order: Value = serde_json::from_str(GOODS).unwrap();
    order["currency"] = json!("EUR");
    order["tax_included"] = json!(true);
    order["lines"][0]["quantity"] = json!(2);
    order["lines"][0]["unit_price"] = json!(1999);
    order["lines"][0]["tax"] = json!(638);
    order["shipping"] = json!(490);
    order["shipping_tax"] = json!(78);
    order["discount"] = json!(0);
    order["tax"] = json!(716);
    order["total"] = json!(4488);
    order
}

#[test]
fn gross_prices_contain_their_tax() {
    let order = order(&gross().to_string());
    let share = OrderShare {
        shipping: 490,
        discount: 0,
        tax: 716,
        shipping_tax: 78,
        total: 4488,
    };
    assert_eq!(order.share(&slug("acme")), share);
    assert_eq!(Order::from_stored(order.canonical()).unwrap(), order);
    let mut net = gross();
    net["tax_included"] = json!(false);
    net["total"] = json!(5204);
    let net = Order::parse(net.to_string().as_bytes()).unwrap();
    assert_eq!(net.share(&slug("acme")).total, 5204);
    assert_ne!(net.content_hash(), order.content_hash());
}

#[test]
fn sums_of_gross_prices_are_checked() {
    for (position, value, code) in [
        ("/total", json!(5204), "total_mismatch"),
        ("/tax", json!(638), "tax_mismatch"),
        ("/shipping_tax", json!(0), "tax_mismatch"),
        (
            "/shipping_tax",
            json!([{"partner": "acme", "amount": 78}]),
            "charge_not_whole",
        ),
        ("/shipping_tax", json!(491), "tax_exceeds_price"),
        ("/lines/0/tax", json!(3999), "tax_exceeds_price"),
        ("/shipping_tax", json!(-1), "out_of_range"),
        ("/shipping_tax", json!("78"), "wrong_type"),
        ("/tax_included", json!(1), "wrong_type"),
    ] {
        let mut wrong = gross();
        *wrong.pointer_mut(position).unwrap() = value.clone();
        let Err(BodyError::Invalid(problems)) = Order::parse(wrong.to_string().as_bytes()) else {
            panic!("{position} {value} was accepted")
        };
        assert!(
            problems.iter().any(|problem| problem.code == code),
            "{position} {value}: {problems:?}"
        );
    }
    let mut wrong = gross();
    wrong["discount"] = json!(4000);
    wrong["total"] = json!(488);
    let Err(BodyError::Invalid(problems)) = Order::parse(wrong.to_string().as_bytes()) else {
        panic!("more tax than was paid was accepted")
    };
    assert_eq!(problems[0].code, "tax_exceeds_total");
}

#[test]
fn an_order_without_tax_on_shipping_keeps_its_hash() {
    for (name, value) in [
        ("tax_included", json!(false)),
        ("tax_included", json!(null)),
        ("shipping_tax", json!(0)),
        ("shipping_tax", json!(null)),
    ] {
        let mut same: Value = serde_json::from_str(GOODS).unwrap();
        same[name] = value.clone();
        let same = order(&same.to_string());
        assert_eq!(same.canonical(), order(GOODS).canonical(), "{name} {value}");
    }
}

#[test]
fn each_partner_has_the_tax_on_its_shipping() {
    let mut several: Value = serde_json::from_str(SEVERAL).unwrap();
    several["shipping_tax"] = json!([{"partner": "fancy", "amount": 285}]);
    several["tax"] = json!(several["tax"].as_i64().unwrap() + 285);
    several["total"] = json!(several["total"].as_i64().unwrap() + 285);
    let order = order(&several.to_string());
    let fancy = order.share(&slug("fancy"));
    assert_eq!(
        (fancy.shipping_tax, fancy.tax, fancy.total),
        (285, 1510, 27_010)
    );
    assert_eq!(order.share(&slug("acme")).shipping_tax, 0);
}

#[test]
fn no_tax_on_the_shipping_of_several_has_one_spelling() {
    let mut several: Value = serde_json::from_str(SEVERAL).unwrap();
    several["shipping_tax"] = json!([{"partner": "fancy", "amount": 0}]);
    let spelled = order(&several.to_string());
    assert_eq!(spelled.canonical(), order(SEVERAL).canonical());
    assert_eq!(Order::from_stored(spelled.canonical()).unwrap(), spelled);
}
