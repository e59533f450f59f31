//! A partner's suspension, and its end: confirmed, with a reason.

use actix_web::web::{Data, Path};
use buywire_schemas::text::Slug;
use serde_json::json;

use super::refusal::Refusal;
use super::{crumbs, fill, partner_href, version};
use crate::console::frame::Section;
use crate::console::partners::form::{ConfirmPage, Field};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::partners::{parse_slug, update};
use crate::partners::{PartnerDocument, PartnerError, PartnerRef};

/// `GET /console/partners/{slug}/suspension`
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    slug: Path<String>,
) -> ConsoleResult {
    let partner = state.partners.partner(&parse_slug(&slug)?).await?;
    let fields = vec![Field::reason(String::new())];
    page(&confirmation(&state, &visitor, &partner, fields, None))
}

/// `POST /console/partners/{slug}/suspend`
pub(in crate::http) async fn suspend(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    slug: Path<String>,
) -> ConsoleResult {
    set(&state, &visitor, &form, &parse_slug(&slug)?, true).await
}

/// `POST /console/partners/{slug}/activate`
pub(in crate::http) async fn activate(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    slug: Path<String>,
) -> ConsoleResult {
    set(&state, &visitor, &form, &parse_slug(&slug)?, false).await
}

async fn set(
    state: &AppState,
    visitor: &Visitor,
    form: &ConsoleForm,
    slug: &Slug,
    suspends: bool,
) -> ConsoleResult {
    let back = |done| Ok(see_other(&format!("{}?done={done}", partner_href(slug))));
    let partner = state.partners.partner(slug).await?;
    if partner.is_suspended() == suspends {
        return back("unchanged");
    }
    let mut fields = vec![Field::reason(String::new())];
    fill(&mut fields, form);
    let reason = form.text("reason");
    if reason.is_empty() {
        let error = Some("Give a reason.".to_owned());
        return page(&confirmation(state, visitor, &partner, fields, error));
    }
    let status = if suspends { "suspended" } else { "active" };
    let body = json!({"status": status, "reason": reason}).to_string();
    // Without a version, a form of an older page would be taken for one of today's.
    let version = Some(version(form).unwrap_or_default());
    let target = PartnerRef { slug, version };
    match update(state, &visitor.caller, target, body.as_bytes()).await {
        Ok(_) if suspends => back("suspended"),
        Ok(_) => back("activated"),
        Err(PartnerError::Stale) => back("stale"),
        Err(error) => {
            let error = Refusal::of(error)?.mark(&mut fields, "");
            page(&confirmation(state, visitor, &partner, fields, error))
        }
    }
}

fn confirmation(
    state: &AppState,
    visitor: &Visitor,
    partner: &PartnerDocument,
    fields: Vec<Field>,
    error: Option<String>,
) -> ConfirmPage {
    let href = partner_href(&partner.slug);
    let (verb, effects): (_, &[&str]) = match partner.is_suspended() {
        false => (
            "suspend",
            &[
                "Its API keys are refused, on this gateway at once and on others within 5 seconds.",
                "Nothing is sent to its endpoints. Deliveries wait and do not count towards their 30 days.",
                "Its feeds are not pulled. Its posts, shop and catalog are neither shown nor sold.",
                "Orders that are paid already are kept, and are delivered after the suspension.",
            ],
        ),
        true => (
            "activate",
            &[
                "Its API keys work again.",
                "Its waiting deliveries are sent, as if no time had passed.",
                "Its feeds are pulled, and its posts and shop are shown and sold again. What was withdrawn by hand stays so.",
            ],
        ),
    };
    ConfirmPage {
        frame: visitor.frame(state, Section::Partners),
        crumbs: crumbs(&partner.slug),
        title: match partner.is_suspended() {
            false => format!("Suspend {}?", partner.name),
            true => format!("End the suspension of {}?", partner.name),
        },
        effects: effects.iter().map(|text| (*text).to_owned()).collect(),
        error,
        fields,
        hidden: vec![("version", partner.version.to_string())],
        action: format!("{href}/{verb}"),
        button: match partner.is_suspended() {
            false => "Suspend the partner",
            true => "End the suspension",
        },
        is_danger: !partner.is_suspended(),
        back: href,
    }
}
