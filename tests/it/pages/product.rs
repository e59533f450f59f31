//! Product pages: they show what the catalog has, to everybody, in every state.

use reqwest::Method;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::feed;

const HOSTILE: &str =
    "</title></script><script>alert(1)</script>\"'<img src=x onerror=alert(2)> \u{202e}gnp 🧨";
const NOBODY: &str = "; frame-ancestors 'none'";

async fn open_shop() -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    app
}

async fn fetch(app: &TestApp, path: &str) -> Answer {
    Answer::send(app.unauthenticated_request(Method::GET, path)).await
}

async fn page(app: &TestApp, post: &Value) -> Answer {
    fetch(app, &format!("/b/{}", post["slug"].as_str().unwrap())).await
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut found = answer
        .headers
        .iter()
        .filter(|(existing, _)| existing == name);
    found.next().map(|(_, value)| value.as_str())
}

fn island(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/ld+json\">")
        .unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

fn has_button(page: &str) -> bool {
    page.contains("<a class=\"button\"")
}

#[tokio::test]
async fn a_post_has_a_page_from_its_publication_until_it_is_taken_back() {
    let app = open_shop().await;
    let draft = app.draft("acme", "item-3", json!({})).await;
    assert_eq!(page(&app, &draft).await.status, 404);
    let live = app.publish(&draft).await;
    let shown = page(&app, &live).await;
    assert_eq!(shown.status, 200);
    assert_eq!(
        header(&shown, "content-type"),
        Some("text/html; charset=utf-8")
    );
    let html = text(&shown);
    assert!(html.contains("<h1 dir=\"auto\">Cup 3</h1>"), "{html}");
    assert!(html.contains("<strong><bdi>€10.00</bdi></strong>"));
    let id = live["id"].as_str().unwrap();
    let attributed = format!(
        "https://shop.example/3?utm_source=buywire&#38;utm_medium=social&#38;utm_campaign={id}&#38;bw_post={id}"
    );
    assert!(has_button(&html) && html.contains(&attributed), "{html}");
    assert_eq!(app.post_action(&live, "withdraw").await.status, 200);
    let gone = page(&app, &live).await;
    assert_eq!(gone.status, 410);
    assert!(text(&gone).contains("<h1>Withdrawn</h1>") && !text(&gone).contains("Cup 3"));
    for unknown in [
        "/b/nosuchpost",
        "/b/%00",
        "/b/..%2fb",
        "/b/%F0%9F%A7%A8",
        "/embed/nosuchpost",
        "/shop/nobody",
    ] {
        let answer = fetch(&app, unknown).await;
        assert_eq!(answer.status, 404, "{unknown}");
        assert!(text(&answer).starts_with("<!doctype html>"), "{unknown}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_page_follows_the_catalog_at_once() {
    let app = open_shop().await;
    let post = app.published("acme", "item-3", json!({})).await;
    let before = page(&app, &post).await;
    let tag = header(&before, ETAG.as_str()).unwrap().to_owned();
    let path = format!("/b/{}", post["slug"].as_str().unwrap());
    let again = |tag: String| {
        app.unauthenticated_request(Method::GET, &path)
            .header(IF_NONE_MATCH, tag)
    };
    assert_eq!(Answer::send(again(tag.clone())).await.status, 304);
    app.push("acme", feed(20).priced([3], "12.50 EUR").csv())
        .await;
    let after = Answer::send(again(tag)).await;
    assert_eq!(after.status, 200);
    let html = text(&after);
    assert!(html.contains("<strong><bdi>€12.50</bdi></strong>"));
    assert_eq!(island(&html)["offers"]["price"], "12.50");
    let now = app.reload_post(&post).await;
    assert_eq!(
        now["card"]["price"],
        json!({"amount": 1250, "currency": "EUR"})
    );
    let shared = format!("{}{path}?v={}", app.base_url(), now["version"]);
    assert!(
        html.contains(&format!("property=\"og:url\" content=\"{shared}\"")),
        "{html}"
    );
    assert_ne!(now["version"], post["version"]);
    // A bad row: it cannot be bought, and the page says so.
    app.push("acme", feed(20).broken([3]).csv()).await;
    let html = text(&page(&app, &post).await);
    assert!(
        !has_button(&html) && html.contains("Not available right now"),
        "{html}"
    );
    assert_eq!(
        island(&html)["offers"]["availability"],
        "https://schema.org/OutOfStock"
    );
    assert!(html.contains("See it at"));
    app.finish().await;
}

#[tokio::test]
async fn a_page_is_strict_and_keeps_nothing_of_anybody() {
    let app = open_shop().await;
    let post = app.published("acme", "item-3", json!({})).await;
    let slug = post["slug"].as_str().unwrap();
    for (path, status, frames, kept) in [
        (format!("/b/{slug}"), 200, NOBODY, "public, max-age=10"),
        // Apps frame pages, too, and `*` would not name them.
        (format!("/embed/{slug}"), 200, "", "public, max-age=10"),
        ("/b/nosuchpost".to_owned(), 404, NOBODY, "no-cache"),
    ] {
        let answer = fetch(&app, &path).await;
        assert_eq!(answer.status, status);
        let policy = header(&answer, "content-security-policy").unwrap();
        let begin = "default-src 'none'; style-src 'sha256-";
        assert!(policy.starts_with(begin), "{policy}");
        assert!(
            policy.ends_with(&format!("img-src https:{frames}")),
            "{policy}"
        );
        assert!(
            !policy.contains("script-src") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(header(&answer, "cache-control"), Some(kept));
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
        assert_eq!(
            header(&answer, "referrer-policy"),
            Some("strict-origin-when-cross-origin")
        );
        assert_eq!(header(&answer, "set-cookie"), None);
        let head = Answer::send(app.unauthenticated_request(Method::HEAD, &path)).await;
        assert_eq!((head.status, head.bytes.len()), (status, 0));
        assert_eq!(header(&head, "etag"), header(&answer, "etag"));
    }
    app.finish().await;
}

#[tokio::test]
async fn a_copy_is_not_kept_beyond_the_end() {
    let app = open_shop().await;
    let end = OffsetDateTime::now_utc() + Duration::seconds(6);
    let window = json!({"ends_at": end.format(&Rfc3339).unwrap()});
    let post = app.published("acme", "item-3", window).await;
    let kept = page(&app, &post).await;
    let kept = header(&kept, "cache-control").unwrap();
    let seconds = kept
        .strip_prefix("public, max-age=")
        .map_or(0, |text| text.parse().unwrap());
    assert!(seconds < 6, "{kept}");
    app.finish().await;
}

#[tokio::test]
async fn a_window_that_is_not_open_sells_nothing() {
    let app = open_shop().await;
    let start = OffsetDateTime::now_utc() + Duration::HOUR;
    let window = json!({"starts_at": start.format(&Rfc3339).unwrap()});
    let post = app.published("acme", "item-3", window).await;
    let html = text(&page(&app, &post).await);
    assert!(
        !has_button(&html) && html.contains("Not on sale yet"),
        "{html}"
    );
    assert!(html.contains("Starts <time datetime="));
    // As an hour after its end, whether or not the scheduler has run.
    let update = "UPDATE posts SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour',
                  next_at = now() + interval '1 day' WHERE state = 'scheduled'";
    assert_eq!(app.sql.execute(update, &[]).await.unwrap(), 1);
    let html = text(&page(&app, &post).await);
    assert!(!has_button(&html) && html.contains(">Ended"), "{html}");
    assert!(html.contains("<meta name=\"robots\" content=\"noindex\">"));
    app.stop().await;
}

#[tokio::test]
async fn whoever_is_not_let_buy_sees_a_plain_link() {
    let app = open_shop().await;
    for rule in [
        json!({"percent": 50}),
        json!({"countries": ["US"]}),
        json!({"percent": 0}),
    ] {
        let post = app
            .published("acme", "item-3", json!({"rollout": rule}))
            .await;
        let html = text(&page(&app, &post).await);
        assert!(!has_button(&html) && html.contains("See it at"), "{html}");
        assert!(html.contains("In stock") && html.contains("https://shop.example/3?"));
        let card = fetch(&app, &format!("/embed/{}", post["slug"].as_str().unwrap())).await;
        assert!(!has_button(&text(&card)));
    }
    app.finish().await;
}

#[tokio::test]
async fn hostile_words_stay_words() {
    let app = TestApp::start().await;
    app.partner("evil").await;
    // Written directly into the database, because feed readers clean such text: the page must be safe by itself.
    app.push("evil", feed(1).csv()).await;
    let rename = "UPDATE partners SET name = $1 WHERE slug = 'evil'";
    app.sql.execute(rename, &[&HOSTILE]).await.unwrap();
    let row = app
        .sql
        .query_one("SELECT item FROM products", &[])
        .await
        .unwrap();
    let mut item: Value = serde_json::from_str(row.get(0)).unwrap();
    item["title"] = HOSTILE.into();
    item["description"] =
        format!("{HOSTILE}\u{2028}\n{}", "Donaudampfschifffahrt".repeat(40)).into();
    item["brand"] = HOSTILE.into();
    item["options"] = json!([{"name": HOSTILE, "value": HOSTILE}]);
    item["images"] = json!([{"url": "https://img.example/\"onload=\"alert(3)", "alt": HOSTILE}]);
    item["url"] = "https://shop.example/?q=\"><script>alert(4)</script>#</script>".into();
    let update = "UPDATE products SET item = $1";
    app.sql.execute(update, &[&item.to_string()]).await.unwrap();
    let post = app
        .published("evil", "item-0", json!({"text": "Look!"}))
        .await;
    let shown = page(&app, &post).await;
    assert_eq!(shown.status, 200);
    let slug = post["slug"].as_str().unwrap();
    let card = fetch(&app, &format!("/embed/{slug}")).await;
    for html in [text(&shown), text(&card)] {
        assert_eq!(html.matches("</title>").count(), 1);
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script type=\"application/ld+json\">")
                .count()
        );
        for markup in ["<img src=x", "\"onload=\"", "alert(4)</script"] {
            assert!(!html.contains(markup), "{markup} in {html}");
        }
    }
    let data = island(&text(&shown));
    assert_eq!(data["name"], HOSTILE);
    assert_eq!(data["offers"]["seller"]["name"], HOSTILE);
    app.finish().await;
}

#[tokio::test]
async fn others_can_embed_a_card() {
    let app = open_shop().await;
    let post = app.published("acme", "item-3", json!({})).await;
    let oembed = |query: &str| {
        let request = app.unauthenticated_request(Method::GET, &format!("/oembed?{query}"));
        async { Answer::send(request).await }
    };
    let url = post["url"].as_str().unwrap();
    let notice = oembed(&format!("url={url}?v=3&maxwidth=320&maxheight=300&dnt=1")).await;
    assert_eq!(notice.status, 200, "{notice:?}");
    let notice = notice.json();
    let slug = post["slug"].as_str().unwrap();
    let src = format!(
        "<iframe src=\"{}/embed/{slug}\" title=\"Cup 3\" width=\"320\" height=\"300\"",
        app.base_url()
    );
    assert!(
        notice["html"].as_str().unwrap().starts_with(&src),
        "{notice}"
    );
    assert_eq!(
        (&notice["version"], &notice["type"]),
        (&json!("1.0"), &json!("rich"))
    );
    assert_eq!(
        (&notice["width"], &notice["height"]),
        (&json!(320), &json!(300))
    );
    assert!(notice["cache_age"].is_u64() && notice["thumbnail_url"].is_null());
    let card = text(&fetch(&app, &format!("/embed/{slug}")).await);
    assert!(
        has_button(&card) && card.contains("target=\"_top\""),
        "{card}"
    );
    let draft = app.draft("acme", "item-4", json!({})).await;
    for (query, status, kind) in [
        (
            format!("url={url}&format=xml"),
            501,
            "/problems/format-unsupported",
        ),
        (
            format!("url={}", draft["url"].as_str().unwrap()),
            404,
            "/problems/not-found",
        ),
        (
            format!("url={}/b/nosuchpost", app.base_url()),
            404,
            "/problems/not-found",
        ),
        (
            format!("url=https://elsewhere.example/b/{slug}"),
            400,
            "/problems/query-invalid",
        ),
        (
            format!("url={}/shop/acme", app.base_url()),
            400,
            "/problems/query-invalid",
        ),
        (
            format!("url={url}&maxwidth=wide"),
            400,
            "/problems/query-invalid",
        ),
        (String::new(), 400, "/problems/query-invalid"),
    ] {
        let refused = oembed(&query).await;
        assert_eq!(
            (refused.status, &refused.json()["type"]),
            (status, &json!(kind)),
            "{query}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn a_shop_is_shown_in_the_merchants_order_once_it_is_open() {
    let app = open_shop().await;
    assert_eq!(fetch(&app, "/shop/acme").await.status, 404);
    let items: Vec<_> = [7, 3, 11, 5, 2, 13, 1]
        .iter()
        .map(|n| format!("item-{n}"))
        .collect();
    for (enabled, status) in [(true, 200), (false, 404), (true, 200)] {
        let body = json!({"enabled": enabled, "items": items}).to_string();
        let set = app
            .request(Method::PUT, "/v1/partners/acme/shop", OPERATOR)
            .body(body);
        assert_eq!(Answer::send(set).await.status, 200);
        assert_eq!(fetch(&app, "/shop/acme").await.status, status);
    }
    let html = text(&fetch(&app, "/shop/acme").await);
    let (module, all) = html.split_once("<h2 id=\"all\">").unwrap();
    let names = |part: &str| -> Vec<String> {
        let found = part.split("<h3 dir=\"auto\">").skip(1);
        let name = |rest: &str| {
            let (_, name) = rest.split_once("noopener\">").unwrap();
            name.split_once('<').unwrap().0.to_owned()
        };
        found.map(name).collect()
    };
    assert_eq!(
        names(module),
        ["Cup 7", "Cup 3", "Cup 11", "Cup 5", "Cup 2"]
    );
    assert_eq!(
        names(all),
        [
            "Cup 7", "Cup 3", "Cup 11", "Cup 5", "Cup 2", "Cup 13", "Cup 1"
        ]
    );
    app.finish().await;
}
