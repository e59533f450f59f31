//! The environment of a benchmark: the three processes, set up through the gateway's API.

use anyhow::Context;
use buywire_adapters::signing::SigningKey;
use serde_json::json;

use crate::db::DatabaseTarget;
use crate::local_postgres;
use crate::secrets::signing_key;
use crate::store::Store;
use crate::tools::bench::dialect::settings;
use crate::tools::bench::orders::{PARTNER, spread_partner};
use crate::tools::bench::receiver_client::ReceiverClient;
use crate::tools::bench::usage::{self, CpuSeconds};
use crate::tools::bench::workload::Workload;
use crate::tools::harness::{Api, GatewayProcess, TempFolder};

/// Fields drop in this order: the processes, then their folder.
pub(crate) struct Environment {
    pub(crate) gateway: GatewayProcess,
    pub(crate) receiver: ReceiverClient,
    pub(crate) operator: Api,
    pub(crate) store: Store,
    pub(crate) workload: Workload,
    pub(crate) secrets: Vec<SigningKey>,
    pub(crate) fsync_us: f64,
    _folder: TempFolder,
}

impl Environment {
    pub(crate) async fn start(workload: Workload) -> anyhow::Result<Self> {
        let folder = TempFolder::create("bench")?;
        let fsync_us = usage::fsync_us(folder.path())?;
        let endpoints = workload.spread.unwrap_or(workload.endpoints);
        let secrets: Vec<_> = (0..endpoints).map(|_| signing_key::generate()).collect();
        let exposed = secrets.iter().map(|key| key.expose().to_owned()).collect();
        let receiver = ReceiverClient::start(&workload.adapter, exposed).await?;
        let gateway = GatewayProcess::start(&folder).await?;
        let config = local_postgres::connection_config(gateway.data_folder())
            .context("the gateway has no private PostgreSQL")?;
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

    /// Creates one partner with all endpoints, or one partner per endpoint.
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

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.receiver.port)
    }

    pub(crate) async fn create_partner(&self, slug: &str, adapter: &str) -> anyhow::Result<()> {
        let settings = settings(adapter)?;
        let partner = json!({"slug": slug, "name": slug, "adapter": adapter, "settings": settings});
        self.operator.post("/v1/partners", &partner).await.map(drop)
    }

    /// Returns the new endpoint's id.
    pub(crate) async fn create_endpoint(
        &self,
        partner: &str,
        url: &str,
        key: &SigningKey,
    ) -> anyhow::Result<String> {
        let endpoint = json!({"url": url, "event_types": ["order.*"], "secret": key.expose()});
        let path = format!("/v1/partners/{partner}/endpoints");
        let made = self.operator.post(&path, &endpoint).await?;
        let id = made.get("id").and_then(|id| id.as_str());
        Ok(id.context("the answer has no endpoint id")?.to_owned())
    }

    /// The CPU time of each process since it started.
    pub(crate) fn cpu(&self) -> Option<CpuSeconds> {
        usage::cpu(self.gateway.process_id(), self.receiver.process_id())
    }

    /// The statements that the gateway has sent, by its own metric.
    pub(crate) async fn statement_count(&self) -> anyhow::Result<u64> {
        let metrics = self.operator.text("/metrics").await?;
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix("buywire_sql_statements "));
        value
            .and_then(|value| value.trim().parse().ok())
            .context("the gateway has no metric buywire_sql_statements")
    }
}
