//! Routes for payments: read, refunded, reconciled.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use buywire_schemas::ids::{CheckoutId, PaymentId, RefundId};
use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, amount, name};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{instant, parse, text};
use crate::checkout::{ReconcileRefused, RefundRefused};
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::access::idempotency::read_key;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::Page;
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::store::payments::refunds::StoredRefund;
use crate::store::payments::{PaymentFilter, StoredPayment};

/// The reason of a refund, for operators and partners.
pub(in crate::http) const REASON_CHARS_MAX: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ListQuery {
    status: Option<String>,
    checkout: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /v1/payments`: newest first.
pub(in crate::http) async fn list(
    state: Data<AppState>,
    query: Query<ListQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<PaymentId>::new(query.limit.as_deref(), query.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let checkout: Option<CheckoutId> = query.checkout.as_deref().map(parse).transpose()?;
    let filter = PaymentFilter {
        after: page.after,
        status: query.status.clone(),
        checkout,
        limit: page.fetch_limit(),
    };
    let found = state.store.payments(&filter).await?;
    let shown: Vec<_> = found.iter().map(summary).collect();
    Ok(page.respond(shown, |one| text(one, "id")))
}

/// `GET /v1/payments/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let shown = with_refunds(&state, parse(&id)?).await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// `POST /v1/payments/{id}/reconcile`
pub(in crate::http) async fn reconcile(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id: PaymentId = parse(&id)?;
    state.checkouts.reconcile(caller.actor(), id).await?;
    let shown = with_refunds(&state, id).await?;
    Ok(HttpResponse::Ok().json(shown))
}

pub(super) async fn with_refunds(state: &AppState, id: PaymentId) -> Result<Value, ApiError> {
    let found = state.store.payment(id).await?;
    let found = found.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let refunds = state.store.payment_refunds(id).await?;
    let mut shown = summary(&found);
    if let Some(members) = shown.as_object_mut() {
        let refunds = refunds.iter().map(refund_summary);
        members.insert("refunds".to_owned(), refunds.collect());
    }
    Ok(shown)
}

/// `POST /v1/payments/{id}/refunds`
pub(in crate::http) async fn refund(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let id: PaymentId = parse(&id)?;
    let key = idempotency_key(&request)?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let (amount, reason) =
        parse_refund(&body).map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    let refund = state
        .checkouts
        .request_refund(caller.actor(), id, amount, &reason, &key)
        .await?;
    Ok(HttpResponse::Accepted().json(refund_summary(&refund)))
}

/// `POST /v1/payments/{id}/refunds/{refund}/retry`: a failed refund is tried again. Its own id makes it repeatable.
pub(in crate::http) async fn retry_refund(
    state: Data<AppState>,
    caller: Caller,
    ids: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (id, refund) = ids.into_inner();
    let (id, refund): (PaymentId, RefundId) = (parse(&id)?, parse(&refund)?);
    let checkouts = &state.checkouts;
    checkouts.retry_refund(caller.actor(), id, refund).await?;
    let shown = with_refunds(&state, id).await?;
    Ok(HttpResponse::Accepted().json(shown))
}

/// A refund that is sent twice by accident pays twice: so the key is required.
fn idempotency_key(request: &HttpRequest) -> Result<String, ApiError> {
    read_key(request.headers())?.ok_or_else(|| {
        ApiError::with_detail(
            Kind::QueryInvalid,
            "Send the header `Idempotency-Key`: 1 to 255 visible ASCII characters, the same whenever the same refund is repeated.",
        )
    })
}

/// The amount and the reason of a refund.
pub(in crate::http) fn parse_refund(body: &[u8]) -> Result<(i64, String), BodyError> {
    let mut body = Reader::object(body)?;
    let amount = body.required("amount", amount(1));
    let reason = body.required("reason", name(1..=REASON_CHARS_MAX));
    body.finish(|| amount.zip(reason))
}

pub(super) fn summary(payment: &StoredPayment) -> Value {
    let card = payment.card_last4.as_ref();
    json!({
        "id": payment.id,
        "checkout": payment.checkout,
        "attempt": payment.attempt,
        "processor": payment.processor,
        "reference": payment.payment_id,
        "session": payment.session_id,
        "status": payment.status,
        "currency": payment.currency,
        "amount": payment.amount,
        "amount_captured": payment.amount_captured,
        "amount_refunded": payment.amount_refunded,
        "card": card.map(|last4| json!({"brand": payment.card_brand, "last4": last4})),
        "decline_code": payment.decline_code,
        "dispute": payment.dispute,
        "created_at": instant(payment.created_at),
        "updated_at": instant(payment.updated_at),
    })
}

fn refund_summary(refund: &StoredRefund) -> Value {
    json!({
        "id": refund.id,
        "payment": refund.payment,
        "amount": refund.amount,
        "reason": refund.reason,
        "status": refund.status,
        "reference": refund.processor_id,
        "failure": refund.failure,
        "created_at": instant(refund.created_at),
        "updated_at": instant(refund.updated_at),
    })
}

impl From<RefundRefused> for ApiError {
    fn from(error: RefundRefused) -> Self {
        match error {
            RefundRefused::NotFound => Self::new(Kind::NotFound),
            RefundRefused::TooMuch { left } => Self::with_detail(
                Kind::StateConflict,
                format!("At most {left} minor units of this payment can still be refunded."),
            ),
            RefundRefused::NotFailed { status } => Self::with_detail(
                Kind::StateConflict,
                format!("Only a refund that has failed is tried again. This one is `{status}`."),
            ),
            RefundRefused::KeyReused => Self::with_detail(
                Kind::KeyReused,
                "This `Idempotency-Key` was used for a refund with another amount or reason.",
            ),
            RefundRefused::Store(error) => error.into(),
        }
    }
}

impl From<ReconcileRefused> for ApiError {
    fn from(error: ReconcileRefused) -> Self {
        match error {
            ReconcileRefused::NotFound => Self::new(Kind::NotFound),
            ReconcileRefused::ProcessorDisabled => Self::with_detail(
                Kind::StateConflict,
                "The processor of this payment is not enabled. Enable it with `BUYWIRE_PAYMENTS`.",
            ),
            ReconcileRefused::Unconfirmed => Self::with_detail(
                Kind::StateConflict,
                "The processor has not confirmed this payment yet. The gateway repeats that request by itself.",
            ),
            ReconcileRefused::Unanswered(error) => Self::with_detail(
                Kind::Busy,
                format!("The processor did not answer: {error}. Repeat the request."),
            ),
            ReconcileRefused::Refused(error) => Self::with_detail(
                Kind::StateConflict,
                format!("The processor does not show this payment: {error}."),
            ),
            ReconcileRefused::Checkout(error) => error.into(),
        }
    }
}
