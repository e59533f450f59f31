//! Endpoints: made, changed, enabled, disabled, deleted.
//!
//! Every change ends with a ring, so that whoever owns the endpoint's shard works with it within a second.

use buywire_adapters::signing::SigningKey;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{EndpointId, PartnerId};
use buywire_schemas::problem::{Flaw, Refused};
use buywire_schemas::read::{Reader, string};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::endpoint_change::{EVENT_TYPES_DEFAULT, EndpointChange, IN_FLIGHT_DEFAULT};
use super::endpoint_keys::{Document, fits};
use super::rotation::given_secret;
use super::{Actor, PartnerError, Partners, reason};
use crate::egress::{SavedBy, TargetUrl};
use crate::signing::seal::SealError;
use crate::signing::{sealed_url, secret};
use crate::store::audit::{self, Change};
use crate::store::changes::Changed;
use crate::store::endpoints::{self, Endpoint, host};
use crate::store::events::{Emitted, tell};
use crate::store::{Tx, partners};

/// A partner with more has a mistake in a loop: each costs a delivery per event.
const ENDPOINTS_MAX: i64 = 50;
/// An endpoint that was just created.
#[derive(Serialize)]
pub struct Created {
    #[serde(flatten)]
    endpoint: Document,
    /// Shown this once.
    secret: String,
}

impl Partners {
    /// Create an endpoint.
    pub async fn create_endpoint(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        body: &[u8],
    ) -> Result<Created, PartnerError> {
        let (change, key) = self.new_endpoint(actor, body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
        if endpoints::count(&tx, partner.id).await? >= ENDPOINTS_MAX {
            return Err(PartnerError::Full(
                "A partner has at most 50 endpoints: delete one that is not used any more.",
            ));
        }
        fits(&partner, &key)?;
        let mut endpoint = blank(slug, partner.id);
        self.apply(change, actor.saved_by(), &mut endpoint)?;
        endpoints::add(&tx, &endpoint).await?;
        self.add_keys(&tx, &partner, endpoint.id, &key).await?;
        let details = json!({"partner": slug, "host": host(&endpoint.url), "event_types": endpoint.event_types});
        audited(&tx, actor, "endpoint.create", endpoint.id, details).await?;
        let endpoint = locked(&tx, slug, endpoint.id).await?;
        tx.commit().await?;
        self.bell.changed(Changed::Endpoint(endpoint.id));
        Ok(Created {
            endpoint: self.document(endpoint)?,
            secret: key.expose().to_owned(),
        })
    }

    /// One endpoint of a partner.
    pub async fn endpoint(&self, slug: &Slug, id: EndpointId) -> Result<Document, PartnerError> {
        let endpoint = self.store.endpoint(slug.as_str(), id).await?;
        Ok(self.document(endpoint.ok_or(PartnerError::NotFound)?)?)
    }

    /// All endpoints of a partner.
    pub async fn endpoints(&self, slug: &Slug) -> Result<Vec<Document>, PartnerError> {
        self.must_exist(slug).await?;
        let endpoints = self.store.endpoints(slug.as_str()).await?.into_iter();
        let shown = endpoints.map(|endpoint| self.document(endpoint));
        Ok(shown.collect::<Result<_, _>>()?)
    }

    /// Change an endpoint. Its open deliveries go to what it is then.
    pub async fn change_endpoint(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        id: EndpointId,
        body: &[u8],
    ) -> Result<Document, PartnerError> {
        let change = self.endpoint_change(actor, body)?;
        let changed = change.names();
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let mut endpoint = locked(&tx, slug, id).await?;
        let url_before = self.whole_url(&endpoint)?;
        self.apply(change, actor.saved_by(), &mut endpoint)?;
        endpoints::save(&tx, &endpoint).await?;
        let mut details = json!({"changed": changed});
        let mut told = Vec::new();
        if self.whole_url(&endpoint)? != url_before {
            let (before, after) = (host(&url_before), host(&endpoint.url));
            details = json!({"changed": changed, "host": {"from": before, "to": after}});
            told = tell_of_url(&tx, &endpoint, before).await?;
        }
        audited(&tx, actor, "endpoint.update", id, details).await?;
        tx.commit().await?;
        self.bell.changed(Changed::Endpoint(id));
        self.bell.ring_due(&told);
        Ok(self.document(endpoint)?)
    }

    /// Delete an endpoint. Its open deliveries are buried by the housekeeping, in slices.
    pub async fn delete_endpoint(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        id: EndpointId,
    ) -> Result<(), PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let endpoint = locked(&tx, slug, id).await?;
        endpoints::delete(&tx, id).await?;
        let details = json!({"partner": slug, "host": host(&endpoint.url)});
        audited(&tx, actor, "endpoint.delete", id, details).await?;
        tx.commit().await?;
        self.bell.changed(Changed::Endpoint(id));
        Ok(())
    }

