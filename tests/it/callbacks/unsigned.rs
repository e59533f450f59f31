//! Unverified callbacks: the gateway fetches the partner's own record, and only that counts.

use serde_json::{Value, json};

use crate::support::api::{OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::callback_sender::{CallbackMessage, callback_signer};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

const TOKEN: &str = "a-token-that-may-view-sales";

/// Creates a Gumroad seller whose records are at that URL. Returns the URL for its account's pings.
async fn seller(app: &TestApp, records: &Receiver) -> String {
    let api = records.url();
    let body = json!({"slug": "gum-shop", "name": "Gum", "adapter": "gumroad", "settings": {"api_url": api}});
    let made = app.post("/v1/partners", OPERATOR, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let callback = json!({"scheme": "unsigned", "access_token": TOKEN});
    let saved = app.set_callback("gum-shop", &callback).await;
    assert_eq!(saved.status, 200);
    let at = saved.json()["callback"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    // The seller's reply names the sale it made of the order.
    let shop = Receiver::start().await;
    let sale = json!({"success": true, "sale": {"id": "sale_1==", "order_id": 1001}}).to_string();
    shop.always(Reply::status(200).body(sale.as_bytes()));
    app.endpoint("gum-shop", &shop).create().await;
    app.order(&order("P-1").partner("gum-shop")).await;
    app.wait_for_count("SELECT count(*) FROM acknowledgements", 1)
        .await;
    at
}

fn ping(path: &str, fields: &str) -> CallbackMessage {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    CallbackMessage {
        path: path.to_owned(),
        headers: vec![(kind.0.to_owned(), kind.1.to_owned())],
        body: fields.as_bytes().to_vec(),
    }
}

fn record(shipped: bool) -> Reply {
    let sale = json!({"success": true, "sale": {"id": "sale_1==", "price": 5900, "refunded": false,
        "partially_refunded": false, "disputed": false, "shipped": shipped,
        "tracking_url": shipped.then_some("https://track.example/1")}});
    Reply::status(200).body(sale.to_string().as_bytes())
}

async fn state(app: &TestApp) -> Value {
    let order_page = app.get("/v1/orders/P-1", PLATFORM).await.json();
    order_page["reports"][0]["fulfilment"]["state"].clone()
}

#[tokio::test]
async fn a_hint_counts_as_far_as_the_partners_own_record_says_the_same() {
    let app = TestApp::start().await;
    let records = Receiver::start().await;
    let at = seller(&app, &records).await;
    // Forged: the record has neither a shipment nor a refund.
    records.always(record(false));
    let forged = ping(
        &at,
        "sale_id=sale_1%3D%3D&resource_name=refund&refunded=true&shipped=true&full_name=Lovelace",
    );
    let answer = app.send_callback(&forged).await;
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (200, &json!("unconfirmed"))
    );
    let requested = records.received(1).await;
    assert_eq!(requested[0].target, "/hook/sales/sale_1==");
    assert_eq!(
        requested[0].header("authorization"),
        format!("Bearer {TOKEN}")
    );
    app.wait_for_unverified_callbacks(0).await;
    app.wait_for_applied_callbacks(1).await;
    assert_eq!(state(&app).await, "open");

    // The same callback again, and now it is true.
    records.always(record(true));
    assert_eq!(app.send_callback(&forged).await.status, 200);
    app.wait_for_applied_callbacks(2).await;
    assert_eq!(state(&app).await, "shipped");
    app.finish().await;
}

#[tokio::test]
async fn a_hint_waits_sealed_while_the_records_are_away_and_goes_when_they_do_not_know_it() {
    let app = TestApp::start().await;
    let records = Receiver::start().await;
    let at = seller(&app, &records).await;
    records
        .next([Reply::status(503), Reply::status(401)])
        .always(record(true));
    let hint = ping(&at, "sale_id=sale_1%3D%3D&full_name=Lovelace");
    assert_eq!(app.send_callback(&hint).await.status, 200);
    let row = "SELECT count(*) FROM unverified_callbacks WHERE position('Lovelace'::bytea IN request) = 0";
    app.wait_for_count(row, 1).await;
    records.received(3).await;
    app.wait_for_unverified_callbacks(0).await;
    app.wait_for_applied_callbacks(1).await;
    assert_eq!(state(&app).await, "shipped");

    records.always(Reply::status(404));
    for n in 0..20 {
        let outsider = ping(&at, &format!("sale_id=guessed{}", n % 2));
        assert_eq!(app.send_callback(&outsider).await.status, 200);
    }
    app.wait_for_unverified_callbacks(2).await;
    // Fetched four times each, then dropped.
    let requested = records.received(3 + 8).await;
    app.wait_for_unverified_callbacks(0).await;
    app.wait_for_callbacks(1).await;
    assert!(requested.len() >= 11);
    // A callback that names no record is refused.
    for junk in ["", "sale_id=", "sale_id=../users", "resource_name=refund"] {
        app.send_callback(&ping(&at, junk))
            .await
            .problem(422, "callback-unreadable");
    }
    let long = format!("sale_id=sale_1&note={}", "x".repeat(70_000));
    app.send_callback(&ping(&at, &long))
        .await
        .problem(413, "too-large");
    app.finish().await;
}

/// With threads, because the records' server blocks one of them to delay its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hint_that_comes_while_its_record_is_asked_has_it_asked_again() {
    let app = TestApp::start().await;
    let records = Receiver::start().await;
    let at = seller(&app, &records).await;
    let (arrived, arrives) = tokio::sync::oneshot::channel();
    let (notice, may_answer) = std::sync::mpsc::channel();
    let mut first = Some(arrived);
    records.respond_with(move |_| match first.take() {
        Some(arrived) => {
            arrived.send(()).unwrap();
            may_answer.recv().unwrap();
            record(false)
        }
        None => record(true),
    });
    let hint = ping(&at, "sale_id=sale_1%3D%3D");
    assert_eq!(app.send_callback(&hint).await.status, 200);
    arrives.await.unwrap();
    assert_eq!(app.send_callback(&hint).await.status, 200);
    notice.send(()).unwrap();
    app.wait_for_applied_callbacks(2).await;
    app.wait_for_unverified_callbacks(0).await;
    assert_eq!(state(&app).await, "shipped");
    app.finish().await;
}

#[tokio::test]
async fn whoever_does_not_know_the_whole_address_is_not_heard() {
    let app = TestApp::start().await;
    let records = Receiver::start().await;
    let at = seller(&app, &records).await;
    let (plain, token) = at.rsplit_once('/').unwrap();
    assert!(token.len() >= 32, "{token}");
    let mut other = token.to_owned();
    other.replace_range(..1, if token.starts_with('0') { "1" } else { "0" });
    let signer = callback_signer("acp", 1);
    app.partner_with_callbacks("acme", "acp", &signer).await;
    for wrong in [
        plain.to_owned(),
        format!("{plain}/{other}"),
        format!("{plain}/{}", &token[1..]),
        format!("/v1/partners/acme/callbacks/{token}"),
    ] {
        let answer = app
            .send_callback(&ping(&wrong, "sale_id=sale_1%3D%3D"))
            .await;
        answer.problem(404, "not-found");
    }
    app.wait_for_unverified_callbacks(0).await;
    // It is always shown, and changes with the access token.
    let key = app.partner_key("gum-shop").await;
    let shown = app.get("/v1/partners/gum-shop", &key).await.json();
    assert_eq!(shown["callback"], json!({"scheme": "unsigned", "path": at}));
    let callback = json!({"scheme": "unsigned", "access_token": "another token"});
    let saved = app.set_callback("gum-shop", &callback).await.json();
    assert_ne!(saved["callback"]["path"], at);
    app.finish().await;
}

#[tokio::test]
async fn invented_pings_cannot_take_the_place_of_an_acknowledged_sale() {
    let app = TestApp::start().await;
    let records = Receiver::start().await;
    records.respond_with(|request| match request.target.contains("sale_1") {
        true => record(true),
        false => Reply::status(404),
    });
    let at = seller(&app, &records).await;
    // As many unverified callbacks as may wait, due far in the future.
    let full = "INSERT INTO unverified_callbacks (id, partner, record_url, request, partner_order_id, due_at)
        SELECT gen_random_uuid(), id, 'https://records.example/' || n, '', n::text, now() + interval '1 hour'
        FROM partners, generate_series(1, 1000) AS n WHERE slug = 'gum-shop'";
    app.sql.execute(full, &[]).await.unwrap();
    let invented = app.send_callback(&ping(&at, "sale_id=invented")).await;
    invented.problem(503, "busy");
    let real = app.send_callback(&ping(&at, "sale_id=sale_1%3D%3D")).await;
    assert_eq!(real.status, 200, "{real:?}");
    app.wait_for_applied_callbacks(1).await;
    assert_eq!(state(&app).await, "shipped");
    app.sql
        .execute("DELETE FROM unverified_callbacks", &[])
        .await
        .unwrap();

    // Nor do they delay it: it is fetched next.
    let waiting = "INSERT INTO unverified_callbacks (id, partner, record_url, request, partner_order_id, due_at)
        SELECT gen_random_uuid(), id, 'https://records.example/' || n, '', n::text, now()
        FROM partners, generate_series(1, 100) AS n WHERE slug = 'gum-shop'";
    app.sql.execute(waiting, &[]).await.unwrap();
    let again = app.send_callback(&ping(&at, "sale_id=sale_1%3D%3D")).await;
    assert_eq!(again.status, 200, "{again:?}");
    app.wait_for_count(
        "SELECT count(*) FROM unverified_callbacks WHERE partner_order_id = 'sale_1=='",
        0,
    )
    .await;
    let tried = "SELECT count(*) FROM unverified_callbacks WHERE attempts > 0";
    let tried: i64 = app.sql.query_one(tried, &[]).await.unwrap().get(0);
    assert!(tried < 20, "{tried} of the others were asked about before");
    app.finish().await;
}
