//! The session of one run, with temporary tables in which everything is prepared.
//!
//! Promises: nothing here changes a live row. All transactions but the last are short, so that nothing else in the
//! database waits for a feed.

use std::collections::BTreeMap;

use buywire_schemas::ids::PartnerId;
use bytes::Bytes;
use tokio::sync::mpsc::Receiver;

use super::copy::{EncodedRows, HEADER, TRAILER};
use super::spill::SpillFile;
use crate::db::{Conn, DatabaseError};
use crate::store::Store;

/// Batches per COPY, about 8 MiB. A COPY holds a snapshot, and old snapshots delay vacuuming.
const BATCHES_MAX: usize = 64;
/// Hashes per statement.
const SLICE: usize = 50_000;
/// The length of a raw hash.
const HASH_BYTES: usize = 16;

/// The session of one run.
pub struct Staging {
    pub(super) conn: Conn,
    pub(super) partner: PartnerId,
    pub(super) spill: Option<SpillFile>,
}

/// Records that share an id.
#[derive(Debug, Clone, Default)]
pub struct Duplicates {
    /// The number of records.
    pub total: u64,
    /// How many of these were recognised by their raw bytes.
    pub recognised: u64,
    /// The first ones, by line.
    pub first: Vec<Duplicate>,
}

/// A record that shares its id.
#[derive(Debug, Clone)]
pub struct Duplicate {
    pub item_id: String,
    /// The line, or 0 if only the hash is known.
    pub line: u64,
    /// The raw hash, if the record was recognised.
    pub raw_hash: Option<u128>,
}

/// The counts of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "as in a report's counts, and the flags of the plan"
)]
pub struct PlanCounts {
    pub read: u64,
    pub invalid: u64,
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
    pub repriced: u64,
    pub jumped: u64,
    pub stopped: u64,
    pub moved: u64,
    pub renamed: u64,
    pub gained: u64,
    pub lost: u64,
}

impl Store {
    /// Opens an empty session.
    pub async fn staging(&self, partner: PartnerId) -> Result<Staging, DatabaseError> {
        let conn = self.feeds().await?;
        conn.execute(include_str!("../sql/catalog/drop_session_tables.sql"), &[])
            .await?;
        conn.query_one(include_str!("../sql/catalog/configure_session.sql"), &[])
            .await?;
        conn.execute(include_str!("../sql/catalog/create_staged.sql"), &[])
            .await?;
        conn.execute(include_str!("../sql/catalog/create_contents.sql"), &[])
            .await?;
        conn.execute(include_str!("../sql/catalog/create_absent.sql"), &[])
            .await?;
        conn.execute(include_str!("../sql/catalog/create_conflicts.sql"), &[])
            .await?;
        conn.execute(include_str!("../sql/catalog/create_plan.sql"), &[])
            .await?;
        Ok(Staging {
            conn,
            partner,
            spill: None,
        })
    }

    /// Reads the canonical JSON of live items by id.
    pub async fn live_items(
        &self,
        partner: PartnerId,
        ids: &[String],
    ) -> Result<BTreeMap<String, String>, DatabaseError> {
        let sql = include_str!("../sql/catalog/live_items.sql");
        let rows = self
            .general()
            .await?
            .query(sql, &[&partner.uuid(), &ids])
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("item_id")?, row.try_get("item")?)))
            .collect()
    }
}

impl Staging {
    /// The partner whose feed is prepared.
    #[must_use]
    pub fn partner(&self) -> PartnerId {
        self.partner
    }

    /// Reads the raw hashes of the partner's live rows, unordered. Items of one record repeat its hash.
    pub async fn live_hashes(&self) -> Result<Vec<u128>, DatabaseError> {
        let sql = include_str!("../sql/catalog/live_hashes.sql");
        let row = self.conn.query_one(sql, &[&self.partner.uuid()]).await?;
        let bytes: &[u8] = row.try_get("hashes")?;
        let (hashes, _) = bytes.as_chunks::<HASH_BYTES>();
        Ok(hashes
            .iter()
            .map(|hash| u128::from_be_bytes(*hash))
            .collect())
    }

