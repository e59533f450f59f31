//! Image checks: what is checked, what takes an item off sale, and what brings it back.

use buywire::testing::CheckImages;
use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::feed::{issue_count, item_counts};
use crate::support::image_server::{
    ImageServer, ServedContent, feed_with_images, feed_with_prices, gif, jpeg, png, webp,
};
use crate::support::receiver::{Receiver, Reply};

/// A gateway that checks images on this machine, and a partner.
async fn start() -> (TestApp, ImageServer) {
    let app = TestApp::start_with(|settings| settings.check_images = CheckImages::Private).await;
    app.partner("acme").await;
    (app, ImageServer::start().await)
}

async fn push(app: &TestApp, feed: String) -> Value {
    let report = app.push("acme", feed).await;
    assert_eq!(report["status"], "applied", "{report}");
    report
}

/// An item's offer: whether it can be bought, why not, its availability, its price.
async fn offer(app: &TestApp, item: &str) -> (bool, Value, Value, i64) {
    let product = app.catalog("acme").await.remove(item).unwrap();
    (
        product["buyable"].as_bool().unwrap(),
        product["not_buyable"].clone(),
        product["availability"].clone(),
        product["price"]["amount"].as_i64().unwrap(),
    )
}

fn on_sale(price: i64) -> (bool, Value, Value, i64) {
    (true, Value::Null, json!("in_stock"), price)
}

fn refused(price: i64) -> (bool, Value, Value, i64) {
    let reason = buywire_schemas::catalog::NotBuyable::ImageRefused.to_string();
    (false, json!(reason), json!("out_of_stock"), price)
}

