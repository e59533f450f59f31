//! The script: orders in, deliveries out, a retry, a dead letter, its replay; then a feed, and a purchase.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout_at};

use crate::secrets::signing_key;
use crate::tools::demo::buying::BuyingDemo;
use crate::tools::demo::catalog::{CatalogDemo, IN_STOCK_ITEM, MERCHANT};
use crate::tools::demo::fixtures::{CLOSED_PARTNER, DemoPartner, ORDERS, PARTNERS, text_at};
use crate::tools::demo::printer::Printer;
use crate::tools::demo::receiver::{EndpointBehaviour, ReceivedRequest, ReceiverCommand};
use crate::tools::demo::receiver_client::ReceiverClient;
use crate::tools::demo::traffic::{self, Traffic};
use crate::tools::harness::{
    API_KEY, Api, GatewayProcess, SandboxProcess, TempFolder, WEBHOOK_SECRET, free_address, now_ns,
};

/// The demo takes a few seconds; on a busy machine, more.
const DEMO_TIMEOUT: Duration = Duration::from_secs(55);

/// Fields drop in this order: the processes, then their folder.
pub(crate) struct Demo {
    receiver: ReceiverClient,
    gateway: GatewayProcess,
    _sandbox: SandboxProcess,
    operator: Api,
    platform: Api,
    printer: Printer,
    /// When each order was sent, by `now_ns`.
    sent_ns: BTreeMap<String, u64>,
    /// Deliveries that have not arrived, with order and partner.
    open_deliveries: BTreeMap<String, (String, String)>,
    request_count: usize,
    /// The posts' product pages.
    pages: Vec<String>,
    folder: TempFolder,
}

impl Demo {
    /// Starts the gateway and the receiver.
    ///
    /// # Errors
    /// When one of them does not start.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let printer = Printer::new();
        printer.heading("Everything runs on this machine and is removed afterwards");
        let folder = TempFolder::create("demo")?;
        let receiver = ReceiverClient::start().await?;
        let processor = free_address()?;
        let settings = [
            ("BUYWIRE_NAME", "demo"),
            ("BUYWIRE_PAYMENTS", "sandbox"),
            ("BUYWIRE_STRIPE_KEY", API_KEY),
            ("BUYWIRE_STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("BUYWIRE_STRIPE_URL", &format!("http://{processor}")),
        ];
        let gateway = GatewayProcess::start_with(&folder, &settings).await?;
        let sandbox = SandboxProcess::start(processor, gateway.address).await?;
        printer.startup(&gateway, receiver.port, processor);
        Ok(Self {
            operator: gateway.operator()?,
            platform: gateway.platform()?,
            receiver,
            gateway,
            _sandbox: sandbox,
            printer,
            sent_ns: BTreeMap::new(),
            open_deliveries: BTreeMap::new(),
            request_count: 0,
            pages: Vec::new(),
            folder,
        })
    }

    /// Runs until every order has arrived and is verified.
    ///
    /// # Errors
    /// When an order does not arrive within a minute.
    pub(crate) async fn run(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        for partner in &PARTNERS {
            self.create_partner(partner).await?;
        }
        self.printer
            .heading("The platform sends orders; each is answered once it is on disk");
        for (what, order) in ORDERS {
            self.send_order(what, order).await?;
        }
        self.printer
            .heading("Signed deliveries go out; failed ones are retried");
        let deadline = begun + DEMO_TIMEOUT;
        self.wait_until(deadline, |open| {
            open.values().all(|(_, partner)| partner == CLOSED_PARTNER)
        })
        .await?;
        let dead_delivery = self
            .open_deliveries
            .keys()
            .next()
            .cloned()
            .context("no delivery is pending for the closed shop")?;
        self.wait_until_dead(&dead_delivery, deadline).await?;
        self.printer
            .heading("The shop reopens, and an operator replays the dead letter");
        self.replay(&dead_delivery).await?;
        self.wait_until(deadline, BTreeMap::is_empty).await?;
        let orders = self.sent_ns.len();
        self.printer.heading(&format!(
            "All {orders} orders have arrived, verified: {} requests in {:.1} s",
            self.request_count,
            begun.elapsed().as_secs_f64()
        ));
        let catalog = CatalogDemo {
            operator: &self.operator,
            platform: &self.platform,
            printer: &self.printer,
            shop_port: self.receiver.port,
        };
        self.pages = catalog.run().await?;
        self.buy(deadline).await
    }

    /// Buys from the first post, whose item is in stock, and waits until the merchant has the order.
    async fn buy(&mut self, deadline: Instant) -> anyhow::Result<()> {
        // What follows shows a purchase, and no retries.
        let command = ReceiverCommand::SetBehaviour {
            partner: MERCHANT.to_owned(),
            behaviour: EndpointBehaviour::Healthy,
        };
        self.receiver.send(&command).await?;
        let page = self.pages.first().context("the demo has no posts")?;
        let buying = BuyingDemo {
            operator: &self.operator,
            printer: &self.printer,
            page,
            item: IN_STOCK_ITEM,
        };
        let number = buying.run().await?;
        loop {
            let Ok(request) = timeout_at(deadline.into(), self.receiver.next_request()).await
            else {
                bail!("the order {number} has not arrived");
            };
            let request = request?;
            self.record(&request)?;
            if request.order_id == number && request.status == 200 {
                return Ok(());
            }
        }
    }

