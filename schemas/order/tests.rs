//! What orders promise, on complete examples. The field rules are covered by the
//! examples, the sums over all orders by the property tests.

use serde_json::{Value, json};

use super::*;

pub(super) const GOODS: &str = include_str!("../examples/valid/order/physical-goods.json");
pub(super) const SEVERAL: &str = include_str!("../examples/valid/order/several-partners.json");

pub(super) fn order(body: &str) -> Order {
    Order::parse(body.as_bytes()).unwrap()
}

pub(super) fn slug(text: &str) -> Slug {
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
    for (position, value) in [
        ("/order_id", json!("P-10002")),
        ("/confirmed_at", json!("2026-11-20T10:00:01Z")),
        ("/buyer/name", json!("Bob")),
        ("/buyer/share_email", json!(true)),
        ("/lines/0/attributes/size", json!("L")),
        ("/metadata", json!({"a": 1})),
        ("/test", json!(true)),
        ("/note", json!("x")),
    ] {
        let mut other: Value = serde_json::from_str(GOODS).unwrap();
        *other.pointer_mut(position).unwrap() = value;
        assert_ne!(
            order(&other.to_string()).content_hash(),
            order(GOODS).content_hash(),
            "{position}"
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
    let acme = OrderShare {
        shipping: 750,
        discount: 0,
        tax: 0,
        shipping_tax: 0,
        total: 9250,
    };
    let fancy = OrderShare {
        shipping: 1500,
        discount: 500,
        tax: 1225,
        shipping_tax: 0,
        total: 26_725,
    };
    assert_eq!(order.share(&slug("acme")), acme);
    assert_eq!(order.share(&slug("fancy")), fancy);
    assert_eq!(order.share(&slug("other")), OrderShare::default());
    assert_eq!(acme.total + fancy.total, order.total());
}

#[test]
fn a_stranger_has_no_share_of_an_order_of_one_partner() {
    assert_eq!(order(GOODS).share(&slug("other")), OrderShare::default());
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
    wrong["currency"] = json!("usd");
    wrong["total"] = json!(1);
    wrong["extra"] = json!(1);
    let Err(BodyError::Invalid(problems)) = Order::parse(wrong.to_string().as_bytes()) else {
        panic!("taken")
    };
    let pointers: Vec<_> = problems
        .iter()
        .map(|p| (p.pointer.as_str(), p.code))
        .collect();
    assert_eq!(
        pointers,
        [
            ("/currency", "currency_unknown"),
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

#[test]
fn harmless_text_is_mended() {
    let mut odd: Value = serde_json::from_str(GOODS).unwrap();
    odd["order_id"] = json!(" P-10001 ");
    odd["buyer"]["name"] = json!("Ann\u{b} Miller\t ");
    odd["buyer"]["phone"] = json!("+1 (415) 555-0100");
    odd["ship_to"]["line2"] = json!("");
    odd["note"] = json!(" \r\n ");
    odd["payment"]["brand"] = json!(" visa");
    let (mended, warnings) = Order::parse_with_warnings(odd.to_string().as_bytes(), &[]).unwrap();
    assert_eq!((mended, warnings), (order(GOODS), Vec::new()));
    odd["note"] = json!("a\r\nb\rc");
    let noted = order(&odd.to_string());
    assert_eq!(noted.content().note.as_deref(), Some("a\nb\nc"));
}

#[test]
fn what_others_named_is_kept_as_it_was_written() {
    let mut odd: Value = serde_json::from_str(GOODS).unwrap();
    odd["metadata"] = json!({"a": " b ", "c": "", "d": "x\r\ny"});
    let order = order(&odd.to_string());
    let metadata = &order.content().metadata;
    let text = |name: &str| metadata[name].clone();
    assert_eq!(text("a"), Scalar::Text(" b ".into()));
    assert_eq!(text("c"), Scalar::Text(String::new()));
    assert_eq!(text("d"), Scalar::Text("x\ny".into()));
}

#[test]
fn contact_that_cannot_be_read_is_left_out_with_a_warning() {
    for (field, value, code) in [
        ("email", json!("noor@"), Some("email_malformed")),
        ("email", json!(5), Some("wrong_type")),
        ("phone", json!("call me"), Some("phone_malformed")),
        ("phone", json!("4155550100"), Some("phone_malformed")),
        ("phone", json!(""), None),
        ("email", json!("  "), None),
    ] {
        let mut odd: Value = serde_json::from_str(GOODS).unwrap();
        odd["buyer"][field] = value.clone();
        let (order, warnings) =
            Order::parse_with_warnings(odd.to_string().as_bytes(), &[]).unwrap();
        assert!(
            !order.canonical().contains(&format!("\"{field}\":")),
            "{value}"
        );
        let codes: Vec<_> = warnings
            .iter()
            .map(|w| (w.pointer.clone(), w.code))
            .collect();
        let expected = code.map(|code| (format!("/buyer/{field}"), code));
        assert_eq!(codes, Vec::from_iter(expected), "{value}");
        assert!(!format!("{warnings:?}").contains("noor@"));
    }
}

#[test]
fn half_a_surrogate_pair_is_replaced_with_a_warning() {
    let odd = GOODS.replace("T-shirt, medium", r"T-shirt \ud83d, medium");
    let (order, warnings) = Order::parse_with_warnings(odd.as_bytes(), &[]).unwrap();
    assert!(order.canonical().contains("T-shirt \u{fffd}, medium"));
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        (warnings[0].pointer.as_str(), warnings[0].code),
        ("/lines/0/title", "surrogate_replaced")
    );
}

#[test]
fn numbers_of_attributes_keep_every_digit() {
    for digits in [
        "12345678901234567890121",
        "0.12345678901234567891",
        "19.99",
        "-7",
    ] {
        let odd = GOODS.replace("\"M\"", digits);
        let parsed = order(&odd);
        assert!(
            parsed.canonical().contains(&format!(":{digits}}}")),
            "{}",
            parsed.canonical()
        );
        assert_eq!(Order::from_stored(parsed.canonical()).unwrap(), parsed);
    }
    let other = GOODS.replace("\"M\"", "12345678901234567890999");
    assert_ne!(
        order(&other).content_hash(),
        order(&GOODS.replace("\"M\"", "12345678901234567890121")).content_hash()
    );
    let huge = Order::parse(GOODS.replace("\"M\"", "1e400").as_bytes());
    let Err(BodyError::Invalid(problems)) = huge else {
        panic!("{huge:?}")
    };
    assert_eq!(
        (problems[0].pointer.as_str(), problems[0].code),
        ("/lines/0/attributes/size", "out_of_range")
    );
}

#[test]
fn the_hash_of_an_order_stays_what_it_was() {
    let hash = order(GOODS).content_hash();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "3925daeffe7fd1db9285ff0cf4e3e049c389ea0db431fa6e6a1d782a036f07c0"
    );
}

/// Ids that would be cards in free text, in every identifier field.
#[test]
fn identifiers_are_no_cards_and_free_text_may_be_one() {
    const DINERS: &str = "30569309025904";
    const POST: &str = "620550000000000008";
    for (pointer, value, refused) in [
        ("/lines/0/item_id", DINERS, false),
        ("/post", DINERS, false),
        ("/metadata", DINERS, false),
        ("/lines/0/attributes/size", DINERS, false),
        ("/payment/reference", POST, false),
        ("/lines/0/item_id", POST, false),
        ("/metadata/note", DINERS, false),
        ("/lines/0/title", DINERS, true),
        ("/note", DINERS, true),
        ("/buyer/name", DINERS, true),
        ("/ship_to/line1", DINERS, true),
        ("/ship_to/city", DINERS, true),
        ("/lines/0/item_id", "4242424242424242", true),
        ("/metadata", "4242 4242 4242 4242", true),
        ("/metadata", "0.4242424242424242", false),
        ("/metadata", "4242424242424242.5", true),
        ("/note", "a Visa: ４２４２-4242.4242\u{200b}4242", true),
    ] {
        let mut body: Value = serde_json::from_str(GOODS).unwrap();
        match pointer {
            "/post" => {
                body["post"] = json!({"id": value, "url": format!("https://x.com/a/status/{POST}")})
            }
            "/metadata" => body["metadata"] = json!({"id": value}),
            "/metadata/note" => {
                body["metadata"] = json!({"note": value, "number": DINERS.parse::<u64>().unwrap()})
            }
            _ => *body.pointer_mut(pointer).unwrap() = json!(value),
        }
        let parsed = Order::parse(body.to_string().as_bytes());
        assert_eq!(parsed.is_err(), refused, "{pointer} {value}: {parsed:?}");
    }
}

#[test]
fn a_catalog_can_answer_for_its_items_alone() {
    const CARD: &str = "4242424242424242";
    let body = GOODS
        .replace("TSHIRT-M", CARD)
        .replace("T-shirt, medium", &format!("Print {CARD}"));
    let refused = Order::parse(body.as_bytes()).unwrap_err();
    let suspects = card_suspects(body.as_bytes(), &refused);
    assert_eq!(suspects.len(), 1);
    assert_eq!(
        (suspects[0].partner.as_str(), suspects[0].item_id.as_str()),
        ("acme", CARD)
    );
    let exempt = suspects[0].exempt_pointers(&format!("Print {CARD}"));
    assert!(Order::parse_with_warnings(body.as_bytes(), &exempt).is_ok());
    let other_title = suspects[0].exempt_pointers("Print");
    assert!(Order::parse_with_warnings(body.as_bytes(), &other_title).is_err());
    let noted = body.replacen("\"note\": null", &format!("\"note\": \"{CARD}\""), 1);
    let refused = Order::parse(noted.as_bytes()).unwrap_err();
    assert_eq!(card_suspects(noted.as_bytes(), &refused), []);
}
