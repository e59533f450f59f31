//! What can be done with an endpoint: enable, pause, delete, rotate the secret. All but the first are confirmed.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::EndpointId;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::text::Slug;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{crumbs, endpoint_href, endpoint_path, fill, partner_href, version};
use crate::ambient;
use crate::console::Moment;
use crate::console::format::{counted, grouped};
use crate::console::frame::Section;
use crate::console::partners::Link;
use crate::console::partners::form::{ConfirmPage, Field, RevealPage};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleError, ConsoleResult, page, see_other};
use crate::http::console::rendered::address;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::once;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::partners::{EndpointRef, PartnerError};
use crate::store::partners::endpoints::COUNT_MAX;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ConfirmQuery {
    /// `disable`, `delete` or `rotate`.
    act: Option<String>,
}

/// What is confirmed before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Disable,
    Delete,
    Rotate,
}

/// `GET /console/partners/{slug}/endpoints/{id}/confirm?act=`
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    path: Path<(String, String)>,
    query: Query<ConfirmQuery>,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(&path)?;
    let act = match query.act.as_deref() {
        Some("disable") => Act::Disable,
        Some("delete") => Act::Delete,
        Some("rotate") => Act::Rotate,
        _ => return Err(ApiError::new(Kind::NotFound).into()),
    };
    let confirmation = confirmation(&state, &visitor, &slug, id, act).await?;
    page(&confirmation)
}

/// What a confirmation says of an act.
struct ActWords {
    title: String,
    verb: &'static str,
    button: &'static str,
    effects: Vec<String>,
}

async fn confirmation(
    state: &AppState,
    visitor: &Visitor,
    slug: &Slug,
    id: EndpointId,
    act: Act,
) -> Result<ConfirmPage, ConsoleError> {
    let endpoint = state.partners.endpoint(slug, id).await?.endpoint;
    let backlog = state.store.endpoint_backlog(id).await?;
    let (url, href) = (address(&endpoint.url), endpoint_href(slug, id));
    let words = act.words(&url, waiting(backlog.waiting));
    let mut hidden = vec![("version", endpoint.version.to_string())];
    if act == Act::Rotate {
        hidden.push((once::FIELD, once::mark()));
    }
    Ok(ConfirmPage {
        frame: visitor.frame(state, Section::Partners),
        crumbs: endpoint_crumbs(slug, id, &url),
        title: words.title,
        effects: words.effects,
        error: None,
        fields: act.fields(),
        hidden,
        action: format!("{href}/{}", words.verb),
        button: words.button,
        is_danger: act != Act::Rotate,
        back: href,
    })
}

fn waiting(count: i64) -> String {
    match count {
        0 => "Nothing waits for it now.".to_owned(),
        COUNT_MAX.. => format!("{} or more deliveries wait for it now.", grouped(COUNT_MAX)),
        count => format!(
            "{} for it now.",
            counted(count, "delivery waits", "deliveries wait")
        ),
    }
}

impl Act {
    fn words(self, url: &str, waiting: String) -> ActWords {
        let (title, verb, button, effects): (_, _, _, [&str; 2]) = match self {
            Self::Disable => (
                format!("Pause {url}?"),
                "disable",
                "Pause the endpoint",
                [
                    "Nothing is sent to it until somebody enables it. New deliveries wait as well.",
                    "What has waited for 30 days becomes dead. It can be replayed later.",
                ],
            ),
            Self::Delete => (
                format!("Delete {url}?"),
                "delete",
                "Delete the endpoint",
                [
                    "All that waits for it becomes dead, and what is dead cannot be sent to it again.",
                    "Its secrets are erased. This cannot be undone: pause it instead to stop for a while.",
                ],
            ),
            Self::Rotate => (
                format!("Rotate the secret of {url}?"),
                "rotate",
                "Make a new secret",
                [
                    "A new secret is made and shown once. Deliveries are signed with it at once.",
                    "Until the overlap ends, the previous secret signs as well, so that the receiver can change over.",
                ],
            ),
        };
        let mut effects: Vec<_> = effects.map(str::to_owned).into();
        if self != Self::Rotate {
            effects.insert(0, waiting);
        }
        ActWords {
            title,
            verb,
            button,
            effects,
        }
    }

    fn fields(self) -> Vec<Field> {
        match self {
            Self::Disable => vec![Field::reason(String::new())],
            Self::Delete => Vec::new(),
            Self::Rotate => vec![Field::line(
                "overlap_hours",
                "Overlap in hours",
                "24".to_owned(),
                "From 0 to 168. With 0 the previous secret ends at once: use it when it has leaked.",
            )],
        }
    }
}

