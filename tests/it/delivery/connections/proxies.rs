//! Proxies: what goes through them, what does not, and how a refusal reads.

use serde_json::{Value, json};

use super::identities::Authority;
use super::servers::{ConnectProxy, TlsReceiver};
use super::{attempt_error, draft, patch, tls};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::receiver::Receiver;

/// `ann:p@ss`
const CREDENTIALS: &str = "YW5uOnBAc3M=";

#[tokio::test]
async fn an_endpoint_is_reached_through_its_own_proxy_alone() {
    let servers = Authority::new("servers");
    let receiver = TlsReceiver::start(&servers.server(), None).await;
    let proxy = ConnectProxy::start(None, Some(CREDENTIALS)).await;
    let encrypted = ConnectProxy::start(Some(&servers.server()), None).await;
    let app = TestApp::start().await;
    app.partner("acme").await;
    let url = format!("http://ann:p%40ss@127.0.0.1:{}", proxy.port);
    let endpoint = draft(&app, &receiver.url("hooks"))
        .with("tls", tls(None, Some(&servers)))
        .with("proxy", json!(url))
        .create()
        .await;
    assert_eq!(attempt_error(&app, &endpoint).await, None);
    let target = format!("127.0.0.1:{}", receiver.port);
    assert_eq!(proxy.targets(), std::slice::from_ref(&target));

    let shown = app.get(&endpoint.path, OPERATOR).await;
    let masked = format!("http://***:***@127.0.0.1:{}/", proxy.port);
    assert_eq!(shown.json()["proxy"], masked);
    assert!(!shown.body().contains("p%40ss"));
    // What was shown can be sent back, and changes nothing.
    patch(&app, &endpoint, &json!({"proxy": masked})).await;
    assert_eq!(attempt_error(&app, &endpoint).await, None);

    let over_tls = json!({"proxy": format!("https://127.0.0.1:{}", encrypted.port)});
    patch(&app, &endpoint, &over_tls).await;
    assert_eq!(attempt_error(&app, &endpoint).await, None);
    assert_eq!(encrypted.targets(), [target]);

    patch(&app, &endpoint, &json!({"proxy": null})).await;
    let before = (proxy.connections(), encrypted.connections());
    assert_eq!(attempt_error(&app, &endpoint).await, None);
    assert_eq!((proxy.connections(), encrypted.connections()), before);
    assert_eq!(receiver.arrivals().len(), 4);
    app.finish().await;
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_gone_is_named_as_the_cause() {
    let servers = Authority::new("servers");
    let receiver = TlsReceiver::start(&servers.server(), None).await;
    let strict = ConnectProxy::start(None, Some(CREDENTIALS)).await;
    let untrusted = ConnectProxy::start(Some(&Authority::new("others").server()), None).await;
    let open = ConnectProxy::start(None, None).await;
    let app = TestApp::start().await;
    app.partner("acme").await;
    let endpoint = draft(&app, &receiver.url("hooks"))
        .with("tls", tls(None, Some(&servers)))
        .create()
        .await;
    for (proxy, error) in [
        (
            format!("http://127.0.0.1:{}", strict.port),
            "proxy_credentials",
        ),
        (
            format!("http://ann:wrong@127.0.0.1:{}", strict.port),
            "proxy_credentials",
        ),
        (format!("https://127.0.0.1:{}", untrusted.port), "proxy"),
        // Nothing listens there.
        ("http://127.0.0.1:9".to_owned(), "proxy"),
    ] {
        patch(&app, &endpoint, &json!({"proxy": proxy})).await;
        assert_eq!(
            attempt_error(&app, &endpoint).await.as_deref(),
            Some(error),
            "{proxy}"
        );
    }
    // The proxy connects nowhere, and the receiver is not to blame for its certificate.
    let nowhere =
        json!({"url": "https://127.0.0.1:9/", "proxy": format!("http://127.0.0.1:{}", open.port)});
    patch(&app, &endpoint, &nowhere).await;
    assert_eq!(
        attempt_error(&app, &endpoint).await.as_deref(),
        Some("proxy")
    );
    assert_eq!(receiver.arrivals().len(), 0);
    app.stop().await;
}

#[tokio::test]
async fn the_gateways_proxy_leads_outside_and_the_guard_holds_before_it() {
    let plain = Receiver::start().await;
    let proxy = ConnectProxy::start(None, None).await;
    let app = TestApp::start_with(|settings| {
        settings.connections.proxy = Some(format!("http://127.0.0.1:{}", proxy.port));
    })
    .await;
    let acme = app.partner_with_key("acme").await;
    // Inside an allowed range: directly.
    let inside = draft(&app, &plain.url()).create().await;
    assert_eq!(attempt_error(&app, &inside).await, None);
    assert_eq!(proxy.connections(), 0);
    // Private addresses stay refused, whoever would connect.
    for url in [
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[::1]/",
    ] {
        for key in [OPERATOR, &acme] {
            let body = json!({"url": url});
            let refused = app.post("/v1/partners/acme/endpoints", key, &body).await;
            let errors = refused.problem(422, "body-invalid");
            assert_eq!(
                errors,
                [("/url".to_owned(), "blocked_address".to_owned())],
                "{url}"
            );
        }
    }
    // A name that cannot be resolved here cannot be checked, so the proxy never hears it.
    let unknown = draft(&app, "https://nowhere.example/hooks").create().await;
    let error = attempt_error(&app, &unknown).await;
    // Some machines have a name server that never answers.
    assert!(
        matches!(error.as_deref(), Some("dns" | "timeout")),
        "{error:?}"
    );
    assert_eq!(proxy.connections(), 0);
    // A public address: the proxy is asked for it, and has no way there.
    let outside = draft(&app, "https://203.0.114.1/hooks").create().await;
    assert_eq!(
        attempt_error(&app, &outside).await.as_deref(),
        Some("proxy")
    );
    assert_eq!(proxy.targets(), ["203.0.114.1:443"]);
    app.stop().await;
}

#[tokio::test]
async fn only_an_operator_sets_a_proxy_and_only_where_the_guard_allows() {
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let path = "/v1/partners/acme/endpoints";
    for proxy in [json!("https://proxy.example"), Value::Null] {
        let body = json!({"url": "https://shop.example/", "proxy": proxy});
        app.post(path, &acme, &body).await.problem(403, "forbidden");
    }
    for (url, proxy, code) in [
        (
            "https://shop.example/",
            "https://10.0.0.1:3128",
            "blocked_address",
        ),
        (
            "https://shop.example/",
            "https://169.254.169.254",
            "blocked_address",
        ),
        (
            "https://shop.example/",
            "socks5://proxy.example:1080",
            "malformed",
        ),
        (
            "https://shop.example/",
            "https://proxy.example/path",
            "malformed",
        ),
        (
            "https://shop.example/",
            "https://***:***@proxy.example/",
            "url_masked",
        ),
        ("http://127.0.0.1:9/", "https://proxy.example", "not_https"),
    ] {
        let body = json!({"url": url, "proxy": proxy});
        let refused = app.post(path, OPERATOR, &body).await;
        let errors = refused.problem(422, "body-invalid");
        assert_eq!(errors, [("/proxy".to_owned(), code.to_owned())], "{proxy}");
    }
    app.finish().await;
}
