//! States of posts, stock, checkouts and payments in words.

use buywire_schemas::post::{Post, PostReason, State as PostState};

use crate::console::state::State;
use crate::store::stock::levels::StockLevel;

pub(super) const fn post_state(state: PostState) -> State {
    match state {
        PostState::Draft => State::idle("Draft"),
        PostState::Scheduled => State::waiting("Scheduled"),
        PostState::Live => State::ok("Live"),
        PostState::SoldOut => State::warn("Sold out"),
        PostState::Ended => State::idle("Ended"),
        PostState::Withdrawn => State::idle("Withdrawn"),
    }
}

/// Why a post is sold out or withdrawn.
pub(super) fn post_reason(post: &Post) -> Option<String> {
    let text = match post.reason? {
        PostReason::ProductGone => "its product is gone".to_owned(),
        PostReason::AdultsOnly => "its product is for adults only".to_owned(),
        PostReason::Requested => "by a person".to_owned(),
        PostReason::ItemChangedIdentity => {
            "its item id names another thing now: review the text".to_owned()
        }
        PostReason::TextPriceOutdated => "its text names an old price: review the text".to_owned(),
        PostReason::NotBuyable(reason) => reason.to_string(),
    };
    Some(text)
}

/// How much is left.
pub(super) fn stock_state(level: &StockLevel) -> State {
    match level.left {
        None => State::ok("Unlimited"),
        Some(..=0) => State::idle("Sold out"),
        Some(1..=5) => State::warn("Few left"),
        Some(_) => State::ok("In stock"),
    }
}

pub(super) fn payment_state(status: &str) -> State {
    match status {
        "captured" => State::ok("Captured"),
        "authorised" => State::waiting("Authorised"),
        "processing" => State::waiting("Processing"),
        "action_required" => State::waiting("Waits for the buyer"),
        "declined" => State::warn("Declined"),
        "expired" => State::idle("Expired"),
        "voided" => State::idle("Voided"),
        _ => State::waiting("Unpaid"),
    }
}

pub(super) fn refund_state(status: &str) -> State {
    match status {
        "succeeded" => State::ok("Sent"),
        "failed" => State::bad("Failed"),
        "cancelled" => State::bad("Cancelled"),
        "needs_action" => State::warn("Needs somebody"),
        "pending" => State::waiting("On its way"),
        _ => State::waiting("Requested"),
    }
}

/// The state of a checkout by its name.
pub(super) fn checkout_state(name: &str) -> State {
    match name {
        "captured" => State::ok("Paid and ordered"),
        "placed" => State::waiting("Ordered"),
        "authorised" => State::waiting("Being ordered"),
        "paying" => State::waiting("Paying"),
        "closing" => State::waiting("Closing"),
        "returning" => State::warn("Returning"),
        "expired" => State::idle("Expired"),
        "cancelled" => State::idle("Cancelled"),
        "priced" => State::idle("Priced"),
        _ => State::idle("Open"),
    }
}

/// What an effect does, as `it waits to …` goes on.
pub(super) fn effect(action: &str) -> String {
    match action {
        "take_hold" => "hold its units".to_owned(),
        "open_session" => "open the processor's page".to_owned(),
        "expire_session" => "close the processor's page".to_owned(),
        "place_order" => "place the order".to_owned(),
        "capture" => "capture the money".to_owned(),
        "void" => "release the money".to_owned(),
        "refund" => "give the money back".to_owned(),
        "ask_processor" => "ask the processor".to_owned(),
        other => other.replace('_', " "),
    }
}
