//! Health checks, as load balancers make them.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::order::order;

#[tokio::test]
async fn health_and_readiness_answer_get_and_head_without_a_key() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        let get = Answer::send(app.unauthenticated_request(Method::GET, path)).await;
        assert_eq!(get.status, 200, "{path}: {get:?}");
        assert!(!get.bytes.is_empty(), "{path}");
        let head = Answer::send(app.unauthenticated_request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        let post = Answer::send(app.unauthenticated_request(Method::POST, path)).await;
        post.problem(405, "method-not-allowed");
    }
    app.finish().await;
}

/// Prometheus' own tools read the older format, in which the help of a counter stands under its full name.
#[tokio::test]
async fn every_metric_has_help_and_a_type() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.order(&order("P-1").partner("acme")).await;
    let accept = |kind: &'static str| {
        app.request(Method::GET, "/metrics", OPERATOR)
            .header("Accept", kind)
    };
    let older = Answer::send(accept("*/*")).await;
    assert_eq!(
        older.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = older.body();
    let described = |start: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(start));
        lines
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect()
    };
    let (help, types) = (described("# HELP "), described("# TYPE "));
    assert_eq!(help, types);
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let names: BTreeSet<_> = samples
        .map(|line| line.split(['{', ' ']).next().unwrap())
        .collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        let is_described =
            help.contains(name) || family.is_some_and(|family| help.contains(family));
        assert!(is_described, "{name} has no help");
    }
    assert!(help.contains("buywire_orders_accepted_total"));

    let open = Answer::send(accept(
        "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
    ))
    .await;
    assert_eq!(
        open.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert!(open.body().ends_with("# EOF\n"), "{open:?}");
    assert!(open.body().contains("# HELP buywire_orders_accepted "));
    app.finish().await;
}
