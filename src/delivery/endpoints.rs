//! Endpoints as their owner uses them: with opened secrets, a checked URL, the dialect, the schedule.
//!
//! Promises: an endpoint is loaded completely or says why nothing can be sent to it; `Debug` shows no secret.
//! Must not write: only the routes and the recorder change endpoints.

use std::sync::Arc;

use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::dialects;
use buywire_adapters::signing::SigningKey;
use buywire_schemas::ids::{EndpointId, PartnerId};
use buywire_schemas::text::Slug;
use serde_json::Value;
use time::OffsetDateTime;

use super::circuit::CircuitState;
use super::schedule::RetrySchedule;
use super::sending::connection;
use super::sending::headers::HeaderSet;
use super::sending::sender::PreparedTarget;
use super::shards::Shard;
use crate::egress::{
    Clients, EgressPolicy, EndpointProxy, OwnConnections, SavedBy, TargetUrl, TlsIdentity,
};
use crate::secrets::master_key::{MasterKeys, SealContext, SealError};
use crate::secrets::sealed_key::KeyTable;
use crate::secrets::{sealed_settings, sealed_url};
use crate::store::delivery::queue::EndpointRow;

/// An endpoint, ready to be sent to.
pub(crate) struct ActiveEndpoint {
    pub id: EndpointId,
    pub partner: PartnerId,
    /// The partner's public name, for metrics and logs.
    pub slug: Slug,
    /// The partner's dialect, with its settings read.
    pub adapter: ConfiguredAdapter,
    pub settings: Value,
    /// Whether the headers that the dialect renders are secrets of these settings.
    pub has_secret_settings: bool,
    pub shard: Shard,
    /// Where to send, or the code of the reason why nothing may be sent.
    pub target: Result<PreparedTarget, &'static str>,
    /// The keys that sign, the current one first, each with its expiry.
    keys: Vec<(SigningKey, Option<OffsetDateTime>)>,
    pub schedule: RetrySchedule,
    pub max_in_flight: usize,
    pub rate_per_second: Option<f64>,
    enabled: bool,
    /// As stored: where a new owner begins.
    pub circuit: CircuitState,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// Until when its own client certificate is valid.
    pub certificate_expires_at: Option<OffsetDateTime>,
    /// Increases with every change.
    pub version: i64,
}

/// The partner's dialect. As an error, the dialect without its settings, which it could not read.
fn dialect(row: &EndpointRow, settings: &Value) -> Result<ConfiguredAdapter, ConfiguredAdapter> {
    let adapter =
        dialects::by_name(&row.adapter).unwrap_or(&buywire_adapters::dialects::standard::Standard);
    ConfiguredAdapter::new(adapter, settings).map_err(|_| adapter.into())
}

/// Builds [`ActiveEndpoint`]s.
pub(crate) struct EndpointLoader {
    /// Opens secrets and header values.
    pub master: Arc<MasterKeys>,
    pub policy: EgressPolicy,
    /// The default for endpoints without their own schedule.
    pub schedule: RetrySchedule,
    /// What endpoints with their own certificates or proxy open their connections from.
    pub clients: Clients,
}

/// What an endpoint's own connections are opened with.
struct ConnectionParts {
    tls: TlsIdentity,
    proxy: Option<EndpointProxy>,
}

impl ActiveEndpoint {
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The keys that sign at this time, the current one first.
    pub(crate) fn keys(&self, now: OffsetDateTime) -> Vec<SigningKey> {
        let valid = |expires_at: &Option<OffsetDateTime>| {
            expires_at.is_none_or(|expires_at| now < expires_at)
        };
        self.keys
            .iter()
            .filter(|(_, expires_at)| valid(expires_at))
            .map(|(key, _)| key.clone())
            .collect()
    }
}

