//! The contract between the gateway and a partner's dialect.
//!
//! This is the page to read before you write an adapter. An adapter is a
//! translator, one folder under `adapters/`, and nothing more:
//!
//! ```text
//!   Event ── render ──► Rendered ── sign ──► Signed ── send ──► Reply ── judge ──► Verdict
//!            adapter                machine             machine          adapter
//!
//!   CallbackRequest ── verify ──► the same ── callback ──► Callback ── store, apply
//!                      machine                adapter                  machine
//!
//!   unsigned: CallbackRequest ── refetch ──► Refetch ── get ──► record ── refetched ──► Callback
//!                                adapter             machine              adapter
//! ```
//!
//! You write the steps marked *adapter*. The machine between them commits,
//! signs, sends, waits, retries, replays and records, the same for everybody.
//! A partner that answers nothing and never calls back needs `render` alone.
//!
//! What the machine promises you:
//! - The event is valid, and holds the lines and the buyer's data that this
//!   partner may see, and nothing else. What is not in it is not yours.
//! - Every event of an order carries its full state and a `sequence`, so that
//!   no adapter needs to remember anything.
//! - A partner's settings are the JSON object on its row; `{}` always works.
//!
//! What you promise the machine:
//! - **Pure.** The same delivery gives the same bytes, at every attempt and at
//!   a replay next month. No network, database, clock, dice or key.
//! - **Total.** An event that the dialect has no words for is refused with a
//!   reason, never rendered by half and never a panic. A refusal is final.
//! - **Honest.** Nothing is made up: a field that the partner needs and the
//!   order lacks is [`RenderError::Missing`].
//!
//! The conformance suite holds every adapter in [`dialects::all`](crate::dialects::all) to these promises.

pub mod callback;
pub mod configured;
pub mod reply;
pub mod request;

use std::sync::Arc;

use buywire_schemas::event::{EventType, OrderData};
use buywire_schemas::problem::BodyError;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use self::callback::{Callback, CallbackReadError, CallbackRequest, ConfirmationRequest};
use self::reply::{Acknowledgement, Reply, Verdict};
use self::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};

/// One partner dialect.
pub trait Adapter: Send + Sync {
    /// The name of its folder, and of `adapter` on a partner's row.
    fn name(&self) -> &'static str;

    /// The facts in `profile.json` beside the code.
    fn profile(&self) -> &'static Profile;

    /// This dialect as one partner's settings make it, read once for many
    /// deliveries; what it then hears of settings are the same ones. None where
    /// the settings are few and read as they are needed.
    ///
    /// # Errors
    /// What is wrong with them, with pointers into the settings.
    fn with_settings(&self, _settings: &Value) -> Result<Option<Arc<dyn Adapter>>, BodyError> {
        Ok(None)
    }

    /// Looks at settings that somebody wants to save, as hard as it can.
    ///
    /// # Errors
    /// As [`with_settings`](Adapter::with_settings), and what shows only when they are tried.
    fn check_settings(&self, settings: &Value) -> Result<(), BodyError> {
        self.with_settings(settings).map(drop)
    }

    /// Words one delivery as one request.
    ///
    /// # Errors
    /// When the dialect cannot say it. The delivery is then dead at once, with
    /// the reason for people to read, because trying again cannot help.
    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError>;

    /// Whether this order can be said at all: asked when it is accepted, so that whoever hands it in hears of it at once.
    /// No body is built. What is refused here is what [`render`](Adapter::render) refuses to confirm for this order's sake.
    ///
    /// # Errors
    /// What it lacks, or has and cannot be said.
    fn check_order(&self, _order: &OrderData) -> Result<(), RenderError> {
        Ok(())
    }

    /// How the machine signs for this partner: each scheme adds its headers.
    fn signature_schemes(&self, _settings: &Value) -> Schemes {
        Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ONLY)
    }

    /// What a reply means. Most partners speak plain HTTP: leave it as it is.
    fn classify(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        reply::classify(reply, now)
    }

    /// What the partner calls the order, if an accepting reply says so.
    fn read_acknowledgement(&self, _reply: &Reply) -> Option<Acknowledgement> {
        None
    }

    /// Reads what the partner sends back. The machine has verified that it is
    /// this partner's before it asks.
    ///
    /// # Errors
    /// When it is not in this dialect's words; the partner is told so. What is
    /// in its words but unknown is [`Update::Unknown`](crate::contract::callback::Update),
    /// never an error: partners add new words without asking.
    fn read_callback(
        &self,
        _request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        Err(CallbackReadError::Unsupported)
    }

    /// Which record to ask for, when a callback came unsigned. It may come from
    /// anybody, so nothing in it is believed but the id to ask for; and because
    /// it may come before the truth does, it is never dropped as a duplicate.
    ///
    /// # Errors
    /// When it names no record, or the dialect has none to ask for: the
    /// callback is then refused.
    fn confirmation_request(
        &self,
        _request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<ConfirmationRequest, CallbackReadError> {
        Err(CallbackReadError::Unsupported)
    }

    /// Reads the record that was asked for: the body of a 2xx, and of that
    /// record alone. The key of the callback names the state that the record
    /// tells, so that asking twice counts once and a later state counts again.
    ///
    /// # Errors
    /// When it is not the record that [`confirmation_request`](Adapter::confirmation_request) asked for.
    fn read_confirmation(
        &self,
        _request: &CallbackRequest<'_>,
        _record: &[u8],
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        Err(CallbackReadError::Unsupported)
    }
}

/// Facts about a dialect, kept as data beside its code.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name that people know it by.
    pub title: String,
    /// One sentence for `buywire adapter list`.
    pub summary: String,
    /// Where its makers describe it.
    pub documentation: String,
    /// The `content-type` of every request.
    pub content_type: String,
    /// Patterns of the events it has words for, such as `order.*`.
    pub events: Vec<String>,
}

impl Profile {
    /// Reads the text of a `profile.json`.
    ///
    /// The file is compiled in, and the conformance suite refuses one that does
    /// not parse or says too little: a build that passed has no empty profile.
    #[must_use]
    pub fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// Whether the dialect can tell of such an event.
    #[must_use]
    pub fn supports(&self, kind: EventType) -> bool {
        self.events.iter().any(|pattern| kind.matches(pattern))
    }
}