pub(super) fn endpoint_crumbs(slug: &Slug, id: EndpointId, url: &str) -> Vec<Link> {
    let mut links = crumbs(slug);
    links.push(Link::new(url, endpoint_href(slug, id)));
    links
}

/// The endpoint that a form was made for. Without a version, it counts as a form of an older page.
pub(super) fn target<'a>(slug: &'a Slug, id: EndpointId, form: &ConsoleForm) -> EndpointRef<'a> {
    EndpointRef {
        version: Some(version(form).unwrap_or_default()),
        ..EndpointRef::new(slug, id)
    }
}

pub(super) fn back(slug: &Slug, id: EndpointId, done: &str) -> HttpResponse {
    see_other(&format!("{}?done={done}", endpoint_href(slug, id)))
}

/// `POST /console/partners/{slug}/endpoints/{id}/enable`
pub(in crate::http) async fn enable(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(&path)?;
    let target = target(&slug, id, &form);
    let principal = visitor.caller.principal();
    match state.partners.enable_endpoint(principal, target).await {
        Ok(_) => Ok(back(&slug, id, "enabled")),
        Err(PartnerError::Stale) => Ok(back(&slug, id, "stale")),
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/partners/{slug}/endpoints/{id}/disable`
pub(in crate::http) async fn disable(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(&path)?;
    let (target, principal) = (target(&slug, id, &form), visitor.caller.principal());
    let reason = form.text("reason");
    let result = match reason.is_empty() {
        true => Err(missing_reason()),
        false => {
            let body = json!({"reason": reason}).to_string();
            let partners = &state.partners;
            let disabled = partners.disable_endpoint(principal, target, body.as_bytes());
            disabled.await.map(drop)
        }
    };
    match result {
        Ok(()) => Ok(back(&slug, id, "disabled")),
        Err(PartnerError::Stale) => Ok(back(&slug, id, "stale")),
        Err(error) => refuse(&state, &visitor, &form, (&slug, id), Act::Disable, error).await,
    }
}

fn missing_reason() -> PartnerError {
    let violation = Violation::new("missing", "must be given, for the audit log");
    BodyError::single("/reason", violation).into()
}

/// The confirmation again, with what is wrong.
async fn refuse(
    state: &AppState,
    visitor: &Visitor,
    form: &ConsoleForm,
    (slug, id): (&Slug, EndpointId),
    act: Act,
    error: PartnerError,
) -> ConsoleResult {
    let refusal = Refusal::of(error)?;
    let mut confirmation = confirmation(state, visitor, slug, id, act).await?;
    fill(&mut confirmation.fields, form);
    confirmation.error = refusal.mark(&mut confirmation.fields, "");
    page(&confirmation)
}

/// `POST /console/partners/{slug}/endpoints/{id}/delete`
pub(in crate::http) async fn delete(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(&path)?;
    let (target, principal) = (target(&slug, id, &form), visitor.caller.principal());
    match state.partners.delete_endpoint(principal, target).await {
        Ok(()) => Ok(see_other(&format!("{}?done=deleted", partner_href(&slug)))),
        Err(PartnerError::Stale) => Ok(back(&slug, id, "stale")),
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/partners/{slug}/endpoints/{id}/rotate`: the only page with the new secret.
pub(in crate::http) async fn rotate(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(&path)?;
    let url = address(&state.partners.endpoint(&slug, id).await?.endpoint.url);
    let Some(slot) = once::claim(&state, &visitor, &form).await? else {
        return Ok(back(&slug, id, "sent"));
    };
    let hours = form.text("overlap_hours");
    let hours = hours
        .parse::<i64>()
        .map_or_else(|_| json!(hours), Value::from);
    let body = json!({"overlap_hours": hours}).to_string();
    let (target, principal) = (target(&slug, id, &form), visitor.caller.principal());
    let partners = &state.partners;
    let rotated = partners.rotate_secret(principal, target, body.as_bytes(), &slot);
    let rotated = rotated.await;
    once::end(&slot, rotated.is_ok()).await?;
    match rotated {
        Ok(rotated) => page(&RevealPage {
            frame: visitor.frame(&state, Section::Partners),
            crumbs: endpoint_crumbs(&slug, id, &url),
            title: "The new secret".to_owned(),
            name: "Secret",
            secret: rotated.secret,
            notes: Vec::new(),
            previous_valid_until: Moment::optional(rotated.previous_valid_until, ambient::now()),
            next: Link::new("I have saved it", endpoint_href(&slug, id)),
        }),
        Err(PartnerError::Stale) => Ok(back(&slug, id, "stale")),
        Err(error) => refuse(&state, &visitor, &form, (&slug, id), Act::Rotate, error).await,
    }
}