    /// Copies batches until the sender is gone.
    pub async fn copy(&mut self, batches: &mut Receiver<EncodedRows>) -> Result<(), DatabaseError> {
        while let Some(first) = batches.recv().await {
            let tx = self.conn.begin().await?;
            let mut sink = tx
                .copy_in(include_str!("../sql/catalog/copy_staged.sql"))
                .await?;
            sink.send(Bytes::from_static(HEADER)).await?;
            sink.send(first.into_bytes().into()).await?;
            for _ in 1..BATCHES_MAX {
                let Some(more) = batches.recv().await else {
                    break;
                };
                sink.send(more.into_bytes().into()).await?;
            }
            sink.send(Bytes::from_static(TRAILER)).await?;
            sink.finish().await?;
            tx.commit().await?;
        }
        self.conn
            .execute(include_str!("../sql/catalog/analyze_staged.sql"), &[])
            .await
            .map(drop)
    }

    /// Attaches the contents of the items that were read.
    pub fn set_spill(&mut self, spill: SpillFile) {
        self.spill = Some(spill);
    }

    /// Stores the raw hashes of live rows that the feed did not repeat.
    pub async fn add_absent_hashes(
        &self,
        hashes: impl Iterator<Item = u128>,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/add_absent.sql");
        let mut hashes = hashes.map(|hash| hash.to_be_bytes().to_vec());
        loop {
            let slice: Vec<_> = hashes.by_ref().take(SLICE).collect();
            if slice.is_empty() {
                break;
            }
            self.conn.execute(sql, &[&slice]).await?;
        }
        let analyze = include_str!("../sql/catalog/analyze_absent.sql");
        self.conn.execute(analyze, &[]).await.map(drop)
    }

    /// Finds records that share an id and excludes them. `repeats`: records that were recognised more than once, each
    /// time with its line. `recognised`: whether any record was recognised. `may_repeat`: whether two records that
    /// were read may share an id.
    pub async fn find_duplicates(
        &self,
        repeats: &[(u128, u64)],
        recognised: bool,
        may_repeat: bool,
    ) -> Result<Duplicates, DatabaseError> {
        let partner = self.partner.uuid();
        let mut may_repeat = may_repeat || !repeats.is_empty();
        for slice in repeats.chunks(SLICE) {
            let hashes: Vec<_> = slice
                .iter()
                .map(|(hash, _)| hash.to_be_bytes().to_vec())
                .collect();
            let lines: Vec<_> = slice
                .iter()
                .map(|(_, line)| i64::try_from(*line).unwrap_or(i64::MAX))
                .collect();
            let sql = include_str!("../sql/catalog/stage_repeats.sql");
            self.conn.execute(sql, &[&partner, &hashes, &lines]).await?;
        }
        if recognised {
            let sql = include_str!("../sql/catalog/stage_recognised_copies.sql");
            may_repeat |= self.conn.execute(sql, &[&partner]).await? > 0;
        }
        if !may_repeat {
            return Ok(Duplicates::default());
        }
        let rows = self
            .conn
            .query(include_str!("../sql/catalog/duplicates.sql"), &[])
            .await?;
        let mut found = Duplicates::default();
        for row in &rows {
            found.total = count(row.try_get("total")?);
            found.recognised = count(row.try_get("recognised")?);
            let hash: Option<&[u8]> = row.try_get("raw_hash")?;
            let hash = hash
                .and_then(|hash| hash.try_into().ok())
                .map(u128::from_be_bytes);
            found.first.push(Duplicate {
                item_id: row.try_get("item_id")?,
                line: count(row.try_get("line")?),
                raw_hash: hash,
            });
        }
        Ok(found)
    }

    /// Whether the partner has live products.
    pub async fn has_products(&self) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/catalog/has_products.sql");
        let row = self.conn.query_one(sql, &[&self.partner.uuid()]).await?;
        Ok(row.try_get("has")?)
    }

    /// Restores the session for the next run.
    pub async fn end(self) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/drop_session_tables.sql");
        self.conn.execute(sql, &[]).await.map(drop)
    }
}

/// Decodes record numbers from one value, 4 bytes each. Recognised records have none.
pub(super) fn numbers(value: &[u8]) -> Vec<u32> {
    let (numbers, _) = value.as_chunks();
    numbers
        .iter()
        .map(|number| u32::from_be_bytes(*number))
        .collect()
}

pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
