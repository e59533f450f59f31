//! What keeps a session from being paid, or what its buyer should know. Faces write each in their own codes.
//!
//! Promises: derived from the session alone; sentences never repeat what was sent.

use buywire_checkout::address::{
    AddressError, AddressErrorCode, AddressField, AddressInput, parse,
};
use buywire_checkout::hook::{HookRefusal, RefusalReason};
use buywire_checkout::machine::{PayingStage, Setback, State};
use buywire_checkout::pricing::{Pricing, PricingProblem};
use buywire_schemas::order::Address;
use buywire_schemas::text::{parse_email, parse_phone};

use super::details::{Destination, RefusedReason, SessionDetails, filled};
use super::session::Seller;
use crate::checkout::{CheckoutView, SetbackDetail};

/// A member that a problem is about. Faces know where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// A requested line, by its place.
    Line(usize),
    Email,
    Name,
    Phone,
    Address,
    AddressPart(AddressField),
    Delivery,
    Code(usize),
    Claim(usize),
    Payment,
    Session,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    Missing,
    Invalid,
    ItemUnknown,
    OutOfStock,
    NotSold,
    TooMany,
    /// Not sold or delivered there.
    RegionRefused,
    AgeRefused,
    /// The seller cannot be asked now.
    Unavailable,
    CodeUnknown,
    /// A claim of the buyer that no seller here knows, such as a membership.
    ClaimUnknown,
    PaymentDeclined,
    AuthenticationRequired,
    /// What was shown has changed.
    Changed,
    LimitReached,
    Stopped,
}

/// A problem with its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: ProblemKind,
    pub(crate) field: Field,
    pub(crate) sentence: String,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, field: Field, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            field,
            sentence: sentence.into(),
        }
    }

    /// Whether the session can be paid in spite of it.
    pub(crate) fn is_warning(&self) -> bool {
        matches!(
            self.kind,
            ProblemKind::CodeUnknown | ProblemKind::ClaimUnknown
        )
    }
}

/// What the catalog refuses of the requested lines.
pub(super) fn of_lines(details: &SessionDetails) -> Vec<Problem> {
    let refused = details.refused.iter().map(|refused| {
        let (kind, sentence) = match refused.reason {
            RefusedReason::Unknown => (
                ProblemKind::ItemUnknown,
                "There is no such item.".to_owned(),
            ),
            RefusedReason::OutOfStock => (
                ProblemKind::OutOfStock,
                "The item is out of stock.".to_owned(),
            ),
            RefusedReason::NotSold => (
                ProblemKind::NotSold,
                "The item is not for sale here.".to_owned(),
            ),
            RefusedReason::TooMany { max } => (
                ProblemKind::TooMany,
                format!("One order can have at most {max} of this item."),
            ),
            RefusedReason::OtherCurrency => (
                ProblemKind::NotSold,
                "The item has another currency than the others: buy it separately.".to_owned(),
            ),
        };
        Problem::new(kind, Field::Line(refused.line), sentence)
    });
    let codes = details.codes.iter().enumerate();
    let codes = codes.map(|(index, _)| {
        Problem::new(
            ProblemKind::CodeUnknown,
            Field::Code(index),
            "The code is not known here.",
        )
    });
    let claims = details.claims.iter().enumerate();
    let claims = claims.map(|(index, _)| {
        Problem::new(
            ProblemKind::ClaimUnknown,
            Field::Claim(index),
            "The claim is not known here, and changes nothing.",
        )
    });
    refused.chain(codes).chain(claims).collect()
}

/// Reads the address, or says what is wrong with it.
pub(super) fn read_address(
    details: &SessionDetails,
    destination: &Destination,
) -> Result<Address, Vec<Problem>> {
    let name = details.person.name().unwrap_or_default();
    let input = AddressInput {
        name: filled(Some(&destination.name)).unwrap_or(&name),
        line1: &destination.line1,
        line2: &destination.line2,
        city: &destination.city,
        region: &destination.region,
        postal_code: &destination.postal_code,
        ..AddressInput::default()
    };
    let of_error = |error: &AddressError| {
        let kind = match error.code {
            AddressErrorCode::Required => ProblemKind::Missing,
            _ => ProblemKind::Invalid,
        };
        let sentence = error.sentence(details.language());
        Problem::new(kind, Field::AddressPart(error.field), sentence)
    };
    parse(&destination.country, &input).map_err(|errors| errors.iter().map(of_error).collect())
}

