//! Problems in ACP's codes, with the path of what to correct.

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
            "code": "discount_code_invalid",
            "param": param(problem.field),
            "content_type": "plain",
            "content": problem.sentence,
        });
    }
    json!({
        "type": "error",
        "code": code(problem.kind),
        "severity": "high",
        "resolution": resolution(problem.kind),
        "param": param(problem.field),
        "content_type": "plain",
        "content": problem.sentence,
    })
}

fn code(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Missing => "missing",
        ProblemKind::Invalid => "invalid",
        ProblemKind::ItemUnknown => "not_found",
        ProblemKind::OutOfStock => "out_of_stock",
        ProblemKind::NotSold | ProblemKind::Unavailable | ProblemKind::Stopped => "unsupported",
        ProblemKind::TooMany | ProblemKind::LimitReached => "quantity_exceeded",
        ProblemKind::RegionRefused => "region_restricted",
        ProblemKind::AgeRefused => "age_verification_required",
        ProblemKind::CodeUnknown | ProblemKind::ClaimUnknown => "coupon_invalid",
        ProblemKind::PaymentDeclined => "payment_declined",
        ProblemKind::AuthenticationRequired => "requires_3ds",
        ProblemKind::Changed => "conflict",
    }
}

fn resolution(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::AuthenticationRequired | ProblemKind::AgeRefused => "requires_buyer_input",
        ProblemKind::Changed => "requires_buyer_review",
        _ => "recoverable",
    }
}

fn param(field: Field) -> String {
    match field {
        Field::Line(index) => format!("$.line_items[{index}]"),
        Field::Email => "$.buyer.email".to_owned(),
        Field::Name => "$.buyer.full_name".to_owned(),
        Field::Phone => "$.buyer.phone_number".to_owned(),
        Field::Address => "$.fulfillment_details.address".to_owned(),
        Field::AddressPart(part) => {
            format!("$.fulfillment_details.address.{}", address_member(part))
        }
        Field::Delivery => "$.selected_fulfillment_options".to_owned(),
        Field::Code(index) => format!("$.discounts.codes[{index}]"),
        // No request has one.
        Field::Claim(_) => "$".to_owned(),
        Field::Payment => "$.payment_data".to_owned(),
        Field::Session => "$.line_items".to_owned(),
    }
}

fn address_member(part: AddressField) -> &'static str {
    match part {
        AddressField::Name => "name",
        AddressField::Line1 => "line_one",
        AddressField::Line2 | AddressField::DependentLocality => "line_two",
        AddressField::City | AddressField::SortingCode => "city",
        AddressField::Region => "state",
        AddressField::PostalCode => "postal_code",
        AddressField::Country => "country",
    }
}
