//! Transfers and their reversals in JSON.

use serde_json::{Value, json};

use super::{list, metadata, param};
use crate::store::{Reversal, Transfer};

/// A transfer with its reversals.
pub(crate) fn transfer(transfer: &Transfer) -> Value {
    let reversed = transfer.amount_reversed();
    let url = format!("/v1/transfers/{}/reversals", transfer.id);
    json!({
        "id": transfer.id,
        "object": "transfer",
        "amount": transfer.amount,
        "amount_reversed": reversed,
        "balance_transaction": null,
        "created": transfer.created,
        "currency": transfer.currency,
        "description": param(&transfer.params, "description"),
        "destination": transfer.destination,
        "destination_payment": transfer.destination_payment,
        "livemode": false,
        "metadata": metadata(&transfer.params),
        "reversals": list(&url, reversals(transfer), false),
        "reversed": reversed == transfer.amount,
        "source_transaction": param(&transfer.params, "source_transaction"),
        "source_type": "card",
        "transfer_group": param(&transfer.params, "transfer_group"),
    })
}

/// The reversals of a transfer, newest first.
pub(crate) fn reversals(transfer: &Transfer) -> Vec<Value> {
    let reversals = transfer.reversals.iter().rev();
    reversals
        .map(|one| reversal(&transfer.id, &transfer.currency, one))
        .collect()
}

/// A reversal.
pub(crate) fn reversal(transfer: &str, currency: &str, reversal: &Reversal) -> Value {
    json!({
        "id": reversal.id,
        "object": "transfer_reversal",
        "amount": reversal.amount,
        "balance_transaction": null,
        "created": reversal.created,
        "currency": currency,
        "destination_payment_refund": null,
        "metadata": metadata(&reversal.params),
        "source_refund": null,
        "transfer": transfer,
    })
}
