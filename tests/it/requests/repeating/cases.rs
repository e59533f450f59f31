//! Every route that creates something: how it is requested, and what counts what it has made.

use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::api::{OPERATOR, PLATFORM, only_delivery};
use crate::support::feed::feed;
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// One route.
pub(super) struct Case {
    /// As the table of routes has it.
    pub(super) route: &'static str,
    pub(super) path: String,
    pub(super) key: &'static str,
    /// The body of the n-th request; each makes something of its own.
    pub(super) body: fn(usize) -> String,
    /// Counts what the route has made.
    pub(super) count: &'static str,
    /// What one request makes.
    pub(super) makes: i64,
    /// Requests of one group do not wait for each other's locks.
    pub(super) group: usize,
}

/// Routes that create nothing: repeating them changes nothing more, or reaches the same state.
pub(super) const NOT_CREATING: [&str; 22] = [
    "/v1/orders/{id}/cancel",
    "/v1/orders/{id}/redact",
    "/v1/redactions/{event}/confirm",
    "/v1/partners/{slug}/preview",
    "/v1/partners/{slug}/endpoints/{id}/enable",
    "/v1/partners/{slug}/endpoints/{id}/disable",
    "/v1/replays/{id}/pause",
    "/v1/replays/{id}/resume",
    "/v1/replays/{id}/cancel",
    // The next pull comes sooner.
    "/v1/partners/{slug}/feed/source/pull",
    "/v1/partners/{slug}/feed/runs/{id}/approve",
    "/v1/partners/{slug}/feed/runs/{id}/discard",
    "/v1/posts/{id}/publish",
    "/v1/posts/{id}/withdraw",
    // The refund's own id makes it repeatable.
    "/v1/payments/{id}/refunds/{refund}/retry",
    "/v1/payments/{id}/reconcile",
    "/v1/payments/{id}/paid",
    "/v1/payments/{id}/void",
    "/v1/payments/{id}/refunds/{refund}/sent",
    "/v1/payments/{id}/refunds/{refund}/failed",
    // Without a key: what partners and processors send has ids of its own.
    "/v1/partners/{slug}/callbacks",
    "/v1/payments/{processor}/events",
];

/// What the cases need: a partner that sells, an order to refund, a delivery to replay, a payment.
pub(super) struct World {
    order: String,
    delivery: String,
    endpoint: String,
    payment: String,
    _receiver: Receiver,
}

impl World {
    pub(super) async fn create(node: &Node, sql: &Client) -> Self {
        let (api, receiver) = (node.api(), Receiver::start().await);
        api.partner("acme").await;
        let endpoint = api.endpoint("acme", &receiver).create().await;
        let report = api.push("acme", feed(9).csv()).await;
        assert_eq!(report["status"], "applied", "{report}");
        let sold = api.order(&order("P-refunded").partner("acme")).await;
        let sent = api.order(&order("P-replayed").partner("acme")).await;
        let hook = json!({"url": "https://shop.example/quote"});
        let request = api.request(
            reqwest::Method::PUT,
            "/v1/partners/acme/decision-hook",
            OPERATOR,
        );
        let saved = request.body(hook.to_string()).send().await.unwrap();
        assert!(saved.status().is_success(), "{saved:?}");
        Self {
            order: sold["id"].as_str().unwrap().to_owned(),
            delivery: only_delivery(&sent).to_owned(),
            endpoint: endpoint.path,
            payment: add_payment(sql).await,
            _receiver: receiver,
        }
    }

    pub(super) fn cases(&self) -> Vec<Case> {
        let mut all = self.orders_and_payments();
        all.extend(self.administration());
        all.extend(self.delivery());
        all.extend(posts());
        all
    }

    fn orders_and_payments(&self) -> Vec<Case> {
        vec![
            Case {
                route: "/v1/orders",
                path: "/v1/orders".to_owned(),
                key: PLATFORM,
                body: |n| order_text(&format!("P-{n}")),
                count: "SELECT count(*) FROM orders",
                makes: 1,
                group: 0,
            },
            Case {
                route: "/v1/orders/batch",
                path: "/v1/orders/batch".to_owned(),
                key: PLATFORM,
                body: |n| {
                    [format!("B-{n}-1"), format!("B-{n}-2")]
                        .map(|id| order_text(&id))
                        .join("\n")
                },
                count: "SELECT count(*) FROM orders",
                makes: 2,
                group: 1,
            },
            Case {
                route: "/v1/orders/{id}/refunds",
                path: format!("/v1/orders/{}/refunds", self.order),
                key: PLATFORM,
                body: |n| {
                    json!({"refund_id": format!("R-{n}"), "amount": 100, "reason": "damaged"})
                        .to_string()
                },
                count: "SELECT count(*) FROM refunds",
                makes: 1,
                group: 2,
            },
            Case {
                route: "/v1/payments/{id}/refunds",
                path: format!("/v1/payments/{}/refunds", self.payment),
                key: OPERATOR,
                body: |n| json!({"amount": 100 + n, "reason": "damaged"}).to_string(),
                count: "SELECT count(*) FROM payment_refunds",
                makes: 1,
                group: 3,
            },
        ]
    }

