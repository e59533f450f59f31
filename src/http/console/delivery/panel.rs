//! What the right side of a delivery's page shows.

use super::Choice;
use crate::console::delivery::show::Panel;
use crate::console::format::millis;
use crate::http::AppState;
use crate::http::console::rendered;
use crate::http::problem::ApiError;
use crate::partners::{Preview, PreviewedDelivery};
use crate::store::delivery::list::{AttemptView, DeliveryView};

pub(super) async fn panel(
    state: &AppState,
    found: &DeliveryView,
    attempts: &[AttemptView],
    choice: Choice,
) -> Result<Panel, ApiError> {
    match choice {
        Choice::Verify => Ok(Panel::Verify {
            webhook_id: found.id.to_string(),
        }),
        Choice::Reply(number) => Ok(reply(attempts, number)),
        Choice::Event => event(state, found).await,
        Choice::Request => request(state, found, attempts).await,
    }
}

fn reply(attempts: &[AttemptView], number: usize) -> Panel {
    let attempt = number.checked_sub(1).and_then(|at| attempts.get(at));
    let Some(attempt) = attempt else {
        return Panel::Nothing("There is no reply yet.".to_owned());
    };
    let summary = match (attempt.status_code, &attempt.error) {
        (Some(status), _) => format!(
            "Answered {status} after {}.",
            millis(attempt.duration_ms.into())
        ),
        (None, Some(error)) => format!(
            "No answer: {error}, after {}.",
            millis(attempt.duration_ms.into())
        ),
        (None, None) => "No answer.".to_owned(),
    };
    Panel::Reply {
        summary,
        body: attempt
            .response_body
            .clone()
            .filter(|body| !body.is_empty()),
        is_cut: attempt.response_truncated,
    }
}

async fn event(state: &AppState, found: &DeliveryView) -> Result<Panel, ApiError> {
    let gone = || Panel::Nothing("The event is no longer kept.".to_owned());
    let Some(partner) = state.store.partner(&found.partner).await? else {
        return Ok(gone());
    };
    let stored = state.store.partner_event(partner.id, found.event).await?;
    let Some(stored) = stored else {
        return Ok(gone());
    };
    let text = serde_json::from_str::<serde_json::Value>(&stored.data)
        .and_then(|data| serde_json::to_string_pretty(&data));
    Ok(text.map_or_else(|_| gone(), Panel::Event))
}

async fn request(
    state: &AppState,
    found: &DeliveryView,
    attempts: &[AttemptView],
) -> Result<Panel, ApiError> {
    let delivery = PreviewedDelivery {
        id: found.id,
        event: found.event,
        endpoint: found.endpoint,
    };
    let rendered = state
        .partners
        .preview_delivery(&found.partner, delivery, &state.public_url)
        .await;
    match rendered {
        Ok(preview) => Ok(written(preview, attempts)),
        Err(error) => {
            let error = ApiError::from(error);
            if actix_web::ResponseError::status_code(&error).is_server_error() {
                return Err(error);
            }
            let problem = error.problem();
            let faults = problem.errors.iter().map(|fault| fault.detail.as_str());
            let faults: Vec<_> = faults.collect();
            Ok(Panel::Nothing(format!(
                "The request cannot be rendered now: {}.",
                match faults.is_empty() {
                    true => "the endpoint or the event is no longer kept".to_owned(),
                    false => faults.join("; "),
                }
            )))
        }
    }
}

/// Whether the last attempt that made a request sent what is rendered now.
fn comparison(body_hash: &str, attempts: &[AttemptView]) -> Option<String> {
    let mut sent = attempts.iter().enumerate().rev();
    let (number, hash) = sent.find_map(|(at, one)| Some((at + 1, one.body_hash.as_ref()?)))?;
    Some(match hash == body_hash {
        true => format!("The body has the same bytes as attempt {number}."),
        false => format!(
            "The body differs from attempt {number}: the settings or the format have changed since, or the buyer was redacted."
        ),
    })
}

fn written(preview: Preview, attempts: &[AttemptView]) -> Panel {
    let (text, curl) = rendered::written(&preview);
    let comparison = comparison(&preview.body_hash, attempts);
    Panel::Request {
        text,
        curl,
        comparison,
        notes: preview.notes,
    }
}
