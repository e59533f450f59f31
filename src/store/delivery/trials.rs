//! Which host a trial goes to, and what is known of it.

use buywire_schemas::ids::EndpointId;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::partners::endpoints::host;

/// Where a trial goes.
#[derive(Debug)]
pub(crate) struct TrialTarget {
    /// The slug of the endpoint's partner.
    pub partner: String,
    pub host: String,
    /// The partner's endpoints at this host.
    pub endpoints: Vec<Uuid>,
}

/// The trials of the last minute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecentTrials {
    pub count: i64,
    /// Seconds until the first of them is a minute ago.
    pub next_in_s: Option<i64>,
}

/// Finds the target of an endpoint. `None`: there is no such endpoint.
pub(crate) async fn target(
    tx: &Tx<'_>,
    endpoint: EndpointId,
) -> Result<Option<TrialTarget>, DatabaseError> {
    let sql = include_str!("../sql/endpoints/trial_target.sql");
    let mut all = Vec::new();
    let mut target = None;
    for row in tx.query(sql, &[&endpoint.uuid()]).await? {
        let host = host(row.try_get("url")?).unwrap_or_default();
        if row.try_get("is_target")? {
            target = Some((row.try_get("slug")?, host.clone()));
        }
        all.push((row.try_get("id")?, host));
    }
    Ok(target.map(|(partner, host)| {
        let same = all.into_iter().filter(|(_, other)| *other == host);
        let endpoints = same.map(|(id, _)| id).collect();
        TrialTarget {
            partner,
            host,
            endpoints,
        }
    }))
}

/// Whether one of these endpoints has accepted something at its present URL.
pub(crate) async fn has_accepted(tx: &Tx<'_>, endpoints: &[Uuid]) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/endpoints/has_accepted.sql");
    Ok(tx.query_one(sql, &[&endpoints]).await?.try_get("any")?)
}

/// Counts the trials of a host that keys of this partner have begun; without a partner, keys of the platform.
pub(crate) async fn recent(
    tx: &Tx<'_>,
    partner: Option<&str>,
    host: &str,
) -> Result<RecentTrials, DatabaseError> {
    let sql = include_str!("../sql/audit/recent_trials.sql");
    let row = tx.query_one(sql, &[&partner, &host]).await?;
    Ok(RecentTrials {
        count: row.try_get("count")?,
        next_in_s: row.try_get("next_in_s")?,
    })
}
