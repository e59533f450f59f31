//! Routes by which operators say what has arrived of payments by invoice, and what was sent back.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::{PaymentId, RefundId};
use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, amount, name};

use super::parse;
use super::payments::{REASON_CHARS_MAX, with_refunds};
use crate::checkout::{InvoiceMark, InvoiceRefundMark, InvoiceRefused, MarkRefused};
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{BODY_BYTES_MAX, read};

/// `POST /v1/payments/{id}/paid`
pub(in crate::http) async fn paid(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let id: PaymentId = parse(&id)?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let amount =
        parse_paid(&body).map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    mark(&state, &caller, id, InvoiceMark::Paid(amount)).await
}

/// `POST /v1/payments/{id}/void`
pub(in crate::http) async fn void(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    mark(&state, &caller, parse(&id)?, InvoiceMark::Void).await
}

/// `POST /v1/payments/{id}/refunds/{refund}/sent`
pub(in crate::http) async fn refund_sent(
    state: Data<AppState>,
    caller: Caller,
    ids: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    mark_refund(&state, &caller, &ids, InvoiceRefundMark::Sent).await
}

/// `POST /v1/payments/{id}/refunds/{refund}/failed`
pub(in crate::http) async fn refund_failed(
    state: Data<AppState>,
    caller: Caller,
    ids: Path<(String, String)>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let reason =
        parse_failed(&body).map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    mark_refund(&state, &caller, &ids, InvoiceRefundMark::Failed { reason }).await
}

async fn mark(
    state: &AppState,
    caller: &Caller,
    id: PaymentId,
    mark: InvoiceMark,
) -> Result<HttpResponse, ApiError> {
    let marked = state.checkouts.mark_invoice(caller.actor(), id, mark);
    marked.await?;
    Ok(HttpResponse::Ok().json(with_refunds(state, id).await?))
}

async fn mark_refund(
    state: &AppState,
    caller: &Caller,
    (id, refund): &(String, String),
    mark: InvoiceRefundMark,
) -> Result<HttpResponse, ApiError> {
    let (id, refund): (PaymentId, RefundId) = (parse(id)?, parse(refund)?);
    let checkouts = &state.checkouts;
    let marked = checkouts.mark_invoice_refund(caller.actor(), id, refund, mark);
    marked.await?;
    Ok(HttpResponse::Ok().json(with_refunds(state, id).await?))
}

fn parse_paid(body: &[u8]) -> Result<i64, BodyError> {
    let mut body = Reader::object(body)?;
    let amount = body.required("amount", amount(1));
    body.finish(|| amount)
}

/// Why a refund could not be sent.
pub(in crate::http) fn parse_failed(body: &[u8]) -> Result<String, BodyError> {
    let mut body = Reader::object(body)?;
    let reason = body.required("reason", name(1..=REASON_CHARS_MAX));
    body.finish(|| reason)
}

impl From<InvoiceRefused> for ApiError {
    fn from(error: InvoiceRefused) -> Self {
        match error {
            InvoiceRefused::NotAnInvoice => Self::with_detail(
                Kind::StateConflict,
                "Only a payment by invoice is marked. The processor of this one says itself what has arrived.",
            ),
            InvoiceRefused::Mark(refused) => refused.into(),
            InvoiceRefused::Reconcile(refused) => refused.into(),
            InvoiceRefused::Store(error) => error.into(),
        }
    }
}

impl From<MarkRefused> for ApiError {
    fn from(error: MarkRefused) -> Self {
        match error {
            MarkRefused::NotFound => Self::new(Kind::NotFound),
            MarkRefused::AmountDiffers { amount } => Self::with_detail(
                Kind::StateConflict,
                format!(
                    "The invoice asks for {amount} minor units. Send any other amount back, or mark the invoice as void."
                ),
            ),
            MarkRefused::IsPaid => Self::with_detail(
                Kind::StateConflict,
                "The invoice is paid. To send the money back, request a refund.",
            ),
            MarkRefused::IsVoid => Self::with_detail(
                Kind::StateConflict,
                "The invoice is void, and its units are free again. Send the money back, and let the buyer order again.",
            ),
            MarkRefused::RefundFailed => Self::with_detail(
                Kind::StateConflict,
                "The refund has failed. Try it again; then mark the refund that follows it.",
            ),
            MarkRefused::Store(error) => error.into(),
        }
    }
}
