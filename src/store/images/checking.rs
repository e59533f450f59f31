//! Image checks: which images are due, which hosts serve them, and what the checks found.

use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::row::{ImageHash, hash, status};
use crate::ambient;
use crate::db::DatabaseError;
use crate::store::Store;

/// The state of an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImageStatus {
    /// Not checked yet.
    #[default]
    Unchecked,
    /// It exists and can be shown.
    Good,
    /// A definite answer: there is no usable image.
    Bad,
    /// The last check had no definite answer.
    Unreachable,
}

/// The facts about an image file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageMetadata {
    /// Such as `jpeg`.
    pub kind: Option<String>,
    /// In pixels.
    pub width: Option<i32>,
    /// In pixels.
    pub height: Option<i32>,
    /// The size of the whole file.
    pub bytes: Option<i64>,
    /// The `ETag` of this version.
    pub etag: Option<String>,
}

/// The result of all checks of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageState {
    pub status: ImageStatus,
    /// A finding code, or why the check was inconclusive.
    pub reason: Option<String>,
    pub metadata: ImageMetadata,
    /// Definite bad answers in a row; two refuse the image.
    pub bad_times: i16,
    /// Inconclusive checks in a row.
    pub missed: i16,
}

/// An image to be checked.
#[derive(Debug, Clone)]
pub struct DueImage {
    /// The hash of its URL.
    pub hash: ImageHash,
    pub url: String,
    /// The result so far.
    pub state: ImageState,
    checked_at: Option<OffsetDateTime>,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageCheck {
    /// The new result.
    pub state: ImageState,
    /// When to check again.
    pub next_check_seconds: f64,
}

/// A claimed image host.
#[derive(Debug, Clone)]
pub struct ImageHost {
    pub name: String,
    /// Checks in a row that the host did not answer.
    pub failing: i16,
    lease: Uuid,
}

impl ImageStatus {
    /// All states, in the documented order.
    pub const ALL: [Self; 4] = [Self::Unchecked, Self::Good, Self::Bad, Self::Unreachable];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unreachable => "unreachable",
        }
    }

    /// Parses the name of a state.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl Store {
    /// Claims hosts that are due.
    pub async fn claim_image_hosts(
        &self,
        lease_seconds: f64,
        limit: i64,
    ) -> Result<Vec<ImageHost>, DatabaseError> {
        let lease = ambient::new_uuid();
        let sql = include_str!("../sql/images/claim_hosts.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&lease, &lease_seconds, &limit]).await?;
        let host = |row: &Row| {
            Ok(ImageHost {
                name: row.try_get("host")?,
                failing: row.try_get("failing")?,
                lease,
            })
        };
        rows.iter().map(host).collect()
    }

    /// Reads the due images of a host. Unused ones are deleted.
    pub async fn due_images(
        &self,
        host: &ImageHost,
        limit: i64,
    ) -> Result<Vec<DueImage>, DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("../sql/images/drop_unused.sql");
        conn.execute(sql, &[&host.name]).await?;
        let sql = include_str!("../sql/images/due.sql");
        let rows = conn.query(sql, &[&host.name, &limit]).await?;
        rows.iter().map(due_image).collect()
    }

    /// Records a check, unless another node has checked the image in the meantime.
    pub async fn record_image_check(
        &self,
        due: &DueImage,
        check: &ImageCheck,
    ) -> Result<(), DatabaseError> {
        let ImageCheck {
            state: existing, ..
        } = check;
        let metadata = &existing.metadata;
        let sql = include_str!("../sql/images/record.sql");
        let conn = self.general().await?;
        conn.execute(
            sql,
            &[
                &due.hash.as_slice(),
                &due.checked_at,
                &existing.status.as_str(),
                &existing.reason,
                &metadata.kind,
                &metadata.width,
                &metadata.height,
                &metadata.bytes,
                &metadata.etag,
                &existing.bad_times,
                &existing.missed,
                &check.next_check_seconds,
            ],
        )
        .await
        .map(drop)
    }

    /// Releases a host, which then rests for `backoff_seconds`. `failing`: checks in a row that it did not answer.
    pub async fn release_image_host(
        &self,
        host: &ImageHost,
        failing: i16,
        backoff_seconds: f64,
    ) -> Result<(), DatabaseError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let sql = include_str!("../sql/images/lock_host.sql");
        let own = tx.query_opt(sql, &[&host.name, &host.lease]).await?;
        if own.is_some() {
            let sql = include_str!("../sql/images/release_host.sql");
            tx.execute(sql, &[&host.name, &failing, &backoff_seconds])
                .await?;
            let sql = include_str!("../sql/images/drop_host.sql");
            tx.execute(sql, &[&host.name]).await?;
        }
        tx.commit().await
    }
}

fn due_image(row: &Row) -> Result<DueImage, DatabaseError> {
    Ok(DueImage {
        hash: hash(row)?,
        url: row.try_get("url")?,
        state: ImageState {
            status: status(row)?,
            reason: row.try_get("reason")?,
            metadata: ImageMetadata {
                kind: row.try_get("kind")?,
                width: row.try_get("width")?,
                height: row.try_get("height")?,
                bytes: row.try_get("bytes")?,
                etag: row.try_get("etag")?,
            },
            bad_times: row.try_get("bad_count")?,
            missed: row.try_get("inconclusive_count")?,
        },
        checked_at: row.try_get("checked_at")?,
    })
}
