//! Lists say how many match, exactly up to 10,000.

use super::browser::Browser;
use crate::support::app::{OPERATOR, TestApp};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// What the foot of a list says.
async fn foot(browser: &Browser, path: &str) -> String {
    let page = browser.page(&format!("/console/{path}")).await;
    let (_, foot) = page
        .split_once("<div class=\"foot\"><span>")
        .unwrap_or_else(|| panic!("{path}: {page}"));
    foot.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn each_list_says_how_many_match_whatever_fits_on_its_page() {
    let app = TestApp::start().await;
    let (receiver, failing) = (Receiver::start().await, Receiver::start().await);
    for slug in ["acme", "other"] {
        app.partner(slug).await;
    }
    app.endpoint("acme", &receiver).create().await;
    app.endpoint("other", &failing).create().await;
    failing.always(Reply::status(503));
    for number in 0..60 {
        app.order(&order(&format!("P-{number}")).partner("acme"))
            .await;
    }
    app.order(&order("Q-1").partner("other")).await;
    receiver.received(60).await;
    app.wait_for_dead_letters(1).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    for (path, text) in [
        ("deliveries", "61 deliveries match"),
        ("deliveries?partner=acme", "60 deliveries match"),
        ("deliveries?partner=nobody", "0 deliveries match"),
        ("deliveries?status=dead&since=1h", "1 delivery matches"),
        (
            "deliveries?event_type=order.confirmed",
            "61 deliveries match",
        ),
        (
            "deliveries?event_type=order.cancelled",
            "0 deliveries match",
        ),
        (
            "deliveries?error=exhausted&partner=other",
            "1 delivery matches",
        ),
        ("deliveries?order=P-1", "1 delivery matches"),
        ("orders", "61 orders match"),
        ("orders?partner=other", "1 order matches"),
        ("orders?status=cancelled", "0 orders match"),
        ("failures", "1 group matches"),
        ("failures?cause=timeout", "0 groups match"),
        ("failures?partner=acme", "0 groups match"),
        ("audit?action=partner.create", "2 entries match"),
        (
            "audit?action=partner.create&subject=acme",
            "1 entry matches",
        ),
        ("audit?since=1h&action=nothing", "0 entries match"),
    ] {
        assert_eq!(foot(&browser, path).await, text, "{path}");
    }
    let own = app.partner_key("acme").await;
    let partner = Browser::signed_in(app.base_url(), &own).await;
    for (path, text) in [
        ("deliveries", "60 deliveries match"),
        ("deliveries?partner=other", "0 deliveries match"),
        ("failures", "0 groups match"),
    ] {
        assert_eq!(foot(&partner, path).await, text, "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_count_is_exact_up_to_ten_thousand_and_says_so_beyond() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let partner = app.partner("acme").await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    let endpoint = endpoint.id.uuid();
    app.create_dead_letters(partner.id.uuid(), endpoint, 10_000)
        .await;
    let bodies = "UPDATE orders SET body = '{\"currency\": \"EUR\", \"total\": 1}'";
    app.sql.execute(bodies, &[]).await.unwrap();
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    for path in ["deliveries?status=dead", "deliveries?partner=acme"] {
        let exact = foot(&browser, path).await;
        assert_eq!(exact, "10,000 deliveries match", "{path}");
    }
    assert_eq!(foot(&browser, "orders").await, "10,000 orders match");
    let add = "INSERT INTO audit (actor, role, action, subject, details)
        SELECT 'x', 'operator', 'made.up', 'here', '{}' FROM generate_series(1, 10001)";
    app.sql.execute(add, &[]).await.unwrap();
    app.create_dead_letters(partner.id.uuid(), endpoint, 1)
        .await;
    app.sql.execute(bodies, &[]).await.unwrap();
    for (path, text) in [
        ("deliveries", "more than 10,000 deliveries match"),
        (
            "deliveries?partner=acme",
            "more than 10,000 deliveries match",
        ),
        (
            "deliveries?error=http_501",
            "at least 0 match: 10,000 deliveries were looked through",
        ),
        (
            "deliveries?event_type=order.confirmed",
            "more than 2,000 deliveries match",
        ),
        ("orders", "more than 10,000 orders match"),
        ("orders?partner=acme", "more than 2,000 orders match"),
        ("audit?subject=here", "more than 10,000 entries match"),
        ("audit?action=made.up", "more than 10,000 entries match"),
        (
            "audit?action=partner.create",
            "at least 0 match: 10,000 entries were looked through",
        ),
    ] {
        assert_eq!(foot(&browser, path).await, text, "{path}");
    }
    app.stop().await;
}
