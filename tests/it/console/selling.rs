//! The pages of what is for sale: posts, stock, kill switches.

use serde_json::json;

use super::browser::{Browser, location};
use super::shop::{hidden, last_audited, operator, with_a_payment};
use crate::checkout::{GOOD, Shop, ShopOptions, details};
use crate::support::app::{PLATFORM, TestApp};
use crate::support::feed::feed;

#[tokio::test]
async fn the_sale_of_a_post_is_stopped_by_its_switch_and_resumed() {
    let shop = Shop::start(5).await;
    let browser = operator(&shop).await;
    let board = browser.page("/console/posts?state=live").await;
    assert!(
        board.contains(&format!("href=\"/b/{}\"", shop.slug)),
        "{board}"
    );
    let (_, rest) = board
        .split_once("/console/stock/switches/confirm?scope=post%3A")
        .unwrap();
    let post = rest.split('&').next().unwrap().to_owned();
    let confirm = format!("/console/stock/switches/confirm?scope=post%3A{post}&enabled=false");
    let paying = shop.fill_in(1, "ada@example.com").await;
    let processor_page = paying.begin().await;
    let page = browser.page(&confirm).await;
    assert!(
        page.contains("Stop the sale of the post of “Cup 1”?"),
        "{page}"
    );
    assert!(page.contains("1 payment is in progress."), "{page}");
    let scope = format!("post:{post}");
    let fields = |enabled, reason| {
        [
            ("scope", scope.as_str()),
            ("enabled", enabled),
            ("payments", "finish"),
            ("reason", reason),
        ]
    };
    let set = "/console/stock/switches/set";
    let without = browser.submit(set, &fields("false", " ")).await;
    assert_eq!(without.status, 422, "{without:?}");
    assert!(without.body().contains("The reason must"), "{without:?}");
    let stopped = browser.submit(set, &fields("false", "recall <b>")).await;
    assert_eq!(location(&stopped), "/console/posts?done=stopped");
    let path = format!("/b/{}/buy", shop.slug);
    let buy = shop.post(&path, &details(1, "eve@example.com")).await;
    assert_ne!(buy.status, 303, "{buy:?}");
    let entry = last_audited(&shop.app, "switch.set").await;
    assert_eq!(entry["subject"], scope, "{entry}");
    assert_eq!(entry["details"]["reason"], "recall <b>", "{entry}");
    assert_eq!(entry["details"]["void"], false, "{entry}");
    let board = browser.page("/console/posts").await;
    assert!(
        board.contains("Sale stopped: recall &#60;b&#62;"),
        "{board}"
    );
    let switches = browser.page("/console/stock/switches").await;
    assert!(switches.contains("1 switch is off."), "{switches}");
    // The payment in progress finishes.
    shop.pay_at(&processor_page, GOOD).await;
    paying.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    // Another operator's page is stale.
    let late = browser.submit(set, &fields("false", "again")).await;
    assert_eq!(location(&late), "/console/stock/switches?done=stale");
    let stale = browser.get(&confirm).await;
    assert_eq!(location(&stale), "/console/stock/switches?done=stale");
    let resumed = browser.submit(set, &fields("true", "over")).await;
    assert_eq!(location(&resumed), "/console/posts?done=resumed");
    let buy = shop.post(&path, &details(1, "eve@example.com")).await;
    assert_eq!(buy.status, 303, "{buy:?}");
    shop.app.finish().await;
}

