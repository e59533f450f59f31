//! Problems in UCP's codes and severities.

use buywire_checkout::address::AddressField;
use serde_json::{Value, json};

use crate::agents::problem::{Field, Problem, ProblemKind};

pub(super) fn messages(problems: &[Problem]) -> Vec<Value> {
    problems.iter().map(message).collect()
}

fn message(problem: &Problem) -> Value {
    if problem.is_warning() {
        return json!({
            "type": "warning",
            "code": code(problem.kind),
            "path": path(problem.field),
            "content": problem.sentence,
            "content_type": "plain",
        });
    }
    json!({
        "type": "error",
        "code": code(problem.kind),
        "path": path(problem.field),
        "content": problem.sentence,
        "content_type": "plain",
        "severity": severity(problem.kind),
    })
}

fn code(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Missing => "missing",
        ProblemKind::Invalid => "invalid",
        ProblemKind::ItemUnknown => "not_found",
        ProblemKind::OutOfStock => "out_of_stock",
        ProblemKind::NotSold | ProblemKind::Unavailable | ProblemKind::Stopped => {
            "item_unavailable"
        }
        ProblemKind::TooMany | ProblemKind::LimitReached => "quantity_exceeded",
        ProblemKind::RegionRefused => "address_undeliverable",
        ProblemKind::AgeRefused => "age_verification_required",
        ProblemKind::CodeUnknown => "discount_code_invalid",
        ProblemKind::ClaimUnknown => "eligibility_not_accepted",
        ProblemKind::PaymentDeclined => "payment_failed",
        ProblemKind::AuthenticationRequired => "requires_3ds",
        ProblemKind::Changed => "price_changed",
    }
}

fn severity(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::AuthenticationRequired | ProblemKind::AgeRefused => "requires_buyer_input",
        ProblemKind::Changed => "requires_buyer_review",
        _ => "recoverable",
    }
}

fn path(field: Field) -> String {
    const DESTINATION: &str = "$.fulfillment.methods[0].destinations[0]";
    match field {
        Field::Line(index) => format!("$.line_items[{index}]"),
        Field::Email => "$.buyer.email".to_owned(),
        Field::Name => "$.buyer.last_name".to_owned(),
        Field::Phone => "$.buyer.phone_number".to_owned(),
        Field::Address => DESTINATION.to_owned(),
        Field::AddressPart(part) => format!("{DESTINATION}.{}", address_member(part)),
        Field::Delivery => "$.fulfillment".to_owned(),
        Field::Code(index) => format!("$.discounts.codes[{index}]"),
        Field::Claim(index) => format!("$.context.eligibility[{index}]"),
        Field::Payment => "$.payment".to_owned(),
        Field::Session => "$.line_items".to_owned(),
    }
}

fn address_member(part: AddressField) -> &'static str {
    match part {
        AddressField::Name => "last_name",
        AddressField::Line1 => "street_address",
        AddressField::Line2 | AddressField::DependentLocality => "extended_address",
        AddressField::City | AddressField::SortingCode => "address_locality",
        AddressField::Region => "address_region",
        AddressField::PostalCode => "postal_code",
        AddressField::Country => "address_country",
    }
}
