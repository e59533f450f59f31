//! Transfers and their reversals over the API.
//!
//! Promises: what is transferred from a charge never exceeds what was captured, and a reversal never what was
//! transferred.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::lists::{fits, page};
use super::params::{integer, owned, text};
use super::sessions::read_currency;
use crate::clock::new_id;
use crate::objects;
use crate::store::{Reversal, Store, Transfer};

/// `POST /v1/transfers`
pub(super) fn create(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    let amount = integer(params, "/amount").unwrap_or_default();
    let currency = read_currency(text(params, "/currency").unwrap_or_default(), "currency")?;
    let destination = owned(params, "/destination").unwrap_or_default();
    if !destination.starts_with("acct_") {
        return Err(ApiError::no_object("destination", "destination"));
    }
    let left = match text(params, "/source_transaction") {
        Some(charge) => left_of_charge(store, charge, &currency)?,
        None => i64::MAX,
    };
    check_amount(amount, left)?;
    let id = new_id("tr_");
    let transfer = Transfer {
        id: id.clone(),
        created: call.now_s,
        amount,
        currency,
        destination,
        destination_payment: new_id("py_"),
        reversals: Vec::new(),
        params: params.clone(),
    };
    let document = objects::transfer(&transfer);
    store.transfers.insert(&id, transfer);
    store.emit(
        new_id("evt_"),
        "transfer.created",
        call.now_s,
        document.clone(),
    );
    Ok(document)
}

fn left_of_charge(store: &Store, charge: &str, currency: &str) -> Result<i64, ApiError> {
    let charge = store.charges.get(charge);
    let charge = charge.ok_or_else(|| ApiError::no_object("charge", "source_transaction"))?;
    if charge.currency != currency {
        let message = "The transfer has another currency than its source_transaction.";
        return Err(ApiError::refused(None, message));
    }
    let intent = store.intents.get(&charge.intent);
    let is_paid = intent.is_some_and(|intent| intent.latest_charge.as_deref() == Some(&charge.id));
    let captured = intent
        .filter(|_| is_paid)
        .map_or(0, |intent| intent.state.captured);
    let transfers = store.transfers.newest_first().map(|(_, transfer)| transfer);
    let from_charge = transfers
        .filter(|transfer| text(&transfer.params, "/source_transaction") == Some(&charge.id));
    let transferred: i64 = from_charge.map(|transfer| transfer.amount).sum();
    Ok(captured - transferred)
}

fn check_amount(amount: i64, left: i64) -> Result<(), ApiError> {
    match amount {
        ..=0 => {
            let message = "An amount is at least 1.";
            Err(ApiError::parameter(
                Some("parameter_invalid_integer"),
                "amount",
                message,
            ))
        }
        amount if amount > left => {
            let message = format!("The amount exceeds what is left: at most {left}.");
            Err(ApiError::refused(Some("balance_insufficient"), message))
        }
        _ => Ok(()),
    }
}

/// `POST /v1/transfers/{id}/reversals`
pub(super) fn reverse(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let transfer = store.transfers.get_mut(call.id());
    let transfer = transfer.ok_or_else(|| ApiError::no_object("transfer", "id"))?;
    let left = transfer.amount - transfer.amount_reversed();
    let amount = integer(&call.params, "/amount").unwrap_or(left);
    check_amount(amount, left)?;
    let reversal = Reversal {
        id: new_id("trr_"),
        created: call.now_s,
        amount,
        params: call.params.clone(),
    };
    let document = objects::reversal(&transfer.id, &transfer.currency, &reversal);
    transfer.reversals.push(reversal);
    let reversed = objects::transfer(transfer);
    store.emit(new_id("evt_"), "transfer.reversed", call.now_s, reversed);
    Ok(document)
}

/// `GET /v1/transfers/{id}/reversals`
pub(super) fn list_reversals(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let transfer = store.transfers.get(call.id());
    let transfer = transfer.ok_or_else(|| ApiError::no_object("transfer", "id"))?;
    Ok(objects::list(
        call.path,
        objects::reversals(transfer),
        false,
    ))
}

/// `GET /v1/transfers`
pub(super) fn list_all(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let passes = |transfer: &Transfer| {
        fits(call, "destination", Some(&transfer.destination))
            && fits(
                call,
                "transfer_group",
                text(&transfer.params, "/transfer_group"),
            )
    };
    page(
        call,
        store.transfers.newest_first(),
        passes,
        objects::transfer,
    )
}