#[tokio::test]
async fn a_switch_is_found_by_kind_and_name_and_one_that_does_not_exist_is_explained() {
    let shop = Shop::start(5).await;
    let browser = operator(&shop).await;
    let confirm = "/console/stock/switches/confirm";
    for (query, title) in [
        ("kind=all&name=", "Stop the sale of everything?"),
        (
            "kind=partner&name=acme",
            "Stop the sale of everything of acme?",
        ),
        (
            "kind=item&name=acme:item-1",
            "Stop the sale of item item-1 of acme?",
        ),
        (
            "kind=processor&name=stripe",
            "Stop the sale of payments by Stripe?",
        ),
    ] {
        let page = browser.page(&format!("{confirm}?{query}")).await;
        assert!(page.contains(title), "{title}: {page}");
    }
    for query in ["kind=post&name=7", "kind=processor&name=x", "scope="] {
        let refused = browser.get(&format!("{confirm}?{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {refused:?}");
        assert!(
            refused.body().contains("There is no such switch"),
            "{refused:?}"
        );
    }
    let gone = browser
        .get(&format!("{confirm}?scope=partner:nobody"))
        .await;
    assert_eq!(gone.status, 404);
    let platform = Browser::signed_in(shop.app.base_url(), PLATFORM).await;
    let to = platform.get("/console/stock").await;
    assert_eq!(location(&to), "/console/stock/switches");
    let page = platform.page("/console/stock/switches").await;
    assert!(!page.contains("/switches/confirm"), "{page}");
    shop.app.finish().await;
}

#[tokio::test]
async fn a_post_is_published_and_withdrawn_and_a_stale_form_changes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(3).csv()).await;
    let draft = app.draft("acme", "item-1", json!({})).await;
    let id = draft["id"].as_str().unwrap();
    let browser = Browser::signed_in(app.base_url(), PLATFORM).await;
    let board = browser
        .page("/console/posts?state=draft&partner=acme")
        .await;
    assert!(
        board.contains(&format!("/console/posts/{id}/publish")),
        "{board}"
    );
    assert!(
        !board.contains("/switches/confirm"),
        "the platform sets none: {board}"
    );
    let version = hidden(&board, "version");
    let path = format!("/console/posts/{id}");
    let stale = browser
        .submit(&format!("{path}/publish"), &[("version", "99")])
        .await;
    assert_eq!(location(&stale), "/console/posts?done=stale");
    assert_eq!(app.reload_post(&draft).await["state"], "draft");
    let published = browser
        .submit(&format!("{path}/publish"), &[("version", &version)])
        .await;
    assert_eq!(location(&published), "/console/posts?done=published");
    assert_eq!(app.reload_post(&draft).await["state"], "live");
    let confirmation = browser.page(&format!("{path}/confirm")).await;
    assert!(
        confirmation.contains("Withdraw the post of “Cup 1”?"),
        "{confirmation}"
    );
    let late = browser
        .submit(&format!("{path}/withdraw"), &[("version", &version)])
        .await;
    assert_eq!(location(&late), "/console/posts?done=stale");
    let version = hidden(&confirmation, "version");
    let withdrawn = browser
        .submit(&format!("{path}/withdraw"), &[("version", &version)])
        .await;
    assert_eq!(location(&withdrawn), "/console/posts?done=withdrawn");
    assert_eq!(app.reload_post(&draft).await["state"], "withdrawn");
    let entry = last_audited(&app, "post.withdraw").await;
    assert_eq!(entry["actor"], "environment:platform", "{entry}");
    for (query, text) in [
        ("state=lost", "There is no such state of a post."),
        ("product=7", "begins with prd_."),
        ("partner=nobody", "No partner has this name."),
        ("state=ended", "No post matches"),
    ] {
        let page = browser.page(&format!("/console/posts?{query}")).await;
        assert!(page.contains(text), "{text}: {page}");
    }
    let partner = Browser::signed_in(app.base_url(), &app.partner_key("acme").await).await;
    assert_eq!(partner.get("/console/posts").await.status, 403);
    app.finish().await;
}

#[tokio::test]
async fn stock_is_listed_with_what_is_held_and_sold_and_a_partner_sees_its_own() {
    let (shop, _) = with_a_payment(ShopOptions::default()).await;
    let holding = shop.fill_in(2, "bob@example.com").await;
    holding.begin().await;
    shop.app.partner("other").await;
    shop.app.push("other", feed(2).csv()).await;
    let level = json!({"kind": "unlimited"});
    shop.app.set_stock("other", "item-0", level).await;
    let browser = operator(&shop).await;
    let page = browser.page("/console/stock").await;
    for (name, units) in [("Total", "5"), ("Held", "2"), ("Sold", "1")] {
        let cell = format!("<td data-label=\"{name}\" class=\"num\">{units}</td>");
        assert!(page.contains(&cell), "{cell}: {page}");
    }
    assert!(
        page.contains("<strong>2</strong>") && page.contains("unlimited"),
        "{page}"
    );
    let one = browser
        .page("/console/stock?partner=acme&item=item-1")
        .await;
    assert_eq!(one.matches("<tr data-row>").count(), 1, "{one}");
    let alone = browser.page("/console/stock?item=item-1").await;
    assert!(alone.contains("enter the partner too"), "{alone}");
    let key = shop.app.partner_key("other").await;
    let other = Browser::signed_in(shop.app.base_url(), &key).await;
    for path in ["/console/stock", "/console/stock?partner=acme"] {
        let page = other.page(path).await;
        assert!(!page.contains("item-1"), "{page}");
        assert!(!page.contains("/switches"), "{page}");
    }
    assert_eq!(other.get("/console/stock/switches").await.status, 403);
    shop.app.stop().await;
}
