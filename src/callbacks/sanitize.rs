//! What is kept of a callback: so much, and no card number.
//!
//! Promises: a megabyte of words becomes a few kilobytes, and says that something is missing; what the database cannot
//! hold is gone. Pure.

use buywire_adapters::contract::callback::{Callback, OrderRef, Shipment, Update};
use buywire_schemas::text::card::contains_card_number;
use serde_json::Value;

/// Characters of a name, a number, a reason.
const TEXT_CHARS_MAX: usize = 500;
/// Bytes of a raw value, as JSON.
const RAW_BYTES_MAX: usize = 2_048;
/// Updates in one callback: far more than any order has parcels.
const UPDATES_MAX: usize = 500;
/// Items in one parcel: as many as an order can have lines.
const ITEMS_MAX: usize = 200;
/// Characters of a partner's key; a longer one is replaced by its beginning and a digest.
const KEY_CHARS_MAX: usize = 200;

/// The callback as it is kept.
pub(super) fn sanitize_callback(mut callback: Callback) -> Callback {
    callback.key = shorten_key(callback.key);
    if let Some(OrderRef::Platform(name) | OrderRef::Partner(name)) = &mut callback.order {
        sanitize_text(name);
    }
    let surplus = callback.updates.len().saturating_sub(UPDATES_MAX);
    callback.updates.truncate(UPDATES_MAX);
    callback.updates.iter_mut().for_each(sanitize_update);
    if surplus > 0 {
        callback.updates.push(Update::Unknown {
            at: "updates".to_owned(),
            raw: format!("{surplus} more").into(),
        });
    }
    callback
}

/// Without what could lead to the buyer: words, raw values and the ways of parcels.
pub(super) fn redact_callback(mut callback: Callback) -> Callback {
    for update in &mut callback.updates {
        match update {
            Update::Shipped(parcel)
            | Update::PartlyFulfilled(parcel)
            | Update::Delivered(parcel) => {
                super::shipments::redact(parcel);
            }
            Update::Cancelled { reason } | Update::Disputed { reason } => *reason = None,
            Update::Unknown { raw, .. } => *raw = Value::Null,
            Update::Refunded(_) | Update::Stock { .. } => {}
        }
    }
    callback
}

/// A text that a partner calls something by.
pub(super) fn sanitize_text(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
    if let Some((end, _)) = text.char_indices().nth(TEXT_CHARS_MAX) {
        text.truncate(end);
    }
}

/// Short enough for an index, and still another one for another message.
fn shorten_key(mut key: String) -> String {
    let digest = super::digest(&key);
    if key.chars().count() <= KEY_CHARS_MAX && !key.contains('\0') {
        return key;
    }
    sanitize_text(&mut key);
    let beginning: String = key.chars().take(KEY_CHARS_MAX - digest.len() - 1).collect();
    format!("{beginning}:{digest}")
}

fn sanitize_update(update: &mut Update) {
    match update {
        Update::Shipped(parcel) | Update::PartlyFulfilled(parcel) | Update::Delivered(parcel) => {
            sanitize_shipment(parcel);
        }
        Update::Refunded(refund) => refund.reference.iter_mut().for_each(sanitize_text),
        Update::Cancelled { reason } | Update::Disputed { reason } => {
            reason.iter_mut().for_each(sanitize_reason);
        }
        Update::Stock { item_id, .. } => sanitize_text(item_id),
        Update::Unknown { at, raw } => {
            sanitize_text(at);
            sanitize_raw(raw);
        }
    }
}

fn sanitize_shipment(parcel: &mut Shipment) {
    let texts = [
        &mut parcel.reference,
        &mut parcel.carrier,
        &mut parcel.tracking_number,
        &mut parcel.tracking_url,
    ];
    texts.into_iter().flatten().for_each(sanitize_text);
    parcel.items.truncate(ITEMS_MAX);
    parcel
        .items
        .iter_mut()
        .for_each(|item| sanitize_text(&mut item.item_id));
}

/// Free words may hold anything.
fn sanitize_reason(reason: &mut String) {
    sanitize_text(reason);
    if contains_card_number(reason) {
        "[a card number]".clone_into(reason);
    }
}

fn sanitize_raw(raw: &mut Value) {
    let json = raw.to_string();
    if contains_card_number(&json) {
        *raw = "[a card number]".into();
    } else if json.len() > RAW_BYTES_MAX {
        let mut beginning = json;
        sanitize_text(&mut beginning);
        *raw = format!("{beginning}…").into();
    }
}
