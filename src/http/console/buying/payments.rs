//! The list of payments.

use actix_web::web::{Data, Query};
use buywire_schemas::ids::CheckoutId;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{FETCH_LIMIT, ROWS, parse_cursor};
use super::scope::processor;
use super::words::payment_state;
use crate::ambient;
use crate::console::Moment;
use crate::console::buying::payments::{PaymentRow, PaymentsPage};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::lists::{ListUrl, cut};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;
use crate::store::payments::{PaymentFilter, StoredPayment};

const STATES: [(&str, &str); 9] = [
    ("", "All"),
    ("unpaid", "Unpaid"),
    ("action_required", "Waits for the buyer"),
    ("processing", "Processing"),
    ("declined", "Declined"),
    ("authorised", "Authorised"),
    ("captured", "Captured"),
    ("expired", "Expired"),
    ("voided", "Voided"),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct PaymentsQuery {
    #[serde(default)]
    status: String,
    #[serde(default)]
    checkout: String,
    #[serde(default)]
    cursor: String,
}

/// `GET /console/payments`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<PaymentsQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let url = ListUrl::new(
        "/console/payments",
        vec![("status", &query.status), ("checkout", &query.checkout)],
    );
    let (mut rows, mut next, mut error) = (Vec::new(), None, None);
    match query.filter()? {
        Ok(filter) => {
            let found = state.store.payments(&filter).await?;
            (rows, next) = cut(found, ROWS, |payment| payment.id.to_string());
        }
        Err(fault) => error = Some(fault.to_owned()),
    }
    let frame = match query.cursor.is_empty() {
        true => visitor.live_frame(&state, Section::Payments),
        false => visitor.frame(&state, Section::Payments),
    };
    page(&PaymentsPage {
        frame,
        chips: url.chips("status", &STATES),
        status: query.status.clone(),
        checkout: query.checkout.clone(),
        error,
        pager: url.pager(
            rows.len(),
            ("payment", "payments"),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows.iter().map(|payment| row(payment, now)).collect(),
        is_filtered: url.is_filtered(),
    })
}

impl PaymentsQuery {
    fn filter(&self) -> Result<Result<PaymentFilter, &'static str>, ApiError> {
        let after = parse_cursor(&self.cursor)?;
        if !STATES.iter().any(|(name, _)| *name == self.status) {
            return Ok(Err(
                "There is no such state of a payment. Choose one above.",
            ));
        }
        let checkout: Option<CheckoutId> = match self.checkout.trim() {
            "" => None,
            text => match text.parse() {
                Ok(checkout) => Some(checkout),
                Err(_) => return Ok(Err("A checkout's id begins with chk_.")),
            },
        };
        Ok(Ok(PaymentFilter {
            after,
            status: (!self.status.is_empty()).then(|| self.status.clone()),
            checkout,
            limit: FETCH_LIMIT,
        }))
    }
}

fn row(payment: &StoredPayment, now: OffsetDateTime) -> PaymentRow {
    let refunded = payment.amount_refunded;
    PaymentRow {
        id: payment.id.to_string(),
        state: payment_state(&payment.status),
        note: note(payment),
        amount: payment.currency.format_amount(payment.amount),
        refunded: match refunded {
            0 => String::new(),
            refunded => payment.currency.format_amount(refunded),
        },
        processor: capitalised(processor(&payment.processor)),
        checkout: payment.checkout.to_string(),
        created_at: Moment::new(payment.created_at, now),
        updated_at: Moment::new(payment.updated_at, now),
    }
}

/// Why the bank refused, or how a dispute stands.
pub(super) fn note(payment: &StoredPayment) -> Option<String> {
    let dispute = payment.dispute.as_ref();
    let dispute = dispute.map(|dispute| {
        let status = dispute.get("status").and_then(serde_json::Value::as_str);
        format!("Disputed: {}", status.unwrap_or("open"))
    });
    let declined = payment
        .decline_code
        .as_deref()
        .filter(|_| payment.status == "declined");
    dispute.or_else(|| declined.map(|code| code.replace('_', " ")))
}

pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
