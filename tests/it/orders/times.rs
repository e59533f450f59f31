//! Times on the wire: at most three decimal digits, because many parsers accept no more.

use serde_json::json;

use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// The longest fraction of a second in a JSON text.
fn longest_fraction(text: &str) -> usize {
    let times = text
        .split('"')
        .filter(|piece| piece.len() > 19 && piece.ends_with('Z') && piece.as_bytes()[10] == b'T');
    let fractions = times.filter_map(|time| time.trim_end_matches('Z').split_once('.'));
    fractions.map(|(_, digits)| digits.len()).max().unwrap_or(0)
}

#[tokio::test]
async fn no_time_that_a_partner_reads_is_finer_than_a_millisecond() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint(&acme, &receiver).create().await;
    let mut body = order("P-1").partner("acme").json();
    body["confirmed_at"] = json!("2026-11-20T10:00:00.123456789Z");
    let answer = app.post_order(&body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let refund = json!({"refund_id": "r-1", "amount": 100, "reason": "a scratch"});
    let refunded = app.refund("P-1", &refund).await;
    assert_eq!(refunded.status, 201, "{refunded:?}");
    assert_eq!(app.cancel("P-1").await.status, 200);
    let received = receiver.received(3).await;
    for one in &received {
        let text = String::from_utf8(one.body.clone()).unwrap();
        assert!(longest_fraction(&text) <= 3, "{text}");
    }
    assert_eq!(
        received[2].json()["data"]["confirmed_at"],
        "2026-11-20T10:00:00.123Z"
    );
    app.finish().await;
}