impl EndpointLoader {
    /// Build the endpoint of a row.
    ///
    /// # Errors
    /// A sealed value cannot be opened, because the master key is wrong. Nothing may be sent unsigned.
    pub(crate) fn load(&self, row: &EndpointRow) -> Result<ActiveEndpoint, SealError> {
        let keys = row
            .secrets
            .iter()
            .map(|(id, sealed, expires_at)| {
                let key = KeyTable::Endpoints.open(&self.master, *id, sealed)?;
                Ok((key, *expires_at))
            })
            .collect::<Result<_, SealError>>()?;
        let headers = self.headers(row)?;
        let saved_by = if row.url_saved_by == "operator" {
            SavedBy::Operator
        } else {
            SavedBy::Partner
        };
        let id = row.id.to_string();
        let sealed = row.sealed_url.as_deref();
        let url = sealed_url::open(&self.master, "endpoints", &id, &row.url, sealed)?;
        let partner = row.partner.to_string();
        let secrets = row.sealed_settings.as_deref();
        let secrets = sealed_settings::open(&self.master, &partner, secrets)?;
        let settings = sealed_settings::join(row.settings.clone(), &secrets);
        let connection = self.connection_parts(row)?;
        let certificate_expires_at = match &connection {
            Ok(parts) => parts
                .as_ref()
                .and_then(|parts| parts.tls.client_expires_at()),
            Err(_) => None,
        };
        let target = TargetUrl::parse(&url, saved_by, &self.policy)
            .map_err(|refusal| refusal.code())
            .and_then(|url| self.target(url, &headers, connection));
        let (adapter, target) = match dialect(row, &settings) {
            Ok(adapter) => (adapter, target),
            // They were valid for the version that saved them. Deliveries wait for new settings.
            Err(adapter) => (adapter, Err("bad_settings")),
        };
        let own_schedule = row
            .retry
            .as_ref()
            .and_then(|delays| RetrySchedule::new(delays).ok());
        let slug = Slug::parse(&row.partner_slug).map_err(|_| SealError::NotSealed)?;
        Ok(ActiveEndpoint {
            id: row.id,
            partner: row.partner,
            slug,
            adapter,
            has_secret_settings: !secrets.is_empty(),
            settings,
            shard: row.shard,
            target,
            keys,
            schedule: own_schedule.unwrap_or_else(|| self.schedule.clone()),
            max_in_flight: usize::try_from(row.max_in_flight).unwrap_or(1).max(1),
            rate_per_second: row.rate_per_second,
            enabled: row.status == "enabled",
            circuit: row.circuit.parse().unwrap_or(CircuitState::Closed),
            failing_since: row.failing_since,
            certificate_expires_at,
            version: row.version,
        })
    }

    fn target(
        &self,
        url: TargetUrl,
        headers: &HeaderSet,
        connection: Result<Option<ConnectionParts>, &'static str>,
    ) -> Result<PreparedTarget, &'static str> {
        let own = connection?.map(|parts| self.open_connections(&url, &parts));
        let target = PreparedTarget::new(url, headers).map_err(|_| "bad_header")?;
        Ok(target.over(own.transpose()?))
    }

    fn open_connections(
        &self,
        url: &TargetUrl,
        parts: &ConnectionParts,
    ) -> Result<OwnConnections, &'static str> {
        let (reach, proxy) = (url.reach(), parts.proxy.as_ref());
        let own = self.clients.own_connections(reach, &parts.tls, proxy);
        own.map_err(|_| "bad_connection_settings")
    }

    /// The certificates and proxy of an endpoint that has any. They were valid when they were saved; the ranges that
    /// a proxy may be in may have become narrower.
    fn connection_parts(
        &self,
        row: &EndpointRow,
    ) -> Result<Result<Option<ConnectionParts>, &'static str>, SealError> {
        if row.tls.is_none() && row.sealed_proxy.is_none() {
            return Ok(Ok(None));
        }
        let files = connection::open_tls(&self.master, row.id, row.tls.as_deref())?;
        let proxy = row.sealed_proxy.as_deref();
        let proxy = proxy.map(|sealed| connection::open_proxy(&self.master, row.id, sealed));
        let proxy = proxy.transpose()?;
        let proxy = proxy
            .map(|url| EndpointProxy::parse(&url, &self.policy))
            .transpose();
        let tls = TlsIdentity::parse(&files);
        Ok(match (tls, proxy) {
            (Ok(tls), Ok(proxy)) => Ok(Some(ConnectionParts { tls, proxy })),
            (_, Err(refusal)) => Err(refusal.code()),
            (Err(_), _) => Err("bad_connection_settings"),
        })
    }

    fn headers(&self, row: &EndpointRow) -> Result<HeaderSet, SealError> {
        let Some(sealed) = &row.headers else {
            return Ok(HeaderSet::default());
        };
        let context = SealContext {
            table: "endpoints",
            row: &row.id.to_string(),
            column: "headers",
        };
        let opened = self.master.open(context, sealed)?;
        let headers = serde_json::from_slice(&opened).map_err(|_| SealError::NotSealed)?;
        HeaderSet::parse(&headers).map_err(|_| SealError::NotSealed)
    }
}
