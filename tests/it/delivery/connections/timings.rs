//! The parts of an attempt's time over connections of an endpoint's own: with a client certificate, and through a proxy.

use std::time::Duration;

use serde_json::{Value, json};

use super::identities::Authority;
use super::servers::{ConnectProxy, Delays, TlsReceiver};
use super::{draft, tls};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::order::order;

const SLOW: Delays = Delays {
    before_tls: Duration::from_millis(20),
    before_reply: Duration::from_millis(50),
};

/// The only attempt of an order's only delivery.
async fn attempt(app: &TestApp, order_id: &str) -> Value {
    let receipt = app.order(&order(order_id).partner("acme")).await;
    let path = format!(
        "/v1/deliveries/{}",
        crate::support::api::only_delivery(&receipt)
    );
    app.wait_until_delivered(&path).await["attempts"][0].clone()
}

#[track_caller]
fn assert_parts_of_a_new_connection(attempt: &Value) {
    let ms = |part: &str| attempt[part].as_i64().unwrap_or(-1);
    assert!(ms("connect_ms") >= 0, "{attempt}");
    assert!((20..1_000).contains(&ms("tls_ms")), "{attempt}");
    assert!((50..1_000).contains(&ms("first_byte_ms")), "{attempt}");
    let sum = ms("connect_ms") + ms("tls_ms") + ms("first_byte_ms");
    assert!(sum <= ms("duration_ms") + 3, "{attempt}");
}

#[track_caller]
fn assert_parts_of_a_kept_connection(attempt: &Value) {
    for part in ["dns_ms", "connect_ms", "tls_ms"] {
        assert_eq!(attempt[part], Value::Null, "{attempt}");
    }
    assert!(
        attempt["first_byte_ms"].as_i64().unwrap() >= 50,
        "{attempt}"
    );
}

#[tokio::test]
async fn with_a_client_certificate_the_parts_say_who_was_slow() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let receiver = TlsReceiver::start_slow(&servers.server(), Some(clients.roots()), SLOW).await;
    let app = TestApp::start().await;
    app.partner("acme").await;
    let ours = clients.client("ours");
    draft(&app, &receiver.url("hooks"))
        .with("tls", tls(Some(&ours), Some(&servers)))
        .create()
        .await;
    assert_parts_of_a_new_connection(&attempt(&app, "P-1").await);
    assert_parts_of_a_kept_connection(&attempt(&app, "P-2").await);
    app.finish().await;
}

#[tokio::test]
async fn through_a_proxy_the_tunnel_belongs_to_the_connection() {
    let servers = Authority::new("servers");
    let receiver = TlsReceiver::start_slow(&servers.server(), None, SLOW).await;
    let plain = ConnectProxy::start(None, None).await;
    let encrypted = ConnectProxy::start(Some(&servers.server()), None).await;
    for proxy in [
        format!("http://127.0.0.1:{}", plain.port),
        format!("https://127.0.0.1:{}", encrypted.port),
    ] {
        let app = TestApp::start().await;
        app.partner("acme").await;
        let endpoint = draft(&app, &receiver.url("hooks"))
            .with("tls", tls(None, Some(&servers)))
            .with("proxy", json!(proxy))
            .create()
            .await;
        assert_parts_of_a_new_connection(&attempt(&app, "P-1").await);
        assert_parts_of_a_kept_connection(&attempt(&app, "P-2").await);
        assert_eq!(app.get(&endpoint.path, OPERATOR).await.status, 200);
        app.finish().await;
    }
}
