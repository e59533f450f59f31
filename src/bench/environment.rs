//! What a run stands on: the three processes, set up through the gateway's own API.

use anyhow::Context;
use buywire_adapters::signing::SigningKey;
use serde_json::json;

use super::dialect::settings;
use super::orders::{PARTNER, spread_partner};
use super::receiver_client::ReceiverClient;
use super::run::Workload;
use super::usage::{self, CpuSeconds};
use crate::harness::{Api, GatewayProcess, TempFolder};
use crate::secrets::signing_key;
use crate::store::{DatabaseTarget, Store, embedded};

/// Everything that runs. Dropped in this order: the processes, then their folder.
pub(super) struct Environment {
    pub(super) gateway: GatewayProcess,
    pub(super) receiver: ReceiverClient,
    pub(super) operator: Api,
    pub(super) store: Store,
    pub(super) workload: Workload,
    pub(super) secrets: Vec<SigningKey>,
    pub(super) fsync_us: f64,
    _folder: TempFolder,
}

impl Environment {
    pub(super) async fn start(workload: Workload) -> anyhow::Result<Self> {
        let folder = TempFolder::create("bench")?;
        let fsync_us = usage::fsync_us(folder.path())?;
        let endpoints = workload.spread.unwrap_or(workload.endpoints);
        let secrets: Vec<_> = (0..endpoints).map(|_| signing_key::generate()).collect();
        let exposed = secrets.iter().map(|key| key.expose().to_owned()).collect();
        let receiver = ReceiverClient::start(&workload.adapter, exposed).await?;
        let gateway = GatewayProcess::start(&folder).await?;
        let config =
            embedded::connection_config(gateway.data_folder()).context("where PostgreSQL is")?;
        let environment = Self {
            operator: gateway.operator()?,
            store: Store::open(&DatabaseTarget::from_config(config)?).await?,
            gateway,
            receiver,
            workload,
            secrets,
            fsync_us,
            _folder: folder,
        };
        environment.create_partners().await?;
        Ok(environment)
    }

    /// One partner with all endpoints, or one for each.
    async fn create_partners(&self) -> anyhow::Result<()> {
        let adapter = &self.workload.adapter;
        if self.workload.spread.is_none() {
            self.create_partner(PARTNER, adapter).await?;
        }
        for (number, key) in self.secrets.iter().enumerate() {
            let url = self.url(&format!("/e/{number}"));
            match self.workload.spread {
                Some(_) => {
                    let partner = spread_partner(number);
                    self.create_partner(&partner, adapter).await?;
                    self.create_endpoint(&partner, &url, key).await?;
                }
                None => drop(self.create_endpoint(PARTNER, &url, key).await?),
            }
        }
        Ok(())
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.receiver.port)
    }

    pub(super) async fn create_partner(&self, slug: &str, adapter: &str) -> anyhow::Result<()> {
        let settings = settings(adapter)?;
        let partner = json!({"slug": slug, "name": slug, "adapter": adapter, "settings": settings});
        self.operator.post("/v1/partners", &partner).await.map(drop)
    }

    /// The new endpoint's id.
    pub(super) async fn create_endpoint(
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
        usage::cpu(self.gateway.process_id(), self.receiver.process_id())
    }

    /// How many statements the gateway has sent, by its own count.
    pub(super) async fn statement_count(&self) -> anyhow::Result<u64> {
        let metrics = self.operator.text("/metrics").await?;
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix("buywire_sql_statements "));
        value
            .and_then(|value| value.trim().parse().ok())
            .context("the gateway does not count its statements")
    }
}
