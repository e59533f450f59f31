//! How policies are read, and what they say.

use buywire_schemas::problem::BodyError;
use serde_json::{Value, json};

use super::*;

fn policy() -> Value {
    json!({
        "sells_here": true,
        "seller": {"name": "Acme GmbH", "address": ["Torstraße 1", "10119 Berlin"], "country": "DE",
                   "email": "shop@acme.example", "phone": "+49 30 1234567"},
        "links": {"terms_of_use": "https://acme.example/terms", "privacy_policy": "https://acme.example/privacy"},
        "withdrawal": {"days": 30, "exceptions": [
            {"item_id": "TICKET-1", "reason": "dated_ticket"},
            {"category": "food", "reason": "perishable"}]},
        "guarantee": {"durability_months": 36},
        "requires_phone": true,
        "bank_redirects": ["ideal", "bancontact", "ideal"],
        "invoice": {"days": 10, "instructions": "Acme GmbH\r\nDE02 1203 0000 0000 2020 51"}
    })
}

fn parse(policy: &Value) -> Result<SellingPolicy, BodyError> {
    SellingPolicy::parse(policy.to_string().as_bytes())
}

fn problems(policy: &Value) -> Vec<String> {
    match parse(policy).unwrap_err() {
        BodyError::Invalid(problems) => problems
            .iter()
            .map(|one| format!("{} {}", one.pointer, one.code))
            .collect(),
        BodyError::NotJson(text) => vec![text],
    }
}

#[test]
fn a_policy_is_read() {
    let policy = parse(&policy()).unwrap();
    let seller = policy.seller.as_ref().unwrap();
    assert_eq!(seller.address, ["Torstraße 1", "10119 Berlin"]);
    assert_eq!(seller.phone.as_deref(), Some("+49301234567"));
    assert_eq!(
        (policy.durability_months, policy.requires_phone),
        (Some(36), true)
    );
    assert_eq!(
        policy.bank_redirects,
        [BankRedirect::Ideal, BankRedirect::Bancontact]
    );
    let invoice = policy.invoice.as_ref().unwrap();
    assert_eq!(
        (invoice.days, &*invoice.instructions),
        (10, "Acme GmbH\nDE02 1203 0000 0000 2020 51")
    );
    assert_eq!(policy.withdrawal.days, 30);
    for (item_id, category, reason) in [
        ("TICKET-1", Some("food"), Some(ExceptionReason::DatedTicket)),
        ("CAKE", Some("food"), Some(ExceptionReason::Perishable)),
        ("CAKE", None, None),
        ("CUP", Some("kitchen"), None),
    ] {
        assert_eq!(
            policy.withdrawal.exception(item_id, category),
            reason,
            "{item_id}"
        );
    }
}

#[test]
fn a_post_may_differ_from_its_partner_only_if_the_policy_is_complete() {
    let selling = parse(&policy()).unwrap();
    assert!(selling.sells(None) && selling.sells(Some(true)) && !selling.sells(Some(false)));
    let mut elsewhere = policy();
    elsewhere["sells_here"] = json!(false);
    let by_post = parse(&elsewhere).unwrap();
    assert!(!by_post.sells(None) && by_post.sells(Some(true)));
    let nothing = parse(&json!({"sells_here": false})).unwrap();
    assert!(!nothing.sells(Some(true)));
    assert_eq!(nothing.withdrawal.days, 14);
}

#[test]
fn a_policy_that_sells_says_what_is_missing() {
    assert_eq!(
        problems(&json!({"sells_here": true})),
        ["/seller missing", "/links missing"]
    );
    let bare = json!({"sells_here": true, "seller": {}, "links": {}});
    assert_eq!(
        problems(&bare),
        [
            "/seller/name missing",
            "/seller/address missing",
            "/seller/country missing",
            "/seller/email missing",
            "/links/terms_of_use missing",
            "/links/privacy_policy missing"
        ]
    );
}

#[test]
fn a_wrong_policy_names_every_problem() {
    for (pointer, value, problem) in [
        (
            "/links/terms_of_use",
            json!("http://acme.example/"),
            "/links/terms_of_use not_https",
        ),
        (
            "/links/terms_of_use",
            json!("javascript:alert(1)"),
            "/links/terms_of_use url_malformed",
        ),
        (
            "/seller/country",
            json!("Germany"),
            "/seller/country country_unknown",
        ),
        (
            "/seller/email",
            json!("shop"),
            "/seller/email email_malformed",
        ),
        ("/seller/address", json!([]), "/seller/address wrong_count"),
        (
            "/withdrawal/days",
            json!(13),
            "/withdrawal/days out_of_range",
        ),
        (
            "/withdrawal/exceptions/0/reason",
            json!("mood"),
            "/withdrawal/exceptions/0/reason unknown_value",
        ),
        (
            "/withdrawal/exceptions/0/item_id",
            json!(null),
            "/withdrawal/exceptions/0 exception_malformed",
        ),
        (
            "/guarantee/durability_months",
            json!(0),
            "/guarantee/durability_months out_of_range",
        ),
        ("/sells_here", json!(null), "/sells_here missing"),
    ] {
        let mut wrong = policy();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let found = problems(&wrong);
        assert!(found.contains(&problem.to_owned()), "{problem}: {found:?}");
    }
    let mut wrong = policy();
    wrong["seller"]["vat"] = json!("DE1");
    assert_eq!(problems(&wrong), ["/seller/vat unknown_field"]);
}

#[test]
fn a_way_to_pay_that_cannot_be_offered_is_named() {
    for (pointer, value, code) in [
        ("/invoice/days", json!(31), "out_of_range"),
        ("/invoice/instructions", json!(" "), "blank"),
        ("/bank_redirects/1", json!("sofort"), "unknown_value"),
    ] {
        let mut wrong = policy();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert_eq!(problems(&wrong), [format!("{pointer} {code}")]);
    }
}
