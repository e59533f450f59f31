//! The session of a request: by its cookie, and never by anything else.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::COOKIE;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use url::form_urlencoded;

use super::form::ConsoleForm;
use super::visitor::{PageAccess, Visitor, menu};
use crate::http::AppState;
use crate::http::access::auth::{Access, authorize};
use crate::http::console::answer::{ConsoleError, secure};
use crate::http::console::links::BASE;
use crate::http::problem::{ApiError, Kind};
use crate::http::query;
use crate::sessions::SessionToken;

/// Sent back only to this host, over TLS or to this machine, and never shown to a script.
const COOKIE_NAME: &str = "__Host-buywire";

/// Middleware of a page: authorises the session, and reads its form.
pub(in crate::http) async fn require_session<B: MessageBody>(
    access: Access,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    query::refuse_nul(request.query_string()).map_err(ConsoleError::from)?;
    if request.path().contains("%00") {
        return Err(ConsoleError::from(ApiError::new(Kind::NotFound)).into());
    }
    let visitor = visitor(&request).await?;
    if *request.method() == Method::POST {
        let payload = request.extract::<web::Payload>().await?;
        let form = ConsoleForm::of_session(request.headers(), payload, &visitor.form_token).await?;
        request.extensions_mut().insert(form);
    }
    authorize(access, &visitor.caller, request.match_info().get("slug"))
        .map_err(ConsoleError::from)?;
    request.extensions_mut().insert(visitor.caller.clone());
    request.extensions_mut().insert(visitor);
    let mut response = next.call(request).await?;
    secure(response.headers_mut());
    Ok(response)
}

async fn visitor(request: &ServiceRequest) -> Result<Visitor, ConsoleError> {
    let state = request
        .app_data::<web::Data<AppState>>()
        .ok_or_else(|| ApiError::new(Kind::Internal))?;
    let none = || ConsoleError::SignIn(sign_in_url(request));
    let token = token(request).ok_or_else(none)?;
    let session = state
        .console
        .sessions
        .find(&token)
        .await?
        .ok_or_else(none)?;
    let caller = state.authenticator.caller(&session.key_hash).await?;
    let caller = caller.ok_or_else(none)?;
    let url = request.uri().path_and_query();
    let pages = request
        .app_data::<web::Data<PageAccess>>()
        .ok_or_else(|| ApiError::new(Kind::Internal))?;
    Ok(Visitor {
        menu: menu(pages, &caller),
        pages: pages.clone(),
        caller,
        session,
        form_token: token.form_token(),
        url: url.map_or_else(|| BASE.to_owned(), ToString::to_string),
    })
}

/// The token in the cookie of a request.
pub(in crate::http::console) fn token(request: &ServiceRequest) -> Option<SessionToken> {
    let cookies = request.headers().get_all(COOKIE);
    let pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .and_then(|(_, value)| SessionToken::parse(value))
}

/// The cookie of a new session.
pub(in crate::http::console) fn cookie(token: &SessionToken) -> String {
    format!(
        "{COOKIE_NAME}={}; Path=/; HttpOnly; Secure; SameSite=Lax",
        token.reveal()
    )
}

/// Takes the cookie back.
pub(in crate::http::console) fn expired_cookie() -> String {
    format!("{COOKIE_NAME}=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0")
}

/// The sign-in page, which leads back to the page that was opened.
fn sign_in_url(request: &ServiceRequest) -> String {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let url = request.uri().path_and_query().map(ToString::to_string);
    match url.filter(|url| is_read && url != BASE) {
        None => format!("{BASE}/sign-in"),
        Some(url) => {
            let next: String = form_urlencoded::byte_serialize(url.as_bytes()).collect();
            format!("{BASE}/sign-in?next={next}")
        }
    }
}
