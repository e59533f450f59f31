//! The pages of partners: their endpoints and keys, the audit log, callbacks.

mod callbacks;
mod endpoints;
mod keys;
mod overview;
mod settings;

use serde_json::Value;

use super::browser::Browser;
use crate::support::app::{OPERATOR, TestApp};

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("{name} is missing: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// The secret on a page that shows one.
fn secret(page: &str) -> String {
    let (_, rest) = page.split_once("<pre id=\"secret\"").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn operator(app: &TestApp) -> Browser {
    Browser::signed_in(app.base_url(), OPERATOR).await
}

/// The newest audit entry of an action.
async fn audited(app: &TestApp, action: &str) -> Value {
    let path = format!("/v1/audit?action={action}");
    app.get(&path, OPERATOR).await.json()["data"][0].clone()
}
