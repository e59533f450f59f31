//! What the order promises, on orders that are written out. The field rules are held by the
//! examples, the sums over all orders by the properties.

use serde_json::{Value, json};

use super::*;

const GOODS: &str = include_str!("../examples/valid/order/physical-goods.json");
const SEVERAL: &str = include_str!("../examples/valid/order/several-partners.json");

fn order(body: &str) -> Order {
    Order::parse(body.as_bytes()).unwrap()
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

#[test]
fn what_means_the_same_has_one_canonical_form() {
    let mut same: Value = serde_json::from_str(GOODS).unwrap();
    let fields = same.as_object_mut().unwrap();
    for nullable in ["note", "metadata", "test"] {
        fields.remove(nullable);
    }
    fields["confirmed_at"] = json!("2026-11-20T12:00:00.000+02:00");
    fields["ship_to"].as_object_mut().unwrap().remove("line2");
    fields["buyer"]["share_phone"] = Value::Null;
    // serde_json sorts the names and leaves out the blanks.
    let same = order(&same.to_string());
    assert_eq!(same, order(GOODS));
    assert_eq!(same.content_hash(), order(GOODS).content_hash());
}

#[test]
fn what_differs_has_another_hash() {
    for (place, value) in [
        ("/order_id", json!("P-10002")),
        ("/confirmed_at", json!("2026-11-20T10:00:01Z")),
        ("/buyer/name", json!("Bob")),
        ("/buyer/share_email", json!(true)),
        ("/lines/0/attributes/size", json!("L")),
        ("/metadata", json!({"a": 1})),
        ("/test", json!(true)),
        ("/note", json!("")),
    ] {
        let mut other: Value = serde_json::from_str(GOODS).unwrap();
        *other.pointer_mut(place).unwrap() = value;
        assert_ne!(
            order(&other.to_string()).content_hash(),
            order(GOODS).content_hash(),
            "{place}"
        );
    }
}

#[test]
fn the_canonical_form_is_written_like_this() {
    assert_eq!(
        order(include_str!("../examples/valid/order/digital-goods.json")).canonical(),
        concat!(
            r#"{"order_id":"P-10002","confirmed_at":"2026-11-20T10:00:00.25Z","currency":"JPY","#,
            r#""buyer":{"name":"山田 花子","share_email":false,"share_phone":false},"#,
            r#""lines":[{"partner":"gumshop","item_id":"font-license","title":"Font licence","#,
            r#""quantity":1,"unit_price":9800,"tax":980}],"shipping":0,"discount":0,"tax":980,"#,
            r#""total":10780,"payment":{"processor":"stripe","reference":"pi_4"},"test":false}"#,
        )
    );
}

#[test]
fn each_partner_has_its_share() {
    let order = order(SEVERAL);
    assert_eq!(order.partners(), [&slug("acme"), &slug("fancy")]);
    let acme = Share {
        shipping: 750,
        discount: 0,
        tax: 0,
        total: 9250,
    };
    let fancy = Share {
        shipping: 1500,
        discount: 500,
        tax: 1225,
        total: 26_725,
    };
    assert_eq!(order.share(&slug("acme")), acme);
    assert_eq!(order.share(&slug("fancy")), fancy);
    assert_eq!(order.share(&slug("other")), Share::default());
    assert_eq!(acme.total + fancy.total, order.total());
}

#[test]
fn a_stranger_has_no_share_of_an_order_of_one_partner() {
    assert_eq!(order(GOODS).share(&slug("other")), Share::default());
}

#[test]
fn a_redacted_order_is_read_again_but_never_taken_as_new() {
    let redacted = order(GOODS.replace("null", "\"for Ann\"").as_str())
        .redacted()
        .unwrap();
    for personal in ["Ann", "ann@", "415", "Market", "94105"] {
        assert!(!redacted.canonical().contains(personal), "{personal}");
    }
    assert!(redacted.is_redacted());
    assert_eq!(Order::from_stored(redacted.canonical()).unwrap(), redacted);
    assert!(Order::parse(redacted.canonical().as_bytes()).is_err());
    assert_eq!(redacted.redacted().unwrap(), redacted);
    assert_eq!(
        redacted.share(&slug("acme")),
        order(GOODS).share(&slug("acme"))
    );
}

#[test]
fn problems_of_fields_and_of_sums_are_told_together() {
    let mut wrong: Value = serde_json::from_str(SEVERAL).unwrap();
    wrong["buyer"]["email"] = json!("noor");
    wrong["total"] = json!(1);
    wrong["extra"] = json!(1);
    let Err(Refused::Invalid(problems)) = Order::parse(wrong.to_string().as_bytes()) else {
        panic!("taken")
    };
    let places: Vec<_> = problems
        .iter()
        .map(|p| (p.pointer.as_str(), p.code))
        .collect();
    assert_eq!(
        places,
        [
            ("/buyer/email", "email_malformed"),
            ("/total", "total_mismatch"),
            ("/extra", "unknown_field")
        ]
    );
    assert!(
        problems[1].detail.ends_with("which is 35975"),
        "{}",
        problems[1].detail
    );
}
