//! Routes for checkouts and payments, for the platform and operators; and the processor's webhooks.
//!
//! Promises: no answer names a buyer: an order does, to those who may read it.

pub(super) mod invoices;
pub(super) mod payments;
pub(super) mod switches;
mod webhooks;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, Responder};
use buywire_checkout::pricing::Pricing;
use buywire_schemas::ids::CheckoutId;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) use self::invoices::{paid, refund_failed, refund_sent, void};
pub(super) use self::payments::{
    list as list_payments, reconcile, refund, retry_refund, show as show_payment,
};
pub(super) use self::webhooks::receive;
use crate::checkout::CheckoutError;
use crate::http::AppState;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::Page;
use crate::store::checkouts::{CheckoutFilter, StoredCheckout};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    state: Option<String>,
    partner: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /v1/checkouts`: newest first.
pub(super) async fn list(
    state: Data<AppState>,
    query: Query<ListQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<CheckoutId>::new(query.limit.as_deref(), query.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let partner = query.partner.as_deref().map(Slug::parse).transpose();
    let partner = partner.map_err(|_| {
        ApiError::with_detail(Kind::QueryInvalid, "`partner` must be a partner's slug.")
    })?;
    let filter = CheckoutFilter {
        after: page.after,
        state: query.state.clone(),
        partner,
        limit: page.fetch_limit(),
    };
    let found = state.store.checkouts(&filter).await?;
    let shown: Vec<_> = found.iter().map(summary).collect();
    Ok(page.respond(shown, |one| text(one, "id")))
}

/// `GET /v1/checkouts/{id}`
pub(super) async fn show(
    state: Data<AppState>,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id: CheckoutId = parse(&id)?;
    let found = state.store.checkout(id).await?;
    let found = found.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let payments = state.store.payments_of(id).await?;
    let mut shown = summary(&found);
    if let Some(members) = shown.as_object_mut() {
        let payments = payments.iter().map(payments::summary);
        members.insert("payments".to_owned(), payments.collect());
        members.insert("setback".to_owned(), json!(found.setback));
    }
    Ok(HttpResponse::Ok().json(shown))
}

fn summary(checkout: &StoredCheckout) -> Value {
    let lines = checkout.cart.lines.iter().map(|line| {
        json!({
            "partner": line.partner,
            "item_id": line.item_id,
            "title": line.title,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
        })
    });
    let quote = checkout.pricing.as_ref().and_then(Pricing::quote);
    json!({
        "id": checkout.id,
        "channel": checkout.channel,
        "state": checkout.machine.state().name(),
        "situation": checkout.machine.page_situation(),
        "post": checkout.post,
        "lines": lines.collect::<Vec<_>>(),
        "currency": checkout.cart.currency,
        "total": quote.map(|quote| quote.total()),
        "order": checkout.order,
        "test": checkout.test,
        "created_at": instant(checkout.created_at),
        "updated_at": instant(checkout.updated_at),
        "expires_at": instant(checkout.machine.expires_at()),
    })
}

fn instant(at: OffsetDateTime) -> Option<String> {
    at.format(&Rfc3339).ok()
}

fn text(value: &Value, member: &str) -> String {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn parse<T: std::str::FromStr>(id: &str) -> Result<T, ApiError> {
    id.parse().map_err(|_| ApiError::new(Kind::NotFound))
}

impl From<CheckoutError> for ApiError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotFound => Self::new(Kind::NotFound),
            CheckoutError::Busy => Self::new(Kind::Busy),
            CheckoutError::Store(error) => error.into(),
            CheckoutError::Sealed => {
                tracing::error!("http.checkouts: a sealed value cannot be opened");
                Self::new(Kind::Internal)
            }
            refused => Self::with_detail(Kind::StateConflict, format!("{refused}.")),
        }
    }
}
