//! One partner.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::text::Slug;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::list::adapter_title;
use super::{STALE, may, partner_href, states, tabs};
use crate::ambient;
use crate::console::Moment;
use crate::console::format::counted;
use crate::console::frame::{Frame, Section};
use crate::console::partners::Link;
use crate::console::partners::show::{
    CallbackFacts, EndpointRow, KeyFacts, PartnerPage, PulledFacts, ShopFacts, SourceFacts,
    TermsRow,
};
use crate::console::state::State;
use crate::http::AppState;
use crate::http::access::auth::Access;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::BASE;
use crate::http::console::rendered::address;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::partners::parse_slug;
use crate::http::problem::ApiError;
use crate::partners::PartnerDocument;
use crate::store::catalog::sources::Source;
use crate::store::partners::endpoints::Endpoint;
use crate::store::partners::selling::SellingTermsRow;

/// More keys than a partner has at once. Revoked ones are kept, so there may be more.
const KEYS_COUNTED_MAX: i64 = 500;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct DoneQuery {
    pub(super) done: Option<String>,
}

const DONE: [(&str, &str, &str); 6] = [
    ("suspended", "ok", "The partner is suspended."),
    (
        "activated",
        "ok",
        "The partner is active again. Its deliveries go on as if no time had passed.",
    ),
    (
        "deleted",
        "ok",
        "The endpoint is deleted. Its waiting deliveries become dead within minutes.",
    ),
    (
        "saved",
        "ok",
        "The adapter’s settings are saved. They count from the next attempt on.",
    ),
    ("unchanged", "ok", "It is so already. Nothing was changed."),
    STALE,
];

/// `GET /console/partners/{slug}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    slug: Path<String>,
    query: Query<DoneQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let slug = parse_slug(&slug)?;
    // The path of unsigned callbacks holds a secret.
    let partner = state.partners.partner(&slug).await?.masked();
    let is_suspended = partner.is_suspended();
    let sees = |access| may(access, &visitor.caller, &slug);
    let (sees_endpoints, sees_all) = (sees(Access::OwnEndpoints), sees(Access::OwnPartner));
    let endpoints = match sees_endpoints {
        true => Some(state.store.endpoints(slug.as_str()).await?),
        false => None,
    };
    let summaries = state.store.partner_summaries(&[slug.as_str()]).await?;
    let summary = summaries.into_values().next().unwrap_or_default();
    let (own_state, sentence) = states::of_partner(
        is_suspended,
        summary.working,
        summary.failing,
        summary.disabled,
    );
    let mut frame = visitor.live_frame(&state, Section::Partners);
    frame.flash = flash(query.done.as_deref(), &DONE);
    let links = sees_all.then(|| links(&frame, &slug));
    page(&PartnerPage {
        frame,
        links: links.unwrap_or_default(),
        state: own_state,
        sentence,
        tabs: tabs(&visitor.caller, &slug, "Overview"),
        suspension: suspension(&visitor, &partner),
        endpoints: endpoints.map(|all| {
            let rows = all.iter().map(|one| row(one, is_suspended, now));
            rows.collect()
        }),
        keys: match sees_all {
            true => Some(keys(&state, &slug, now).await?),
            false => None,
        },
        shop: shop(&state, &slug, sees_all, summary.has_open_shop).await?,
        source: match sees_all {
            true => Some(source(state.store.source(slug.as_str()).await?, now)),
            false => None,
        },
        terms: match sees_all {
            true => terms(state.store.selling_terms(&[&slug]).await?),
            false => None,
        },
        slug: slug.to_string(),
        adapter: adapter_title(&partner.adapter),
        contact_allowed: partner.contact_allowed,
        callback: partner.callback.map(|callback| CallbackFacts {
            scheme: callback.scheme,
            path: callback.path,
        }),
        created_at: Moment::new(partner.created_at, now),
        name: partner.name,
    })
}

fn suspension(visitor: &Visitor, partner: &PartnerDocument) -> Option<Link> {
    if !visitor.caller.is_operator() || partner.slug.is_platform() {
        return None;
    }
    let href = format!("{}/suspension", partner_href(&partner.slug));
    Some(match partner.is_suspended() {
        true => Link::new("End the suspension…", href),
        false => Link::new("Suspend…", href),
    })
}

fn row(endpoint: &Endpoint, is_suspended: bool, now: OffsetDateTime) -> EndpointRow {
    let (state, sentence) = states::of_endpoint(endpoint, is_suspended, now);
    EndpointRow {
        id: endpoint.id.to_string(),
        url: address(&endpoint.url),
        state,
        sentence,
        events: endpoint.event_types.join(", "),
    }
}

