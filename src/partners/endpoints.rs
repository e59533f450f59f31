//! Endpoints: created, changed, enabled, disabled, deleted.
//!
//! Promises: every change notifies the owner of the endpoint's shard, which uses it within a second.

use buywire_adapters::signing::SigningKey;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{EndpointId, PartnerId};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, string};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::endpoint_connection::check_proxy;
use super::endpoint_keys::{EndpointDocument, check_secret, parse_secret};
use super::endpoint_patch::{
    EVENT_TYPES_DEFAULT, EndpointPatch, IN_FLIGHT_DEFAULT, TEST_ORDERS_DEFAULT,
};
use super::{PartnerError, Partners, Principal, parse_reason};
use crate::db::Tx;
use crate::egress::{SavedBy, TargetUrl};
use crate::idempotency::AnswerSlot;
use crate::notifier::changes::ConfigChange;
use crate::secrets::master_key::SealError;
use crate::secrets::{sealed_url, signing_key};
use crate::store::events::{EmittedDelivery, emit_operational};
use crate::store::partners;
use crate::store::partners::endpoints::{self, Endpoint, host};

/// Of one partner. More are most likely a bug in a loop, and each costs a delivery per event.
const ENDPOINTS_MAX: i64 = 50;

/// An endpoint that was just created.
#[derive(Serialize)]
pub(crate) struct CreatedEndpoint {
    #[serde(flatten)]
    pub(crate) document: EndpointDocument,
    /// Shown only here.
    pub(crate) secret: String,
}

/// The endpoint that a request changes.
#[derive(Debug, Clone, Copy)]
pub struct EndpointRef<'a> {
    /// Its partner.
    pub slug: &'a Slug,
    pub id: EndpointId,
    /// The version that the caller has read. `None`: whatever it is now.
    pub version: Option<i64>,
}

impl<'a> EndpointRef<'a> {
    /// The endpoint, whatever its version is.
    pub const fn new(slug: &'a Slug, id: EndpointId) -> Self {
        Self {
            slug,
            id,
            version: None,
        }
    }

    /// Locks it, unless it has changed since the caller read it.
    pub(super) async fn lock(self, tx: &Tx<'_>) -> Result<Endpoint, PartnerError> {
        let endpoint = lock_endpoint(tx, self.slug, self.id).await?;
        match self.version.is_none_or(|read| read == endpoint.version) {
            true => Ok(endpoint),
            false => Err(PartnerError::Stale),
        }
    }
}

