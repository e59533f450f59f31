//! The pages of catalogs: runs, held ones first, products, sources, pictures.

use buywire::testing::CheckImages;
use serde_json::json;

use super::browser::{Browser, location};
use crate::support::app::{OPERATOR, PLATFORM, TestApp};
use crate::support::feed::{feed, row};
use crate::support::image_server::{ImageServer, feed_with_images, png};
use crate::support::pulling::document;
use crate::support::receiver::Receiver;

/// A gateway with a run of acme that waits for approval, and the run's path.
async fn with_a_held_run() -> (TestApp, String) {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(50).csv()).await;
    let held = app
        .push(
            "acme",
            feed(51).without(0..15).priced([20], "99.00 EUR").csv(),
        )
        .await;
    assert_eq!(held["status"], "held", "{held}");
    let path = format!("/console/catalog/runs/{}", held["id"].as_str().unwrap());
    (app, path)
}

async fn audited(app: &TestApp, action: &str) -> usize {
    let path = format!("/v1/audit?action={action}");
    let audit = app.get(&path, OPERATOR).await.json();
    audit["data"].as_array().unwrap().len()
}

async fn run_status(app: &TestApp, path: &str) -> String {
    let id = path.rsplit('/').next().unwrap();
    let api = format!("/v1/partners/acme/feed/runs/{id}");
    let run = app.get(&api, OPERATOR).await.json();
    run["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_held_run_is_first_shows_what_it_would_change_and_is_approved_after_a_confirmation() {
    let (app, path) = with_a_held_run().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let list = browser.page("/console/catalog").await;
    assert!(list.contains("Waiting for approval"), "{list}");
    assert!(
        list.contains("would add 1 item, change 1 and take 15 out of stock."),
        "{list}"
    );
    assert!(
        list.contains("15 of 50 live items would be removed"),
        "{list}"
    );
    assert_eq!(list.matches("<tr data-row>").count(), 2, "{list}");
    let page = browser.page(&path).await;
    for part in [
        "nothing has changed yet",
        "What would change",
        "out of stock, then removed",
        "10.00 EUR",
        "99.00 EUR",
        "large_drop_held",
        "Approve it if this is intended.",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let confirmation = browser.page(&format!("{path}/confirm?do=approve")).await;
    assert!(
        confirmation.contains("Approve this run of acme?")
            && confirmation.contains("15 of 50 live items would be removed"),
        "{confirmation}"
    );
    assert_eq!(run_status(&app, &path).await, "held", "nothing is done yet");
    let approved = browser.submit(&format!("{path}/approve"), &[]).await;
    assert_eq!(location(&approved), format!("{path}?done=approved"));
    assert_eq!(run_status(&app, &path).await, "applied");
    assert_eq!(audited(&app, "feed.approve").await, 1);
    let page = browser.page(&format!("{path}?done=approved")).await;
    assert!(
        page.contains("Approved: the catalog matches this feed now."),
        "{page}"
    );
    let list = browser.page("/console/catalog").await;
    assert!(!list.contains("Waiting for approval"), "{list}");
    app.finish().await;
}

#[tokio::test]
async fn who_decides_on_a_stale_page_is_told_and_changes_nothing() {
    let (app, path) = with_a_held_run().await;
    let one = Browser::signed_in(app.base_url(), OPERATOR).await;
    let other = Browser::signed_in(app.base_url(), OPERATOR).await;
    let discarded = one.submit(&format!("{path}/discard"), &[]).await;
    assert_eq!(location(&discarded), format!("{path}?done=discarded"));
    for verb in ["approve", "discard"] {
        let late = other.submit(&format!("{path}/{verb}"), &[]).await;
        assert_eq!(location(&late), format!("{path}?done=stale"), "{verb}");
    }
    let page = other.page(&format!("{path}?done=stale")).await;
    assert!(page.contains("somebody else has decided"), "{page}");
    assert!(!page.contains("/confirm?do="), "{page}");
    let late = other.get(&format!("{path}/confirm?do=approve")).await;
    assert_eq!(location(&late), format!("{path}?done=stale"));
    assert_eq!(run_status(&app, &path).await, "discarded");
    assert_eq!(audited(&app, "feed.approve").await, 0);
    assert_eq!(audited(&app, "feed.discard").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_run_lists_its_findings_by_code_with_what_to_do_and_where() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let bad = row(3, "<script>alert(1)</script>");
    let report = app
        .push("acme", feed(40).without([3]).with_row(bad).csv())
        .await;
    assert_eq!(report["status"], "applied", "{report}");
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let path = format!("/console/catalog/runs/{}", report["id"].as_str().unwrap());
    let page = browser.page(&path).await;
    assert!(page.contains("the catalog matches the feed"), "{page}");
    assert!(page.contains("item-3"), "{page}");
    assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
    for finding in report["issues"].as_array().unwrap() {
        let help = finding["help"].as_str().unwrap();
        let help = help.split('`').next().unwrap().replace('\'', "&#39;");
        assert!(
            page.contains(finding["code"].as_str().unwrap()),
            "{finding}"
        );
        assert!(page.contains(&help), "{help}: {page}");
    }
    let failed = app.push("acme", "<html>not a feed</html>").await;
    assert_eq!(failed["status"], "failed", "{failed}");
    let list = browser.page("/console/catalog?status=failed").await;
    assert_eq!(list.matches("<tr data-row>").count(), 1, "{list}");
    assert!(list.contains("This is not a feed."), "{list}");
    for (query, text) in [
        ("status=lost", "There is no such state of a run."),
        ("partner=nobody", "No partner has this name."),
    ] {
        let page = browser.page(&format!("/console/catalog?{query}")).await;
        assert!(page.contains(text), "{page}");
    }
    app.finish().await;
}

#[tokio::test]
async fn products_are_searched_and_one_says_why_it_cannot_be_bought() {
    let app = TestApp::start_with(|settings| settings.check_images = CheckImages::Private).await;
    app.partner("acme").await;
    let pictures = ImageServer::start().await;
    let good = pictures.file("/good.png", png(640, 480, 0));
    let gone = pictures.status("/gone.png", 404);
    let images = [("GOOD", good.as_str()), ("BAD", gone.as_str())];
    app.push("acme", feed_with_images(images)).await;
    app.wait_for_image_checks().await;
    let again = "UPDATE images SET next_at = now(); UPDATE image_hosts SET next_at = now()";
    app.sql.batch_execute(again).await.unwrap();
    app.wait_for_count("SELECT count(*) FROM products WHERE image_refused", 1)
        .await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let list = browser.page("/console/catalog/products?q=good").await;
    assert_eq!(list.matches("<tr data-row>").count(), 1, "{list}");
    let none = browser
        .page("/console/catalog/products?q=teapot&partner=acme&availability=in_stock")
        .await;
    assert!(none.contains("No product matches"), "{none}");
    assert!(
        none.contains("/console/catalog/products?q=teapot&#38;partner=acme"),
        "the chips keep the filter: {none}"
    );
    let catalog = app.catalog("acme").await;
    let path = |item: &str| {
        let id = catalog[item]["id"].as_str().unwrap();
        format!("/console/catalog/products/{id}")
    };
    let page = browser.page(&path("GOOD")).await;
    assert!(page.contains("can be bought for"), "{page}");
    assert!(page.contains("PNG, 640 × 480 pixels"), "{page}");
    let page = browser.page(&path("BAD")).await;
    assert!(
        page.contains("cannot be bought: image cannot be shown"),
        "{page}"
    );
    let refused = browser.page("/console/catalog/images?partner=acme").await;
    assert!(refused.contains("/gone.png"), "{refused}");
    assert!(!refused.contains("/good.png"), "{refused}");
    let anyone = browser.page("/console/catalog/images").await;
    assert!(anyone.contains("Whose pictures?"), "{anyone}");
    app.stop().await;
}

#[tokio::test]
async fn a_source_is_pulled_now_and_its_secrets_are_not_shown() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    shop.next([document(feed(20).csv()), document(feed(21).csv())]);
    app.pull_from(
        "acme",
        &shop.feed_url("/exports/secret-path/feed.csv?token=canary"),
    )
    .await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let page = browser.page("/console/catalog/sources").await;
    assert!(page.contains("/exports/•••"), "{page}");
    assert!(
        !page.contains("canary") && !page.contains("secret-path"),
        "{page}"
    );
    assert!(page.contains("Full feed, every 1 h"), "{page}");
    let pulled = browser
        .submit("/console/catalog/sources/acme/pull", &[])
        .await;
    assert_eq!(location(&pulled), "/console/catalog/sources?done=pulled");
    app.wait_for_count("SELECT count(*) FROM feed_runs WHERE status = 'applied'", 2)
        .await;
    let list = browser.page("/console/catalog").await;
    assert_eq!(list.matches("<tr data-row>").count(), 2, "{list}");
    app.finish().await;
}

#[tokio::test]
async fn a_partner_sees_its_own_catalog_and_the_platform_products_only() {
    let (app, path) = with_a_held_run().await;
    app.partner("other").await;
    app.push("other", feed(3).csv()).await;
    let own = Browser::signed_in(app.base_url(), &app.partner_key("acme").await).await;
    let other = Browser::signed_in(app.base_url(), &app.partner_key("other").await).await;
    let catalog = app.catalog("acme").await;
    let product = catalog["item-1"]["id"].as_str().unwrap();
    let product = format!("/console/catalog/products/{product}");
    for path in [&path, &format!("{path}/confirm?do=approve"), &product] {
        assert_eq!(own.get(path).await.status, 200, "{path}");
        assert_eq!(other.get(path).await.status, 404, "{path}");
    }
    for verb in ["approve", "discard"] {
        let refused = other.submit(&format!("{path}/{verb}"), &[]).await;
        assert_eq!(refused.status, 404, "{verb}");
    }
    for list in [
        "/console/catalog",
        "/console/catalog?partner=acme",
        "/console/catalog/products",
        "/console/catalog/products?partner=acme",
        "/console/catalog/images?partner=acme",
        "/console/catalog/sources",
    ] {
        let page = other.page(list).await;
        assert!(!page.contains("item-40"), "{list}: {page}");
        assert!(
            !page.contains("<td data-label=\"Partner\">acme"),
            "{list}: {page}"
        );
        assert!(!page.contains("Waiting for approval"), "{list}: {page}");
    }
    let page = own.page("/console/catalog").await;
    assert!(page.contains("Waiting for approval"), "{page}");
    assert!(!page.contains("name=\"partner\""), "{page}");
    let approved = own.submit(&format!("{path}/approve"), &[]).await;
    assert_eq!(location(&approved), format!("{path}?done=approved"));
    let platform = Browser::signed_in(app.base_url(), PLATFORM).await;
    let to = platform.get("/console/catalog").await;
    assert_eq!(location(&to), "/console/catalog/products");
    let page = platform.page("/console/catalog/products").await;
    assert!(page.contains("Cup 1") && !page.contains(">Runs<"), "{page}");
    assert_eq!(platform.get(&path).await.status, 403);
    assert_eq!(platform.get("/console/catalog/sources").await.status, 403);
    app.finish().await;
}

#[tokio::test]
async fn markup_in_titles_and_names_is_text() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let change = json!({"name": "Acme <i>Ltd</i>"}).to_string();
    let renamed = app
        .request(reqwest::Method::PATCH, "/v1/partners/acme", OPERATOR)
        .body(change);
    assert!(renamed.send().await.unwrap().status().is_success());
    let title = row(1, "10.00 EUR").replace("Cup 1", "Cup &lt;b&gt; one < two");
    app.push("acme", feed(2).without([1]).with_row(title).csv())
        .await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let page = browser.page("/console/catalog/products").await;
    assert!(
        !page.contains("<b>") && !page.contains("one < two"),
        "{page}"
    );
    assert!(page.contains("&#60;"), "{page}");
    app.finish().await;
}

#[tokio::test]
async fn a_products_page_draws_its_price_and_lists_its_changes_newest_first() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    for round in 0..30 {
        let price = format!("{}.00 EUR", 10 + round % 3);
        app.push("acme", feed(3).priced([1], &price).csv()).await;
    }
    let product = app.catalog("acme").await["item-1"]["id"].clone();
    let path = format!("/console/catalog/products/{}", product.as_str().unwrap());
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let page = browser.page(&path).await;
    assert!(
        page.contains("12.00 EUR now. Lowest 10.00 EUR, highest 12.00 EUR."),
        "{page}"
    );
    assert!(
        page.contains("<polyline class=\"line\" points=\"0.0,"),
        "{page}"
    );
    let (_, table) = page.split_once("Changes, newest first").unwrap();
    assert_eq!(table.matches("<tr data-row>").count(), 25, "{table}");
    assert!(!table.contains("first known"), "{table}");
    let older = table.split_once("before=").unwrap().1;
    let older = older.split('#').next().unwrap();
    let older = browser.page(&format!("{path}?before={older}")).await;
    let (_, table) = older.split_once("Changes, newest first").unwrap();
    assert_eq!(table.matches("<tr data-row>").count(), 5, "{table}");
    assert!(
        table.contains("first known") && table.contains(">Newest</a>"),
        "{table}"
    );
    assert!(!table.contains("before="), "{table}");
    let page = browser.page(&format!("{path}?before=%3Cscript%3E")).await;
    assert!(
        page.contains("12.00 EUR now."),
        "a bad cursor is none: {page}"
    );
    let own = app.partner_key("acme").await;
    let partner = Browser::signed_in(app.base_url(), &own).await;
    assert!(partner.page(&path).await.contains("12.00 EUR now."));
    app.finish().await;
}
