//! The search box: an exact hit leads straight to its page, several are listed, words lead to the filtered deliveries.
//!
//! Promises: finds nothing that the caller may not see, and says nothing of it.

use actix_web::web::{Data, Query};
use buywire_schemas::ids::{DeliveryId, EventId, OrderId, PartnerId};
use serde::Deserialize;
use uuid::Uuid;

use super::answer::{ConsoleResult, page, see_other};
use super::links::{BASE, link};
use super::request::visitor::Visitor;
use crate::console::frame::Section;
use crate::console::search::{HitRow, SearchPage};
use crate::http::AppState;
use crate::http::delivery::deliveries::owner;
use crate::http::problem::ApiError;
use crate::store::search::SearchHit;

/// Characters of a search: the longest id of a platform is shorter.
const QUERY_CHARS_MAX: usize = 500;
/// The words of the list of deliveries.
const WORDS: [&str; 7] = [
    "status",
    "partner",
    "endpoint",
    "order",
    "event_type",
    "error",
    "since",
];

/// What can be found, what people call it, and where its page is.
const KINDS: [(&str, &str, Option<&str>); 12] = [
    ("ord", "Order", Some("/orders/{id}")),
    ("ack", "Order", Some("/orders/{id}")),
    ("ptn", "Partner", Some("/partners/{slug}")),
    ("ep", "Endpoint", Some("/partners/{slug}/endpoints/{id}")),
    ("evt", "Event", None),
    ("rpl", "Replay", Some("/replays/{id}")),
    ("pst", "Post", Some("/posts/{id}")),
    ("prd", "Product", Some("/catalog/products/{id}")),
    ("run", "Feed run", Some("/catalog/runs/{id}")),
    ("chk", "Checkout", Some("/checkouts/{id}")),
    ("pay", "Payment", Some("/payments/{id}")),
    ("cbk", "Callback", Some("/callbacks/{id}")),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct SearchQuery {
    q: String,
}

/// `GET /console/search`
pub(in crate::http) async fn search(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<SearchQuery>,
) -> ConsoleResult {
    let text = query.q.trim();
    let (mut error, mut hits) = (None, Vec::new());
    match words(text) {
        Some(Ok(pairs)) => {
            let pairs = pairs.iter().copied();
            return Ok(see_other(&link(&format!("{BASE}/deliveries"), pairs)));
        }
        Some(Err(fault)) => error = Some(fault),
        None if text.is_empty() => {}
        None if text.chars().count() > QUERY_CHARS_MAX => {
            error = Some(format!("Type at most {QUERY_CHARS_MAX} characters."));
        }
        None => hits = find(&state, &visitor, text).await?,
    }
    if let [only] = hits.as_slice() {
        return Ok(see_other(&only.href));
    }
    let mut frame = visitor.frame(&state, Section::Other);
    text.clone_into(&mut frame.query);
    page(&SearchPage { frame, error, hits })
}

/// The words of a search by words, such as `partner:acme`; nothing if it is none.
fn words(text: &str) -> Option<Result<Vec<(&'static str, &str)>, String>> {
    let mut pairs = Vec::new();
    let mut unknown = None;
    for word in text.split_whitespace() {
        let named = word.split_once(':');
        let pair = named.and_then(|(name, value)| {
            let name = WORDS.into_iter().find(|word| *word == name)?;
            Some((name, value))
        });
        match pair {
            Some(pair) => pairs.push(pair),
            None => unknown = Some(word),
        }
    }
    match (pairs.is_empty(), unknown) {
        (true, _) => None,
        (false, None) => Some(Ok(pairs)),
        (false, Some(_)) => Some(Err(format!(
            "Beside words such as partner:acme there can be only words: {}.",
            WORDS.join(", ")
        ))),
    }
}

async fn find(state: &AppState, visitor: &Visitor, text: &str) -> Result<Vec<HitRow>, ApiError> {
    if let Some((prefix, id)) = id(text) {
        return by_id(state, visitor, prefix, id).await;
    }
    let owner = visitor.caller.partner().map(|(id, _)| id);
    let found = state.store.find_by_name(text, owner).await?;
    let rows = found.iter().filter_map(|hit| row(visitor, hit));
    let mut rows: Vec<_> = rows.collect();
    // A partner may use the platform's own id.
    rows.dedup_by(|other, first| other.href == first.href);
    Ok(rows)
}

/// The prefix and the UUID of an id.
fn id(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, digits) = text.split_once('_')?;
    let is_id = digits.len() == 32 && !prefix.is_empty();
    is_id.then_some(())?;
    Some((prefix, Uuid::try_parse(digits).ok()?))
}

async fn by_id(
    state: &AppState,
    visitor: &Visitor,
    prefix: &str,
    id: Uuid,
) -> Result<Vec<HitRow>, ApiError> {
    // The platform has the deliveries of the reserved partner only.
    let of_deliveries = owner(state, &visitor.caller).await?.map(|(id, _)| id);
    match prefix {
        "dlv" => {
            let id = DeliveryId::from_uuid(id);
            let found = state.store.delivery(id, of_deliveries).await?;
            Ok(found
                .map(|found| delivery(id, found.event_type, found.partner))
                .into_iter()
                .collect())
        }
        "evt" => of_event(state, visitor, EventId::from_uuid(id), of_deliveries).await,
        "ord" => of_order(state, visitor, OrderId::from_uuid(id)).await,
        "ep" => {
            let found = state.store.find_by_id(prefix, id, of_deliveries).await?;
            Ok(found.iter().filter_map(|hit| row(visitor, hit)).collect())
        }
        _ => {
            let owner = visitor.caller.partner().map(|(id, _)| id);
            let found = state.store.find_by_id(prefix, id, owner).await?;
            Ok(found.iter().filter_map(|hit| row(visitor, hit)).collect())
        }
    }
}

