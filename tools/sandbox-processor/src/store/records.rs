//! What the sandbox keeps of each object. How Stripe shows it is in `objects`.
//!
//! Parameters that only come back as they were sent are kept as `params`; what rules depend on has a field.

use serde_json::Value;

use crate::cards::{Card, Decline};
use crate::machine::{IntentState, SessionState};

/// A line of a session.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) price: String,
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) unit_amount: i64,
    pub(crate) quantity: i64,
    pub(crate) params: Value,
}

impl Line {
    pub(crate) fn amount(&self) -> i64 {
        self.unit_amount.saturating_mul(self.quantity)
    }
}

/// A way of shipping that a session offers.
#[derive(Debug, Clone)]
pub(crate) struct ShippingOption {
    pub(crate) rate: String,
    pub(crate) display_name: String,
    pub(crate) amount: i64,
}

/// Who pays, as the hosted page learned it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Payer {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

/// A Checkout Session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) state: SessionState,
    pub(crate) currency: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) shipping: Vec<ShippingOption>,
    /// Which of `shipping`: the first until the buyer chooses.
    pub(crate) chosen_shipping: usize,
    pub(crate) method_types: Vec<String>,
    pub(crate) payer: Payer,
    pub(crate) payment_intent: Option<String>,
    pub(crate) params: Value,
}

impl Session {
    pub(crate) fn subtotal(&self) -> i64 {
        let amounts = self.lines.iter().map(Line::amount);
        amounts.fold(0, i64::saturating_add)
    }

    pub(crate) fn shipping_choice(&self) -> Option<&ShippingOption> {
        self.shipping.get(self.chosen_shipping)
    }

    pub(crate) fn shipping_amount(&self) -> i64 {
        self.shipping_choice().map_or(0, |option| option.amount)
    }

    pub(crate) fn total(&self) -> i64 {
        self.subtotal().saturating_add(self.shipping_amount())
    }
}

/// A PaymentIntent.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) client_secret: String,
    pub(crate) created: i64,
    pub(crate) state: IntentState,
    pub(crate) currency: String,
    pub(crate) method_types: Vec<String>,
    pub(crate) payment_method: Option<String>,
    pub(crate) latest_charge: Option<String>,
    /// The session that made it.
    pub(crate) session: Option<String>,
    /// Where the buyer goes after a challenge; for intents without a session.
    pub(crate) return_url: Option<String>,
    pub(crate) last_error: Option<Value>,
    pub(crate) cancellation: Option<Cancellation>,
    pub(crate) params: Value,
}

/// When and why an intent was canceled.
#[derive(Debug, Clone)]
pub(crate) struct Cancellation {
    pub(crate) at: i64,
    pub(crate) reason: Option<String>,
}

/// What a payment is made with.
#[derive(Debug, Clone)]
pub(crate) enum MethodKind {
    Card(Card),
    /// A bank redirect.
    Ideal,
}

impl MethodKind {
    /// Stripe's name of the type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::Ideal => "ideal",
        }
    }
}

/// A PaymentMethod.
#[derive(Debug, Clone)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) kind: MethodKind,
    pub(crate) payer: Payer,
    /// The granted token it came from.
    pub(crate) token: Option<String>,
}

/// A Charge: one attempt to take the money of an intent.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) payment_method: String,
    /// None: the bank approved.
    pub(crate) decline: Option<Decline>,
    /// The bank decides later.
    pub(crate) is_pending: bool,
    /// The buyer confirmed at the bank.
    pub(crate) is_authenticated: bool,
    /// Until when a hold can be captured.
    pub(crate) capture_before: Option<i64>,
    pub(crate) dispute: Option<String>,
}

/// Stripe's words for where a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

/// A Refund.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) status: RefundStatus,
    pub(crate) params: Value,
}

/// A Dispute.
#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) brand: &'static str,
    pub(crate) reason: String,
    /// `needs_response`, `won` or `lost`.
    pub(crate) status: &'static str,
}

/// A Transfer to a connected account.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) destination: String,
    pub(crate) destination_payment: String,
    pub(crate) reversals: Vec<Reversal>,
    pub(crate) params: Value,
}

impl Transfer {
    pub(crate) fn amount_reversed(&self) -> i64 {
        self.reversals.iter().map(|reversal| reversal.amount).sum()
    }
}

/// A TransferReversal.
#[derive(Debug, Clone)]
pub(crate) struct Reversal {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) params: Value,
}

/// A Shared Payment Token that an agent granted.
#[derive(Debug, Clone)]
pub(crate) struct GrantedToken {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) card: Card,
    pub(crate) currency: String,
    pub(crate) max_amount: i64,
    pub(crate) expires_at: i64,
    /// What payments with it have taken or hold.
    pub(crate) used: i64,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) params: Value,
}

/// An Event: what became true, and what it was true of.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) kind: &'static str,
    pub(crate) object: Value,
    /// The request that caused it, and its idempotency key.
    pub(crate) cause: Cause,
    /// Endpoints that have not accepted it yet.
    pub(crate) pending_webhooks: usize,
}

/// The request that causes events; empty for what happens by itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cause {
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// A webhook endpoint.
#[derive(Debug, Clone)]
pub(crate) struct WebhookEndpoint {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) enabled_events: Vec<String>,
    pub(crate) params: Value,
    pub(crate) is_deleted: bool,
}

impl WebhookEndpoint {
    pub(crate) fn receives(&self, kind: &str) -> bool {
        let mut enabled = self.enabled_events.iter();
        !self.is_deleted && enabled.any(|enabled| enabled == "*" || enabled == kind)
    }
}
