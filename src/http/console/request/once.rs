//! Forms whose answer shows a secret: each is carried out once, however often a browser sends it.
//!
//! Promises: reloading the answer makes nothing anew and shows nothing again.

use super::form::ConsoleForm;
use super::visitor::Visitor;
use crate::ambient;
use crate::http::AppState;
use crate::http::console::answer::ConsoleError;
use crate::http::problem::ApiError;
use crate::idempotency::{AnswerSlot, Claim, RequestOutcome};

/// The field of such a form.
pub(in crate::http::console) const FIELD: &str = "once";
/// What a person reads who sends it again.
pub(in crate::http::console) const SENT: &str =
    "This form was sent already. What it made was shown then, and is not shown again.";
/// Longer than what [`mark`] makes.
const MARK_CHARS_MAX: usize = 64;

/// The mark of a new form.
pub(in crate::http::console) fn mark() -> String {
    ambient::new_uuid().simple().to_string()
}

/// Claims a form. `None` if it was sent before.
pub(in crate::http::console) async fn claim(
    state: &AppState,
    visitor: &Visitor,
    form: &ConsoleForm,
) -> Result<Option<AnswerSlot>, ConsoleError> {
    let mark = form.text(FIELD);
    if mark.is_empty() || mark.len() > MARK_CHARS_MAX {
        return Ok(None);
    }
    let route = format!("POST {}", visitor.path());
    let (actor, new) = (visitor.caller.actor(), ambient::new_uuid());
    let claimed = state
        .idempotency
        .claim_bytes(actor, &route, mark, mark.as_bytes(), new)
        .await
        .map_err(ApiError::from)?;
    Ok(match claimed {
        Claim::Granted(granted) => Some(AnswerSlot::new(state.idempotency.clone(), granted, 201)),
        Claim::Answered { .. } | Claim::InFlight | Claim::Conflict => None,
    })
}

/// Ends a form's claim.
pub(in crate::http::console) async fn end(
    slot: &AnswerSlot,
    is_done: bool,
) -> Result<(), ConsoleError> {
    let outcome = match is_done {
        true => RequestOutcome::Succeeded {
            status: 201,
            body: b"",
        },
        false => RequestOutcome::Refused,
    };
    Ok(slot.end(outcome).await.map_err(ApiError::from)?)
}
