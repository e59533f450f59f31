//! The commands of buying: stock, checkouts, payments and kill switches.

pub(crate) mod checkout;
pub(crate) mod payment;
pub(crate) mod stock;
pub(crate) mod switch;

use buywire_schemas::money::Currency;
use serde_json::{Value, json};

use super::print::{field, text};

/// An amount of a document with its currency, such as `24.90 EUR`.
fn money(document: &Value, name: &str) -> Value {
    let currency = Currency::parse(field(document, "currency").as_str().unwrap_or_default());
    match (currency, field(document, name).as_i64()) {
        (Ok(currency), Some(minor)) => currency.format_amount(minor).into(),
        _ => text(field(document, name)).into(),
    }
}

/// Shows the amounts of a document with their currency.
fn with_money(document: &Value, names: &[&str]) -> Value {
    let mut shown = document.clone();
    if let Some(members) = shown.as_object_mut() {
        members.extend(
            names
                .iter()
                .map(|name| ((*name).to_owned(), money(document, name))),
        );
    }
    shown
}

/// Does so for the rows of a list.
fn rows_with_money(list: &Value, names: &[&str]) -> Value {
    let rows = field(list, "data").as_array().into_iter().flatten();
    let rows: Vec<_> = rows.map(|row| with_money(row, names)).collect();
    json!({ "data": rows })
}

/// The rows of a member, whose amounts are in the document's currency.
fn members_with_money(document: &Value, member: &str, names: &[&str]) -> Value {
    let currency = field(document, "currency");
    let rows = field(document, member).as_array().into_iter().flatten();
    let rows = rows.cloned().map(|mut row| {
        if let Some(members) = row.as_object_mut() {
            members.insert("currency".to_owned(), currency.clone());
        }
        with_money(&row, names)
    });
    json!({"data": rows.collect::<Vec<_>>()})
}
