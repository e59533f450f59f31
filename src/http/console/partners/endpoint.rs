//! One endpoint, and its test.

use std::time::Duration;

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::{DeliveryId, EndpointId};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::attempt_hours::attempt_hours;
use super::endpoint_acts::back;
use super::{STALE, endpoint_fields, endpoint_path, may, partner_href, states};
use crate::ambient;
use crate::console::Moment;
use crate::console::format::grouped;
use crate::console::frame::Section;
use crate::console::partners::endpoint::{
    CertificateFacts, Count, EndpointPage, KeyRow, PublicKeyRow,
};
use crate::console::state::State;
use crate::http::AppState;
use crate::http::access::auth::Access;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::hours::last_hours;
use crate::http::console::links::BASE;
use crate::http::console::rendered::address;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::once;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::problem::ApiError;
use crate::idempotency::AnswerSlot;
use crate::partners::PartnerError;
use crate::store::partners::endpoints::{COUNT_MAX, EndpointBacklog, EndpointKeyEntry};

/// How long a test waits for its first attempt before its delivery is shown.
const TEST_POLLS_MAX: u32 = 20;
const TEST_POLL: Duration = Duration::from_millis(150);

const DONE: [(&str, &str, &str); 8] = [
    ("created", "ok", "The endpoint is created."),
    (
        "saved",
        "ok",
        "Saved. It counts from the next attempt on, also for what waits.",
    ),
    (
        "enabled",
        "ok",
        "The endpoint is enabled. What waits is sent at a rising rate.",
    ),
    (
        "disabled",
        "ok",
        "The endpoint is paused. Its deliveries wait.",
    ),
    (
        "trials",
        "warn",
        "Ten tests a minute may go to a host that has accepted nothing yet. Wait a minute.",
    ),
    ("unchanged", "ok", "It is so already. Nothing was changed."),
    ("sent", "warn", once::SENT),
    STALE,
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct EndpointQuery {
    done: Option<String>,
}

/// `GET /console/partners/{slug}/endpoints/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    path: Path<(String, String)>,
    query: Query<EndpointQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let (slug, id) = endpoint_path(&path)?;
    let partner = state.partners.partner(&slug).await?;
    let document = state.partners.endpoint(&slug, id).await?;
    let endpoint = &document.endpoint;
    let keys = state.store.endpoint_keys(id).await?;
    let backlog = state.store.endpoint_backlog(id).await?;
    let (own_state, sentence) = states::of_endpoint(endpoint, partner.is_suspended(), now);
    let mut frame = visitor.live_frame(&state, Section::Partners);
    frame.flash = flash(query.done.as_deref(), &DONE);
    let sees_dialect = may(Access::Operator, &visitor.caller, &slug);
    page(&EndpointPage {
        frame,
        url: address(&endpoint.url),
        state: own_state,
        sentence,
        is_enabled: endpoint.status == "enabled",
        version: endpoint.version,
        counts: counts(id, backlog),
        attempts: attempt_hours(&last_hours(&state, id, now).await?),
        settings: endpoint_fields::settings(endpoint),
        dialect: sees_dialect.then(|| format!("{}/settings", partner_href(&slug))),
        keys: keys.into_iter().map(|key| key_row(&key, now)).collect(),
        public_keys: document
            .public_keys
            .iter()
            .map(|key| PublicKeyRow {
                kid: key.kid.clone(),
                key: key.key.clone(),
                valid_until: Moment::optional(key.valid_until, now),
            })
            .collect(),
        certificate: certificate(endpoint.tls_summary.as_ref(), now),
        created_at: Moment::new(endpoint.created_at, now),
        slug: slug.to_string(),
        id: id.to_string(),
    })
}

fn counts(id: EndpointId, backlog: EndpointBacklog) -> Vec<Count> {
    let count = |name, status, number: i64| Count {
        name,
        number: match number {
            COUNT_MAX.. => format!("{}+", grouped(COUNT_MAX)),
            number => grouped(number),
        },
        href: format!("{BASE}/deliveries?status={status}&endpoint={id}"),
    };
    vec![
        count("Waiting", "pending", backlog.waiting),
        count("Dead", "dead", backlog.dead),
    ]
}

fn key_row(key: &EndpointKeyEntry, now: OffsetDateTime) -> KeyRow {
    KeyRow {
        name: match key.kind.as_str() {
            "shared" => "Secret (whsec_…)",
            _ => "Ed25519 key pair",
        },
        created_at: Moment::new(key.created_at, now),
        valid_until: Moment::optional(key.valid_until, now),
    }
}

fn certificate(summary: Option<&Value>, now: OffsetDateTime) -> Option<CertificateFacts> {
    let certificate = summary?.get("client_certificate")?.as_object()?;
    let text = |name| certificate.get(name).and_then(Value::as_str);
    let not_after = text("not_after").and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
    let expires_soon = certificate.get("expires_soon").and_then(Value::as_bool);
    Some(CertificateFacts {
        state: match expires_soon {
            _ if not_after.is_some_and(|at| at <= now) => State::bad("Expired"),
            Some(true) => State::warn("Expires soon"),
            _ => State::ok("Valid"),
        },
        subject: text("subject").unwrap_or_default().to_owned(),
        not_after: Moment::optional(not_after, now),
    })
}

/// `POST /console/partners/{slug}/endpoints/{id}/test`: leads to the delivery, with its reply if it comes soon.
pub(in crate::http) async fn test(
    state: Data<AppState>,
    visitor: Visitor,
    _: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(&path)?;
    let (principal, slot) = (visitor.caller.principal(), AnswerSlot::default());
    let partners = &state.partners;
    match partners.test_endpoint(principal, &slug, id, &slot).await {
        Ok(sent) => {
            wait_for_attempt(&state, sent.delivery).await?;
            Ok(see_other(&format!("{BASE}/deliveries/{}", sent.delivery)))
        }
        Err(PartnerError::Trial(_)) => Ok(back(&slug, id, "trials")),
        Err(error) => Err(error.into()),
    }
}

async fn wait_for_attempt(state: &AppState, delivery: DeliveryId) -> Result<(), ApiError> {
    for _ in 0..TEST_POLLS_MAX {
        if !state.store.attempts(&[delivery]).await?.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(TEST_POLL).await;
    }
    Ok(())
}
