//! Looks: which pictures are due, whom to ask for them, and what was told.

use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Hash, hash, status};
use crate::store::{Store, StoreError};

/// What is known of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
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
pub struct Facts {
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
pub struct Known {
    /// In one word.
    pub status: Status,
    /// A code of the vocabulary, or what stood in the way.
    pub why: Option<String>,
    /// The file.
    pub facts: Facts,
    /// Definite bad answers in a row; two refuse it.
    pub bad_times: i16,
    /// Looks in a row that told nothing.
    pub missed: i16,
}

/// A picture to be looked at.
#[derive(Debug, Clone)]
pub struct Due {
    /// What names it.
    pub hash: Hash,
    /// Where it lies.
    pub url: String,
    /// What is known.
    pub known: Known,
    checked_at: Option<OffsetDateTime>,
}

/// What a look has led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// What is known from now on.
    pub known: Known,
    /// When to look again.
    pub next_seconds: f64,
}

/// A host that may be asked.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Looks in a row at which it did not answer.
    pub failing: i16,
    lease: Uuid,
}

impl Status {
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
    pub async fn take_image_hosts(
        &self,
        lease_seconds: f64,
        most: i64,
    ) -> Result<Vec<Host>, StoreError> {
        let lease = Uuid::now_v7();
        let sql = include_str!("../sql/images/take_hosts.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&lease, &lease_seconds, &most]).await?;
        let host = |row: &Row| {
            Ok(Host {
                name: row.try_get("host")?,
                failing: row.try_get("failing")?,
                lease,
            })
        };
        rows.iter().map(host).collect()
    }

    /// Pictures of a host that are due; those that nobody uses any more go.
    pub async fn due_images(&self, host: &Host, most: i64) -> Result<Vec<Due>, StoreError> {
        let conn = self.general().await?;
        let sql = include_str!("../sql/images/drop_unused.sql");
        conn.execute(sql, &[&host.name]).await?;
        let sql = include_str!("../sql/images/due.sql");
        let rows = conn.query(sql, &[&host.name, &most]).await?;
        rows.iter().map(due).collect()
    }

    /// Writes down a look; nothing when somebody else has looked meanwhile.
    pub async fn record_image(&self, due: &Due, look: &Look) -> Result<(), StoreError> {
        let Look { known, .. } = look;
        let facts = &known.facts;
        let sql = include_str!("../sql/images/record.sql");
        let conn = self.general().await?;
        conn.execute(
            sql,
            &[
                &due.hash.as_slice(),
                &due.checked_at,
                &known.status.as_str(),
                &known.why,
                &facts.kind,
                &facts.width,
                &facts.height,
                &facts.bytes,
                &facts.etag,
                &known.bad_times,
                &known.missed,
                &look.next_seconds,
            ],
        )
        .await
        .map(drop)
    }

    /// Lets a host go. `failing`: looks in a row at which it did not answer; it is left alone for so long.
    pub async fn release_image_host(
        &self,
        host: &Host,
        failing: i16,
        rest_seconds: f64,
    ) -> Result<(), StoreError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let sql = include_str!("../sql/images/lock_host.sql");
        let own = tx.query_opt(sql, &[&host.name, &host.lease]).await?;
        if own.is_some() {
            let sql = include_str!("../sql/images/release_host.sql");
            tx.execute(sql, &[&host.name, &failing, &rest_seconds])
                .await?;
            let sql = include_str!("../sql/images/drop_host.sql");
            tx.execute(sql, &[&host.name]).await?;
        }
        tx.commit().await
    }
}

fn due(row: &Row) -> Result<Due, StoreError> {
    Ok(Due {
        hash: hash(row)?,
        url: row.try_get("url")?,
        known: Known {
            status: status(row)?,
            why: row.try_get("why")?,
            facts: Facts {
                kind: row.try_get("kind")?,
                width: row.try_get("width")?,
                height: row.try_get("height")?,
                bytes: row.try_get("bytes")?,
                etag: row.try_get("etag")?,
            },
            bad_times: row.try_get("bad_times")?,
            missed: row.try_get("missed")?,
        },
        checked_at: row.try_get("checked_at")?,
    })
}
