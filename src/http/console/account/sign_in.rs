//! Signing in and out.
//!
//! Promises: an address has 5 failed tries a minute; a key is in no URL, log or page; one is led only to pages of the
//! console.

use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, SET_COOKIE, USER_AGENT};
use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::failed_sign_ins::FailedSignIns;
use crate::console::account::sign_in::SignIn;
use crate::http::AppState;
use crate::http::access::auth::Role;
use crate::http::console::answer::{ConsoleError, ConsoleResult, page_with, secure, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::{ConsoleForm, is_same_origin};
use crate::http::console::request::session::{cookie, expired_cookie};
use crate::http::console::request::visitor::Visitor;
use crate::http::server::body::OPEN_BUDGET;
use crate::secrets::api_key::ApiKey;

const UNKNOWN: &str =
    "This is not a key of this gateway. It may have been revoked or have expired.";
const TOO_MANY: &str = "Five tries have failed within a minute. Wait a minute, then try again.";
const FOREIGN: &str = "The form came from another site. Sign in here.";
const AGENT: &str =
    "Keys of agents have nothing to see here. Use a key of an operator, the platform or a partner.";
const SUSPENDED: &str = "An operator has suspended this partner.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SignInQuery {
    next: Option<String>,
}

/// `GET /console/sign-in`
pub(in crate::http) async fn form(
    state: Data<AppState>,
    query: Query<SignInQuery>,
) -> ConsoleResult {
    show(&state, StatusCode::OK, next(query.next.as_deref()), None)
}

/// `POST /console/sign-in`
pub(in crate::http) async fn sign_in(
    request: HttpRequest,
    state: Data<AppState>,
    payload: Payload,
) -> ConsoleResult {
    let form = ConsoleForm::read(&OPEN_BUDGET, payload).await?;
    let next = next(form.optional("next"));
    let refused = |status, error| show(&state, status, next, Some(error));
    if !is_same_origin(request.headers()) {
        return refused(StatusCode::FORBIDDEN, FOREIGN);
    }
    let address = request.peer_addr().map(|peer| peer.ip());
    let wait = address.and_then(|address| failed(&state).wait(address, Instant::now()));
    if let Some(wait) = wait {
        let mut response = refused(StatusCode::TOO_MANY_REQUESTS, TOO_MANY)?;
        let seconds = (wait.as_secs() + 1).into();
        response.headers_mut().insert(RETRY_AFTER, seconds);
        return Ok(response);
    }
    let key = ApiKey::parse(form.text("key")).ok().map(|key| key.hash());
    let caller = match &key {
        Some(key) => state.authenticator.caller(key).await?,
        None => None,
    };
    let (Some(key), Some(caller)) = (key, caller) else {
        if let Some(address) = address {
            failed(&state).record(address, Instant::now());
        }
        return refused(StatusCode::UNAUTHORIZED, UNKNOWN);
    };
    if caller.role == Role::Agent {
        return refused(StatusCode::FORBIDDEN, AGENT);
    }
    if caller.is_suspended() {
        return refused(StatusCode::FORBIDDEN, SUSPENDED);
    }
    let user_agent = request.headers().get(USER_AGENT);
    let user_agent = user_agent.and_then(|value| value.to_str().ok());
    let token = state
        .console
        .sessions
        .create(&key, user_agent.unwrap_or("unnamed"))
        .await?;
    let mut response = see_other(next);
    let cookie = cookie(&token)
        .parse()
        .map_err(|_| ConsoleError::ForeignForm)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    secure(response.headers_mut());
    Ok(response)
}

/// `POST /console/sign-out`
pub(in crate::http) async fn sign_out(state: Data<AppState>, visitor: Visitor) -> ConsoleResult {
    let (id, key) = (visitor.session.id, visitor.session.key_hash);
    state.console.sessions.close(id, &key).await?;
    Ok(HttpResponse::SeeOther()
        .insert_header(("Location", format!("{BASE}/sign-in")))
        .insert_header((SET_COOKIE, expired_cookie()))
        .finish())
}

fn failed(state: &AppState) -> MutexGuard<'_, FailedSignIns> {
    let failed = &state.console.failed_sign_ins;
    failed.lock().unwrap_or_else(PoisonError::into_inner)
}

fn show(state: &AppState, status: StatusCode, next: &str, error: Option<&str>) -> ConsoleResult {
    let mut response = page_with(status, &SignIn::new(&state.console.name, next, error))?;
    secure(response.headers_mut());
    Ok(response)
}

/// A page of this console to go to.
fn next(given: Option<&str>) -> &str {
    let is_page = |path: &&str| {
        let rest = path.strip_prefix(BASE);
        let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        is_below && path.bytes().all(|letter| letter.is_ascii_graphic())
    };
    given.filter(is_page).unwrap_or(BASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_only_to_pages_of_the_console() {
        assert_eq!(
            next(Some("/console/deliveries?status=dead")),
            "/console/deliveries?status=dead"
        );
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/consoles",
            "/v1/orders",
            "/console/\r\nx: y",
            "",
        ] {
            assert_eq!(next(Some(foreign)), "/console", "{foreign}");
        }
        assert_eq!(next(None), "/console");
    }
}
