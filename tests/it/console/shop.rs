//! What the stories of buying share: a shop with a paid order, and what the audit log has.

use serde_json::Value;

use super::browser::Browser;
use crate::checkout::{GOOD, Shop, ShopOptions};
use crate::support::app::{OPERATOR, PLATFORM, TestApp};

/// An operator who has signed in.
pub(super) async fn operator(shop: &Shop) -> Browser {
    Browser::signed_in(shop.app.base_url(), OPERATOR).await
}

/// The last audit entry of an action.
pub(super) async fn last_audited(app: &TestApp, action: &str) -> Value {
    let path = format!("/v1/audit?action={action}");
    let audit = app.get(&path, OPERATOR).await.json();
    audit["data"][0].clone()
}

/// A hidden field of a form.
pub(super) fn hidden(page: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// A shop with a paid order, the payment's path in the console and its id.
pub(super) async fn with_a_payment(options: ShopOptions) -> (Shop, String) {
    let shop = Shop::start_as(5, options).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    let captured = "SELECT count(*) FROM payments WHERE status = 'captured'";
    shop.app.wait_for_count(captured, 1).await;
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let id = payments["data"][0]["id"].as_str().unwrap().to_owned();
    (shop, format!("/console/payments/{id}"))
}
