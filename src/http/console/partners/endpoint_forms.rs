//! Creating an endpoint, and changing one: what would change is shown before it is saved.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use buywire_schemas::ids::EndpointId;
use buywire_schemas::text::Slug;

use super::endpoint_acts::{endpoint_crumbs, target};
use super::refusal::Refusal;
use super::{crumbs, endpoint_fields, endpoint_href, endpoint_path, fill, partner_href};
use crate::console::frame::Section;
use crate::console::partners::Link;
use crate::console::partners::form::{Field, FormPage, FormPreview, RevealPage};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, page_with, see_other};
use crate::http::console::rendered::address;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::once;
use crate::http::console::request::visitor::Visitor;
use crate::http::partners::parse_slug;
use crate::partners::PartnerError;
use crate::store::partners::endpoints::Endpoint;

/// `GET /console/partners/{slug}/endpoints/new`
pub(in crate::http) async fn create_form(
    state: Data<AppState>,
    visitor: Visitor,
    slug: Path<String>,
) -> ConsoleResult {
    let slug = parse_slug(&slug)?;
    state.partners.partner(&slug).await?;
    let fields = endpoint_fields::fields(None);
    page(&creation(&state, &visitor, &slug, fields, None))
}

fn creation(
    state: &AppState,
    visitor: &Visitor,
    slug: &Slug,
    fields: Vec<Field>,
    error: Option<String>,
) -> FormPage {
    let href = partner_href(slug);
    FormPage {
        frame: visitor.frame(state, Section::Partners),
        crumbs: crumbs(slug),
        title: format!("New endpoint of {slug}"),
        intro: "It receives what happens from now on. Its secret is made and shown once, on the next page.".to_owned(),
        error,
        fields,
        action: format!("{href}/endpoints/create"),
        button: "Create the endpoint",
        hidden: vec![(once::FIELD, once::mark())],
        preview: None,
        back: href,
    }
}

/// `POST /console/partners/{slug}/endpoints/create`: the only page with its secret.
pub(in crate::http) async fn create(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    slug: Path<String>,
) -> ConsoleResult {
    let slug = parse_slug(&slug)?;
    state.partners.partner(&slug).await?;
    let before = endpoint_fields::fields(None);
    let mut fields = before.clone();
    fill(&mut fields, &form);
    let refused = |fields, error| {
        let creation = creation(&state, &visitor, &slug, fields, error);
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &creation)
    };
    let Some(slot) = once::claim(&state, &visitor, &form).await? else {
        return refused(fields, Some(once::SENT.to_owned()));
    };
    let body = endpoint_fields::body(&before, &fields);
    let principal = visitor.caller.principal();
    let created = state
        .partners
        .create_endpoint(principal, &slug, &body, &slot);
    let created = created.await;
    once::end(&slot, created.is_ok()).await?;
    let created = match created {
        Ok(created) => created,
        Err(error) => {
            let error = Refusal::of(error)?.mark(&mut fields, "");
            return refused(fields, error);
        }
    };
    let endpoint = &created.document.endpoint;
    page(&RevealPage {
        frame: visitor.frame(&state, Section::Partners),
        crumbs: crumbs(&slug),
        title: format!("The secret of {}", address(&endpoint.url)),
        name: "Secret",
        secret: created.secret,
        notes: vec![
            "The receiver verifies signatures with it. Then send a test event from the endpoint’s page.".to_owned(),
        ],
        previous_valid_until: None,
        next: Link::new("I have saved it", endpoint_href(&slug, endpoint.id)),
    })
}

/// `GET /console/partners/{slug}/endpoints/{id}/edit`
pub(in crate::http) async fn edit_form(
    state: Data<AppState>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(&path)?;
    let endpoint = state.partners.endpoint(&slug, id).await?.endpoint;
    let fields = endpoint_fields::fields(Some(&endpoint));
    page(&edition(&state, &visitor, (&slug, id), &endpoint, fields))
}

fn edition(
    state: &AppState,
    visitor: &Visitor,
    (slug, id): (&Slug, EndpointId),
    endpoint: &Endpoint,
    fields: Vec<Field>,
) -> FormPage {
    let (href, url) = (endpoint_href(slug, id), address(&endpoint.url));
    FormPage {
        frame: visitor.frame(state, Section::Partners),
        crumbs: endpoint_crumbs(slug, id, &url),
        title: format!("Edit {url}"),
        intro: "You see what would change before anything is saved.".to_owned(),
        error: None,
        fields,
        action: format!("{href}/preview"),
        button: "Preview",
        hidden: vec![("version", endpoint.version.to_string())],
        preview: None,
        back: href,
    }
}

/// `POST /console/partners/{slug}/endpoints/{id}/preview`
pub(in crate::http) async fn preview(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    submit(&state, &visitor, &form, &path, false).await
}

/// `POST /console/partners/{slug}/endpoints/{id}/save`
pub(in crate::http) async fn save(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    path: Path<(String, String)>,
) -> ConsoleResult {
    submit(&state, &visitor, &form, &path, true).await
}

async fn submit(
    state: &AppState,
    visitor: &Visitor,
    form: &ConsoleForm,
    path: &Path<(String, String)>,
    saves: bool,
) -> ConsoleResult {
    let (slug, id) = endpoint_path(path)?;
    let endpoint = state.partners.endpoint(&slug, id).await?.endpoint;
    let before = endpoint_fields::fields(Some(&endpoint));
    let mut fields = before.clone();
    fill(&mut fields, form);
    let body = endpoint_fields::body(&before, &fields);
    let (target, principal) = (target(&slug, id, form), visitor.caller.principal());
    let done = |done| {
        Ok(see_other(&format!(
            "{}?done={done}",
            endpoint_href(&slug, id)
        )))
    };
    let partners = &state.partners;
    let result = match saves {
        true => partners
            .update_endpoint(principal, target, &body)
            .await
            .map(|_| None),
        false => partners
            .preview_endpoint(principal, target, &body)
            .await
            .map(Some),
    };
    match result {
        Ok(None) => done("saved"),
        Err(PartnerError::Stale) => done("stale"),
        Ok(Some(change)) => {
            let mut shown = edition(state, visitor, (&slug, id), &endpoint, fields);
            shown.preview = Some(FormPreview {
                rows: endpoint_fields::differences(&change),
                effect: "Nothing is saved yet. Once saved, it counts from the next attempt on.",
                action: format!("{}/save", endpoint_href(&slug, id)),
                request: None,
                notes: Vec::new(),
            });
            page(&shown)
        }
        Err(error) => {
            let error = Refusal::of(error)?.mark(&mut fields, "");
            let mut shown = edition(state, visitor, (&slug, id), &endpoint, fields);
            shown.error = error;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}
