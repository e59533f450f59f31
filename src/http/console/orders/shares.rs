//! What each partner of an order received and reported.

use std::collections::BTreeMap;

use buywire_schemas::event::{FulfilmentState, OrderReport};
use time::OffsetDateTime;

use super::body::OrderBody;
use crate::console::Moment;
use crate::console::format::counted;
use crate::console::orders::order::{Fact, PartnerShare, ShareDelivery, ShareEvent};
use crate::console::state::State;
use crate::http::orders::timeline::{Timeline, TimelineDelivery, TimelineEvent};

/// Partners in the order of the alphabet; the platform is one if it receives reports.
pub(super) fn shares(order: &Timeline, body: &OrderBody, now: OffsetDateTime) -> Vec<PartnerShare> {
    let mut by_partner: BTreeMap<&str, Vec<ShareEvent>> = BTreeMap::new();
    for line in &body.lines {
        by_partner.entry(&line.partner).or_default();
    }
    for event in &order.events {
        let partner = event.partner.as_deref().unwrap_or("platform");
        let events = by_partner.entry(partner).or_default();
        events.push(share_event(event, now));
    }
    let shares = by_partner.into_iter();
    shares
        .map(|(partner, events)| PartnerShare {
            facts: facts(order, body, partner),
            permalink: permalink(order, partner),
            partner: partner.to_owned(),
            events,
        })
        .collect()
}

fn share_event(event: &TimelineEvent, now: OffsetDateTime) -> ShareEvent {
    ShareEvent {
        event_type: event.kind.to_owned(),
        at: Moment::new(event.timestamp, now),
        deliveries: event.deliveries.iter().map(share_delivery).collect(),
    }
}

fn share_delivery(one: &TimelineDelivery) -> ShareDelivery {
    let delivery = &one.delivery;
    let problem = delivery.last_error.as_ref().or(delivery.reason.as_ref());
    ShareDelivery {
        id: delivery.id.to_string(),
        state: State::of_delivery(&delivery.status),
        attempts: counted(delivery.attempt_count.into(), "attempt", "attempts"),
        problem: problem
            .filter(|_| delivery.delivered_at.is_none())
            .map(|problem| problem.replace('_', " ")),
    }
}

fn facts(order: &Timeline, body: &OrderBody, partner: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |name, value: Option<String>| {
        if let Some(value) = value {
            facts.push(Fact { name, value });
        }
    };
    let named = order
        .acknowledgements
        .iter()
        .find(|one| one.partner == partner);
    if let Some(named) = named {
        fact("The partner's id", named.order_id.clone());
        fact("Its order number", named.number.clone());
    }
    let report = order.reports.iter().find(|one| one.partner == partner);
    if let Some(report) = report {
        fact("Fulfilment", Some(fulfilment(&report.report)));
        fact("Captured", Some(body.money(report.report.captured)));
        if report.report.refunded > 0 {
            fact("Refunded", Some(body.money(report.report.refunded)));
        }
        fact("Attention", attention(&report.report));
        fact(
            "Callbacks",
            Some(counted(
                i64::try_from(report.callbacks.len()).unwrap_or(i64::MAX),
                "callback",
                "callbacks",
            )),
        );
    }
    facts
}

fn fulfilment(report: &OrderReport) -> String {
    let state = match report.fulfilment.state {
        FulfilmentState::Open => "nothing has shipped",
        FulfilmentState::PartlyShipped => "partly shipped",
        FulfilmentState::Shipped => "shipped",
        FulfilmentState::Delivered => "delivered",
    };
    let parcels = report.fulfilment.shipments.len();
    match i64::try_from(parcels).unwrap_or(i64::MAX) {
        0 => state.to_owned(),
        parcels => format!("{state}, {}", counted(parcels, "parcel", "parcels")),
    }
}

/// What a person should look at.
fn attention(report: &OrderReport) -> Option<String> {
    let mut parts = Vec::new();
    if report.cancelled.is_some() {
        parts.push("the partner has cancelled it".to_owned());
    }
    if report.disputed.is_some() {
        parts.push("the buyer disputes the payment".to_owned());
    }
    let warnings = i64::try_from(report.warnings.len()).unwrap_or(i64::MAX);
    if warnings > 0 {
        parts.push(counted(warnings, "warning", "warnings"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The partner's page. Its reply names it, so it may be anything: only web pages are linked.
fn permalink(order: &Timeline, partner: &str) -> Option<String> {
    let named = order
        .acknowledgements
        .iter()
        .find(|one| one.partner == partner)?;
    let link = named.permalink.as_ref()?;
    let is_web = link.starts_with("https://") || link.starts_with("http://");
    is_web.then(|| link.clone())
}
