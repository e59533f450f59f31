//! Partial feeds, and feeds that arrive at the same time.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts};
use crate::support::postgres::connect;
use crate::support::receiver::Receiver;

fn cup(n: usize, price: &str) -> Value {
    json!({
        "id": format!("item-{n}"), "title": format!("Cup {n}"), "link": format!("https://shop.example/{n}"),
        "image_link": format!("https://img.example/{n}.jpg"), "price": price, "availability": "in_stock",
        "brand": "Acme"
    })
}

#[tokio::test]
async fn some_items_change_and_what_is_not_named_stays() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let lines = [
        cup(3, "12.00 EUR"),
        cup(30, "5.00 EUR"),
        json!({"id": "item-4", "deleted": true}),
        json!({"id": "item-99", "deleted": true}),
    ];
    let report = app.patch_items("acme", &lines).await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(item_counts(&report), [4, 4, 0, 1, 1, 0, 1]);
    let catalog = app.catalog("acme").await;
    assert_eq!(catalog.len(), 20);
    assert_eq!(catalog["item-3"]["price"]["amount"], 1200);
    assert!(!catalog.contains_key("item-4") && catalog.contains_key("item-30"));
    // A full feed, compared with the catalog after the changes.
    let report = app.push("acme", feed(20).csv()).await;
    assert_eq!(item_counts(&report), [20, 20, 0, 0, 2, 18, 1], "{report}");
    app.finish().await;
}

#[tokio::test]
async fn a_row_of_price_or_stock_alone_changes_these_and_never_blocks() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).priced([7], "1250.00 EUR").csv())
        .await;
    let lines = [
        json!({"id": "item-3", "price": "12.00 EUR"}),
        json!({"id": "item-4", "availability": "out_of_stock"}),
        json!({"id": "item-5", "quantity": 7, "brand": "Other"}),
        json!({"id": "item-99", "price": "12.00 EUR"}),
        cup(30, "5.00 EUR"),
    ];
    let report = app.patch_items("acme", &lines).await;
    assert_eq!(report["status"], "applied", "{report}");
    // Neither an unknown item nor an attribute that a change cannot set costs anything.
    assert_eq!(report["items"]["invalid"], 0, "{report}");
    assert_eq!(
        (
            issue_count(&report, "item_unknown"),
            issue_count(&report, "change_ignored")
        ),
        (1, 1)
    );
    let catalog = app.catalog("acme").await;
    assert_eq!(catalog["item-3"]["price"]["amount"], 1200);
    assert_eq!(catalog["item-3"]["title"], "Cup 3");
    assert_eq!(catalog["item-4"]["availability"], "out_of_stock");
    assert_eq!(catalog["item-30"]["price"]["amount"], 500);
    for (price, code) in [
        ("much", "price_unparsable"),
        ("1.250 EUR", "price_ambiguous"),
    ] {
        let report = app
            .patch_items("acme", &[json!({"id": "item-3", "price": price})])
            .await;
        assert_eq!(issue_count(&report, code), 1, "{report}");
        let item = &app.catalog("acme").await["item-3"];
        assert_eq!(
            (&item["price"]["amount"], &item["blocked"]),
            (&json!(1200), &json!(false))
        );
    }
    // Another row of the same request proves its decimal sign.
    let lines = [
        json!({"id": "item-7", "price": "1.250 EUR"}),
        json!({"id": "item-6", "price": "12,50 EUR"}),
    ];
    let report = app.patch_items("acme", &lines).await;
    assert_eq!(item_counts(&report), [2, 2, 0, 0, 1, 1, 0], "{report}");
    assert_eq!(issue_count(&report, "decimal_sign_by_file"), 1, "{report}");
    app.finish().await;
}

#[tokio::test]
async fn only_deletions_are_a_change_too_and_many_are_held() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    let delete = |n: usize| json!({"id": format!("item-{n}"), "deleted": true});
    let report = app.patch_items("acme", &[delete(1), delete(2)]).await;
    assert_eq!(item_counts(&report), [2, 2, 0, 0, 0, 0, 2], "{report}");
    let many: Vec<_> = (3..20).map(delete).collect();
    let report = app.patch_items("acme", &many).await;
    assert_eq!(
        (&report["status"], &report["reason"]),
        (&json!("held"), &json!("large_drop_held")),
        "{report}"
    );
    assert_eq!(app.catalog("acme").await.len(), 38);
    app.finish().await;
}