    /// Sends more orders, one of six to a shop that is closed again, and prints the requests of others, until the
    /// process is stopped.
    ///
    /// # Errors
    /// When the receiver ends, or the gateway does not accept an order.
    pub(crate) async fn follow(&mut self) -> anyhow::Result<()> {
        let order = self.write_order()?;
        for partner in PARTNERS.iter().filter(|one| one.slug == CLOSED_PARTNER) {
            let command = ReceiverCommand::SetBehaviour {
                partner: partner.slug.to_owned(),
                behaviour: partner.behaviour,
            };
            self.receiver.send(&command).await?;
        }
        self.printer.next_steps(&self.gateway, &self.pages, &order);
        let mut traffic = Traffic::default();
        let mut clock = tokio::time::interval(traffic::INTERVAL);
        loop {
            tokio::select! {
                request = self.receiver.next_request() => {
                    let request = request?;
                    if !traffic.has(&request.order_id) {
                        self.printer.request(&request, None);
                    }
                }
                _ = clock.tick() => if let Some(order) = traffic.next_order() {
                    self.platform.post("/v1/orders", &order).await?;
                }
            }
        }
    }

    /// Writes an order for the reader to send.
    fn write_order(&self) -> anyhow::Result<PathBuf> {
        let (_, text) = ORDERS.first().context("the demo has no orders")?;
        let mut order: Value = serde_json::from_str(text)?;
        if let Some(order_id) = order.pointer_mut("/order_id") {
            *order_id = json!("P-20001");
        }
        let path = self.folder.path().join("order.json");
        fs::write(&path, format!("{order:#}\n"))?;
        Ok(path)
    }

    /// Creates a partner and its endpoint, and gives the secret to both sides.
    async fn create_partner(&mut self, partner: &DemoPartner) -> anyhow::Result<()> {
        let DemoPartner {
            slug,
            name,
            behaviour,
            retry,
        } = partner;
        let secret = signing_key::generate();
        let command = ReceiverCommand::AddEndpoint {
            partner: (*slug).to_owned(),
            secret: secret.expose().to_owned(),
            behaviour: *behaviour,
        };
        self.receiver.send(&command).await?;
        let body = json!({"slug": slug, "name": name, "adapter": "standard", "settings": {}});
        self.operator.post("/v1/partners", &body).await?;
        let endpoint = json!({
            "url": format!("http://127.0.0.1:{}/{slug}", self.receiver.port),
            "event_types": ["order.*"],
            "retry": retry,
            "secret": secret.expose(),
        });
        let path = format!("/v1/partners/{slug}/endpoints");
        self.operator.post(&path, &endpoint).await.map(drop)
    }

    async fn send_order(&mut self, what: &str, text: &str) -> anyhow::Result<()> {
        let order: Value = serde_json::from_str(text)?;
        let order_id = text_at(&order, "/order_id").to_owned();
        self.sent_ns.insert(order_id.clone(), now_ns());
        let receipt = self.platform.post("/v1/orders", &order).await?;
        let events = receipt.pointer("/events").and_then(Value::as_array);
        let mut partners = BTreeSet::new();
        for event in events.into_iter().flatten() {
            let partner = text_at(event, "/partner").to_owned();
            let deliveries = event.pointer("/deliveries").and_then(Value::as_array);
            for id in deliveries.into_iter().flatten().filter_map(Value::as_str) {
                self.open_deliveries
                    .insert(id.to_owned(), (order_id.clone(), partner.clone()));
            }
            partners.insert(partner);
        }
        let partners: Vec<_> = partners.into_iter().collect();
        self.printer.order(what, &order, &partners);
        Ok(())
    }

    async fn wait_until(
        &mut self,
        deadline: Instant,
        is_done: impl Fn(&BTreeMap<String, (String, String)>) -> bool,
    ) -> anyhow::Result<()> {
        while !is_done(&self.open_deliveries) {
            let Ok(request) = timeout_at(deadline.into(), self.receiver.next_request()).await
            else {
                bail!("these orders have not arrived: {}", self.missing());
            };
            self.record(&request?)?;
        }
        Ok(())
    }

    fn record(&mut self, request: &ReceivedRequest) -> anyhow::Result<()> {
        self.request_count += 1;
        self.printer
            .request(request, self.sent_ns.get(&request.order_id).copied());
        if let Some(error) = &request.signature_error {
            bail!(
                "the published verifier rejected a delivery to {}: {error}",
                request.partner
            );
        }
        if request.status == 200 {
            self.open_deliveries.remove(&request.webhook_id);
        }
        Ok(())
    }

    async fn wait_until_dead(&mut self, delivery: &str, deadline: Instant) -> anyhow::Result<()> {
        let path = format!("/v1/deliveries/{delivery}");
        loop {
            tokio::select! {
                request = self.receiver.next_request() => self.record(&request?)?,
                () = sleep(Duration::from_millis(50)) => {}
            }
            let now = self.operator.get(&path).await?;
            if text_at(&now, "/status") == "dead" {
                self.printer.line(&format!(
                    "{:<9}{CLOSED_PARTNER:<15}dead letter: kept for 90 days with its answers",
                    self.open_deliveries
                        .get(delivery)
                        .map_or("", |(order, _)| order.as_str()),
                ));
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!(
                    "the delivery to the closed shop is still {}",
                    text_at(&now, "/status")
                );
            }
        }
    }

    async fn replay(&mut self, delivery: &str) -> anyhow::Result<()> {
        let command = ReceiverCommand::SetBehaviour {
            partner: CLOSED_PARTNER.to_owned(),
            behaviour: EndpointBehaviour::Healthy,
        };
        self.receiver.send(&command).await?;
        let path = format!("/v1/deliveries/{delivery}/replay");
        self.printer.line(&format!("POST {path}"));
        let reason = json!({"reason": "the shop is open again"});
        self.operator.post(&path, &reason).await.map(drop)
    }

    fn missing(&self) -> String {
        let names = self
            .open_deliveries
            .values()
            .map(|(order, partner)| format!("{order} at {partner}"));
        names.collect::<Vec<_>>().join(", ")
    }
}
