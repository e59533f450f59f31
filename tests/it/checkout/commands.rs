//! The operator's commands: checkouts and payments are found, refunded and reconciled, and sales are stopped.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Cart, GOOD, Shop};
use crate::support::api::{Answer, OPERATOR, PLATFORM};

const EMAIL: &str = "ada@example.com";

/// Runs a command that must succeed. Returns what it printed.
async fn run(shop: &Shop, arguments: &[&str]) -> String {
    let (is_done, stdout, stderr) = shop.app.command(arguments).await;
    assert!(is_done, "{arguments:?}: {stdout}{stderr}");
    for personal in ["ada@", "Byron", "Paix"] {
        assert!(!stdout.contains(personal), "{arguments:?}: {stdout}");
    }
    stdout
}

/// Runs a command that must be refused. Returns why.
async fn refused(shop: &Shop, arguments: &[&str]) -> String {
    let (is_done, stdout, stderr) = shop.app.command(arguments).await;
    assert!(!is_done && stdout.is_empty(), "{arguments:?}: {stdout}");
    stderr
}

async fn document(shop: &Shop, arguments: &[&str]) -> Value {
    let arguments: Vec<_> = arguments.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&run(shop, &arguments).await).unwrap()
}

/// The id of the only payment.
async fn only_payment(shop: &Shop) -> String {
    let list = document(shop, &["payment", "list"]).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1, "{list}");
    list["data"][0]["id"].as_str().unwrap().to_owned()
}

async fn buy(shop: &Shop) -> Cart<'_> {
    let cart = shop.fill_in(2, EMAIL).await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    cart
}

#[tokio::test]
async fn a_purchase_is_found_by_its_state_and_shown_with_its_lines_and_payments() {
    let shop = Shop::start(5).await;
    buy(&shop).await;
    shop.fill_in(1, "bob@example.com").await;
    let captured = run(&shop, &["checkout", "list", "--state", "captured"]).await;
    let lines: Vec<_> = captured.lines().collect();
    assert_eq!(lines.len(), 2, "{captured}");
    assert!(lines[0].starts_with("ID "), "{captured}");
    assert!(
        lines[1].contains("confirmed") && lines[1].contains("24.90"),
        "{captured}"
    );
    let of_others = run(&shop, &["checkout", "list", "--partner", "other"]).await;
    assert_eq!(of_others.trim(), "none");
    // The newest comes first, and the rest on the next page.
    let page = ["checkout", "list", "--partner", "acme", "--limit", "1"];
    let (_, first, stderr) = shop.app.command(&page).await;
    assert!(first.contains("priced"), "{first}");
    let cursor = stderr.trim().split("--cursor ").nth(1).unwrap();
    let next: Vec<_> = page.iter().copied().chain(["--cursor", cursor]).collect();
    let id = lines[1].split(' ').next().unwrap();
    let rest = run(&shop, &next).await;
    assert!(rest.contains(id) && rest.lines().count() == 2, "{rest}");

    let shown = run(&shop, &["checkout", "show", id]).await;
    for part in ["item-1", "10.00", "24.90", "visa 4242", "pay_"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let path = format!("/v1/checkouts/{id}");
    let same = document(&shop, &["checkout", "show", id]).await;
    assert_eq!(same, shop.app.get(&path, OPERATOR).await.json());
    let message = refused(&shop, &["checkout", "show", "chk_1"]).await;
    assert!(message.contains("(404)"), "{message}");

    let payments = run(&shop, &["payment", "list", "--checkout", id]).await;
    assert!(
        payments.contains("captured") && payments.contains("visa 4242"),
        "{payments}"
    );
    let declined = run(&shop, &["payment", "list", "--status", "declined"]).await;
    assert_eq!(declined.trim(), "none");
    shop.app.finish().await;
}

#[tokio::test]
async fn a_refund_that_is_repeated_under_its_printed_key_is_one_refund() {
    let shop = Shop::start(5).await;
    buy(&shop).await;
    let id = only_payment(&shop).await;
    let refund = [
        "payment", "refund", &id, "--amount", "500", "--reason", "damaged",
    ];
    let json: Vec<_> = refund.iter().copied().chain(["--json"]).collect();
    let (is_done, first, stderr) = shop.app.command(&json).await;
    assert!(is_done, "{stderr}");
    let key = stderr.trim().split("--idempotency-key ").nth(1).unwrap();
    let again: Vec<_> = refund
        .iter()
        .copied()
        .chain(["--idempotency-key", key])
        .collect();
    let again = document(&shop, &again).await;
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (&again["id"], &again["amount"]),
        (&first["id"], &json!(500))
    );

    let other = [
        "payment", "refund", &id, "--amount", "501", "--reason", "damaged",
    ];
    let other: Vec<_> = other
        .iter()
        .copied()
        .chain(["--idempotency-key", key])
        .collect();
    let message = refused(&shop, &other).await;
    assert!(
        message.contains("(422)") && message.contains("another body"),
        "{message}"
    );
    let too_much = [
        "payment", "refund", &id, "--amount", "1991", "--reason", "x",
    ];
    let message = refused(&shop, &too_much).await;
    assert!(message.contains("At most 1990"), "{message}");
    let message = refused(
        &shop,
        &[&refund[..], &["--idempotency-key", "a b"]].concat(),
    )
    .await;
    assert!(message.contains("visible ASCII"), "{message}");

    let refunded = shop.receiver.received(2).await[1].json();
    assert_eq!(refunded["type"], "order.refunded");
    let shown = run(&shop, &["payment", "show", &id]).await;
    assert!(
        shown.contains("5.00 EUR") && shown.contains("damaged"),
        "{shown}"
    );
    assert!(shown.contains("succeeded"), "{shown}");
    assert_eq!(shop.at_processor("/v1/refunds").await.len(), 1);
    shop.app.finish().await;
}

