//! The audit log.

use actix_web::web::{Data, Query};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::ambient;
use crate::console::Moment;
use crate::console::frame::Section;
use crate::console::partners::audit::{AuditFields, AuditPage, AuditRow};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::{BASE, since};
use crate::http::console::lists::{ListUrl, matching};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;
use crate::http::query::page::Page;
use crate::store::audit::{AuditEntry, AuditFilter};
use crate::store::delivery::counting::MatchCount;

/// How many entries a page looks through: actors and actions have no index.
const LOOKED_AT: i64 = 20_000;

/// The query of the page. A form sends its empty fields too.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::http) struct AuditQuery {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    cursor: String,
}

/// `GET /console/audit`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<AuditQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let mut error = None;
    let (mut rows, mut next, mut count) = (Vec::new(), None, MatchCount::default());
    match since(&query.since, now) {
        Ok(since) => (rows, next, count) = query.find(&state, since).await?,
        Err(fault) => error = Some(fault.to_owned()),
    }
    let mut frame = visitor.frame(&state, Section::Audit);
    if query.cursor.is_empty() {
        frame.live = Some(visitor.url.clone());
    }
    page(&AuditPage {
        frame,
        fields: AuditFields {
            actor: query.actor.clone(),
            action: query.action.clone(),
            subject: query.subject.clone(),
            since: query.since.clone(),
        },
        error,
        is_filtered: query.pairs().iter().any(|(_, value)| !value.is_empty()),
        pager: query.url().pager_saying(
            matching(count, ("entry", "entries")),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows
            .into_iter()
            .map(|entry| query.row(entry, now))
            .collect(),
    })
}

impl AuditQuery {
    /// A page of entries, where the next one begins, and how many match.
    async fn find(
        &self,
        state: &AppState,
        since: Option<OffsetDateTime>,
    ) -> Result<(Vec<AuditEntry>, Option<String>, MatchCount), ApiError> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let cursor = given(&self.cursor);
        let requested = Page::<i64>::new(None, cursor.as_deref(), |text| text.parse().ok())?;
        let actor = given(&self.actor);
        let key = actor.as_deref().and_then(|actor| actor.parse().ok());
        let subject = given(&self.subject);
        let first = match subject {
            // Subjects have an index.
            Some(_) => None,
            None => {
                let before = match requested.after {
                    Some(before) => before,
                    None => state.store.newest_audit_entry().await?.saturating_add(1),
                };
                Some(before.saturating_sub(LOOKED_AT)).filter(|first| *first > 1)
            }
        };
        let filter = AuditFilter {
            actor: actor.filter(|_| key.is_none()),
            key,
            action: given(&self.action),
            subject,
            since,
            until: None,
            first,
        };
        let store = &state.store;
        let found = store.audit_entries(&filter, requested.after, requested.fetch_limit());
        let found = requested.page_of(found.await?, |entry| entry.id.to_string());
        let next = found
            .next_cursor
            .or_else(|| first.map(|first| first.to_string()));
        let count = store.count_audit_entries(&filter).await?;
        Ok((found.data, next, count))
    }

    fn pairs(&self) -> [(&'static str, &str); 4] {
        [
            ("actor", &self.actor),
            ("action", &self.action),
            ("subject", &self.subject),
            ("since", &self.since),
        ]
    }

    /// This list as a URL.
    fn url(&self) -> ListUrl<'_> {
        ListUrl::new(&format!("{BASE}/audit"), self.pairs().to_vec())
    }

    fn row(&self, entry: AuditEntry, now: OffsetDateTime) -> AuditRow {
        let key = entry.key.map(|key| key.to_string());
        let actor = key.as_deref().unwrap_or(&entry.actor);
        AuditRow {
            at: Moment::new(entry.at, now),
            role: match &entry.partner {
                Some(partner) => format!("Role {}, partner {partner}", entry.role),
                None => format!("Role {}", entry.role),
            },
            actor_href: self.url().with(&[("actor", actor)]),
            action_href: self.url().with(&[("action", &entry.action)]),
            subject_href: self.url().with(&[("subject", &entry.subject)]),
            reason: entry
                .details
                .get("reason")
                .and_then(Value::as_str)
                .map(str::to_owned),
            details: details(&entry.details),
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
        }
    }
}

/// The details without the reason, each as `name: value`.
fn details(details: &Value) -> Vec<String> {
    let members = details.as_object().into_iter().flatten();
    let shown = members.filter(|(name, _)| *name != "reason");
    shown
        .flat_map(|(name, value)| detail(name, value))
        .collect()
}

fn detail(name: &str, value: &Value) -> Vec<String> {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = match value {
        Value::Null => return Vec::new(),
        Value::Object(members) => {
            let inner = members.iter();
            return inner
                .flat_map(|(name, value)| detail(name, value))
                .collect();
        }
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => plain(other),
    };
    vec![format!("{}: {text}", name.replace('_', " "))]
}
