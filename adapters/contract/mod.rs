//! The contract between the gateway and a partner's dialect.
//!
//! Read this page before you write an adapter. An adapter is a translator in a folder of its own under
//! `adapters/dialects/`, and nothing more:
//!
//! ```text
//!   Event ── render ──► Rendered ── sign ──► Signed ── send ──► Reply ── classify ──► Verdict
//!            adapter                gateway            gateway           adapter
//!
//!   CallbackRequest ── verify ──► CallbackRequest ── read ──► Callback ── store, apply
//!                      gateway                       adapter              gateway
//!
//!   unsigned: CallbackRequest ── confirmation_request ──► ConfirmationRequest ── fetch ──► record
//!                                adapter                                         gateway
//!             record ── read_confirmation ──► Callback ── store, apply
//!                       adapter                           gateway
//! ```
//!
//! You write the steps marked *adapter*. The gateway commits, signs, sends, waits, retries, replays and records, in the
//! same way for every dialect. You must write [`Adapter::name`], [`Adapter::profile`] and [`Adapter::render`]; every
//! other method has a default, and [`Callbacks`] is only for partners that send something back.
//!
//! What the gateway promises you:
//! - The event is valid. It holds the lines and the buyer data that this partner may see, and nothing else.
//! - Every event of an order carries the order's full state and a `sequence`, so an adapter never has to remember
//!   anything.
//! - A partner's settings are the JSON object on its row. `{}` always works.
//!
//! What you promise the gateway:
//! - **Pure.** The same delivery gives the same bytes, at every attempt and at a replay next month. No network,
//!   database, clock, random numbers or keys.
//! - **Total.** Refuse an event that the dialect cannot express, with a reason. Never render half of it and never panic.
//!   A refusal is final.
//! - **Honest.** Invent nothing: a field that the partner needs and the order lacks is [`RenderError::Missing`].
//!
//! The conformance suite tests every adapter in [`dialects::all`](crate::dialects::all) against these promises.

pub mod callback;
pub mod configured;
pub mod profile;
pub mod reply;
pub mod request;

use std::sync::Arc;

use buywire_schemas::event::OrderData;
use buywire_schemas::problem::BodyError;
use serde_json::Value;
use time::OffsetDateTime;

pub use profile::Profile;

use self::callback::Callbacks;
use self::reply::{Acknowledgement, Reply, Verdict};
use self::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};

/// One partner dialect.
pub trait Adapter: Send + Sync {
    /// The name of its folder, and of `adapter` on a partner's row.
    fn name(&self) -> &'static str;

    /// The facts in `profile.json` beside the code.
    fn profile(&self) -> &'static Profile;

    /// Renders one delivery as one request.
    ///
    /// # Errors
    /// When the dialect cannot express it. The delivery becomes a dead letter at once, with this reason, because a retry
    /// cannot help.
    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError>;

    /// Checks whether the dialect can express this order at all. The gateway asks when it accepts the order, so that the
    /// platform learns of it at once. It must refuse exactly the orders for which [`render`](Adapter::render) refuses
    /// `order.confirmed`, without building a body.
    ///
    /// # Errors
    /// What the order lacks, or what it has that the dialect cannot express.
    fn check_order(&self, _order: &OrderData) -> Result<(), RenderError> {
        Ok(())
    }

    /// How requests to this partner are signed. Each scheme adds its own headers.
    fn signature_schemes(&self, _settings: &Value) -> Schemes {
        Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ONLY)
    }

    /// Decides what a reply means. The default classifies by HTTP status, which suits most partners.
    fn classify(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        reply::classify(reply, now)
    }

    /// The partner's own id for the order, if an accepting reply gives one.
    fn read_acknowledgement(&self, _reply: &Reply) -> Option<Acknowledgement> {
        None
    }

    /// Reads what the partner sends back, if it sends anything.
    fn callbacks(&self) -> Option<&dyn Callbacks> {
        None
    }

    /// Reads one partner's settings once for many deliveries and returns the dialect configured with them; its methods
    /// then receive the same settings. `None` if the dialect has few settings and reads them as it needs them.
    ///
    /// # Errors
    /// What is wrong with the settings, with pointers into them.
    fn with_settings(&self, _settings: &Value) -> Result<Option<Arc<dyn Adapter>>, BodyError> {
        Ok(None)
    }

    /// Checks settings before they are saved, as thoroughly as it can.
    ///
    /// # Errors
    /// As [`with_settings`](Adapter::with_settings), and faults that only a trial rendering shows.
    fn check_settings(&self, settings: &Value) -> Result<(), BodyError> {
        self.with_settings(settings).map(drop)
    }
}
