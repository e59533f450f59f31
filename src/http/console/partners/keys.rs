//! API keys of a partner, and of everybody: listed and issued.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::KeyId;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::refusal::Refusal;
use super::{crumbs, fill, partner_href, tabs};
use crate::ambient;
use crate::console::Moment;
use crate::console::format::{counted, grouped};
use crate::console::frame::Section;
use crate::console::lists::Pager;
use crate::console::partners::Link;
use crate::console::partners::form::{Field, RevealPage};
use crate::console::partners::keys::{KeyRow, KeysPage};
use crate::console::state::State;
use crate::http::AppState;
use crate::http::access::keys::issue_key;
use crate::http::console::answer::{ConsoleError, ConsoleResult, page, page_with, see_other};
use crate::http::console::links::{BASE, link};
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::once;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::partners::parse_slug;
use crate::http::problem::ApiError;
use crate::http::query::page::Page;
use crate::store::partners::api_keys::KeyEntry;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct KeysQuery {
    #[serde(default)]
    cursor: String,
    done: Option<String>,
}

const DONE: [(&str, &str, &str); 2] = [
    ("revoked", "ok", "The key is revoked."),
    ("sent", "warn", once::SENT),
];
const EXPIRIES: [(&str, &str); 6] = [
    ("", "Never"),
    ("1", "In a day"),
    ("7", "In 7 days"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("365", "In a year"),
];
const ROLES: [(&str, &str); 3] = [
    ("platform", "Platform: orders, posts, reading"),
    ("operator", "Operator: everything"),
    ("agent", "Agent: checkout sessions of its own"),
];

/// Whose keys a page is about.
#[derive(Debug, Clone)]
pub(super) struct KeyOwner(pub(super) Option<Slug>);

impl KeyOwner {
    pub(super) fn partner(path: &str) -> Result<Self, ApiError> {
        Ok(Self(Some(parse_slug(path)?)))
    }

    pub(super) fn href(&self) -> String {
        match &self.0 {
            Some(slug) => format!("{}/keys", partner_href(slug)),
            None => format!("{BASE}/keys"),
        }
    }

    pub(super) fn crumbs(&self) -> Vec<Link> {
        match &self.0 {
            Some(slug) => crumbs(slug),
            None => vec![Link::new("Partners", format!("{BASE}/partners"))],
        }
    }

    fn fields(&self, visitor: &Visitor) -> Vec<Field> {
        let mut fields = vec![Field {
            is_required: true,
            ..Field::line(
                "label",
                "Label",
                String::new(),
                "What uses it, such as warehouse. The audit log names it.",
            )
        }];
        if self.0.is_none() {
            let role = Field::choice(
                "role",
                "Role",
                "platform".to_owned(),
                "What it may do.",
                &ROLES,
            );
            fields.push(role);
        }
        let help = "A key that ends by itself is one less to forget.";
        fields.push(Field::choice(
            "expires",
            "Expires",
            String::new(),
            help,
            &EXPIRIES,
        ));
        if visitor.caller.is_operator() {
            let empty = String::new;
            fields.extend([
                Field::line(
                    "requests_per_second",
                    "Requests a second",
                    empty(),
                    "Empty: the gateway’s default.",
                ),
                Field::line(
                    "burst",
                    "Requests at once",
                    empty(),
                    "Empty: the gateway’s default.",
                ),
            ]);
        }
        fields
    }
}

/// `GET /console/keys`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<KeysQuery>,
) -> ConsoleResult {
    let owner = KeyOwner(None);
    let fields = owner.fields(&visitor);
    page(&listed(&state, &visitor, &owner, &query, fields).await?)
}

/// `GET /console/partners/{slug}/keys`
pub(in crate::http) async fn list_of_partner(
    state: Data<AppState>,
    visitor: Visitor,
    slug: Path<String>,
    query: Query<KeysQuery>,
) -> ConsoleResult {
    let owner = KeyOwner::partner(&slug)?;
    let fields = owner.fields(&visitor);
    page(&listed(&state, &visitor, &owner, &query, fields).await?)
}

async fn listed(
    state: &AppState,
    visitor: &Visitor,
    owner: &KeyOwner,
    query: &KeysQuery,
    fields: Vec<Field>,
) -> Result<KeysPage, ConsoleError> {
    let now = ambient::now();
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let requested = Page::<KeyId>::new(None, cursor, |text| text.parse().ok())?;
    let partners = &state.partners;
    let found = partners.keys(owner.0.as_ref(), requested.after, requested.fetch_limit());
    let found = requested.page_of(found.await?, |key| key.id.to_string());
    let count = i64::try_from(found.data.len()).unwrap_or(i64::MAX);
    let href = |cursor: &str| link(&owner.href(), [("cursor", cursor)].into_iter());
    let mut frame = visitor.frame(state, Section::Partners);
    frame.flash = flash(query.done.as_deref(), &DONE);
    Ok(KeysPage {
        frame,
        crumbs: owner.crumbs(),
        title: match &owner.0 {
            Some(slug) => format!("API keys of {slug}"),
            None => "All API keys".to_owned(),
        },
        tabs: match &owner.0 {
            Some(slug) => tabs(&visitor.caller, slug, "Keys"),
            None => Vec::new(),
        },
        has_owners: owner.0.is_none(),
        rows: found
            .data
            .into_iter()
            .map(|key| row(key, owner, visitor, now))
            .collect(),
        pager: Pager {
            text: format!("{} on this page", counted(count, "key", "keys")),
            first: (!query.cursor.is_empty()).then(|| href("")),
            next: found.next_cursor.map(|cursor| href(&cursor)),
        },
        error: None,
        fields,
        action: format!("{}/issue", owner.href()),
        once: once::mark(),
    })
}

