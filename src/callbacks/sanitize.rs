//! Sanitizes callbacks: bounds their size and removes card numbers.
//!
//! Promises: a megabyte of text becomes a few kilobytes and says that something is missing; characters that the
//! database cannot store are replaced. Pure.

use buywire_adapters::contract::callback::{Callback, OrderRef, Shipment, Update};
use buywire_schemas::text::card::contains_card_number;
use serde_json::Value;

/// Of a name, a number or a reason.
const TEXT_CHARS_MAX: usize = 500;
/// Of a raw value as JSON.
const RAW_BYTES_MAX: usize = 2_048;
/// Updates in one callback: far more than any order has shipments.
const UPDATES_MAX: usize = 500;
/// Items in one shipment: as many as an order can have lines.
const ITEMS_MAX: usize = 200;
/// Of a partner's key; a longer one is replaced by its beginning and a digest.
const KEY_CHARS_MAX: usize = 200;

/// The callback as it is stored.
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

/// The callback without what could identify the buyer: free text, raw values and tracking data.
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

/// Bounds a text and replaces U+0000.
pub(super) fn sanitize_text(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
    if let Some((end, _)) = text.char_indices().nth(TEXT_CHARS_MAX) {
        text.truncate(end);
    }
}

/// Makes a key short enough for an index, and still unique.
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

/// Free text may contain anything.
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