#[tokio::test]
async fn a_bad_line_of_a_change_costs_itself_alone() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let good: Vec<_> = (0..20).map(|n| cup(n, "5.00 EUR")).collect();
    app.patch_items("acme", &good).await;
    let mut lines = good;
    lines[7]["price"] = json!("much");
    let report = app.patch_items("acme", &lines).await;
    assert_eq!(item_counts(&report), [20, 19, 1, 0, 0, 19, 0], "{report}");
    assert_eq!(issue_count(&report, "price_unparsable"), 1);
    assert_eq!(app.catalog("acme").await["item-7"]["blocked"], true);
    let report = app.patch_items("acme", &[json!("junk")]).await;
    assert_eq!(report["status"], "failed", "{report}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_that_come_at_the_same_time_are_applied_one_after_the_other() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(300).csv()).await;
    let mut runs = Vec::new();
    for n in 0..6 {
        // All different: an equal one would not be applied again.
        let price = format!("{}.00 EUR", 11 + n);
        let document = feed(300).priced(0..60, &price).csv();
        let put = app
            .request(Method::PUT, "/v1/partners/acme/feed", OPERATOR)
            .body(document);
        runs.push(async move { Answer::send(put).await.status });
    }
    let answers = futures_util::future::join_all(runs).await;
    assert_eq!(answers, [202; 6]);
    app.wait_for_applied_runs(7).await;
    app.wait_for_count("SELECT version FROM feeds", 7).await;
    app.wait_for_count(
        "SELECT count(DISTINCT price) FROM products WHERE price <> 1000",
        1,
    )
    .await;
    // No two of them ran at the same time.
    let overlaps = "SELECT count(*) FROM feed_runs a JOIN feed_runs b
        ON a.id < b.id AND a.started_at < b.finished_at AND b.started_at < a.finished_at";
    app.wait_for_count(overlaps, 0).await;
    app.finish().await;
}

#[tokio::test]
async fn an_inventory_changes_price_and_stock_and_makes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    let mut rows = vec!["id,price,availability,quantity".to_owned()];
    rows.extend((0..18).map(|n| format!("item-{n},10.00 EUR,in_stock,")));
    rows.push("item-20,12.00 EUR,out_of_stock,0".to_owned());
    rows.push("item-77,12.00 EUR,in_stock,1".to_owned());
    let report = app
        .push_with("acme", "&mode=inventory", rows.join("\n") + "\n")
        .await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(item_counts(&report), [20, 20, 0, 0, 1, 18, 0], "{report}");
    assert_eq!(issue_count(&report, "item_unknown"), 1);
    let catalog = app.catalog("acme").await;
    assert_eq!(catalog.len(), 40);
    let cup = &catalog["item-20"];
    assert_eq!(
        (&cup["price"]["amount"], &cup["availability"]),
        (&json!(1200), &json!("out_of_stock"))
    );
    assert_eq!(
        (&cup["title"], &cup["item"]["brand"]),
        (&json!("Cup 20"), &json!("Acme"))
    );
    // A document with stock only is not a full feed, even if its sender says so.
    let report = app
        .push("acme", "id,quantity,availability\nitem-3,0,out_of_stock\n")
        .await;
    assert_eq!(item_counts(&report), [1, 1, 0, 0, 1, 0, 0], "{report}");
    assert_eq!(app.catalog("acme").await.len(), 40);
    // The next full feed restores it.
    let report = app.push("acme", feed(40).csv()).await;
    assert_eq!(item_counts(&report), [40, 40, 0, 0, 2, 38, 0], "{report}");
    app.finish().await;
}

