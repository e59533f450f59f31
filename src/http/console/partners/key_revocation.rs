//! Revoking an API key, after a confirmation.

use actix_web::web::{Data, Path};
use buywire_schemas::ids::KeyId;
use uuid::Uuid;

use super::keys::KeyOwner;
use crate::ambient;
use crate::console::Moment;
use crate::console::frame::Section;
use crate::console::partners::Link;
use crate::console::partners::form::ConfirmPage;
use crate::http::AppState;
use crate::http::access::keys::revoke_key;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::store::partners::api_keys::KeyEntry;

/// `GET /console/keys/{id}/confirm`
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    confirm_for(&state, &visitor, &KeyOwner(None), &id).await
}

/// `GET /console/partners/{slug}/keys/{id}/confirm`
pub(in crate::http) async fn confirm_of_partner(
    state: Data<AppState>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> ConsoleResult {
    confirm_for(&state, &visitor, &KeyOwner::partner(&path.0)?, &path.1).await
}

async fn confirm_for(
    state: &AppState,
    visitor: &Visitor,
    owner: &KeyOwner,
    id: &str,
) -> ConsoleResult {
    let key = find(state, owner, id).await?;
    let now = ambient::now();
    let last_used = match Moment::optional(key.last_used_at, now) {
        Some(at) => format!("It was last used {}.", at.relative),
        None => "It has never been used.".to_owned(),
    };
    let mut effects = vec![
        last_used,
        "Requests with it are refused with 401, on this gateway at once and on others within 5 seconds.".to_owned(),
        "Sessions that were opened with it end. A revoked key does not come back.".to_owned(),
    ];
    if visitor.caller.actor().key == Some(key.id) {
        effects.push(
            "It is the key that you are signed in with: you will have to sign in with another."
                .to_owned(),
        );
    }
    let mut links = owner.crumbs();
    links.push(Link::new("Keys", owner.href()));
    page(&ConfirmPage {
        frame: visitor.frame(state, Section::Partners),
        crumbs: links,
        title: format!("Revoke the key {}?", key.label),
        effects,
        error: None,
        fields: Vec::new(),
        hidden: Vec::new(),
        action: format!("{}/{}/revoke", owner.href(), key.id),
        button: "Revoke the key",
        is_danger: true,
        back: owner.href(),
    })
}

/// The key with this id: the first after the id before it.
async fn find(state: &AppState, owner: &KeyOwner, id: &str) -> Result<KeyEntry, ApiError> {
    let not_found = || ApiError::new(Kind::NotFound);
    let id: KeyId = id.parse().map_err(|_| not_found())?;
    let before = id.uuid().as_u128().saturating_sub(1);
    let after = Some(KeyId::from_uuid(Uuid::from_u128(before)));
    let keys = state.partners.keys(owner.0.as_ref(), after, 1).await?;
    keys.into_iter()
        .find(|key| key.id == id)
        .ok_or_else(not_found)
}

/// `POST /console/keys/{id}/revoke`
pub(in crate::http) async fn revoke(
    state: Data<AppState>,
    visitor: Visitor,
    _: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    revoke_for(&state, &visitor, &KeyOwner(None), &id).await
}

/// `POST /console/partners/{slug}/keys/{id}/revoke`
pub(in crate::http) async fn revoke_of_partner(
    state: Data<AppState>,
    visitor: Visitor,
    _: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    revoke_for(&state, &visitor, &KeyOwner::partner(&path.0)?, &path.1).await
}

async fn revoke_for(
    state: &AppState,
    visitor: &Visitor,
    owner: &KeyOwner,
    id: &str,
) -> ConsoleResult {
    let key = find(state, owner, id).await?;
    revoke_key(state, &visitor.caller, owner.0.as_ref(), key.id).await?;
    Ok(see_other(&format!("{}?done=revoked", owner.href())))
}
