//! What a run stands on: the three processes, set up through the gateway's own API.

use anyhow::Context;
use buywire_adapters::signing::SigningKey;
use serde_json::json;

use super::dialect::settings;
use super::orders::{PARTNER, partner_of_spread};
use super::run::Plan;
use super::usage::{self, CpuSeconds};
use super::watch::Watch;
use crate::signing::secret;
use crate::stage::{Api, Gateway, Throwaway};
use crate::store::{Store, Target, embedded};

/// Everything that runs. Dropped in this order: the processes, then their folder.
pub(super) struct Stand {
    pub(super) gateway: Gateway,
    pub(super) watch: Watch,
    pub(super) operator: Api,
    pub(super) store: Store,
    pub(super) plan: Plan,
    pub(super) secrets: Vec<SigningKey>,
    pub(super) fsync_us: f64,
    _folder: Throwaway,
}

impl Stand {
    pub(super) async fn build(plan: Plan) -> anyhow::Result<Self> {
        let folder = Throwaway::create("bench")?;
        let fsync_us = usage::fsync_us(folder.path())?;
        let endpoints = plan.spread.unwrap_or(plan.endpoints);
        let secrets: Vec<_> = (0..endpoints).map(|_| secret::generate()).collect();
        let exposed = secrets.iter().map(|key| key.expose().to_owned()).collect();
        let watch = Watch::start(&plan.adapter, exposed).await?;
        let gateway = Gateway::start(&folder).await?;
        let config = embedded::config_of(gateway.data()).context("where PostgreSQL is")?;
        let stand = Self {
            operator: gateway.operator()?,
            store: Store::open(&Target::from_config(config)?).await?,
            gateway,
            watch,
            plan,
            secrets,
            fsync_us,
            _folder: folder,
        };
        stand.set_up_partners().await?;
        Ok(stand)
    }

    /// One partner with all endpoints, or one for each.
    async fn set_up_partners(&self) -> anyhow::Result<()> {
        let adapter = &self.plan.adapter;
        if self.plan.spread.is_none() {
            self.partner(PARTNER, adapter).await?;
        }
        for (number, key) in self.secrets.iter().enumerate() {
            let url = self.url(&format!("/e/{number}"));
            match self.plan.spread {
                Some(_) => {
                    let partner = partner_of_spread(number);
                    self.partner(&partner, adapter).await?;
                    self.endpoint(&partner, &url, key).await?;
                }
                None => drop(self.endpoint(PARTNER, &url, key).await?),
            }
        }
        Ok(())
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.watch.port)
    }

    pub(super) async fn partner(&self, slug: &str, adapter: &str) -> anyhow::Result<()> {
        let settings = settings(adapter)?;
        let partner = json!({"slug": slug, "name": slug, "adapter": adapter, "settings": settings});
        self.operator.post("/v1/partners", &partner).await.map(drop)
    }

    /// The new endpoint's id.
    pub(super) async fn endpoint(
        &self,
        partner: &str,
        url: &str,
        key: &SigningKey,
    ) -> anyhow::Result<String> {
        let endpoint = json!({"url": url, "event_types": ["order.*"], "secret": key.expose()});
        let path = format!("/v1/partners/{partner}/endpoints");
        let made = self.operator.post(&path, &endpoint).await?;
        let id = made.get("id").and_then(|id| id.as_str());
        Ok(id.context("the new endpoint's id")?.to_owned())
    }

    /// What each process has used so far.
    pub(super) fn cpu(&self) -> Option<CpuSeconds> {
        usage::cpu(self.gateway.process_id(), self.watch.process_id())
    }

    /// How many statements the gateway has sent, by its own count.
    pub(super) async fn statements(&self) -> anyhow::Result<u64> {
        let metrics = self.operator.text("/metrics").await?;
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix("buywire_sql_statements "));
        value
            .and_then(|value| value.trim().parse().ok())
            .context("the gateway does not count its statements")
    }
}