fn delivery(id: DeliveryId, event_type: String, partner: String) -> HitRow {
    HitRow {
        kind: "Delivery",
        name: event_type,
        id: id.to_string(),
        partner,
        href: format!("{BASE}/deliveries/{id}"),
    }
}

/// An event has no page of its own: its deliveries have.
async fn of_event(
    state: &AppState,
    visitor: &Visitor,
    event: EventId,
    owner: Option<PartnerId>,
) -> Result<Vec<HitRow>, ApiError> {
    let found = state.store.find_by_id("evt", event.uuid(), owner).await?;
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let deliveries = state.store.deliveries_of_event(event).await?;
    if deliveries.is_empty() {
        return Ok(row(visitor, &found).into_iter().collect());
    }
    let (name, partner) = (
        found.name.unwrap_or_default(),
        found.partner.unwrap_or_default(),
    );
    let deliveries = deliveries.into_iter();
    Ok(deliveries
        .map(|id| delivery(id, name.clone(), partner.clone()))
        .collect())
}

/// An order's page, or a partner's own deliveries of the order.
async fn of_order(
    state: &AppState,
    visitor: &Visitor,
    order: OrderId,
) -> Result<Vec<HitRow>, ApiError> {
    let Some((owner, slug)) = visitor.caller.partner() else {
        let found = state.store.find_by_id("ord", order.uuid(), None).await?;
        return Ok(found.iter().filter_map(|hit| row(visitor, hit)).collect());
    };
    let own = state.store.deliveries_of_order(order, Some(owner)).await?;
    let first = own.into_iter().next();
    Ok(first
        .map(|found| HitRow {
            kind: "Order",
            name: found.order_id.unwrap_or_default(),
            id: order.to_string(),
            partner: slug.to_string(),
            href: deliveries("order", &order.to_string()),
        })
        .into_iter()
        .collect())
}

/// A hit as it is listed, if the caller may open a page of it.
fn row(visitor: &Visitor, hit: &SearchHit) -> Option<HitRow> {
    let (_, kind, pattern) = KINDS.into_iter().find(|(kind, ..)| *kind == hit.kind)?;
    let slug = hit.partner.as_deref().unwrap_or_default();
    let digits = hit.id.as_simple();
    let id = match hit.kind.as_str() {
        "ptn" => slug.to_owned(),
        "ack" => format!("ord_{digits}"),
        prefix => format!("{prefix}_{digits}"),
    };
    let own = pattern.and_then(|pattern| visitor.page_href(pattern, slug, &id));
    Some(HitRow {
        href: own.or_else(|| elsewhere(visitor, hit, slug, &id))?,
        name: hit.name.clone().unwrap_or_else(|| id.clone()),
        kind,
        id,
        partner: slug.to_owned(),
    })
}

/// Where something is read that has no page of its own, or not for this caller.
fn elsewhere(visitor: &Visitor, hit: &SearchHit, slug: &str, id: &str) -> Option<String> {
    match hit.kind.as_str() {
        "ord" | "ack" | "cbk" => of_its_order(visitor, hit),
        "evt" => of_its_order(visitor, hit).or_else(|| Some(deliveries("partner", slug))),
        "ptn" => Some(deliveries("partner", slug)),
        "ep" => Some(deliveries("endpoint", id)),
        _ => None,
    }
}

/// The page of the order that something is about: for a partner, its own deliveries of the order.
fn of_its_order(visitor: &Visitor, hit: &SearchHit) -> Option<String> {
    let id = hit.order?.to_string();
    let own = || visitor.caller.partner().map(|_| deliveries("order", &id));
    visitor.page_href("/orders/{id}", "", &id).or_else(own)
}

fn deliveries(name: &'static str, value: &str) -> String {
    link(&format!("{BASE}/deliveries"), [(name, value)].into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_apart_and_other_texts_are_names() {
        let parsed = words("partner:acme status:dead  order:P:1")
            .unwrap()
            .unwrap();
        assert_eq!(
            parsed,
            [("partner", "acme"), ("status", "dead"), ("order", "P:1")]
        );
        for name in ["P-1", "shop:42", "acme", ""] {
            assert_eq!(words(name), None, "{name}");
        }
        assert!(words("partner:acme urgent").unwrap().is_err());
    }

    #[test]
    fn an_id_is_a_prefix_and_32_digits() {
        let digits = "0198a0000000700080000000000000ab";
        let text = format!("ord_{digits}");
        assert_eq!(id(&text).map(|(prefix, _)| prefix), Some("ord"));
        for text in ["ord_1", "P-1", digits, "_", "ord_"] {
            assert_eq!(id(text), None, "{text}");
        }
    }
}
