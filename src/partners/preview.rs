//! Previews: the request that would be sent, without sending it.
//!
//! Promises: nothing is stored or sent; the signature is real, made with a key that exists only for this preview.

use std::collections::BTreeMap;

use buywire_adapters::conformance::example_events::example;
use buywire_adapters::contract::Adapter;
use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::contract::request::Delivery;
use buywire_adapters::dialects;
use buywire_adapters::signing::{Attempt, Scheme, SigningKey, sign};
use buywire_schemas::event::{Event, EventType};
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, string};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::partner::{
    empty_settings, parse_adapter, parse_settings, prefix_settings, split_secrets,
};
use super::{PartnerError, Partners};
use crate::ambient;
use crate::secrets::sealed_settings::{self, HeaderValues};
use crate::secrets::signing_key;
use crate::store::partners::Partner;
use crate::store::partners::endpoints::Endpoint;

/// The URL for a partner without an endpoint.
const PLACEHOLDER_URL: &str = "https://partner.example/hooks";

const METHOD: &str = "POST";

const MADE_UP: &str = "Nothing is stored or sent. The signature is made with a key that exists only for this preview, and \
                       the delivery's id is made up.";
const RENDERED_NOW: &str = "This is the request as it would be sent now, with today's settings. The signature is made with \
                            a key that exists only for this preview.";

/// A request that is not sent.
#[derive(Debug, Serialize)]
pub struct Preview {
    pub(crate) request: PreviewedRequest,
    /// The first 8 bytes of SHA-256 of the body in hexadecimal, as attempts keep it.
    #[serde(skip)]
    pub(crate) body_hash: String,
    /// How the preview differs from a real request.
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct PreviewedRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A delivery whose request is previewed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PreviewedDelivery {
    pub id: DeliveryId,
    pub event: EventId,
    pub endpoint: EndpointId,
}

/// What a body selects. The partner's own adapter and settings are the default.
struct PreviewRequest {
    adapter: Option<&'static str>,
    settings: Option<Value>,
    event: EventSelector,
}

/// What is rendered, and for whom.
struct PreviewSubject {
    adapter: &'static dyn Adapter,
    settings: Value,
    event: Event,
    endpoint: Option<Endpoint>,
    id: DeliveryId,
    public_url: String,
}

#[derive(Clone, Copy)]
enum EventSelector {
    Example(EventType),
    Stored(EventId),
}

impl Partners {
    /// The request that the partner would get for one of its events, or for an example of an event type.
    pub async fn preview(
        &self,
        slug: &Slug,
        body: &[u8],
        public_url: &str,
    ) -> Result<Preview, PartnerError> {
        let request = PreviewRequest::parse(body)?;
        let partner = self.store.partner(slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?;
        let endpoints = self.store.endpoints(slug.as_str()).await?;
        let event = self.load_event(&partner, request.event).await?;
        let name = request.adapter.unwrap_or(&partner.adapter);
        let adapter = dialects::by_name(name).ok_or(PartnerError::NotFound)?;
        // Another dialect would not understand the stored settings.
        let mut sealed = HeaderValues::new();
        let settings = match (request.settings, request.adapter) {
            (Some(mut settings), _) if name == partner.adapter => {
                let stored = self.secret_settings(&partner)?;
                let retained = retained_headers(&settings, &stored);
                let values = split_secrets(&mut settings, &stored)?;
                sealed = retained;
                sealed_settings::join(settings, &values)
            }
            (Some(settings), _) => settings,
            (None, Some(other)) if other != partner.adapter => empty_settings(),
            _ => {
                sealed = self.secret_settings(&partner)?;
                sealed_settings::join(partner.settings, &sealed)
            }
        };
        let endpoint = endpoints.into_iter().next();
        let subject = PreviewSubject {
            adapter,
            settings,
            event,
            endpoint,
            id: DeliveryId::generate(),
            public_url: public_url.to_owned(),
        };
        let mut preview = subject.render().await?;
        preview.notes.insert(0, MADE_UP.to_owned());
        mask_secrets(&mut preview.request.headers, &sealed);
        Ok(preview)
    }

    /// The request of a delivery as it would be sent now.
    pub(crate) async fn preview_delivery(
        &self,
        slug: &str,
        delivery: PreviewedDelivery,
        public_url: &str,
    ) -> Result<Preview, PartnerError> {
        let partner = self.store.partner(slug).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?;
        let endpoints = self.store.endpoints(slug).await?;
        let mut endpoints = endpoints.into_iter();
        let endpoint = endpoints.find(|endpoint| endpoint.id == delivery.endpoint);
        let endpoint = endpoint.ok_or(PartnerError::NotFound)?;
        let event = self
            .load_event(&partner, EventSelector::Stored(delivery.event))
            .await?;
        let sealed = self.secret_settings(&partner)?;
        let subject = PreviewSubject {
            adapter: dialects::by_name(&partner.adapter).ok_or(PartnerError::NotFound)?,
            settings: sealed_settings::join(partner.settings, &sealed),
            event,
            endpoint: Some(endpoint),
            id: delivery.id,
            public_url: public_url.to_owned(),
        };
        let mut preview = subject.render().await?;
        preview.notes.insert(0, RENDERED_NOW.to_owned());
        mask_secrets(&mut preview.request.headers, &sealed);
        Ok(preview)
    }

    async fn load_event(
        &self,
        partner: &Partner,
        selector: EventSelector,
    ) -> Result<Event, PartnerError> {
        let found = match selector {
            EventSelector::Example(kind) => example(kind).map(|example| example.event),
            EventSelector::Stored(id) => {
                let stored = self.store.partner_event(partner.id, id).await?;
                stored.map(|stored| Event {
                    id: stored.id,
                    kind: stored.kind,
                    occurred_at: stored.occurred_at,
                    data: stored.data.into(),
                })
            }
        };
        let unknown = || {
            let detail = "must be an event of this partner, or a type such as order.confirmed";
            BodyError::single("/event", Violation::new("event_unknown", detail))
        };
        Ok(found.ok_or_else(unknown)?)
    }
}

impl PreviewRequest {
    fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let adapter = body.optional("adapter", string(parse_adapter));
        let settings = body.optional("settings", parse_settings);
        let event = body.optional("event", string(parse_event));
        body.finish(|| {
            Some(Self {
                adapter,
                settings,
                event: event.unwrap_or(EventSelector::Example(EventType::OrderConfirmed)),
            })
        })
    }
}

fn parse_event(text: &str) -> Result<EventSelector, Violation> {
    match text.parse() {
        Ok(id) => Ok(EventSelector::Stored(id)),
        Err(_) => text.parse().map(EventSelector::Example),
    }
}

impl PreviewSubject {
    /// Adapters are code of partners' dialects: they run where they block nobody, and may panic.
    async fn render(self) -> Result<Preview, BodyError> {
        let rendering = tokio::task::spawn_blocking(move || render_preview(&self));
        rendering
            .await
            .unwrap_or_else(|_| Err(unrenderable("the adapter panicked")))
    }
}

fn render_preview(subject: &PreviewSubject) -> Result<Preview, BodyError> {
    let (adapter, settings) = (subject.adapter, &subject.settings);
    let endpoint = subject.endpoint.as_ref();
    let dialect = ConfiguredAdapter::new(adapter, settings).map_err(prefix_settings)?;
    let url = endpoint.map_or(PLACEHOLDER_URL, |endpoint| &endpoint.url);
    let url = Url::parse(url).map_err(|_| unrenderable("its endpoint has no URL"))?;
    let id = subject.id.to_string();
    let delivery = Delivery {
        id: &id,
        event: &subject.event,
        settings,
        endpoint: &url,
        public_url: &subject.public_url,
    };
    let rendered = dialect.render(&delivery);
    let rendered = rendered.map_err(|refusal| unrenderable(&refusal.to_string()))?;
    let attempt = Attempt {
        webhook_id: &id,
        timestamp_s: ambient::now().unix_timestamp(),
        method: METHOD,
        endpoint: &url,
        rotation: 0,
    };
    let schemes = dialect.signature_schemes(settings);
    let signed = sign(&schemes, &throwaway_keys(&schemes), &attempt, rendered);
    let (content_type, headers, body) = signed.into_parts();
    let mut headers: BTreeMap<_, _> = headers
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value))
        .collect();
    headers.insert("content-type".to_owned(), content_type.into_owned());
    let digest = Sha256::digest(&body);
    let body_hash = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
    Ok(Preview {
        body_hash: body_hash.collect(),
        request: PreviewedRequest {
            method: METHOD,
            url: url.into(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        },
        notes: notes(adapter, settings, endpoint),
    })
}

