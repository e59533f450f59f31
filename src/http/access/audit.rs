//! Route for the audit log.

use actix_web::Responder;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::http::AppState;
use crate::http::problem::ApiError;
use crate::http::query::page::Page;
use crate::store::audit::AuditFilter;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAuditQuery {
    actor: Option<String>,
    action: Option<String>,
    subject: Option<String>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    since: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    until: Option<OffsetDateTime>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /v1/audit`: newest first. `actor` is the label of a key, or the key's id.
pub(crate) async fn list(
    state: Data<AppState>,
    query: Query<ListAuditQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<i64>::new(query.limit.as_deref(), query.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let query = query.into_inner();
    let key = query.actor.as_deref().and_then(|actor| actor.parse().ok());
    let filter = AuditFilter {
        actor: query.actor.filter(|_| key.is_none()),
        key,
        action: query.action,
        subject: query.subject,
        since: query.since,
        until: query.until,
        first: None,
    };
    let entries = state
        .store
        .audit_entries(&filter, page.after, page.fetch_limit())
        .await?;
    Ok(page.respond(entries, |entry| entry.id.to_string()))
}
