//! Pages as their readers read them: prices in the reader's form, names in their own language, addresses as people
//! type them.

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE};
use serde_json::json;

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::feed;

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

async fn fetch(app: &TestApp, path: &str, languages: Option<&str>) -> Answer {
    let mut request = app.unauthenticated_request(Method::GET, path);
    if let Some(languages) = languages {
        request = request.header(ACCEPT_LANGUAGE, languages);
    }
    Answer::send(request).await
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

#[tokio::test]
async fn a_price_is_written_as_its_reader_writes_it() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(2).priced([1], "1234.50 USD").csv())
        .await;
    let post = app.published("acme", "item-1", json!({})).await;
    let body = json!({"enabled": true, "items": ["item-1"]}).to_string();
    let set = app.request(Method::PUT, "/v1/partners/acme/shop", OPERATOR);
    assert_eq!(Answer::send(set.body(body)).await.status, 200);
    let slug = post["slug"].as_str().unwrap();
    for path in [
        format!("/b/{slug}"),
        format!("/embed/{slug}"),
        "/shop/acme".to_owned(),
    ] {
        for (query, languages, price) in [
            ("", None, "$1,234.50"),
            ("", Some("de-DE,de;q=0.9,en;q=0.5"), "1.234,50~$"),
            ("", Some("tlh, pt_BR;q=0.7, en;q=0.3"), "US$~1.234,50"),
            ("", Some("en;q=0.2, zh-Hant-TW"), "US$1,234.50"),
            ("?lang=fr-CA", Some("de"), "1~234,50~$~US"),
            ("?lang=tlh", Some("nl"), "US$~1.234,50"),
        ] {
            let answer = fetch(&app, &format!("{path}{query}"), languages).await;
            assert_eq!(answer.header("vary"), Some("Accept-Language"));
            let html = text(&answer).replace('\u{a0}', "~");
            let shown = format!("<strong><bdi>{price}</bdi></strong>");
            assert!(html.contains(&shown), "{path}{query} {languages:?}: {html}");
        }
    }
    // What programs read is the same for everybody.
    let german = text(&fetch(&app, &format!("/b/{slug}"), Some("de")).await);
    assert!(german.contains("<meta property=\"product:price:amount\" content=\"1234.50\">"));
    assert!(german.contains("\"price\":\"1234.50\""));
    app.finish().await;
}

#[tokio::test]
async fn names_are_marked_with_their_language() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let row = |id: &str, language: &str| {
        format!(
            "{id},Becher {id},Handgedreht.,https://shop.example/{id},https://img.example/{id}.jpg,9.00 EUR,in_stock,{language}\n"
        )
    };
    let head = "id,title,description,link,image_link,price,availability,content_language\n";
    let rows = [
        ("german", "DE"),
        ("english", "en_GB"),
        ("none", ""),
        ("odd", "x\"><b>"),
    ];
    let rows = rows.map(|(id, language)| row(id, language)).concat();
    let report = app.push("acme", format!("{head}{rows}")).await;
    assert_eq!(report["status"], "applied", "{report}");
    for (item, lang) in [
        ("german", " lang=\"de\""),
        ("english", ""),
        ("none", ""),
        ("odd", ""),
    ] {
        let post = app.published("acme", item, json!({})).await;
        let slug = post["slug"].as_str().unwrap();
        let html = text(&fetch(&app, &format!("/b/{slug}"), None).await);
        let title = format!("<h1 dir=\"auto\"{lang}>Becher {item}</h1>");
        assert!(html.contains(&title), "{title} is not in {html}");
        assert!(
            html.contains(&format!("<div class=\"text\" dir=\"auto\"{lang}>")),
            "{html}"
        );
        let card = text(&fetch(&app, &format!("/embed/{slug}"), None).await);
        assert!(card.contains(&title), "{title} is not in {card}");
    }
    app.finish().await;
}

#[tokio::test]
async fn an_address_with_a_slash_leads_to_its_page() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(2).csv()).await;
    let post = app.published("acme", "item-1", json!({})).await;
    let slug = post["slug"].as_str().unwrap();
    // The client follows: what arrives is the page, with the query that was given.
    let followed = fetch(&app, &format!("/b/{slug}/?lang=de"), None).await;
    assert_eq!(followed.status, 200);
    assert!(text(&followed).contains("<strong><bdi>10,00\u{a0}€</bdi></strong>"));
    assert_eq!(
        fetch(&app, &format!("/embed/{slug}/"), None).await.status,
        200
    );
    assert_eq!(fetch(&app, "/b/nosuchpost/", None).await.status, 404);
    app.finish().await;
}

#[tokio::test]
async fn people_read_a_page_where_programs_read_a_problem() {
    let app = TestApp::start().await;
    for path in ["/b/", "/nothing", "/shop"] {
        let request = app.unauthenticated_request(Method::GET, path);
        let page = Answer::send(request.header(ACCEPT, BROWSER)).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (404, Some("text/html; charset=utf-8"))
        );
        assert!(text(&page).contains("<h1>Nothing here</h1>"));
        fetch(&app, path, None)
            .await
            .problem(404, "route-not-found");
    }
    let request = app.unauthenticated_request(Method::GET, "/v1/nothing");
    let answer = Answer::send(request.header(ACCEPT, BROWSER)).await;
    answer.problem(404, "route-not-found");
    app.finish().await;
}