fn row(key: KeyEntry, owner: &KeyOwner, visitor: &Visitor, now: OffsetDateTime) -> KeyRow {
    let has_expired = key.expires_at.is_some_and(|at| at <= now);
    let state = match key.revoked_at {
        Some(_) => State::idle("Revoked"),
        None if has_expired => State::idle("Expired"),
        None => State::ok("Works"),
    };
    let is_own = visitor.caller.actor().key == Some(key.id);
    let limit = |limit: Option<u32>| limit.map(|limit| grouped(limit.into()));
    KeyRow {
        id: key.id.to_string(),
        label: match is_own {
            true => format!("{} (yours)", key.label),
            false => key.label,
        },
        state,
        role: key.role,
        partner: key.partner,
        limits: match (
            limit(key.limits.requests_per_second),
            limit(key.limits.burst),
        ) {
            (None, None) => "default".to_owned(),
            (Some(rate), None) => format!("{rate}/s"),
            (None, Some(burst)) => format!("{burst} at once"),
            (Some(rate), Some(burst)) => format!("{rate}/s, {burst} at once"),
        },
        created_at: Moment::new(key.created_at, now),
        expires_at: Moment::optional(key.expires_at, now),
        last_used_at: Moment::optional(key.last_used_at, now),
        revoke: (key.revoked_at.is_none() && !has_expired)
            .then(|| format!("{}/{}/confirm", owner.href(), key.id)),
    }
}

/// `POST /console/keys/issue`
pub(in crate::http) async fn issue(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
) -> ConsoleResult {
    issue_for(&state, &visitor, &form, &KeyOwner(None)).await
}

/// `POST /console/partners/{slug}/keys/issue`
pub(in crate::http) async fn issue_for_partner(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    slug: Path<String>,
) -> ConsoleResult {
    issue_for(&state, &visitor, &form, &KeyOwner::partner(&slug)?).await
}

/// The only page with the key.
async fn issue_for(
    state: &AppState,
    visitor: &Visitor,
    form: &ConsoleForm,
    owner: &KeyOwner,
) -> ConsoleResult {
    let Some(slot) = once::claim(state, visitor, form).await? else {
        return Ok(see_other(&format!("{}?done=sent", owner.href())));
    };
    let mut fields = owner.fields(visitor);
    fill(&mut fields, form);
    let body = body(&fields, ambient::now());
    let issued = issue_key(state, &visitor.caller, owner.0.as_ref(), &body, &slot).await;
    once::end(&slot, issued.is_ok()).await?;
    match issued {
        Ok(issued) => page(&RevealPage {
            frame: visitor.frame(state, Section::Partners),
            crumbs: owner.crumbs(),
            title: format!("The key {}", issued.entry.label),
            name: "API key",
            secret: issued.key,
            notes: vec![
                "It works at once. Send it as Authorization: Bearer, or sign in with it here."
                    .to_owned(),
            ],
            previous_valid_until: None,
            next: Link::new("I have saved it", owner.href()),
        }),
        Err(error) => {
            let error = Refusal::of(error)?.mark(&mut fields, "");
            let query = KeysQuery::default();
            let mut shown = listed(state, visitor, owner, &query, fields).await?;
            shown.error = error;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

/// The fields as the room reads them. What is no number stays a text: the room says what is expected.
fn body(fields: &[Field], now: OffsetDateTime) -> Vec<u8> {
    let mut body = Map::new();
    for field in fields.iter().filter(|field| !field.value.is_empty()) {
        let text = field.value.as_str();
        let (name, value) = match field.name.as_str() {
            "expires" => {
                let days = text.parse().ok().filter(|days| (1..=3_660).contains(days));
                let at = days.map(|days| now + Duration::days(days));
                let at = at.and_then(|at| at.format(&Rfc3339).ok());
                ("expires_at", at.map_or_else(|| text.into(), Value::from))
            }
            name @ ("label" | "role") => (name, text.into()),
            name => (
                name,
                text.parse::<u32>()
                    .map_or_else(|_| text.into(), Value::from),
            ),
        };
        body.insert(name.to_owned(), value);
    }
    Value::Object(body).to_string().into_bytes()
}
