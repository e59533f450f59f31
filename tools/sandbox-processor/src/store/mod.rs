//! Everything the sandbox remembers, in memory: gone with the process, or with `DELETE /_control/data`.
//!
//! Promises: an event is kept with the change that made it true, under the same lock. Must not read the clock, send
//! anything or know how objects look in JSON.

mod agenda;
mod collection;
mod records;

pub(crate) use agenda::{Agenda, DueAction};
pub(crate) use collection::{Collection, OBJECTS_MAX};
pub(crate) use records::*;

use serde_json::Value;

/// The objects, what is to come, and the events that nobody has taken to the webhooks yet.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) sessions: Collection<Session>,
    pub(crate) intents: Collection<Intent>,
    pub(crate) methods: Collection<PaymentMethod>,
    pub(crate) charges: Collection<Charge>,
    pub(crate) refunds: Collection<Refund>,
    pub(crate) disputes: Collection<Dispute>,
    pub(crate) transfers: Collection<Transfer>,
    pub(crate) tokens: Collection<GrantedToken>,
    pub(crate) events: Collection<Event>,
    pub(crate) endpoints: Collection<WebhookEndpoint>,
    pub(crate) agenda: Agenda,
    /// Begins the URLs of hosted pages.
    pub(crate) public_url: String,
    /// Which request is being answered.
    pub(crate) cause: Cause,
    outbox: Vec<String>,
}

impl Store {
    /// Keeps an event and puts it into the outbox. There are several for each payment: the oldest are forgotten.
    pub(crate) fn emit(&mut self, id: String, kind: &'static str, created: i64, object: Value) {
        let endpoints = self.endpoints.newest_first();
        let pending_webhooks = endpoints
            .filter(|(_, endpoint)| endpoint.receives(kind))
            .count();
        let event = Event {
            id: id.clone(),
            created,
            kind,
            object,
            cause: self.cause.clone(),
            pending_webhooks,
        };
        self.events.insert_newest(&id, event);
        self.outbox.push(id);
    }

    /// The events since the last time, in order.
    pub(crate) fn take_outbox(&mut self) -> Vec<String> {
        std::mem::take(&mut self.outbox)
    }

    /// Whether any kind of object has reached its limit.
    pub(crate) fn is_full(&self) -> bool {
        self.sessions.is_full()
            || self.intents.is_full()
            || self.methods.is_full()
            || self.charges.is_full()
            || self.refunds.is_full()
            || self.disputes.is_full()
            || self.transfers.is_full()
            || self.tokens.is_full()
            || self.endpoints.is_full()
    }

    /// Forgets everything but the webhook endpoints.
    pub(crate) fn clear(&mut self) {
        let endpoints = std::mem::take(&mut self.endpoints);
        let public_url = std::mem::take(&mut self.public_url);
        *self = Self {
            endpoints,
            public_url,
            ..Self::default()
        };
    }
}
