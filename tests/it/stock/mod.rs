//! Stock: levels that partners set, holds of buyers, and what the last unit changes.

mod contention;
mod following;
mod holding;
mod levels;
mod limits;

use std::time::Duration;

use buywire::testing::{
    BuyerFingerprints, DatabaseTarget, HoldOutcome, HoldRequest, Notifier, Stock, StockKey,
    StockMetrics, Store,
};
use buywire_schemas::ids::CheckoutId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, Api, OPERATOR};
use crate::support::app::{Partner, TestApp};
use crate::support::feed::feed;

/// How long units are held for a buyer who pays.
const HOLD_DURATION: Duration = Duration::from_mins(10);

/// A shop with a counted item, and another node's view of its stock.
struct Counted {
    app: TestApp,
    partner: Partner,
    stock: Stock,
}

impl Counted {
    /// `item-1` of `acme` has so many units.
    async fn start(total: i64) -> Self {
        let app = TestApp::start().await;
        let partner = app.partner("acme").await;
        app.push("acme", feed(5).csv()).await;
        app.set_stock("acme", "item-1", json!({"kind": "counter", "total": total}))
            .await;
        let stock = another_node(&app);
        Self {
            app,
            partner,
            stock,
        }
    }

    fn key(&self, item: &str) -> StockKey {
        StockKey {
            partner: self.partner.id,
            item_id: item.to_owned(),
        }
    }

    /// Holds units of `item-1` for a buyer whom nothing recognises.
    async fn hold(&self, checkout: CheckoutId, quantity: i64) -> HoldOutcome {
        self.hold_as(checkout, quantity, BuyerFingerprints::default())
            .await
    }

    async fn hold_as(
        &self,
        checkout: CheckoutId,
        quantity: i64,
        buyer: BuyerFingerprints,
    ) -> HoldOutcome {
        let lines = [(self.key("item-1"), quantity)];
        self.hold_lines(checkout, lines, buyer, HOLD_DURATION).await
    }

    async fn hold_lines(
        &self,
        checkout: CheckoutId,
        lines: impl IntoIterator<Item = (StockKey, i64)>,
        buyer: BuyerFingerprints,
        duration: Duration,
    ) -> HoldOutcome {
        let request = HoldRequest::new(checkout, lines, buyer, duration).unwrap();
        self.stock.hold(request).await
    }

    /// `[total, held, sold, left]` of `item-1`.
    async fn level(&self) -> [Value; 4] {
        let level = self.app.stock("acme", "item-1").await;
        ["total", "held", "sold", "left"].map(|name| level[name].clone())
    }
}

fn another_node(app: &TestApp) -> Stock {
    let target = DatabaseTarget::from_url(app.database_url()).unwrap();
    let store = Store::open_migrated(&target).unwrap();
    Stock::start(store, Notifier::new().0, StockMetrics::default())
}

fn checkout() -> CheckoutId {
    CheckoutId::generate()
}

/// A buyer with this contact and address.
fn buyer(contact: u8, address: u8) -> BuyerFingerprints {
    BuyerFingerprints {
        contact: Some([contact; 32]),
        address: Some([address; 32]),
        card: None,
    }
}

impl Api {
    pub(crate) async fn set_stock(&self, partner: &str, item: &str, body: Value) -> Value {
        let answer = self.try_set_stock(partner, item, OPERATOR, &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn try_set_stock(&self, partner: &str, item: &str, key: &str, body: &Value) -> Answer {
        let path = format!("/v1/partners/{partner}/stock/{item}");
        let request = self.request(Method::PUT, &path, key);
        Answer::send(request.body(body.to_string())).await
    }

    async fn stock(&self, partner: &str, item: &str) -> Value {
        let path = format!("/v1/partners/{partner}/stock/{item}");
        let answer = self.get(&path, OPERATOR).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}
