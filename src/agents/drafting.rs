//! From details to what a checkout is saved with: cart, buyer, destination.
//!
//! Promises: pure; a buyer is made only once nothing of it is missing.

use buywire_checkout::cart::Cart;
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use buywire_schemas::post::ViewerDetails;
use buywire_schemas::text::{parse_email, parse_phone};

use super::details::{RefusedItem, RefusedReason, SessionDetails, filled};
use super::error::AgentError;
use super::problem::{of_person, read_address};
use super::session::Seller;
use crate::checkout::{Buyer, CheckoutError};

pub(super) fn refuse(line: usize, reason: RefusedReason) -> RefusedItem {
    RefusedItem { line, reason }
}

pub(super) fn reason(error: &CheckoutError) -> RefusedReason {
    use buywire_schemas::catalog::NotBuyable as N;
    match error {
        CheckoutError::ItemUnknown { .. } => RefusedReason::Unknown,
        CheckoutError::TooMany { max, .. } => RefusedReason::TooMany { max: *max },
        CheckoutError::MixedCurrencies => RefusedReason::OtherCurrency,
        CheckoutError::NotBuyable {
            reason: N::OutOfStock | N::Missing,
            ..
        } => RefusedReason::OutOfStock,
        _ => RefusedReason::NotSold,
    }
}

/// A session of which nothing can be bought has the currency that the agent expects.
pub(super) fn nothing(details: &SessionDetails) -> Result<Cart, AgentError> {
    let currency = details.currency.as_deref().unwrap_or("usd");
    let currency = Currency::parse(&currency.to_ascii_uppercase());
    let currency = currency
        .map_err(|_| AgentError::invalid("/currency", "invalid", "Send an ISO 4217 currency."))?;
    Ok(Cart {
        currency,
        lines: Vec::new(),
    })
}

pub(super) fn check_currency(details: &SessionDetails, cart: &Cart) -> Result<(), AgentError> {
    let is_other = |expected: &str| !expected.eq_ignore_ascii_case(cart.currency.code());
    match details.currency.as_deref().is_some_and(is_other) {
        true => Err(AgentError::invalid(
            "/currency",
            "currency_unsupported",
            format!("These items are sold in {}.", cart.currency.code()),
        )),
        false => Ok(()),
    }
}

/// The buyer once nothing is missing of it; and where it goes, as far as rates need it.
pub(super) fn buyer(
    details: &SessionDetails,
    sellers: &[Seller],
    is_shipped: bool,
    viewer: &ViewerDetails,
) -> (Option<Buyer>, Option<Address>) {
    let destination = details.destination.as_ref();
    let address = destination.map(|destination| read_address(details, destination));
    let estimated = destination.map(|destination| Address {
        name: String::new(),
        line1: String::new(),
        line2: None,
        city: destination.city.clone(),
        region: filled(Some(&destination.region)).map(str::to_owned),
        postal_code: destination.postal_code.clone(),
        country: destination.country.trim().to_ascii_uppercase(),
    });
    if !of_person(details, sellers, is_shipped).is_empty() {
        return (None, estimated);
    }
    let address = address.and_then(Result::ok);
    let person = &details.person;
    let email = filled(person.email.as_deref()).and_then(|email| parse_email(email).ok());
    let of_address = address.as_ref().map(|address| address.name.clone());
    let needs_phone = sellers.iter().any(|seller| seller.policy.requires_phone);
    let phone = filled(person.phone.as_deref()).and_then(|phone| parse_phone(phone).ok());
    let buyer = email
        .zip(person.name().or(of_address))
        .map(|(email, name)| Buyer {
            email,
            name,
            phone: phone.filter(|_| needs_phone),
            ship_to: address,
            country: None,
            viewer: viewer.clone(),
        });
    (buyer, estimated)
}