    /// Send to an endpoint again. One that is enabled already stays as it is.
    pub async fn enable_endpoint(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        id: EndpointId,
    ) -> Result<Document, PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        locked(&tx, slug, id).await?;
        if endpoints::enable(&tx, id).await? {
            audited(&tx, actor, "endpoint.enable", id, json!({"partner": slug})).await?;
        }
        let endpoint = locked(&tx, slug, id).await?;
        tx.commit().await?;
        self.bell.changed(Changed::Endpoint(id));
        Ok(self.document(endpoint)?)
    }

    /// Send nothing to an endpoint until it is enabled; its deliveries wait.
    pub async fn disable_endpoint(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        id: EndpointId,
        body: &[u8],
    ) -> Result<Document, PartnerError> {
        let details = json!({"partner": slug, "reason": reason(body)?});
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        locked(&tx, slug, id).await?;
        endpoints::disable(&tx, id).await?;
        audited(&tx, actor, "endpoint.disable", id, details).await?;
        let endpoint = locked(&tx, slug, id).await?;
        tx.commit().await?;
        self.bell.changed(Changed::Endpoint(id));
        Ok(self.document(endpoint)?)
    }

    fn new_endpoint(
        &self,
        actor: Actor<'_>,
        body: &[u8],
    ) -> Result<(EndpointChange, SigningKey), Refused> {
        let mut body = Reader::object(body)?;
        if !body.has("url") {
            body.refuse("/url", Flaw::new("missing", "must be present"));
        }
        let change = EndpointChange::read(&mut body, actor.saved_by(), &self.policy);
        let secret = body.optional("secret", string(given_secret));
        body.finish(|| Some((change, secret.unwrap_or_else(secret::generate))))
    }

    fn endpoint_change(&self, actor: Actor<'_>, body: &[u8]) -> Result<EndpointChange, Refused> {
        let mut body = Reader::object(body)?;
        let change = EndpointChange::read(&mut body, actor.saved_by(), &self.policy);
        body.finish(|| Some(change))
    }

    fn apply(
        &self,
        change: EndpointChange,
        saved_by: SavedBy,
        endpoint: &mut Endpoint,
    ) -> Result<(), PartnerError> {
        if let Some(url) = change.url {
            self.apply_url(&url, saved_by, endpoint)?;
        }
        if let Some(headers) = change.headers {
            let headers = headers.applied_to(&self.opened_headers(endpoint)?)?;
            endpoint.header_names = headers.names().map(str::to_owned).collect();
            endpoint.headers = self.sealed_headers(endpoint.id, &headers)?;
        }
        if let Some(event_types) = change.event_types {
            endpoint.event_types = event_types;
        }
        if let Some(retry) = change.retry {
            endpoint.retry = retry;
        }
        if let Some(max_in_flight) = change.max_in_flight {
            endpoint.max_in_flight = max_in_flight;
        }
        if let Some(rate) = change.rate_per_second {
            endpoint.rate_per_second = rate;
        }
        Ok(())
    }
}

impl Partners {
    /// What was shown can be sent back: it keeps the address that it has.
    fn apply_url(
        &self,
        url: &TargetUrl,
        saved_by: SavedBy,
        endpoint: &mut Endpoint,
    ) -> Result<(), PartnerError> {
        let keeps = endpoint.sealed_url.is_some() && url.as_str() == endpoint.url;
        if sealed_url::is_masked(url.url()) && !keeps {
            let detail = "must be the whole address: `***` stands for what is not shown of it";
            return Err(Refused::because("/url", Flaw::new("url_masked", detail)).into());
        }
        // Kept by whoever saved it: a partner's word opens less than an operator's.
        if !keeps {
            let id = endpoint.id.to_string();
            let kept = sealed_url::seal(&self.master, "endpoints", &id, url.url())?;
            endpoint.url = kept.shown;
            endpoint.sealed_url = kept.sealed;
            endpoint.url_saved_by = name_of(saved_by).to_owned();
        }
        Ok(())
    }

    fn whole_url(&self, endpoint: &Endpoint) -> Result<String, SealError> {
        let id = endpoint.id.to_string();
        let sealed = endpoint.sealed_url.as_deref();
        sealed_url::open(&self.master, "endpoints", &id, &endpoint.url, sealed)
    }
}

fn blank(slug: &Slug, partner_id: PartnerId) -> Endpoint {
    Endpoint {
        id: EndpointId::generate(),
        partner: slug.to_string(),
        partner_id,
        url: String::new(),
        sealed_url: None,
        url_saved_by: name_of(SavedBy::Partner).to_owned(),
        event_types: vec![EVENT_TYPES_DEFAULT.to_owned()],
        headers: None,
        header_names: Vec::new(),
        retry: None,
        max_in_flight: IN_FLIGHT_DEFAULT,
        rate_per_second: None,
        status: "enabled".to_owned(),
        status_reason: None,
        circuit: "closed".to_owned(),
        failing_since: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
        key_pairs: Vec::new(),
    }
}

fn name_of(saved_by: SavedBy) -> &'static str {
    match saved_by {
        SavedBy::Operator => "operator",
        SavedBy::Partner => "partner",
    }
}

pub(super) async fn locked(
    tx: &Tx<'_>,
    slug: &Slug,
    id: EndpointId,
) -> Result<Endpoint, PartnerError> {
    let endpoint = endpoints::lock(tx, slug.as_str(), id).await?;
    endpoint.ok_or(PartnerError::NotFound)
}

pub(super) async fn audited(
    tx: &Tx<'_>,
    actor: Actor<'_>,
    action: &'static str,
    id: EndpointId,
    details: Value,
) -> Result<(), PartnerError> {
    let subject = &id.to_string();
    let change = Change {
        who: actor.who,
        action,
        subject,
        details,
    };
    Ok(audit::record(tx, change).await?)
}

/// A stolen key that redirects orders must not go unseen.
async fn tell_of_url(
    tx: &Tx<'_>,
    endpoint: &Endpoint,
    host_before: Option<String>,
) -> Result<Vec<Emitted>, PartnerError> {
    let data = json!({
        "endpoint": endpoint.id,
        "partner": endpoint.partner,
        "host": host(&endpoint.url),
        "previous_host": host_before,
        "status": endpoint.status,
    });
    let kind = EventType::EndpointUpdated;
    Ok(tell(tx, endpoint.partner_id, kind, &data).await?)
}
