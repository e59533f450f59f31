//! The console: pages for operators, the platform and partners who have signed in with an API key.
//!
//! Promises: a session may do what its key may do, by the same table of routes; nothing is changed but by a POST from
//! this gateway's own page, with the session's token; no page is kept by a browser or a proxy. Must not decide anything that
//! the API does not.

pub(in crate::http) mod account;
mod answer;
mod assets;
pub(in crate::http) mod buying;
pub(in crate::http) mod catalog;
mod delivery;
mod hours;
pub(in crate::http) mod links;
mod lists;
mod live;
mod orders;
mod overview;
pub(in crate::http) mod partners;
mod rendered;
mod replays;
pub(in crate::http) mod request;
mod search;
pub(in crate::http) mod state;

pub(in crate::http) use self::account::{
    end_session, list_sessions, sign_in, sign_in_form, sign_out,
};
pub(in crate::http) use self::assets::asset;
pub(in crate::http) use self::delivery::{
    list as list_deliveries, replay as replay_delivery, show as show_delivery,
};
pub(in crate::http) use self::live::follow;
pub(in crate::http) use self::orders::{
    cancel_order, confirm_cancel_order, confirm_redact_order, list_orders, redact_order,
    refund_form, refund_order, show_order,
};
pub(in crate::http) use self::overview::{list_failures, show_failure, show_now};
pub(in crate::http) use self::replays::{
    cancel_replay, confirm_cancel_replay, create_replay, list_replays, new_replay, pause_replay,
    resume_replay, show_replay,
};
pub(in crate::http) use self::request::session::require_session;
pub(in crate::http) use self::search::search;
