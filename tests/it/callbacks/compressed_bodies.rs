//! Compressed bodies, and bodies with a byte order mark: decoded, within the same bounds.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::api::{Answer, PLATFORM};
use crate::support::app::TestApp;
use crate::support::callback_sender::{callback_signer, callback_signers};
use crate::support::order::order;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::default());
    packing.write_all(body).unwrap();
    packing.finish().unwrap()
}

async fn send(app: &TestApp, path: &str, encoding: Option<&str>, body: Vec<u8>) -> Answer {
    let mut request = app.request(Method::POST, path, PLATFORM);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    Answer::send(request.body(body)).await
}

#[tokio::test]
async fn orders_are_read_behind_a_byte_order_mark_and_unpacked() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let body = |id: &str| order(id).partner("acme").json().to_string().into_bytes();
    let marked = |id: &str| [BYTE_ORDER_MARK, &body(id)].concat();
    let orders = "/v1/orders";
    for (encoding, sent) in [
        (None, marked("P-1")),
        (Some("gzip"), gzip(&body("P-2"))),
        (Some("X-GZIP"), gzip(&marked("P-3"))),
        (Some("identity"), body("P-4")),
    ] {
        let answer = send(&app, orders, encoding, sent).await;
        assert_eq!(answer.status, 201, "{encoding:?}: {answer:?}");
    }
    // The same order is a repetition, however it is encoded.
    let again = send(&app, orders, None, body("P-2")).await;
    assert_eq!(again.status, 200, "{again:?}");

    let lines = [marked("P-5"), body("P-6")].join(&b'\n');
    let batch = send(&app, "/v1/orders/batch", Some("gzip"), gzip(&lines)).await;
    let results = String::from_utf8(batch.bytes).unwrap();
    assert_eq!(results.matches("\"status\":201").count(), 2, "{results}");
    app.wait_for_orders(6).await;

    let refused = send(&app, orders, Some("br"), body("P-7")).await;
    refused.problem(415, "encoding-unsupported");
    let twice = send(&app, orders, Some("gzip, gzip"), gzip(&gzip(&body("P-7")))).await;
    twice.problem(415, "encoding-unsupported");
    let bomb = gzip(&vec![b' '; 2 << 20]);
    assert!(bomb.len() < 1 << 20);
    send(&app, orders, Some("gzip"), bomb)
        .await
        .problem(413, "too-large");
    let mut cut = gzip(&body("P-7"));
    cut.truncate(cut.len() - 9);
    send(&app, orders, Some("gzip"), cut)
        .await
        .problem(400, "not-json");
    app.stop().await;
}

fn shipped(id: &str) -> Value {
    json!({"id": id, "type": "order.shipped", "order_id": "P-1"})
}

#[tokio::test]
async fn callbacks_are_read_behind_a_byte_order_mark_and_unpacked() {
    let app = TestApp::start().await;
    let acme = callback_signer("standard-webhooks", 1);
    app.partner_with_callbacks("acme", "standard", &acme).await;
    app.order(&order("P-1")).await;
    let now = OffsetDateTime::now_utc();
    let message = |body: &[u8]| acme.message(app.base_url(), "acme", body, now);
    let plain = |id: &str| shipped(id).to_string().into_bytes();

    let marked = message(&[BYTE_ORDER_MARK, &plain("m-1")].concat());
    let answer = app.send_callback(&marked).await;
    assert_eq!(answer.json()["status"], "received", "{answer:?}");

    // Signed as it was sent.
    let mut packed = message(&gzip(&plain("m-2")));
    packed
        .headers
        .push(("content-encoding".into(), "gzip".into()));
    let answer = app.send_callback(&packed).await;
    assert_eq!(answer.json()["status"], "received", "{answer:?}");

    // Signed before compression.
    let mut packed = message(&plain("m-3"));
    packed.body = gzip(&packed.body);
    packed
        .headers
        .push(("content-encoding".into(), "gzip".into()));
    let answer = app.send_callback(&packed).await;
    assert_eq!(answer.json()["status"], "received", "{answer:?}");

    // Another partner's, in either way.
    let outsider = &callback_signers(2)[0];
    for body in [plain("m-4"), gzip(&plain("m-4"))] {
        let mut packed = outsider.message(app.base_url(), "acme", &body, now);
        packed.body = gzip(&plain("m-4"));
        packed
            .headers
            .push(("content-encoding".into(), "gzip".into()));
        app.send_callback(&packed)
            .await
            .problem(401, "signature-refused");
    }
    let mut other = message(&plain("m-5"));
    other.headers.push(("content-encoding".into(), "br".into()));
    app.send_callback(&other)
        .await
        .problem(415, "encoding-unsupported");
    let mut bomb = message(&plain("m-6"));
    bomb.body = gzip(&vec![b' '; 2 << 20]);
    bomb.headers
        .push(("content-encoding".into(), "gzip".into()));
    app.send_callback(&bomb).await.problem(413, "too-large");
    app.wait_for_callbacks(3).await;
    app.stop().await;
}