async fn keys(state: &AppState, slug: &Slug, now: OffsetDateTime) -> Result<KeyFacts, ApiError> {
    let all = state.partners.keys(Some(slug), None, KEYS_COUNTED_MAX);
    let all = all.await?;
    let works = |expires_at: Option<OffsetDateTime>| expires_at.is_none_or(|at| at > now);
    let working: Vec<_> = all
        .iter()
        .filter(|key| key.revoked_at.is_none() && works(key.expires_at))
        .collect();
    let count = i64::try_from(working.len()).unwrap_or(i64::MAX);
    let last_used_at = working.iter().filter_map(|key| key.last_used_at).max();
    Ok(KeyFacts {
        text: match count {
            0 => "No key works".to_owned(),
            _ => counted(count, "key works", "keys work"),
        },
        last_used_at: Moment::optional(last_used_at, now),
    })
}

async fn shop(
    state: &AppState,
    slug: &Slug,
    sees_all: bool,
    is_open: bool,
) -> Result<ShopFacts, ApiError> {
    let items = match sees_all {
        true => {
            let settings = state.partners.shop(slug).await?;
            i64::try_from(settings.items.len()).unwrap_or(i64::MAX)
        }
        false => 0,
    };
    let listed = counted(items, "item is listed", "items are listed");
    Ok(ShopFacts {
        is_open,
        text: match (is_open, sees_all) {
            (true, true) => format!("Open: {listed}."),
            (true, false) => "Open.".to_owned(),
            (false, true) if items > 0 => format!("Closed: {listed}."),
            (false, _) => "Closed.".to_owned(),
        },
        href: format!("{}/shop/{slug}", state.public_url),
    })
}

fn source(source: Option<Source>, now: OffsetDateTime) -> SourceFacts {
    let Some(source) = source else {
        return SourceFacts { pulled: None };
    };
    let status = source
        .last
        .as_ref()
        .and_then(|(_, status, _)| status.as_deref());
    let state = match status {
        _ if source.pulling => State::waiting("Pulling"),
        _ if source.failures > 1 => State::bad("Failing"),
        _ if source.failures == 1 => State::warn("Failed"),
        None => State::idle("Not yet"),
        Some("held") => State::warn("Held for approval"),
        Some("failed" | "rejected") => State::bad("Failed"),
        Some(_) => State::ok("Pulled"),
    };
    let pulled = PulledFacts {
        url: address(&source.url),
        every: format!("every {} min", source.every_minutes),
        state,
        last_at: Moment::optional(source.last_at, now),
        next_at: Moment::new(source.next_at, now),
    };
    SourceFacts {
        pulled: Some(pulled),
    }
}

fn terms(rows: Vec<SellingTermsRow>) -> Option<Vec<TermsRow>> {
    let row = rows.into_iter().next()?;
    let policy = row.policy.as_deref();
    let policy = policy.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let sells_here = policy.as_ref().and_then(|policy| policy.get("sells_here"));
    let stated = |name, is_stated| TermsRow {
        name,
        text: if is_stated { "stated" } else { "not stated" }.to_owned(),
        is_stated,
    };
    let hook = row.hook.map(|hook| address(&hook.url));
    Some(vec![
        TermsRow {
            name: "Sells here",
            is_stated: sells_here.and_then(Value::as_bool) == Some(true),
            text: match sells_here.and_then(Value::as_bool) {
                Some(true) => "yes, by its policy".to_owned(),
                Some(false) => "only posts that say so".to_owned(),
                None => "no: it has no policy".to_owned(),
            },
        },
        stated("Shipping table", row.shipping.is_some()),
        stated("Tax table", row.taxes.is_some()),
        TermsRow {
            name: "Decision hook",
            is_stated: hook.is_some(),
            text: hook.unwrap_or_else(|| "none".to_owned()),
        },
    ])
}

/// Lists of other sections with what is this partner's.
fn links(frame: &Frame, slug: &Slug) -> Vec<Link> {
    let all = [
        ("Its deliveries", "deliveries", Section::Deliveries),
        ("Its catalog", "catalog", Section::Catalog),
        ("Its callbacks", "callbacks", Section::Callbacks),
    ];
    let present = all.iter().filter(|(_, _, section)| frame.has(*section));
    present
        .map(|(text, path, _)| Link::new(*text, format!("{BASE}/{path}?partner={slug}")))
        .collect()
}