#[tokio::test]
async fn pictures_are_known_by_their_bytes_and_shown_with_their_size_and_items() {
    let (app, pictures) = start().await;
    let files = [
        ("jpeg", jpeg(640, 480, 0)),
        ("png", png(640, 480, 0)),
        ("gif", gif(640, 480)),
        ("webp", webp(640, 480)),
    ];
    let urls: Vec<_> = files
        .iter()
        .map(|(kind, file)| pictures.file(&format!("/{kind}"), file.clone()))
        .collect();
    let items = files
        .iter()
        .zip(&urls)
        .map(|((kind, _), url)| (*kind, url.as_str()));
    push(&app, feed_with_images(items)).await;
    app.wait_for_image_checks().await;
    for ((kind, _), url) in files.iter().zip(&urls) {
        let mut shown = app.image("acme", url).await;
        assert!(shown["checked_at"].is_string());
        shown["checked_at"] = Value::Null;
        let expected = json!({"url": url, "status": "good", "reason": null, "kind": kind, "width": 640, "height": 480,
            "checked_at": null, "items": [kind]});
        assert_eq!(shown, expected);
        assert_eq!(offer(&app, kind).await, on_sale(1000));
    }
    // In pages, and by status.
    let path = "/v1/partners/acme/feed/images?limit=3";
    let page = app.get(path, OPERATOR).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = app
        .get(&format!("{path}&cursor={cursor}"), OPERATOR)
        .await
        .json();
    assert_eq!(rest["next_cursor"], Value::Null);
    let mut recorded: Vec<_> = [&page, &rest]
        .iter()
        .flat_map(|page| page["data"].as_array().unwrap())
        .map(|one| one["url"].as_str().unwrap().to_owned())
        .collect();
    recorded.sort();
    let mut all = urls.clone();
    all.sort();
    assert_eq!(recorded, all);
    assert_eq!(app.images("acme", "&status=good").await.len(), 4);
    assert!(app.images("acme", "&status=bad").await.is_empty());
    for wrong in [
        "status=ugly",
        "cursor=1",
        "cursor=+0000000000000000000000000000000",
    ] {
        let path = format!("/v1/partners/acme/feed/images?{wrong}");
        app.get(&path, OPERATOR).await.problem(400, "query-invalid");
    }
    // Another partner's are not shown, though it may have the same.
    app.partner("other").await;
    assert!(app.images("other", "").await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn one_bad_answer_takes_nothing_off_sale_two_do_and_a_good_one_heals() {
    let (app, pictures) = start().await;
    let url = pictures.status("/cup.png", 404);
    let fine = pictures.file("/fine.png", png(640, 480, 0));
    push(
        &app,
        feed_with_images([("cup", url.as_str()), ("fine", &fine)]),
    )
    .await;
    app.wait_for_image_checks().await;
    let shown = app.image("acme", &url).await;
    assert_eq!(
        (&shown["status"], &shown["reason"]),
        (&json!("bad"), &json!("image_not_found"))
    );
    assert_eq!(offer(&app, "cup").await, on_sale(1000));
    // The second check is ten minutes later.
    let wait = "SELECT count(*) FROM images WHERE bad_count = 1
        AND next_at BETWEEN checked_at + interval '9 min' AND checked_at + interval '11 min'";
    app.wait_for_count(wait, 1).await;

    app.recheck_images().await;
    assert_eq!(offer(&app, "cup").await, refused(1000));
    assert_eq!(offer(&app, "fine").await, on_sale(1000));
    let daily = "SELECT count(*) FROM images WHERE bad_count = 2 AND next_at > checked_at + interval '23 h'";
    app.wait_for_count(daily, 1).await;
    let page = "/v1/products?partner=acme&availability=out_of_stock";
    let page = app.get(page, OPERATOR).await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);

    // The next run's report says so; an equal feed changes nothing.
    let report = push(
        &app,
        feed_with_images([("cup", url.as_str()), ("fine", &fine)]),
    )
    .await;
    assert_eq!(issue_count(&report, "image_not_found"), 1, "{report}");
    assert_eq!(item_counts(&report), [2, 2, 0, 0, 0, 2, 0]);
    let issue = report["issues"].as_array().unwrap().iter();
    let issue = issue
        .clone()
        .find(|one| one["code"] == "image_not_found")
        .unwrap();
    let example = &issue["examples"][0];
    assert_eq!(
        (&example["item_id"], &example["value"]),
        (&json!("cup"), &json!(url))
    );

    // A price does not wait for an image check.
    let report = push(
        &app,
        feed_with_prices([
            ("cup", url.as_str(), "12.00 EUR"),
            ("fine", &fine, "10.00 EUR"),
        ]),
    )
    .await;
    assert_eq!(issue_count(&report, "image_not_found"), 1);
    assert_eq!(offer(&app, "cup").await, refused(1200));

    // An inconclusive check changes nothing.
    pictures.status("/cup.png", 503);
    app.recheck_images().await;
    assert_eq!(offer(&app, "cup").await, refused(1200));
    pictures.file("/cup.png", png(640, 480, 0));
    app.recheck_images().await;
    assert_eq!(offer(&app, "cup").await, on_sale(1200));
    let report = push(
        &app,
        feed_with_prices([
            ("cup", url.as_str(), "12.00 EUR"),
            ("fine", &fine, "10.00 EUR"),
        ]),
    )
    .await;
    assert_eq!(issue_count(&report, "image_not_found"), 0);
    app.stop().await;
}

#[tokio::test]
async fn posts_follow_a_refused_picture_and_a_healed_one() {
    let (app, pictures) = start().await;
    let platform = app.platform().await;
    let receiver = Receiver::start().await;
    app.endpoint(&platform, &receiver)
        .with_events(&["post.*"])
        .create()
        .await;
    let url = pictures.file("/cup.png", png(640, 480, 0));
    push(&app, feed_with_images([("cup", url.as_str())])).await;
    let post = app.published("acme", "cup", json!({"text": null})).await;
    assert_eq!(post["state"], "live");
    app.wait_for_image_checks().await;
    pictures.status("/cup.png", 404);
    app.recheck_images().await;
    assert_eq!(app.reload_post(&post).await["state"], "live");
    app.recheck_images().await;
    assert_eq!(app.reload_post(&post).await["state"], "sold_out");
    pictures.file("/cup.png", png(640, 480, 0));
    app.recheck_images().await;
    assert_eq!(app.reload_post(&post).await["state"], "live");
    let notice = receiver.received(3).await;
    let notice: Vec<_> = notice
        .iter()
        .map(|one| one.json()["data"]["state"].clone())
        .collect();
    assert_eq!(notice, ["live", "sold_out", "live"]);
    app.finish().await;
}

#[tokio::test]
async fn another_picture_puts_an_item_back_on_sale_at_once() {
    let (app, pictures) = start().await;
    let gone = pictures.status("/gone.png", 410);
    push(
        &app,
        feed_with_images([("cup", gone.as_str()), ("pot", &gone)]),
    )
    .await;
    app.wait_for_image_checks().await;
    app.recheck_images().await;
    assert_eq!(app.refused_image_count().await, 2);

    // The run reports before the check ends, because the image server has not answered.
    let slow = pictures.put("/slow.png", ServedContent::Scripted(Reply::hang()));
    let report = push(
        &app,
        feed_with_images([("cup", slow.as_str()), ("pot", &gone)]),
    )
    .await;
    assert_eq!(
        issue_count(&report, "image_not_found"),
        1,
        "the pot's alone: {report}"
    );
    assert_eq!(offer(&app, "cup").await, on_sale(1000));
    assert_eq!(offer(&app, "pot").await, refused(1000));

    // So does a supplement, which otherwise never changes an offer.
    let other = pictures.put("/other.png", ServedContent::Scripted(Reply::hang()));
    let supplement = format!("id,title,image_link\npot,Teapot,{other}\n");
    app.push_with("acme", "&mode=supplemental", supplement)
        .await;
    assert_eq!(offer(&app, "pot").await, on_sale(1000));
    let none = format!("id,title,image_link\npot,Pot,{gone}\n");
    app.push_with("acme", "&mode=supplemental", none).await;
    app.wait_for_refused_images(1).await;
    assert_eq!(offer(&app, "pot").await, refused(1000));

    // Back to a refused image: it is not fetched again; its known verdict is applied.
    let request = pictures.requests_for("/gone.png").len();
    push(
        &app,
        feed_with_images([("cup", gone.as_str()), ("pot", &gone), ("new", &gone)]),
    )
    .await;
    app.wait_for_refused_images(3).await;
    assert_eq!(offer(&app, "new").await, refused(1000));
    assert_eq!(pictures.requests_for("/gone.png").len(), request);
    pictures.release();
    app.stop().await;
}

#[tokio::test]
async fn an_address_that_a_thousand_products_share_is_asked_once_a_look() {
    let (app, pictures) = start().await;
    app.partner("other").await;
    let url = pictures.status("/all.png", 404);
    let ids: Vec<_> = (0..1_000).map(|n| format!("cup-{n}")).collect();
    let feed = feed_with_images(ids.iter().map(|id| (id.as_str(), url.as_str())));
    push(&app, feed.clone()).await;
    app.push("other", feed_with_images([("pot", url.as_str())]))
        .await;
    app.wait_for_image_checks().await;
    assert_eq!(pictures.requests_for("/all.png").len(), 1);
    assert_eq!(app.refused_image_count().await, 0);
    app.recheck_images().await;
    assert_eq!(pictures.requests_for("/all.png").len(), 2);
    assert_eq!(app.refused_image_count().await, 1_001);
    let shown = app.image("acme", &url).await;
    assert_eq!(shown["items"].as_array().unwrap().len(), 5);
    assert_eq!(app.image("other", &url).await["items"], json!(["pot"]));
    let report = push(&app, feed).await;
    assert_eq!(issue_count(&report, "image_not_found"), 1_000);
    pictures.file("/all.png", png(100, 100, 0));
    app.recheck_images().await;
    assert_eq!(app.refused_image_count().await, 0);
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_reached_never_takes_anything_off_sale() {
    let (app, pictures) = start().await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/a.png", listener.local_addr().unwrap())
    };
    let mut broken = png(640, 480, 0);
    broken.truncate(20);
    let urls = [
        (pictures.status("/500", 500), "server_error"),
        (pictures.status("/429", 429), "throttled"),
        (pictures.status("/401", 401), "forbidden"),
        (pictures.status("/403", 403), "forbidden"),
        (pictures.file("/broken", broken), "header"),
        (
            pictures.put("/empty", ServedContent::WithoutRanges(Vec::new())),
            "header",
        ),
        (pictures.status("/400", 400), "unexpected_status"),
        (closed, "connection"),
        ("http://nowhere.example/a.png".to_owned(), "connection"),
    ];
    let ids: Vec<_> = (0..urls.len()).map(|n| n.to_string()).collect();
    let items = ids
        .iter()
        .zip(&urls)
        .map(|(id, (url, _))| (id.as_str(), url.as_str()));
    push(&app, feed_with_images(items)).await;
    for _ in 0..3 {
        // After a host does not answer for one image, it gets a pause before the next.
        let due = "SELECT count(*) FROM images WHERE next_at <= now()";
        app.wait_for_image_checks().await;
        while app.sql.query_one(due, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            let now = "UPDATE image_hosts SET next_at = now() WHERE lease IS NULL";
            app.sql.execute(now, &[]).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        for (url, cause) in &urls {
            let shown = app.image("acme", url).await;
            assert_eq!(
                (&shown["status"], &shown["reason"]),
                (&json!("unreachable"), &json!(cause)),
                "{url}"
            );
        }
        assert_eq!(app.refused_image_count().await, 0);
        app.sql
            .execute("UPDATE images SET next_at = now()", &[])
            .await
            .unwrap();
    }
    app.stop().await;
}

#[tokio::test]
async fn a_picture_that_no_product_has_any_more_is_forgotten() {
    let (app, pictures) = start().await;
    let [one, other] = ["/1.png", "/2.png"].map(|path| pictures.file(path, png(640, 480, 0)));
    push(
        &app,
        feed_with_images([("cup", one.as_str()), ("pot", &other)]),
    )
    .await;
    app.wait_for_image_checks().await;
    app.wait_for_images(2).await;
    let removed = app
        .patch_items("acme", &[json!({"id": "cup", "deleted": true})])
        .await;
    assert_eq!(removed["status"], "applied");
    app.wait_for_image_checks().await;
    app.wait_for_count("SELECT count(*) FROM image_uses", 1)
        .await;
    let request = pictures.requests_for("/1.png").len();
    app.recheck_images().await;
    app.wait_for_images(1).await;
    assert_eq!(pictures.requests_for("/1.png").len(), request);
    app.stop().await;
}
