//! Who reads which groups, and page by page.

use serde_json::Value;

use super::{groups, orders, wait_for_counts, without_retries};
use crate::support::api::{OPERATOR, PLATFORM};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

fn ids(groups: &Value) -> Vec<String> {
    let groups = groups["data"].as_array().unwrap().iter();
    groups
        .map(|group| group["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn groups_are_read_page_by_page_and_the_last_seen_comes_first() {
    let (app, _, receiver, endpoint) = without_retries().await;
    receiver.next([500, 404, 401, 422, 503].map(Reply::status));
    for n in 0..5 {
        orders(&app, n..n + 1).await;
        app.wait_for_dead_letters(i64::try_from(n).unwrap() + 1)
            .await;
    }
    let all = app.get("/v1/failures", OPERATOR).await.json();
    assert_eq!(all["next_cursor"], Value::Null);
    let causes: Vec<_> = all["data"].as_array().unwrap().iter().collect();
    let causes: Vec<_> = causes
        .iter()
        .map(|group| group["cause"].as_str().unwrap())
        .collect();
    let expected = [
        "unavailable",
        "client_error",
        "unauthorized",
        "not_found",
        "server_error",
    ];
    assert_eq!(causes, expected);

    let mut found = Vec::new();
    let mut path = "/v1/failures?limit=2".to_owned();
    loop {
        let page = app.get(&path, OPERATOR).await.json();
        found.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/failures?limit=2&cursor={cursor}");
    }
    assert_eq!(found, ids(&all));

    let one = groups(&app, "?cause=not_found&partner=acme").await;
    assert_eq!(one.len(), 1);
    let since = all["data"][1]["last_seen_at"].as_str().unwrap();
    assert_eq!(groups(&app, &format!("?since={since}")).await.len(), 2);
    let own = groups(&app, &format!("?endpoint={}", endpoint.id)).await;
    assert_eq!(own.len(), 5);
    for query in [
        "?cause=bad_mood",
        "?cursor=x",
        "?cursor=-5flg_1",
        "?since=today",
        "?status=dead",
    ] {
        let refused = app.get(&format!("/v1/failures{query}"), OPERATOR).await;
        refused.problem(400, "query-invalid");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_partner_reads_its_own_groups_and_meets_404_elsewhere() {
    let (app, _, receiver, endpoint) = without_retries().await;
    let (other, elsewhere) = (app.partner("other").await, Receiver::start().await);
    let foreign = app
        .endpoint(&other, &elsewhere)
        .with_retry(&[])
        .create()
        .await;
    receiver.always(Reply::status(500));
    elsewhere.always(Reply::status(404));
    orders(&app, 0..1).await;
    app.order(&order("P-other").partner("other")).await;
    wait_for_counts(&app, &[("not_found", 0, 1), ("server_error", 0, 1)]).await;
    let key = app.partner_key("acme").await;
    for query in [
        String::new(),
        "?partner=acme".to_owned(),
        format!("?endpoint={}", endpoint.id),
    ] {
        let own = app.get(&format!("/v1/failures{query}"), &key).await.json();
        assert_eq!(own["data"].as_array().unwrap().len(), 1, "{query}: {own}");
        assert_eq!(own["data"][0]["partner"], "acme");
    }
    for query in [
        "?partner=other".to_owned(),
        "?partner=nobody".to_owned(),
        format!("?endpoint={}", foreign.id),
    ] {
        for path in ["/v1/failures", "/v1/stats"] {
            let refused = app.get(&format!("{path}{query}"), &key).await;
            refused.problem(404, "not-found");
        }
    }
    for path in ["/v1/failures", "/v1/stats"] {
        assert_eq!(app.get(path, PLATFORM).await.status, 403);
        let unknown = app.get(&format!("{path}?partner=nobody"), OPERATOR).await;
        unknown.problem(404, "not-found");
    }
    assert_eq!(groups(&app, "?partner=other").await.len(), 1);
    app.stop().await;
}
