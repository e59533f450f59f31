//! The list of deliveries.

use actix_web::web::{Data, Query};
use buywire_schemas::event::EventType;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::ambient;
use crate::console::Moment;
use crate::console::delivery::list::{DeliveriesPage, DeliveryFields, DeliveryRow};
use crate::console::frame::Section;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::{BASE, link, since};
use crate::http::console::lists::{ListUrl, matching};
use crate::http::console::request::visitor::Visitor;
use crate::http::delivery::deliveries::{
    DeliveryStatus, ListDeliveriesQuery, count_matches, find_page,
};
use crate::store::delivery::counting::MatchCount;
use crate::store::delivery::list::DeliveryView;

/// The query of the page. A form sends its empty fields too.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::http) struct DeliveriesQuery {
    #[serde(default)]
    status: String,
    #[serde(default)]
    partner: String,
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    event_type: String,
    #[serde(default)]
    error: String,
    /// How long ago at most, such as `2h`.
    #[serde(default)]
    since: String,
    #[serde(default)]
    cursor: String,
}

const STATES: [(&str, &str); 4] = [
    ("", "All"),
    ("pending", "Waiting"),
    ("delivered", "Delivered"),
    ("dead", "Dead"),
];

/// `GET /console/deliveries`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<DeliveriesQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let mut error = None;
    let (mut rows, mut next, mut count) = (Vec::new(), None, MatchCount::default());
    match query.parse(now) {
        Ok(parsed) => {
            let found = find_page(&state, &visitor.caller, &parsed).await?;
            count = count_matches(&state, &visitor.caller, &parsed).await?;
            rows = found.data;
            next = found.next_cursor;
        }
        Err(fault) => error = Some(fault.to_owned()),
    }
    let mut frame = visitor.frame(&state, Section::Deliveries);
    if query.cursor.is_empty() {
        frame.live = Some(visitor.url.clone());
    }
    page(&DeliveriesPage {
        frame,
        chips: query.url().chips("status", &STATES),
        fields: query.fields(),
        error,
        pager: query.url().pager_saying(
            matching(count, ("delivery", "deliveries")),
            &query.cursor,
            next.as_deref(),
        ),
        replay: (query.is_replayable(&visitor) && !rows.is_empty()).then(|| query.replay_href()),
        is_filtered: query.url().is_filtered(),
        rows: rows
            .into_iter()
            .map(|found| row(&visitor, found, now))
            .collect(),
    })
}

fn row(visitor: &Visitor, found: DeliveryView, now: OffsetDateTime) -> DeliveryRow {
    let is_pending = found.status == "pending";
    DeliveryRow {
        order_href: found
            .order
            .and_then(|id| visitor.page_href("/orders/{id}", "", &id.to_string())),
        id: found.id.to_string(),
        state: State::of_delivery(&found.status),
        event_type: found.event_type,
        order: found.order_id,
        partner: found.partner,
        attempts: found.attempt_count,
        problem: found
            .last_error
            .or(found.reason)
            .filter(|_| found.delivered_at.is_none()),
        created_at: Moment::new(found.created_at, now),
        due_at: Moment::optional(found.due_at.filter(|_| is_pending), now),
    }
}

impl DeliveriesQuery {
    fn parse(&self, now: OffsetDateTime) -> Result<ListDeliveriesQuery, &'static str> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let status = match self.status.as_str() {
            "" => None,
            "pending" => Some(DeliveryStatus::Pending),
            "delivered" => Some(DeliveryStatus::Delivered),
            "dead" => Some(DeliveryStatus::Dead),
            _ => return Err("A state is pending, delivered or dead."),
        };
        let endpoint = given(&self.endpoint).map(|id| id.parse());
        let event_type = given(&self.event_type).map(|kind| kind.parse());
        Ok(ListDeliveriesQuery {
            status,
            partner: given(&self.partner),
            endpoint: endpoint
                .transpose()
                .map_err(|_| "An endpoint's id begins with ep_.")?,
            order: given(&self.order),
            event_type: event_type
                .transpose()
                .map_err(|_| "There is no such event type.")?,
            error: given(&self.error),
            since: since(&self.since, now)?,
            until: None,
            limit: None,
            cursor: given(&self.cursor),
        })
    }

    fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("status", &self.status),
            ("partner", &self.partner),
            ("endpoint", &self.endpoint),
            ("order", &self.order),
            ("event_type", &self.event_type),
            ("error", &self.error),
            ("since", &self.since),
        ]
    }

    /// Whether all that match can be replayed at once, and by whoever looks.
    fn is_replayable(&self, visitor: &Visitor) -> bool {
        matches!(self.status.as_str(), "dead" | "pending")
            && self.order.is_empty()
            && !visitor.caller.is_platform()
    }

    /// This list as a URL.
    fn url(&self) -> ListUrl<'_> {
        ListUrl::new(&format!("{BASE}/deliveries"), self.pairs().to_vec())
    }

    fn replay_href(&self) -> String {
        link(&format!("{BASE}/replays/new"), self.pairs().into_iter())
    }

    fn fields(&self) -> DeliveryFields {
        DeliveryFields {
            status: self.status.clone(),
            partner: self.partner.clone(),
            endpoint: self.endpoint.clone(),
            order: self.order.clone(),
            event_type: self.event_type.clone(),
            error: self.error.clone(),
            since: self.since.clone(),
            event_types: EventType::ALL.iter().map(|kind| kind.as_str()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_in_every_link() {
        let query = DeliveriesQuery {
            status: "dead".into(),
            order: "P 1&x".into(),
            cursor: "abc".into(),
            ..DeliveriesQuery::default()
        };
        let chips = query.url().chips("status", &STATES);
        assert_eq!(chips[0].href, "/console/deliveries?order=P+1%26x");
        assert_eq!(
            chips[1].href,
            "/console/deliveries?order=P+1%26x&status=pending"
        );
        assert!(chips[3].is_current);
        assert_eq!(
            query.replay_href(),
            "/console/replays/new?status=dead&order=P+1%26x"
        );
    }
}
