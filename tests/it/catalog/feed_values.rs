//! What a feed's values mean: ambiguous prices, unreachable URLs, times without a zone, and a product's options.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::{issue_count, item_counts};

const HEADER: &str = "id,title,description,link,image_link,price,availability";

fn row(id: &str, price: &str) -> String {
    let page = format!("https://shop.example/{id}");
    format!("{id},Cup {id},d,{page},{page}.jpg,\"{price}\",in stock")
}

fn document(rows: impl IntoIterator<Item = String>) -> String {
    let header = [HEADER.to_owned()];
    header
        .into_iter()
        .chain(rows)
        .map(|row| row + "\n")
        .collect()
}

async fn amount(app: &TestApp, item: &str) -> Value {
    app.catalog("acme").await[item]["price"]["amount"].clone()
}

#[tokio::test]
async fn a_price_with_two_meanings_is_sold_for_neither() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let prices = [
        "15.000 EUR",
        "1.500 EUR",
        "250.000 VND",
        "13.000 CLP",
        "150.000 IDR",
    ];
    let rows = prices.iter().enumerate();
    let rows = rows.map(|(n, price)| row(&format!("item-{n}"), price));
    let report = app.push("acme", document(rows)).await;
    assert_eq!(issue_count(&report, "price_ambiguous"), 5, "{report}");
    assert_eq!(item_counts(&report)[..3], [5, 0, 5]);
    assert!(app.catalog("acme").await.is_empty());
    let issues = report["issues"].as_array().unwrap();
    let issue = issues.iter().find(|one| one["code"] == "price_ambiguous");
    let value = &issue.unwrap()["examples"][0]["value"];
    assert_eq!(value, "15.000 EUR: 15.00 EUR or 15000.00 EUR");
    app.finish().await;
}

#[tokio::test]
async fn rows_that_are_recognised_still_prove_how_the_file_writes_numbers() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let rows = |sofa: &str| {
        let cups = (0..20).map(|n| row(&format!("cup-{n}"), "12,50 EUR"));
        document([row("sofa", sofa)].into_iter().chain(cups))
    };
    app.push("acme", rows("999,90 EUR")).await;
    // All rows but one are unchanged and are not read again.
    let report = app.push("acme", rows("1.250 EUR")).await;
    assert_eq!(item_counts(&report), [21, 21, 0, 0, 1, 20, 0], "{report}");
    assert_eq!(issue_count(&report, "decimal_sign_by_file"), 1);
    assert_eq!(amount(&app, "sofa").await, 125_000);
    // It is read again with every feed, and keeps its value while the file proves its decimal sign.
    let more = format!("{}{}\n", rows("1.250 EUR"), row("pen", "2,00 EUR"));
    let report = app.push("acme", more).await;
    assert_eq!(item_counts(&report), [22, 22, 0, 1, 0, 21, 0], "{report}");
    assert_eq!(amount(&app, "sofa").await, 125_000);
    app.finish().await;
}

#[tokio::test]
async fn a_partners_settings_say_how_it_writes_numbers_and_times() {
    let app = TestApp::start().await;
    let settings = json!({"decimal": "comma", "time_zone": "Europe/Berlin"});
    let body = json!({"slug": "acme", "name": "Acme", "adapter": "standard", "settings": settings});
    let made = app.post("/v1/partners", OPERATOR, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let text = format!(
        "{HEADER},sale_price,sale_price_effective_date\n{},\"999,00 EUR\",2026-11-27/2099-11-30\n",
        row("sofa", "1.250 EUR")
    );
    let report = app.push("acme", text).await;
    assert_eq!(issue_count(&report, "date_without_timezone"), 0, "{report}");
    let sofa = &app.catalog("acme").await["sofa"];
    let path = format!("/v1/products/{}", sofa["id"].as_str().unwrap());
    let sofa = app.get(&path, OPERATOR).await.json();
    assert_eq!(sofa["item"]["price"]["amount"], 125_000, "{sofa}");
    // The sale ends at the end of 30 November in the merchant's time zone.
    assert_eq!(sofa["item"]["sale"]["ends_at"], "2099-12-01T00:00:00+01:00");
    app.finish().await;
}

#[tokio::test]
async fn a_link_that_no_buyer_reaches_is_refused() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let links = [
        "https://localhost/p/1",
        "https://192.168.1.2/p",
        "https://shop/p",
    ];
    let rows = links.iter().enumerate().map(|(n, link)| {
        row(&format!("item-{n}"), "1.00 EUR").replace(
            &format!("https://shop.example/item-{n},"),
            &format!("{link},"),
        )
    });
    let report = app.push("acme", document(rows)).await;
    assert_eq!(issue_count(&report, "link_not_public"), 3, "{report}");
    assert_eq!(item_counts(&report)[..3], [3, 0, 3]);
    let escaped = row("a", "1.00 EUR").replace("/a,", "/p?id=1&amp;v=2,");
    let report = app.push("acme", document([escaped])).await;
    assert_eq!(issue_count(&report, "entity_in_text"), 1, "{report}");
    app.finish().await;
}

#[tokio::test]
async fn choices_come_as_the_feed_has_them_and_the_one_shown_is_among_them() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let sizes: Vec<_> = (0..34).map(|n| format!("size-{}", 34 - n)).collect();
    let rows = sizes
        .iter()
        .map(|id| format!("{},HAT,{id}", row(id, "9.00 EUR")));
    let text = document(rows).replacen(HEADER, &format!("{HEADER},item_group_id,size"), 1);
    app.push("acme", text).await;
    let post = app.published("acme", "size-1", json!({})).await;
    let path = format!("/b/{}", post["slug"].as_str().unwrap());
    let shown = Answer::send(app.unauthenticated_request(Method::GET, &path)).await;
    let page = String::from_utf8(shown.bytes).unwrap();
    let (_, choices) = page.split_once("All choices").unwrap();
    let listed: Vec<_> = choices
        .split("<bdi>size-")
        .skip(1)
        .map(|rest| rest.split_once('<').unwrap().0.parse::<usize>().unwrap())
        .take(30)
        .collect();
    let first: Vec<_> = (6..=34).rev().collect();
    assert_eq!(listed, [first, vec![1]].concat());
    assert!(choices.contains("and 4 more</p>"), "{choices}");
    app.finish().await;
}