#[tokio::test]
async fn a_run_that_others_have_given_up_changes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let mut beside = connect(&app.database_url().parse().unwrap()).await;
    let lock = beside.transaction().await.unwrap();
    lock.execute("SELECT FROM feeds FOR UPDATE", &[])
        .await
        .unwrap();
    let put = app.request(Method::PUT, "/v1/partners/acme/feed", OPERATOR);
    assert_eq!(Answer::send(put.body(feed(21).csv())).await.status, 202);
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM feeds%'
        AND datname = current_database()";
    app.wait_for_count(waits, 1).await;
    // As another node does after this one has missed its heartbeats.
    let lost = "UPDATE feed_runs SET status = 'failed', reason = 'node_lost', lease_expires_at = NULL, finished_at = now()
        WHERE status = 'running'";
    assert_eq!(app.sql.execute(lost, &[]).await.unwrap(), 1);
    lock.rollback().await.unwrap();
    let report = app.push("acme", feed(22).csv()).await;
    assert_eq!(item_counts(&report), [22, 22, 0, 2, 0, 20, 0], "{report}");
    app.wait_for_count("SELECT version FROM feeds", 2).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_node_is_gone_is_ended_and_told_of_by_another() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint(&acme, &receiver).create().await;
    let orphan = "INSERT INTO feed_runs (id, partner, mode, dry_run, status, bytes, sha256, actor, node, lease_expires_at)
        VALUES (new_uuid_v7(), $1, 'full', false, 'running', 1, sha256(''), 'x', gen_random_uuid(), now())";
    app.sql.execute(orphan, &[&acme.id.uuid()]).await.unwrap();
    // Waits in the queue behind the lost one.
    let report = app.push("acme", feed(20).csv()).await;
    assert_eq!(report["status"], "applied");
    let observed = receiver.received(2).await;
    let reasons: Vec<_> = observed
        .iter()
        .map(|event| event.json()["data"]["reason"].clone())
        .collect();
    assert!(reasons.contains(&json!("node_lost")), "{reasons:?}");
    app.finish().await;
}

#[tokio::test]
async fn a_record_of_several_variants_is_read_again_when_one_of_them_was_changed_elsewhere() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let variant = |id: &str| {
        json!({
            "id": id, "title": format!("Hat {id}"), "price": {"amount": 500, "currency": "EUR"},
            "url": format!("https://shop.example/{id}"), "availability": {"available": true}, "brand": "Acme"
        })
    };
    let products: Vec<_> = (0..10)
        .map(|n| {
            json!({
                "id": format!("hat-{n}"), "title": "Hat", "url": format!("https://shop.example/{n}"),
                "media": [{"type": "image", "url": "https://img.example/h.jpg"}],
                "variants": [variant(&format!("hat-{n}-s")), variant(&format!("hat-{n}-m"))]
            })
        })
        .collect();
    let document = json!({"products": products}).to_string();
    let report = app.push("acme", document.clone()).await;
    assert_eq!(item_counts(&report), [20, 20, 0, 20, 0, 0, 0], "{report}");
    app.wait_for_products_to_reread(0).await;
    let mut change = cup(1, "5.50 EUR");
    change["id"] = json!("hat-3-s");
    assert_eq!(item_counts(&app.patch_items("acme", &[change]).await)[4], 1);
    let report = app.push("acme", document).await;
    assert_eq!(item_counts(&report), [20, 20, 0, 0, 1, 19, 0], "{report}");
    assert_eq!(app.catalog("acme").await["hat-3-s"]["title"], "Hat hat-3-s");
    app.finish().await;
}

#[tokio::test]
async fn a_push_that_cannot_be_meant_is_refused_before_anything_is_stored() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let put = async |query: &str| {
        let path = format!("/v1/partners/acme/feed{query}");
        Answer::send(
            app.request(Method::PUT, &path, OPERATOR)
                .body(feed(1).csv()),
        )
        .await
    };
    for query in [
        "?format=cobol",
        "?mode=some",
        "?dryrun=true",
        "?wait=perhaps",
    ] {
        put(query).await.problem(400, "query-invalid");
    }
    let settings = json!({"settings": {"domains": "shop.example"}});
    let patch = app
        .request(Method::PATCH, "/v1/partners/acme", OPERATOR)
        .body(settings.to_string());
    assert_eq!(Answer::send(patch).await.status, 200);
    let refused = put("").await;
    refused.problem(409, "state-conflict");
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("`domains`")
    );
    let nobody = app
        .request(Method::PUT, "/v1/partners/nobody/feed", OPERATOR)
        .body(feed(1).csv());
    Answer::send(nobody).await.problem(404, "not-found");
    app.wait_for_count("SELECT count(*) FROM feed_runs", 0)
        .await;
    // The settings decide.
    let settings =
        json!({"settings": {"domains": ["other.example"], "gate": {"invalid_percent": 100}}});
    let patch = app
        .request(Method::PATCH, "/v1/partners/acme", OPERATOR)
        .body(settings.to_string());
    assert_eq!(Answer::send(patch).await.status, 200);
    let report = app.push("acme", feed(2).csv()).await;
    assert_eq!(
        (
            &report["status"],
            issue_count(&report, "domains_undeclared")
        ),
        (&json!("applied"), 0),
        "{report}"
    );
    assert_eq!(issue_count(&report, "link_foreign_domain"), 2, "{report}");
    app.finish().await;
}
