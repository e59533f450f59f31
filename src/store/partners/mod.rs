//! Partners as their administration reads and writes them.

pub(crate) mod api_keys;
pub(crate) mod decision_hooks;
pub(crate) mod endpoint_keys;
pub(crate) mod endpoints;
pub(crate) mod selling;
pub(crate) mod shops;
pub(crate) mod signing_keys;

use std::collections::HashMap;

use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;
use deadpool_postgres::GenericClient;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::Store;
use crate::db::{DatabaseError, Db, Tx};

/// A partner's row.
#[derive(Debug, Clone)]
pub struct Partner {
    /// The internal id, which is never shown.
    pub id: PartnerId,
    pub slug: Slug,
    /// The name shown to people.
    pub name: String,
    pub adapter: String,
    /// The settings of the dialect, an object.
    pub settings: Value,
    /// The secrets among the settings, sealed.
    pub sealed_settings: Option<Vec<u8>>,
    /// Whether the partner always receives the buyer's e-mail and phone.
    pub contact_allowed: bool,
    /// The settings of its callback endpoint, sealed.
    pub callback: Option<Vec<u8>>,
    /// Nothing of it is sold, sent, pulled or answered.
    pub is_suspended: bool,
    /// Grows with every change.
    pub version: i64,
    pub created_at: OffsetDateTime,
}

impl Store {
    /// Reads the partner with this slug.
    pub async fn partner(&self, slug: &str) -> Result<Option<Partner>, DatabaseError> {
        let sql = include_str!("../sql/partners/find.sql");
        find(&self.general().await?, sql, slug).await
    }

    /// Lists at most `limit` partners whose slugs come after `after`.
    pub async fn partners(
        &self,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Partner>, DatabaseError> {
        let sql = include_str!("../sql/partners/list.sql");
        let rows = self.general().await?.query(sql, &[&after, &limit]).await?;
        rows.iter().map(partner).collect()
    }
}

/// What a list shows of a partner beside its row.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartnerSummary {
    /// Enabled endpoints that accept what is sent.
    pub working: i64,
    /// Enabled endpoints whose attempts fail.
    pub failing: i64,
    pub disabled: i64,
    pub has_open_shop: bool,
}

impl Store {
    /// Summarises these partners, by slug.
    pub(crate) async fn partner_summaries(
        &self,
        slugs: &[&str],
    ) -> Result<HashMap<String, PartnerSummary>, DatabaseError> {
        let sql = include_str!("../sql/partners/summaries.sql");
        let rows = self.general().await?.query(sql, &[&slugs]).await?;
        let summaries = rows.iter().map(|row| {
            let summary = PartnerSummary {
                working: row.try_get("working")?,
                failing: row.try_get("failing")?,
                disabled: row.try_get("disabled")?,
                has_open_shop: row.try_get("has_open_shop")?,
            };
            Ok((row.try_get("slug")?, summary))
        });
        summaries.collect()
    }
}

/// Adds a partner. Returns the time of creation, or `None` if the slug is taken.
pub(crate) async fn add(
    tx: &Tx<'_>,
    partner: &Partner,
) -> Result<Option<OffsetDateTime>, DatabaseError> {
    let row = tx
        .query_opt(
            include_str!("../sql/partners/add.sql"),
            &[
                &partner.id.uuid(),
                &partner.slug.as_str(),
                &partner.name,
                &partner.adapter,
                &partner.settings,
                &partner.sealed_settings,
            ],
        )
        .await?;
    Ok(row.map(|row| row.try_get("created_at")).transpose()?)
}

/// Locks the partner with this slug until the commit.
pub(crate) async fn lock(tx: &Tx<'_>, slug: &str) -> Result<Option<Partner>, DatabaseError> {
    find(tx, include_str!("../sql/partners/lock.sql"), slug).await
}

pub(crate) async fn save(tx: &Tx<'_>, partner: &Partner) -> Result<(), DatabaseError> {
    tx.execute(
        include_str!("../sql/partners/save.sql"),
        &[
            &partner.id.uuid(),
            &partner.name,
            &partner.adapter,
            &partner.settings,
            &partner.contact_allowed,
            &partner.callback,
            &partner.sealed_settings,
            &partner.is_suspended,
        ],
    )
    .await
    .map(drop)
}

/// Lets the deliveries of a partner that was suspended go on as if no time had passed.
pub(crate) async fn resume_deliveries(
    tx: &Tx<'_>,
    partner: PartnerId,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/endpoints/resume.sql");
    tx.execute(sql, &[&partner.uuid()]).await?;
    let sql = include_str!("../sql/deliveries/resume.sql");
    tx.execute(sql, &[&partner.uuid()]).await.map(drop)
}

async fn find(
    db: &Db<impl GenericClient>,
    sql: &str,
    slug: &str,
) -> Result<Option<Partner>, DatabaseError> {
    let row = db.query_opt(sql, &[&slug]).await?;
    row.as_ref().map(partner).transpose()
}

fn partner(row: &Row) -> Result<Partner, DatabaseError> {
    let slug = row.try_get("slug")?;
    Ok(Partner {
        id: PartnerId::from_uuid(row.try_get("id")?),
        slug: Slug::parse(slug)
            .map_err(|_| DatabaseError::Misuse("partners.slug cannot be parsed".into()))?,
        name: row.try_get("name")?,
        adapter: row.try_get("adapter")?,
        settings: row.try_get("settings")?,
        sealed_settings: row.try_get("sealed_settings")?,
        contact_allowed: row.try_get("contact_allowed")?,
        callback: row.try_get("callback")?,
        is_suspended: row
            .try_get::<_, Option<OffsetDateTime>>("suspended_at")?
            .is_some(),
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
    })
}
