//! Pages of partners, their endpoints and keys, and of what was changed and reported.

mod attempt_hours;
pub(in crate::http) mod audit;
pub(in crate::http) mod callbacks;
pub(in crate::http) mod endpoint;
pub(in crate::http) mod endpoint_acts;
mod endpoint_fields;
pub(in crate::http) mod endpoint_forms;
pub(in crate::http) mod key_revocation;
pub(in crate::http) mod keys;
pub(in crate::http) mod list;
mod refusal;
mod setting_fields;
pub(in crate::http) mod settings;
pub(in crate::http) mod show;
mod states;
pub(in crate::http) mod suspension;

use actix_web::web::Path;
use buywire_schemas::ids::EndpointId;
use buywire_schemas::text::Slug;

use super::links::BASE;
use super::request::form::ConsoleForm;
use crate::console::partners::form::Field;
use crate::console::partners::{Link, PageTab};
use crate::http::access::auth::{Access, Caller, authorize};
use crate::http::partners::parse_slug;
use crate::http::problem::{ApiError, Kind};

/// What a stale page says.
const STALE: (&str, &str, &str) = (
    "stale",
    "warn",
    "Somebody has changed it meanwhile, so nothing was done. This is how it is now: decide again.",
);

fn endpoint_path(path: &Path<(String, String)>) -> Result<(Slug, EndpointId), ApiError> {
    let id = path.1.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    Ok((parse_slug(&path.0)?, id))
}

fn partner_href(slug: &Slug) -> String {
    format!("{BASE}/partners/{slug}")
}

fn endpoint_href(slug: &Slug, id: EndpointId) -> String {
    format!("{BASE}/partners/{slug}/endpoints/{id}")
}

fn crumbs(slug: &Slug) -> Vec<Link> {
    vec![
        Link::new("Partners", format!("{BASE}/partners")),
        Link::new(slug.as_str(), partner_href(slug)),
    ]
}

/// The version that a form was made from.
fn version(form: &ConsoleForm) -> Option<i64> {
    form.text("version").parse().ok()
}

/// Puts what was sent into the fields of a form.
fn fill(fields: &mut [Field], form: &ConsoleForm) {
    for field in fields {
        form.text(&field.name).clone_into(&mut field.value);
    }
}

fn may(access: Access, caller: &Caller, slug: &Slug) -> bool {
    authorize(access, caller, Some(slug.as_str())).is_ok()
}

/// The pages of a partner that the caller may see.
fn tabs(caller: &Caller, slug: &Slug, current: &'static str) -> Vec<PageTab> {
    let all = [
        ("Overview", "", Access::PlatformOrOwnPartner),
        ("Keys", "/keys", Access::OwnPartner),
        ("Adapter", "/settings", Access::Operator),
    ];
    let shown = all
        .iter()
        .filter(|(_, _, access)| may(*access, caller, slug));
    shown
        .map(|(text, path, _)| PageTab {
            text,
            href: format!("{}{path}", partner_href(slug)),
            is_current: *text == current,
        })
        .collect()
}
