//! The plot: orders in, deliveries out, a stumble, a death, a replay.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout_at};

use super::audience::Audience;
use super::cast::{ORDERS, PARTNERS, Partner, SHUT, word};
use super::receiver::{Cue, Mood, Visit};
use super::shelf::Shelf;
use super::telling::Telling;
use crate::signing::secret;
use crate::stage::{Api, Gateway, Throwaway, now_ns};

/// The whole story takes a few seconds; on a busy machine, more.
const TOLD_WITHIN: Duration = Duration::from_secs(55);

/// Everything that runs. Dropped in this order: the processes, then their folder.
pub struct Story {
    audience: Audience,
    gateway: Gateway,
    operator: Api,
    platform: Api,
    telling: Telling,
    /// When each order was sent, on the machine's clock.
    sent_ns: BTreeMap<String, u64>,
    /// Deliveries that have not arrived, with their orders and partners.
    open: BTreeMap<String, (String, String)>,
    /// All that came.
    visits: usize,
    /// Where the posts are bought from.
    pages: Vec<String>,
    folder: Throwaway,
}

impl Story {
    /// Starts everything.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn begin() -> anyhow::Result<Self> {
        let telling = Telling::new();
        telling.chapter("Everything on this machine, thrown away afterwards");
        let folder = Throwaway::create("demo")?;
        let audience = Audience::gather().await?;
        let gateway = Gateway::start(&folder).await?;
        telling.started(&gateway, audience.port);
        Ok(Self {
            operator: gateway.operator()?,
            platform: gateway.platform()?,
            audience,
            gateway,
            telling,
            sent_ns: BTreeMap::new(),
            open: BTreeMap::new(),
            visits: 0,
            pages: Vec::new(),
            folder,
        })
    }

    /// Tells it to its end: every order has arrived, verified.
    ///
    /// # Errors
    /// When one has not, within a minute.
    pub async fn tell(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        for partner in &PARTNERS {
            self.invite(partner).await?;
        }
        self.telling
            .chapter("Orders come in, each answered once it is on disk");
        for (what, order) in ORDERS {
            self.order(what, order).await?;
        }
        self.telling
            .chapter("Deliveries go out, signed; what fails is tried again");
        let deadline = begun + TOLD_WITHIN;
        self.watch_until(deadline, |open| {
            open.values().all(|(_, partner)| partner == SHUT)
        })
        .await?;
        let buried = self
            .open
            .keys()
            .next()
            .cloned()
            .context("an order for the closed shop")?;
        self.watch_until_dead(&buried, deadline).await?;
        self.telling
            .chapter("An operator has the shop opened and the dead letter replayed");
        self.replay(&buried).await?;
        self.watch_until(deadline, BTreeMap::is_empty).await?;
        let orders = self.sent_ns.len();
        self.telling.chapter(&format!(
            "All {orders} orders have arrived, verified: {} requests in {:.1} s",
            self.visits,
            begun.elapsed().as_secs_f64()
        ));
        let shelf = Shelf {
            operator: &self.operator,
            platform: &self.platform,
            telling: &self.telling,
            shop_port: self.audience.port,
        };
        self.pages = shelf.fill().await?;
        Ok(())
    }

    /// Stays up and tells what comes.
    ///
    /// # Errors
    /// When the receiver ends.
    pub async fn stay(&mut self) -> anyhow::Result<()> {
        let order = self.write_order()?;
        self.telling
            .where_to_look(&self.gateway, &self.pages, &order);
        loop {
            let visit = self.audience.next().await?;
            self.telling.visit(&visit, None);
        }
    }

    /// An order that nobody has sent yet, for the reader to send.
    fn write_order(&self) -> anyhow::Result<PathBuf> {
        let (_, text) = ORDERS.first().context("the demo has orders")?;
        let mut order: Value = serde_json::from_str(text)?;
        if let Some(order_id) = order.pointer_mut("/order_id") {
            *order_id = json!("P-20001");
        }
        let path = self.folder.path().join("order.json");
        fs::write(&path, format!("{order:#}\n"))?;
        Ok(path)
    }

    /// Makes a partner and its endpoint, whose secret both sides keep.
    async fn invite(&mut self, partner: &Partner) -> anyhow::Result<()> {
        let Partner {
            slug,
            name,
            mood,
            retry,
        } = partner;
        let secret = secret::generate();
        let cue = Cue::Open {
            partner: (*slug).to_owned(),
            secret: secret.expose().to_owned(),
            mood: *mood,
        };
        self.audience.cue(&cue).await?;
        let row = json!({"slug": slug, "name": name, "adapter": "standard", "settings": {}});
        self.operator.post("/v1/partners", &row).await?;
        let endpoint = json!({
            "url": format!("http://127.0.0.1:{}/{slug}", self.audience.port),
            "event_types": ["order.*"],
            "retry": retry,
            "secret": secret.expose(),
        });
        let path = format!("/v1/partners/{slug}/endpoints");
        self.operator.post(&path, &endpoint).await.map(drop)
    }

    async fn order(&mut self, what: &str, text: &str) -> anyhow::Result<()> {
        let order: Value = serde_json::from_str(text)?;
        let order_id = word(&order, "/order_id").to_owned();
        self.sent_ns.insert(order_id.clone(), now_ns());
        let receipt = self.platform.post("/v1/orders", &order).await?;
        let events = receipt.pointer("/events").and_then(Value::as_array);
        let mut partners = BTreeSet::new();
        for event in events.into_iter().flatten() {
            let partner = word(event, "/partner").to_owned();
            let deliveries = event.pointer("/deliveries").and_then(Value::as_array);
            for id in deliveries.into_iter().flatten().filter_map(Value::as_str) {
                self.open
                    .insert(id.to_owned(), (order_id.clone(), partner.clone()));
            }
            partners.insert(partner);
        }
        let partners: Vec<_> = partners.into_iter().collect();
        self.telling.order(what, &order, &partners);
        Ok(())
    }

    async fn watch_until(
        &mut self,
        deadline: Instant,
        enough: impl Fn(&BTreeMap<String, (String, String)>) -> bool,
    ) -> anyhow::Result<()> {
        while !enough(&self.open) {
            let Ok(visit) = timeout_at(deadline.into(), self.audience.next()).await else {
                bail!("not every order has arrived: {}", self.missing());
            };
            self.note(&visit?)?;
        }
        Ok(())
    }

    fn note(&mut self, visit: &Visit) -> anyhow::Result<()> {
        self.visits += 1;
        self.telling
            .visit(visit, self.sent_ns.get(&visit.order_id).copied());
        if let Some(fault) = &visit.refused {
            bail!(
                "the published verifier refused a delivery to {}: {fault}",
                visit.partner
            );
        }
        if visit.status == 200 {
            self.open.remove(&visit.webhook_id);
        }
        Ok(())
    }

    async fn watch_until_dead(&mut self, delivery: &str, deadline: Instant) -> anyhow::Result<()> {
        let path = format!("/v1/deliveries/{delivery}");
        loop {
            tokio::select! {
                visit = self.audience.next() => self.note(&visit?)?,
                () = sleep(Duration::from_millis(50)) => {}
            }
            let now = self.operator.get(&path).await?;
            if word(&now, "/status") == "dead" {
                self.telling.line(&format!(
                    "{:<9}{SHUT:<15}dead: kept for 90 days, with what the endpoint answered",
                    self.open
                        .get(delivery)
                        .map_or("", |(order, _)| order.as_str()),
                ));
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!(
                    "the order for the closed shop is still {}",
                    word(&now, "/status")
                );
            }
        }
    }

    async fn replay(&mut self, delivery: &str) -> anyhow::Result<()> {
        let cue = Cue::Turn {
            partner: SHUT.to_owned(),
            mood: Mood::Fine,
        };
        self.audience.cue(&cue).await?;
        let path = format!("/v1/deliveries/{delivery}/replay");
        self.telling.line(&format!("POST {path}"));
        let reason = json!({"reason": "the shop is open again"});
        self.operator.post(&path, &reason).await.map(drop)
    }

    fn missing(&self) -> String {
        let names = self
            .open
            .values()
            .map(|(order, partner)| format!("{order} at {partner}"));
        names.collect::<Vec<_>>().join(", ")
    }
}