impl Partners {
    pub(crate) async fn create_endpoint(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<CreatedEndpoint, PartnerError> {
        let (patch, key) = self.parse_new_endpoint(principal, body)?;
        patch.check_rights(principal)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
        if endpoints::count(&tx, partner.id).await? >= ENDPOINTS_MAX {
            return Err(PartnerError::Full(
                "A partner has at most 50 endpoints. Delete one that is no longer used.",
            ));
        }
        check_secret(&partner, &key)?;
        let mut endpoint = default_endpoint(slug, partner.id);
        self.apply_endpoint_patch(patch, principal.saved_by(), &mut endpoint)?;
        endpoints::add(&tx, &endpoint).await?;
        self.add_keys(&tx, &partner, endpoint.id, &key).await?;
        let details = json!({"partner": slug, "host": host(&endpoint.url), "event_types": endpoint.event_types});
        principal
            .record(&tx, "endpoint.create", endpoint.id, details)
            .await?;
        let id = endpoint.id;
        let created = CreatedEndpoint {
            document: self.endpoint_document(lock_endpoint(&tx, slug, id).await?)?,
            secret: key.expose().to_owned(),
        };
        slot.keep(&tx, &created).await?;
        tx.commit().await?;
        self.notifier.notify_change(ConfigChange::Endpoint(id));
        Ok(created)
    }

    pub async fn endpoint(
        &self,
        slug: &Slug,
        id: EndpointId,
    ) -> Result<EndpointDocument, PartnerError> {
        let endpoint = self.store.endpoint(slug.as_str(), id).await?;
        Ok(self.endpoint_document(endpoint.ok_or(PartnerError::NotFound)?)?)
    }

    pub async fn endpoints(&self, slug: &Slug) -> Result<Vec<EndpointDocument>, PartnerError> {
        self.must_exist(slug).await?;
        let endpoints = self.store.endpoints(slug.as_str()).await?.into_iter();
        let documents = endpoints.map(|endpoint| self.endpoint_document(endpoint));
        Ok(documents.collect::<Result<_, _>>()?)
    }

    /// Change an endpoint. Its open deliveries go to the changed endpoint.
    pub async fn update_endpoint(
        &self,
        principal: Principal<'_>,
        target: EndpointRef<'_>,
        body: &[u8],
    ) -> Result<EndpointDocument, PartnerError> {
        let patch = self.parse_endpoint_patch(principal, body)?;
        patch.check_rights(principal)?;
        let changed = patch.changed_fields();
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let mut endpoint = target.lock(&tx).await?;
        let url_before = self.full_url(&endpoint)?;
        self.apply_endpoint_patch(patch, principal.saved_by(), &mut endpoint)?;
        endpoints::save(&tx, &endpoint).await?;
        let mut details = json!({"changed": changed});
        let mut emitted = Vec::new();
        if self.full_url(&endpoint)? != url_before {
            let (before, after) = (host(&url_before), host(&endpoint.url));
            details = json!({"changed": changed, "host": {"from": before, "to": after}});
            emitted = emit_url_change(&tx, &endpoint, before).await?;
        }
        principal
            .record(&tx, "endpoint.update", target.id, details)
            .await?;
        tx.commit().await?;
        self.notifier
            .notify_change(ConfigChange::Endpoint(target.id));
        self.notifier.notify_due(&emitted);
        Ok(self.endpoint_document(endpoint)?)
    }

    /// Delete an endpoint. Retention makes its open deliveries dead, in slices.
    pub async fn delete_endpoint(
        &self,
        principal: Principal<'_>,
        target: EndpointRef<'_>,
    ) -> Result<(), PartnerError> {
        let EndpointRef { slug, id, .. } = target;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let endpoint = target.lock(&tx).await?;
        endpoints::delete(&tx, id).await?;
        let details = json!({"partner": slug, "host": host(&endpoint.url)});
        principal
            .record(&tx, "endpoint.delete", id, details)
            .await?;
        tx.commit().await?;
        self.notifier.notify_change(ConfigChange::Endpoint(id));
        Ok(())
    }

    /// Send to an endpoint again. If it is enabled already, nothing changes.
    pub async fn enable_endpoint(
        &self,
        principal: Principal<'_>,
        target: EndpointRef<'_>,
    ) -> Result<EndpointDocument, PartnerError> {
        let EndpointRef { slug, id, .. } = target;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        target.lock(&tx).await?;
        if endpoints::enable(&tx, id).await? {
            let details = json!({"partner": slug});
            principal
                .record(&tx, "endpoint.enable", id, details)
                .await?;
        }
        let endpoint = lock_endpoint(&tx, slug, id).await?;
        tx.commit().await?;
        self.notifier.notify_change(ConfigChange::Endpoint(id));
        Ok(self.endpoint_document(endpoint)?)
    }

    /// Send nothing to an endpoint until it is enabled. Its deliveries wait.
    pub async fn disable_endpoint(
        &self,
        principal: Principal<'_>,
        target: EndpointRef<'_>,
        body: &[u8],
    ) -> Result<EndpointDocument, PartnerError> {
        let EndpointRef { slug, id, .. } = target;
        let details = json!({"partner": slug, "reason": parse_reason(body)?});
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        target.lock(&tx).await?;
        endpoints::disable(&tx, id).await?;
        principal
            .record(&tx, "endpoint.disable", id, details)
            .await?;
        let endpoint = lock_endpoint(&tx, slug, id).await?;
        tx.commit().await?;
        self.notifier.notify_change(ConfigChange::Endpoint(id));
        Ok(self.endpoint_document(endpoint)?)
    }

    fn parse_new_endpoint(
        &self,
        principal: Principal<'_>,
        body: &[u8],
    ) -> Result<(EndpointPatch, SigningKey), BodyError> {
        let mut body = Reader::object(body)?;
        if !body.has("url") {
            body.refuse("/url", Violation::new("missing", "must be present"));
        }
        let patch = EndpointPatch::read(&mut body, principal.saved_by(), &self.policy);
        let secret = body.optional("secret", string(parse_secret));
        body.finish(|| Some((patch, secret.unwrap_or_else(signing_key::generate))))
    }

    pub(super) fn parse_endpoint_patch(
        &self,
        principal: Principal<'_>,
        body: &[u8],
    ) -> Result<EndpointPatch, BodyError> {
        let mut body = Reader::object(body)?;
        let patch = EndpointPatch::read(&mut body, principal.saved_by(), &self.policy);
        body.finish(|| Some(patch))
    }

    pub(super) fn apply_endpoint_patch(
        &self,
        patch: EndpointPatch,
        saved_by: SavedBy,
        endpoint: &mut Endpoint,
    ) -> Result<(), PartnerError> {
        if let Some(url) = patch.url {
            self.apply_url(&url, saved_by, endpoint)?;
        }
        if let Some(headers) = patch.headers {
            let headers = headers.apply_to(&self.open_headers(endpoint)?)?;
            endpoint.header_names = headers.names().map(str::to_owned).collect();
            endpoint.headers = self.seal_headers(endpoint.id, &headers)?;
        }
        if let Some(tls) = patch.tls {
            self.apply_tls(tls, endpoint)?;
        }
        if let Some(proxy) = patch.proxy {
            self.apply_proxy(proxy, endpoint)?;
        }
        check_proxy(endpoint)?;
        self.reseal_connection(endpoint)?;
        if let Some(event_types) = patch.event_types {
            endpoint.event_types = event_types;
        }
        if let Some(retry) = patch.retry {
            endpoint.retry = retry;
        }
        if let Some(max_in_flight) = patch.max_in_flight {
            endpoint.max_in_flight = max_in_flight;
        }
        if let Some(rate) = patch.rate_per_second {
            endpoint.rate_per_second = rate;
        }
        if let Some(test_orders) = patch.test_orders {
            endpoint.test_orders = test_orders.to_owned();
        }
        Ok(())
    }
}

impl Partners {
    /// Set the URL. A caller may send back the masked URL it was shown, which changes nothing.
    fn apply_url(
        &self,
        url: &TargetUrl,
        saved_by: SavedBy,
        endpoint: &mut Endpoint,
    ) -> Result<(), PartnerError> {
        let is_unchanged = endpoint.sealed_url.is_some() && url.as_str() == endpoint.url;
        if sealed_url::is_masked(url.url()) && !is_unchanged {
            let detail = "must be the whole URL; `***` stands for the part that is not shown";
            return Err(BodyError::single("/url", Violation::new("url_masked", detail)).into());
        }
        // Who saved it decides what it may reach: a partner's URL reaches less than an operator's.
        if !is_unchanged {
            let id = endpoint.id.to_string();
            let stored_url = sealed_url::seal(&self.master, "endpoints", &id, url.url())?;
            endpoint.url = stored_url.masked;
            endpoint.sealed_url = stored_url.sealed;
            endpoint.url_saved_by = saved_by_name(saved_by).to_owned();
        }
        Ok(())
    }

