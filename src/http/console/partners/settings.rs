//! The adapter of a partner and its settings: a form made from the adapter's profile, with an example request before
//! anything is saved.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use buywire_adapters::contract::Adapter;
use buywire_adapters::dialects;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::setting_fields::{self, ADAPTER, adapter_field};
use super::{crumbs, fill, partner_href, version};
use crate::console::frame::Section;
use crate::console::partners::form::{DiffRow, Field, FormPage, FormPreview};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, page_with, see_other};
use crate::http::console::rendered;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::partners::{parse_slug, update};
use crate::http::problem::{ApiError, Kind};
use crate::partners::{PartnerDocument, PartnerError, PartnerRef};

/// The adapter whose settings a form holds: another may be chosen in it.
const FORM_ADAPTER: &str = "form_adapter";

/// What a form says.
struct SentSettings {
    adapter: &'static dyn Adapter,
    fields: Vec<Field>,
    /// None if a field cannot be read.
    settings: Option<Value>,
    /// Whether another adapter was just chosen, whose settings are to be filled in.
    is_switched: bool,
}

/// `GET /console/partners/{slug}/settings`
pub(in crate::http) async fn edit_form(
    state: Data<AppState>,
    visitor: Visitor,
    slug: Path<String>,
) -> ConsoleResult {
    let partner = state.partners.partner(&parse_slug(&slug)?).await?;
    let adapter = adapter(&partner.adapter)?;
    let mut fields = vec![adapter_field(adapter)];
    fields.extend(setting_fields::fields(adapter, &partner.settings));
    page(&edition(&state, &visitor, &partner, adapter, fields))
}

fn adapter(name: &str) -> Result<&'static dyn Adapter, ApiError> {
    dialects::by_name(name).ok_or_else(|| ApiError::new(Kind::NotFound))
}

fn edition(
    state: &AppState,
    visitor: &Visitor,
    partner: &PartnerDocument,
    adapter: &dyn Adapter,
    fields: Vec<Field>,
) -> FormPage {
    let href = partner_href(&partner.slug);
    FormPage {
        frame: visitor.frame(state, Section::Partners),
        crumbs: crumbs(&partner.slug),
        title: format!("Adapter of {}", partner.name),
        intro: "The adapter is the dialect in which the partner is sent what happens. You see an example request before \
                anything is saved."
            .to_owned(),
        error: None,
        fields,
        action: format!("{href}/settings/preview"),
        button: "Preview",
        hidden: vec![
            ("version", partner.version.to_string()),
            (FORM_ADAPTER, adapter.name().to_owned()),
        ],
        preview: None,
        back: href,
    }
}

fn read(form: &ConsoleForm, partner: &PartnerDocument) -> Result<SentSettings, ApiError> {
    let own = adapter(&partner.adapter)?;
    let adapter = adapter(form.text(ADAPTER))?;
    let settings = match adapter.name() == own.name() {
        true => partner.settings.clone(),
        false => setting_fields::without_dialect(&partner.settings, own),
    };
    let mut fields = setting_fields::fields(adapter, &settings);
    let is_switched = form.text(FORM_ADAPTER) != adapter.name();
    if !is_switched {
        fill(&mut fields, form);
    }
    let settings = setting_fields::apply(adapter, &settings, &mut fields);
    let has_settings = !adapter.profile().settings.is_empty();
    fields.insert(0, adapter_field(adapter));
    Ok(SentSettings {
        adapter,
        fields,
        settings,
        is_switched: is_switched && has_settings,
    })
}

/// `POST /console/partners/{slug}/settings/preview`
pub(in crate::http) async fn preview(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    slug: Path<String>,
) -> ConsoleResult {
    let slug = parse_slug(&slug)?;
    let partner = state.partners.partner(&slug).await?;
    if version(&form) != Some(partner.version) {
        return Ok(see_other(&format!("{}?done=stale", partner_href(&slug))));
    }
    let mut sent = read(&form, &partner)?;
    let settings = match sent.settings.take() {
        Some(settings) if !sent.is_switched => settings,
        unreadable => return again(&state, &visitor, &partner, sent, unreadable.is_some()),
    };
    let name = sent.adapter.name();
    let body = json!({"adapter": name, "settings": settings}).to_string();
    let partners = &state.partners;
    let rendered = partners.preview(&slug, body.as_bytes(), &state.public_url);
    let example = match rendered.await {
        Ok(example) => example,
        Err(error) => {
            let error = Refusal::of(error)?.mark(&mut sent.fields, "/settings");
            return refuse(&state, &visitor, &partner, sent, error);
        }
    };
    let mut rows = setting_fields::differences(&partner.settings, &settings);
    if name != partner.adapter {
        rows.insert(0, adapter_row(&partner.adapter, name));
    }
    let mut shown = edition(&state, &visitor, &partner, sent.adapter, sent.fields);
    shown.preview = Some(FormPreview {
        rows,
        effect: "Nothing is saved yet. Once saved, it counts from the next attempt on, also for what waits.",
        action: format!("{}/settings/save", partner_href(&slug)),
        request: Some(rendered::written(&example).0),
        notes: example.notes,
    });
    page(&shown)
}

fn adapter_row(before: &str, after: &str) -> DiffRow {
    DiffRow {
        name: "adapter".to_owned(),
        before: super::list::adapter_title(before),
        after: super::list::adapter_title(after),
    }
}

/// `POST /console/partners/{slug}/settings/save`
pub(in crate::http) async fn save(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    slug: Path<String>,
) -> ConsoleResult {
    let slug = parse_slug(&slug)?;
    let done = |done| Ok(see_other(&format!("{}?done={done}", partner_href(&slug))));
    let partner = state.partners.partner(&slug).await?;
    if version(&form) != Some(partner.version) {
        return done("stale");
    }
    let mut sent = read(&form, &partner)?;
    let Some(settings) = sent.settings.take() else {
        return again(&state, &visitor, &partner, sent, false);
    };
    let mut body = json!({"settings": settings});
    if let Some(body) = body.as_object_mut()
        && sent.adapter.name() != partner.adapter
    {
        body.insert("adapter".to_owned(), sent.adapter.name().into());
    }
    let target = PartnerRef {
        slug: &slug,
        version: Some(partner.version),
    };
    let body = body.to_string();
    match update(&state, &visitor.caller, target, body.as_bytes()).await {
        Ok(_) => done("saved"),
        Err(PartnerError::Stale) => done("stale"),
        Err(error) => {
            let error = Refusal::of(error)?.mark(&mut sent.fields, "/settings");
            refuse(&state, &visitor, &partner, sent, error)
        }
    }
}

/// The form again: to fill in the settings of another adapter, or to correct them.
fn again(
    state: &AppState,
    visitor: &Visitor,
    partner: &PartnerDocument,
    sent: SentSettings,
    is_readable: bool,
) -> ConsoleResult {
    match is_readable {
        true => page(&edition(state, visitor, partner, sent.adapter, sent.fields)),
        false => refuse(state, visitor, partner, sent, None),
    }
}

fn refuse(
    state: &AppState,
    visitor: &Visitor,
    partner: &PartnerDocument,
    sent: SentSettings,
    error: Option<String>,
) -> ConsoleResult {
    let mut shown = edition(state, visitor, partner, sent.adapter, sent.fields);
    shown.error = error;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}