    fn administration(&self) -> Vec<Case> {
        let audited = |route, path: String, body, count, group| Case {
            route,
            path,
            key: OPERATOR,
            body,
            count,
            makes: 1,
            group,
        };
        let plain = |route: &'static str, body, count, group| {
            audited(route, route.to_owned(), body, count, group)
        };
        vec![
            plain(
                "/v1/keys",
                |n| json!({"role": "platform", "label": format!("key {n}")}).to_string(),
                "SELECT count(*) FROM audit WHERE action = 'key.issue' AND details ->> 'partner' IS NULL",
                0,
            ),
            audited(
                "/v1/partners/{slug}/keys",
                "/v1/partners/acme/keys".to_owned(),
                |n| json!({"label": format!("key {n}")}).to_string(),
                "SELECT count(*) FROM audit WHERE action = 'key.issue' AND details ->> 'partner' = 'acme'",
                1,
            ),
            plain(
                "/v1/keys/signing/rotate",
                |n| json!({"overlap_hours": 100 + n}).to_string(),
                "SELECT count(*) FROM audit WHERE action = 'signing_key.rotate'",
                1,
            ),
            plain(
                "/v1/partners",
                |n| {
                    json!({"slug": format!("p{n}"), "name": "P", "adapter": "standard"}).to_string()
                },
                "SELECT count(*) FROM partners",
                0,
            ),
            audited(
                "/v1/partners/{slug}/endpoints",
                "/v1/partners/acme/endpoints".to_owned(),
                |n| {
                    json!({"url": format!("https://shop.example/{n}"), "event_types": ["feed.failed"]})
                        .to_string()
                },
                "SELECT count(*) FROM endpoints",
                2,
            ),
            audited(
                "/v1/partners/{slug}/decision-hook/rotate-secret",
                "/v1/partners/acme/decision-hook/rotate-secret".to_owned(),
                |n| json!({"overlap_hours": 10 + n}).to_string(),
                "SELECT count(*) FROM audit WHERE action = 'decision_hook.rotate_secret'",
                4,
            ),
        ]
    }

    fn delivery(&self) -> Vec<Case> {
        let audited = |route, path, body, count, group| Case {
            route,
            path,
            key: OPERATOR,
            body,
            count,
            makes: 1,
            group,
        };
        vec![
            audited(
                "/v1/partners/{slug}/endpoints/{id}/test",
                format!("{}/test", self.endpoint),
                |n| json!({"n": n}).to_string(),
                "SELECT count(*) FROM events WHERE type = 'endpoint.test'",
                3,
            ),
            audited(
                "/v1/partners/{slug}/endpoints/{id}/rotate-secret",
                format!("{}/rotate-secret", self.endpoint),
                |n| json!({"overlap_hours": 10 + n}).to_string(),
                "SELECT count(*) FROM audit WHERE action = 'endpoint.rotate_secret'",
                4,
            ),
            audited(
                "/v1/deliveries/{id}/replay",
                format!("/v1/deliveries/{}/replay", self.delivery),
                |n| json!({"reason": format!("reason {n}")}).to_string(),
                "SELECT count(*) FROM audit WHERE action = 'delivery.replay'",
                4,
            ),
            audited(
                "/v1/replays",
                "/v1/replays".to_owned(),
                |n| {
                    json!({"filter": {"status": "dead"}, "reason": format!("reason {n}")})
                        .to_string()
                },
                "SELECT count(*) FROM replays",
                2,
            ),
        ]
    }
}

fn posts() -> Vec<Case> {
    let case = |route: &'static str, body, count, group| Case {
        route,
        path: route.to_owned(),
        key: PLATFORM,
        body,
        count,
        makes: 1,
        group,
    };
    vec![
        case(
            "/v1/posts",
            |n| {
                json!({"product": {"partner": "acme", "item_id": "item-1"}, "text": format!("Cup, round {n}")})
                    .to_string()
            },
            "SELECT count(*) FROM audit WHERE action = 'post.create'",
            0,
        ),
        // One slice makes one post: a repetition that began anew would make another.
        case(
            "/v1/posts/bulk",
            |n| {
                json!({"filter": {"partner": "acme"}, "limit": 1, "template": format!("{{title}} {n} {{url}}")})
                    .to_string()
            },
            "SELECT count(*) FROM audit WHERE action = 'post.bulk'",
            3,
        ),
        case(
            "/v1/post-rules",
            |n| json!({"name": format!("rule {n}"), "filter": {"category": "nothing"}}).to_string(),
            "SELECT count(*) FROM post_rules",
            1,
        ),
    ]
}

fn order_text(id: &str) -> String {
    order(id).partner("acme").json().to_string()
}

/// A captured payment without the purchase behind it.
async fn add_payment(sql: &Client) -> String {
    sql.batch_execute("ALTER TABLE payments DROP CONSTRAINT payments_checkout_fkey")
        .await
        .unwrap();
    let id = Uuid::now_v7();
    let insert = "INSERT INTO payments (id, checkout, attempt, processor, currency, amount, session_ends_at, status, \
                  amount_captured) VALUES ($1, $1, 1, 'manual', 'EUR', 9000, now(), 'captured', 9000)";
    sql.execute(insert, &[&id]).await.unwrap();
    format!("pay_{}", id.simple())
}
