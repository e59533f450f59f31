//! Callbacks that somebody should look at.

use serde_json::json;

use super::operator;
use crate::console::browser::Browser;
use crate::support::app::{PLATFORM, TestApp};
use crate::support::callback_sender::callback_signer;
use crate::support::order::order;

#[tokio::test]
async fn unmatched_failed_and_warned_callbacks_are_listed_with_their_orders() {
    let app = TestApp::start().await;
    let (acme, rival) = (
        callback_signer("standard-webhooks", 1),
        callback_signer("standard-webhooks", 2),
    );
    app.partner_with_callbacks("acme", "standard", &acme).await;
    app.partner_with_callbacks("rival", "standard", &rival)
        .await;
    app.order(&order("P-1")).await;
    let refund = json!({"id": "m-1", "type": "order.refunded", "order_id": "P-1",
        "refund": {"reference": "re_1", "amount": 9_000_000}});
    app.report_accepted(&acme, "acme", &refund).await;
    let unknown = json!({"id": "m-2", "type": "order.cancelled", "order_id": "P-<b>9"});
    app.report_accepted(&acme, "acme", &unknown).await;
    let foreign = json!({"id": "m-3", "type": "order.cancelled", "order_id": "P-1"});
    app.report_accepted(&rival, "rival", &foreign).await;
    app.wait_for_count(
        "SELECT count(*) FROM callbacks WHERE state = 'unmatched'",
        2,
    )
    .await;
    app.wait_for_count("SELECT count(*) FROM callbacks WHERE state = 'applied'", 1)
        .await;
    let browser = operator(&app).await;
    let rows = |page: &str| page.matches("<tr data-row>").count();
    let page = browser.page("/console/callbacks").await;
    assert_eq!(rows(&page), 2, "{page}");
    assert!(
        page.contains("No order with lines of the partner has this id."),
        "{page}"
    );
    assert!(page.contains("P-&#60;b&#62;9"), "{page}");
    assert!(!page.contains("<b>9"), "{page}");
    let page = browser.page("/console/callbacks?partner=rival").await;
    assert_eq!(rows(&page), 1, "{page}");
    assert!(
        page.contains("/console/callbacks?partner=rival&#38;show=warnings"),
        "{page}"
    );
    let page = browser.page("/console/callbacks?show=warnings").await;
    assert_eq!(rows(&page), 1, "{page}");
    assert!(page.contains("larger refund than the buyer paid"), "{page}");
    assert!(page.contains("refunded"), "{page}");
    let fails = "UPDATE callbacks SET state = 'failed', detail = 'order_unknown', due_at = NULL, settled_at = now() \
                 WHERE state = 'unmatched'";
    app.sql.execute(fails, &[]).await.unwrap();
    let page = browser.page("/console/callbacks?show=failed").await;
    assert_eq!(rows(&page), 2, "{page}");
    assert!(page.contains("was not found within 3 days"), "{page}");
    let page = browser.page("/console/callbacks?show=unmatched").await;
    assert!(page.contains("No callback matches"), "{page}");
    let page = browser.page("/console/callbacks?show=lost").await;
    assert!(page.contains("There is no such state."), "{page}");

    let own = Browser::signed_in(app.base_url(), &app.partner_key("rival").await).await;
    let page = own.page("/console/callbacks?show=all").await;
    assert_eq!(rows(&page), 1, "{page}");
    assert!(!page.contains("P-&#60;b&#62;9"), "{page}");
    // As in every list, another partner is one that does not exist.
    let page = own.page("/console/callbacks?show=all&partner=acme").await;
    assert_eq!(rows(&page), 0, "{page}");
    let platform = Browser::signed_in(app.base_url(), PLATFORM).await;
    assert_eq!(platform.get("/console/callbacks").await.status, 403);
    app.stop().await;
}