/// What is missing or wrong of the buyer.
pub(super) fn of_person(
    details: &SessionDetails,
    sellers: &[Seller],
    is_shipped: bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let person = &details.person;
    match filled(person.email.as_deref()) {
        None => problems.push(Problem::new(
            ProblemKind::Missing,
            Field::Email,
            "An e-mail address is required: the receipt goes there.",
        )),
        Some(email) if parse_email(email).is_err() => {
            problems.push(Problem::new(
                ProblemKind::Invalid,
                Field::Email,
                "This is no e-mail address.",
            ));
        }
        Some(_) => {}
    }
    let of_address = details.destination.as_ref().map(|one| one.name.as_str());
    if person.name().is_none() && filled(of_address).is_none() {
        problems.push(Problem::new(
            ProblemKind::Missing,
            Field::Name,
            "The buyer's name is required.",
        ));
    }
    let needs_phone = is_shipped && sellers.iter().any(|seller| seller.policy.requires_phone);
    match filled(person.phone.as_deref()).map(parse_phone) {
        None if needs_phone => problems.push(Problem::new(
            ProblemKind::Missing,
            Field::Phone,
            "The carrier requires a phone number.",
        )),
        Some(Err(_)) if needs_phone => problems.push(Problem::new(
            ProblemKind::Invalid,
            Field::Phone,
            "The phone number must be in E.164, such as +14155550100.",
        )),
        _ => {}
    }
    match &details.destination {
        None if is_shipped => {
            problems.push(Problem::new(
                ProblemKind::Missing,
                Field::Address,
                "An address is required: the goods are shipped.",
            ));
        }
        Some(destination) => {
            problems.extend(read_address(details, destination).err().unwrap_or_default())
        }
        None => {}
    }
    problems
}

/// What the sellers, stock and the bank say.
pub(super) fn of_view(view: &CheckoutView) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(Pricing::Blocked { problem }) = &view.stored.pricing {
        problems.push(of_pricing(problem));
    }
    match view.stored.machine.state() {
        State::Priced {
            setback: Some(setback),
            ..
        } => problems.push(of_setback(*setback, view)),
        State::Paying { stage, .. } => match stage {
            PayingStage::Declined => problems.push(Problem::new(
                ProblemKind::PaymentDeclined,
                Field::Payment,
                "The payment was declined: use another one.",
            )),
            PayingStage::ActionRequired => problems.push(Problem::new(
                ProblemKind::AuthenticationRequired,
                Field::Payment,
                "The bank asks the buyer to confirm the payment.",
            )),
            PayingStage::Holding
            | PayingStage::Opening
            | PayingStage::Unpaid
            | PayingStage::Processing => {}
        },
        _ => {}
    }
    if view.stored.machine.is_stopped() {
        problems.push(Problem::new(
            ProblemKind::Stopped,
            Field::Session,
            "Sales are stopped for now.",
        ));
    }
    problems
}

fn of_pricing(problem: &PricingProblem) -> Problem {
    let (kind, field, sentence) = match problem {
        PricingProblem::NotDelivered { .. } => (
            ProblemKind::RegionRefused,
            Field::Address,
            "The seller does not deliver to this address.",
        ),
        PricingProblem::TaxUnknown { .. } => (
            ProblemKind::RegionRefused,
            Field::Address,
            "The seller does not sell there: its tax is unknown.",
        ),
        PricingProblem::Refused { refusal, .. } => return of_refusal(refusal),
        PricingProblem::Unavailable { .. } => (
            ProblemKind::Unavailable,
            Field::Delivery,
            "The seller's prices of delivery are unavailable: try again later.",
        ),
        PricingProblem::MixedTaxes => (
            ProblemKind::NotSold,
            Field::Session,
            "These sellers state taxes differently: buy from each separately.",
        ),
        PricingProblem::TooLarge => (
            ProblemKind::TooMany,
            Field::Session,
            "The order is too large: buy less at a time.",
        ),
    };
    Problem::new(kind, field, sentence)
}

fn of_refusal(refusal: &HookRefusal) -> Problem {
    let (kind, field, sentence) = match refusal.reason {
        RefusalReason::Age => (
            ProblemKind::AgeRefused,
            Field::Session,
            "The seller requires a proof of age, on its own page.",
        ),
        RefusalReason::Country => (
            ProblemKind::RegionRefused,
            Field::Address,
            "The seller does not sell this there.",
        ),
        _ => (
            ProblemKind::NotSold,
            Field::Session,
            "The seller does not sell this to this buyer.",
        ),
    };
    Problem::new(kind, field, sentence)
}

fn of_setback(setback: Setback, view: &CheckoutView) -> Problem {
    match (setback, &view.setback) {
        (Setback::PaymentUnavailable, _) => Problem::new(
            ProblemKind::PaymentDeclined,
            Field::Payment,
            "The payment was not accepted: use another one.",
        ),
        (Setback::SoldOut, Some(SetbackDetail::LimitReached { .. })) => Problem::new(
            ProblemKind::LimitReached,
            Field::Session,
            "The buyer has as many of this item as one buyer may have.",
        ),
        (Setback::SoldOut, _) => Problem::new(
            ProblemKind::OutOfStock,
            Field::Session,
            "There are not enough units left.",
        ),
    }
}