    pub(super) fn full_url(&self, endpoint: &Endpoint) -> Result<String, SealError> {
        let id = endpoint.id.to_string();
        let sealed = endpoint.sealed_url.as_deref();
        sealed_url::open(&self.master, "endpoints", &id, &endpoint.url, sealed)
    }
}

fn default_endpoint(slug: &Slug, partner_id: PartnerId) -> Endpoint {
    Endpoint {
        id: EndpointId::generate(),
        partner: slug.to_string(),
        partner_id,
        url: String::new(),
        sealed_url: None,
        url_saved_by: saved_by_name(SavedBy::Partner).to_owned(),
        event_types: vec![EVENT_TYPES_DEFAULT.to_owned()],
        headers: None,
        header_names: Vec::new(),
        tls: None,
        tls_summary: None,
        proxy: None,
        sealed_proxy: None,
        retry: None,
        max_in_flight: IN_FLIGHT_DEFAULT,
        rate_per_second: None,
        test_orders: TEST_ORDERS_DEFAULT.to_owned(),
        status: "enabled".to_owned(),
        status_reason: None,
        circuit: "closed".to_owned(),
        failing_since: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
        version: 0,
        key_pairs: Vec::new(),
    }
}

pub(super) fn saved_by_name(saved_by: SavedBy) -> &'static str {
    match saved_by {
        SavedBy::Operator => "operator",
        SavedBy::Partner => "partner",
    }
}

pub(super) async fn lock_endpoint(
    tx: &Tx<'_>,
    slug: &Slug,
    id: EndpointId,
) -> Result<Endpoint, PartnerError> {
    let endpoint = endpoints::lock(tx, slug.as_str(), id).await?;
    endpoint.ok_or(PartnerError::NotFound)
}

/// Tell the partner about its new URL, so that a stolen key cannot redirect orders unnoticed.
async fn emit_url_change(
    tx: &Tx<'_>,
    endpoint: &Endpoint,
    host_before: Option<String>,
) -> Result<Vec<EmittedDelivery>, PartnerError> {
    let data = json!({
        "endpoint": endpoint.id,
        "partner": endpoint.partner,
        "host": host(&endpoint.url),
        "previous_host": host_before,
        "status": endpoint.status,
    });
    let kind = EventType::EndpointUpdated;
    Ok(emit_operational(tx, endpoint.partner_id, kind, &data).await?)
}
