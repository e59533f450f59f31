//! Looks: which pictures are due, whom to ask for them, and what was told.

use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::row::{ImageHash, hash, status};
use crate::db::DatabaseError;
use crate::store::Store;

/// What is known of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImageStatus {
    /// Nobody has looked.
    #[default]
    Unchecked,
    /// It is there and can be shown.
    Good,
    /// A definite answer: there is no usable picture.
    Bad,
    /// Nothing was told, the last time.
    Unreachable,
}

/// What is known of the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageMetadata {
    /// Such as `jpeg`.
    pub kind: Option<String>,
    /// Pixels.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    /// Of the whole file.
    pub bytes: Option<i64>,
    /// Its server's word for this version of it.
    pub etag: Option<String>,
}

/// All that is known of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageState {
    /// In one word.
    pub status: ImageStatus,
    /// A code of the vocabulary, or what stood in the way.
    pub reason: Option<String>,
    /// The file.
    pub metadata: ImageMetadata,
    /// Definite bad answers in a row; two refuse it.
    pub bad_times: i16,
    /// Looks in a row that told nothing.
    pub missed: i16,
}

/// A picture to be looked at.
#[derive(Debug, Clone)]
pub struct DueImage {
    /// What names it.
    pub hash: ImageHash,
    /// Where it lies.
    pub url: String,
    /// What is known.
    pub state: ImageState,
    checked_at: Option<OffsetDateTime>,
}

/// What a look has led to.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageCheck {
    /// What is known from now on.
    pub state: ImageState,
    /// When to look again.
    pub next_check_seconds: f64,
}

/// A host that may be asked.
#[derive(Debug, Clone)]
pub struct ImageHost {
    /// Its name.
    pub name: String,
    /// Looks in a row at which it did not answer.
    pub failing: i16,
    lease: Uuid,
}

impl ImageStatus {
    /// All, in the order in which they are documented.
    pub const ALL: [Self; 4] = [Self::Unchecked, Self::Good, Self::Bad, Self::Unreachable];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unreachable => "unreachable",
        }
    }

    /// From its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl Store {
    /// Takes hosts that are due, for so long at most.
    pub async fn claim_image_hosts(
        &self,
        lease_seconds: f64,
        limit: i64,
    ) -> Result<Vec<ImageHost>, DatabaseError> {
        let lease = Uuid::now_v7();
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

    /// Pictures of a host that are due; those that nobody uses any more go.
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

    /// Writes down a look; nothing when somebody else has looked meanwhile.
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

    /// Lets a host go. `failing`: looks in a row at which it did not answer; it is left alone for so long.
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