/// No webhook arrives, and the buyer has closed the browser.
#[tokio::test]
async fn a_payment_that_nobody_has_reported_is_reconciled_on_request() {
    let shop = Shop::start_with(5, false).await;
    let cart = shop.fill_in(1, EMAIL).await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    let id = only_payment(&shop).await;
    let shown = run(&shop, &["payment", "show", &id]).await;
    assert!(shown.contains("unpaid"), "{shown}");
    // An operator's request is not told an old answer, and not that it worked when it did not.
    shop.fault("read", "error_before_commit", 1, 0).await;
    let message = refused(&shop, &["payment", "reconcile", &id]).await;
    assert!(
        message.contains("(503)") && message.contains("did not answer"),
        "{message}"
    );
    assert_eq!(shop.only_checkout().await["state"], "paying");

    let reconciled = document(&shop, &["payment", "reconcile", &id]).await;
    assert_eq!(reconciled["status"], "captured");
    assert_eq!(reconciled["amount_captured"], 1_490);
    assert_eq!(shop.only_checkout().await["state"], "captured");
    shop.receiver.received(1).await;
    let again = document(&shop, &["payment", "reconcile", &id]).await;
    assert_eq!(again["status"], "captured");
    let count = "SELECT count(*) FROM audit WHERE action = 'payment.reconcile'";
    shop.app.wait_for_count(count, 3).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn what_cannot_be_reconciled_says_why() {
    let shop = Shop::start(5).await;
    // The processor has not answered: nobody knows whether there is a session.
    shop.fault("create_session", "error_before_commit", 50, 0)
        .await;
    let cart = shop.fill_in(1, EMAIL).await;
    let quote = cart.review().await;
    cart.press(&quote).await;
    let id = only_payment(&shop).await;
    let message = refused(&shop, &["payment", "reconcile", &id]).await;
    assert!(
        message.contains("(409)") && message.contains("has not confirmed"),
        "{message}"
    );
    let path = format!("/v1/payments/{id}/reconcile");
    let by_platform = shop.app.request(Method::POST, &path, PLATFORM);
    Answer::send(by_platform).await.problem(403, "forbidden");
    let gone = format!("pay_{}", "0".repeat(32));
    let message = refused(&shop, &["payment", "reconcile", &gone]).await;
    assert!(message.contains("(404)"), "{message}");
    shop.app.stop().await;
}

#[tokio::test]
async fn sales_are_stopped_and_allowed_again() {
    let shop = Shop::start(5).await;
    let cart = shop.fill_in(1, EMAIL).await;
    let page = cart.begin().await;
    let none = run(&shop, &["switch", "list"]).await;
    assert_eq!(none.trim(), "none");
    let off = ["switch", "off", "item:acme:item-1", "--reason", "recall"];
    let set = document(&shop, &off).await;
    assert_eq!(
        (&set["enabled"], &set["reason"]),
        (&json!(false), &json!("recall"))
    );
    let form = super::details(1, "bob@example.com");
    let buy_path = format!("/b/{}/buy", shop.slug);
    assert_ne!(shop.post(&buy_path, &form).await.status, 303);
    // The payment in progress may finish until the operator says otherwise.
    assert_eq!(shop.stock().await["held"], 1);
    run(
        &shop,
        &[
            "switch",
            "off",
            "partner:acme",
            "--reason",
            "fraud",
            "--void",
        ],
    )
    .await;
    assert_ne!(shop.pay_at(&page, GOOD).await.status, 303);
    assert_eq!(shop.stock().await["held"], 0);
    run(&shop, &["switch", "on", "partner:acme", "--reason", "over"]).await;
    assert_ne!(
        shop.post(&buy_path, &form).await.status,
        303,
        "the item is still off"
    );
    run(
        &shop,
        &["switch", "on", "item:acme:item-1", "--reason", "replaced"],
    )
    .await;
    assert_eq!(shop.post(&buy_path, &form).await.status, 303);
    let list = run(&shop, &["switch", "list"]).await;
    assert!(
        list.contains("item:acme:item-1  true     replaced"),
        "{list}"
    );
    let message = refused(&shop, &["switch", "off", "everything", "--reason", "x"]).await;
    assert!(
        message.contains("must be `all`, `partner:{slug}`"),
        "{message}"
    );
    shop.app.stop().await;
}