/// The stored values that settings with null for them keep.
fn retained_headers(settings: &Value, stored: &HeaderValues) -> HeaderValues {
    let headers = settings.get("headers").and_then(Value::as_object);
    let is_kept = |name: &str| headers.is_some_and(|all| all.get(name).is_some_and(Value::is_null));
    let kept = stored.iter().filter(|(name, _)| is_kept(name));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Hides sealed values that are sent unchanged. What a template makes of an event is shown.
fn mask_secrets(headers: &mut BTreeMap<String, String>, sealed: &HeaderValues) {
    for (name, value) in sealed {
        if let Some(header) = headers.get_mut(&name.to_ascii_lowercase())
            && !value.contains("{{")
            && !value.contains("{%")
        {
            "***".clone_into(header);
        }
    }
}

fn notes(adapter: &dyn Adapter, settings: &Value, endpoint: Option<&Endpoint>) -> Vec<String> {
    let mut notes = Vec::new();
    match endpoint {
        None => notes.push("The partner has no endpoint yet, so the URL is made up.".to_owned()),
        Some(endpoint) if !endpoint.header_names.is_empty() => notes.push(format!(
            "The endpoint adds its own headers: {}.",
            endpoint.header_names.join(", ")
        )),
        Some(_) => {}
    }
    if let Err(BodyError::Invalid(faults)) = adapter.check_settings(settings) {
        notes.extend(faults.iter().map(|fault| {
            format!(
                "These settings would be refused: /settings{}: {}.",
                fault.pointer, fault.detail
            )
        }));
    }
    notes
}

/// One key of every kind that the schemes sign with.
fn throwaway_keys(schemes: &[Scheme]) -> Vec<SigningKey> {
    let kinds = schemes.iter().flat_map(Scheme::key_kinds);
    kinds.map(signing_key::generate_of).collect()
}

fn unrenderable(reason: &str) -> BodyError {
    BodyError::single("/event", Violation::new("unrenderable", reason.to_owned()))
}
