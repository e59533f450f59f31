//! The list of partners.

use actix_web::web::{Data, Query};
use buywire_adapters::dialects;
use buywire_schemas::text::Slug;
use serde::Deserialize;

use super::{partner_href, states};
use crate::console::format::counted;
use crate::console::frame::Section;
use crate::console::lists::Pager;
use crate::console::partners::list::{PartnerRow, PartnersPage};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::{BASE, link};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::Page;
use crate::partners::PartnerDocument;
use crate::store::partners::PartnerSummary;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct PartnersQuery {
    #[serde(default)]
    cursor: String,
}

/// `GET /console/partners`. A partner is led to its own page.
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<PartnersQuery>,
) -> ConsoleResult {
    if let Some((_, slug)) = visitor.caller.partner() {
        return Ok(see_other(&partner_href(slug)));
    }
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let requested = Page::<Slug>::new(None, cursor, |text| Slug::parse(text).ok());
    let requested = requested.map_err(|_| ApiError::new(Kind::NotFound))?;
    let found = state
        .partners
        .partners(requested.after.as_ref(), requested.fetch_limit())
        .await?;
    let found = requested.page_of(found, |partner| partner.slug.to_string());
    let slugs: Vec<_> = found.data.iter().map(|one| one.slug.as_str()).collect();
    let mut summaries = state.store.partner_summaries(&slugs).await?;
    let rows: Vec<_> = found
        .data
        .iter()
        .map(|one| row(one, summaries.remove(one.slug.as_str()).unwrap_or_default()))
        .collect();
    let href = |cursor: &str| {
        link(
            &format!("{BASE}/partners"),
            [("cursor", cursor)].into_iter(),
        )
    };
    page(&PartnersPage {
        frame: visitor.live_frame(&state, Section::Partners),
        pager: Pager {
            text: format!(
                "{} on this page",
                counted(
                    i64::try_from(rows.len()).unwrap_or(i64::MAX),
                    "partner",
                    "partners"
                )
            ),
            first: (!query.cursor.is_empty()).then(|| href("")),
            next: found.next_cursor.map(|cursor| href(&cursor)),
        },
        rows,
        all_keys: visitor.caller.is_operator().then(|| format!("{BASE}/keys")),
    })
}

fn row(partner: &PartnerDocument, summary: PartnerSummary) -> PartnerRow {
    let PartnerSummary {
        working,
        failing,
        disabled,
        has_open_shop,
    } = summary;
    let (state, _) = states::of_partner(partner.is_suspended(), working, failing, disabled);
    PartnerRow {
        slug: partner.slug.to_string(),
        name: partner.name.clone(),
        adapter: adapter_title(&partner.adapter),
        state,
        endpoints: states::by_state(working, failing, disabled),
        has_open_shop,
    }
}

/// The name of an adapter for people.
pub(super) fn adapter_title(name: &str) -> String {
    let adapter = dialects::by_name(name);
    adapter.map_or_else(|| name.to_owned(), |one| one.profile().title.clone())
}
