//! How goods get to the buyer: a method for each seller, with one group of its lines.

use buywire_checkout::tables::DeliveryOption;
use serde_json::{Value, json};

use crate::agents::details::Destination;
use crate::agents::session::AgentSession;

/// Begins a method's id; the seller follows.
pub(super) const METHOD_PREFIX: &str = "m_";

/// `None`: nothing is shipped.
pub(super) fn fulfillment(session: &AgentSession) -> Option<Value> {
    let sellers = session.view.partners().into_iter();
    let methods = sellers.filter_map(|partner| {
        let lines = session.line_ids(partner);
        if lines.is_empty() {
            return None;
        }
        let choice = session
            .deliveries()
            .iter()
            .find(|choice| choice.partner == *partner);
        let options = choice.map(|choice| choice.options.iter().map(option).collect::<Vec<_>>());
        let destinations: Vec<_> = session
            .details
            .destination
            .iter()
            .map(destination)
            .collect();
        let selected = session.details.destination.as_ref().map(destination_id);
        let mut group = json!({
            "id": format!("g_{partner}"),
            "line_item_ids": lines,
            "options": options.unwrap_or_default(),
        });
        if let (Some(choice), Some(members)) = (choice, group.as_object_mut()) {
            members.insert("selected_option_id".to_owned(), json!(choice.chosen));
        }
        let mut method = json!({
            "id": format!("{METHOD_PREFIX}{partner}"),
            "type": "shipping",
            "line_item_ids": lines,
            "groups": [group],
        });
        if let (Some(selected), Some(members)) = (selected, method.as_object_mut()) {
            members.insert("destinations".to_owned(), json!(destinations));
            members.insert("selected_destination_id".to_owned(), json!(selected));
        }
        Some(method)
    });
    let methods: Vec<_> = methods.collect();
    (!methods.is_empty()).then(|| json!({"methods": methods}))
}

/// What a buyer can expect of an order: nothing once it is cancelled.
pub(super) fn expectations(session: &AgentSession, is_current: bool) -> Vec<Value> {
    let to = session.details.destination.as_ref();
    let sellers = session.view.partners().into_iter().filter(|_| is_current);
    let shipped = sellers.filter_map(|partner| {
        let lines = session.lines();
        let own = lines
            .iter()
            .filter(|one| one.line.partner == *partner && !one.line.is_digital);
        let own = own.map(|one| json!({"id": one.id, "quantity": one.line.quantity}));
        let own: Vec<_> = own.collect();
        (!own.is_empty()).then(|| {
            json!({
                "id": format!("exp_{partner}"),
                "line_items": own,
                "method_type": "shipping",
                "destination": to.map_or_else(|| json!({}), destination),
            })
        })
    });
    shipped.collect()
}

fn option(option: &DeliveryOption) -> Value {
    json!({
        "id": option.id,
        "title": option.title,
        "totals": [
            {"type": "fulfillment", "display_text": "Delivery", "amount": option.price},
            {"type": "total", "display_text": "Total", "amount": option.price},
        ],
    })
}

fn destination_id(destination: &Destination) -> &str {
    destination.id.as_deref().unwrap_or("destination_1")
}

fn destination(destination: &Destination) -> Value {
    let members = [
        ("id", destination_id(destination)),
        ("last_name", destination.name.as_str()),
        ("street_address", &destination.line1),
        ("extended_address", &destination.line2),
        ("address_locality", &destination.city),
        ("address_region", &destination.region),
        ("postal_code", &destination.postal_code),
        ("address_country", &destination.country),
    ];
    let given = members.into_iter().filter(|(_, value)| is_given(value));
    given
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
}

pub(super) fn is_given(text: &str) -> bool {
    !text.trim().is_empty()
}
