//! Reading: how far a lane's part of the table has been read, and what the next read should bring.
//!
//! Promises: no row stays behind the lane's position for longer than a sweep; a read that was overtaken by a
//! change of the lane brings nothing outdated into it. Must not read: it plans, the picker reads.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::{LANE_MAX, Lane, READ_START};
use crate::store::delivery::queue::{QueuePosition, QueuedDelivery, ReadRequest};

/// Rows and bytes of one lane in one read at most: another read costs little.
const READ_MAX: usize = 1_024;
const READ_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A full read makes the next one this many times as large.
const READ_GROWTH: usize = 8;
/// How far a rescan looks back: twice the time that an intake transaction may take.
const RESCAN_DEPTH: Duration = Duration::from_secs(10);
/// How often a lane is read from its beginning: this finds late commits, and rows behind a database clock that went
/// back.
const SWEEP_INTERVAL: Duration = Duration::from_secs(50);
/// A hinted row was stamped when its transaction began and committed a little later.
const HINT_OVERLAP: Duration = Duration::from_millis(500);

impl Lane {
    /// Let the next read look back for rows that committed behind the position. A full lane does so when it has room.
    pub(crate) fn rescan(&mut self) {
        self.rescan_by(RESCAN_DEPTH);
    }

    /// Something due since then has just committed, and only a read finds it.
    pub(crate) fn hint(&mut self, since: Option<OffsetDateTime>) {
        self.rescan_by(HINT_OVERLAP);
        let since = since.map(QueuePosition::just_before);
        self.rescan_from = earlier(
            self.rescan_from,
            since.filter(|since| *since < self.position),
        );
        self.has_more = true;
    }

    /// Once in [`SWEEP_INTERVAL`], look back to where this lane's part of the table begins. Lanes do so at different
    /// times.
    pub(crate) fn sweep(&mut self, now: Instant) {
        let spread = Duration::from_secs(self.generation % SWEEP_INTERVAL.as_secs());
        let swept_at = *self
            .swept_at
            .get_or_insert(now.checked_sub(spread).unwrap_or(now));
        if now.duration_since(swept_at) >= SWEEP_INTERVAL {
            self.swept_at = Some(now);
            self.rescan_from = Some(QueuePosition::BEGINNING);
        }
    }

    fn rescan_by(&mut self, by: Duration) {
        let to = self.position.earlier_by(by);
        self.rescan_from = earlier(self.rescan_from, Some(to));
    }

    /// The memory that this number of rows may take, by the largest of the rows read lately.
    pub(crate) fn expected_bytes(&self, rows: i64) -> usize {
        usize::try_from(rows).unwrap_or(0) * self.row_bytes
    }

    /// Learn the size of rows: at once when they grow, slowly when they shrink.
    pub(crate) fn observe_size(&mut self, delivery: &QueuedDelivery) {
        let shrunk = self.row_bytes - self.row_bytes / 64;
        self.row_bytes = delivery.approx_bytes().max(shrunk);
    }

    /// What a read that begins now should bring, with this many bytes left for it.
    pub(crate) fn plan_read(&mut self, bytes_left: usize) -> Option<ReadRequest> {
        if self.has_more && self.queued() == 0 && self.in_flight > 0 {
            self.capacity = (self.capacity * 2).min(LANE_MAX);
        }
        let fitting = bytes_left.min(READ_BYTES_MAX) / self.row_bytes.max(1);
        // The read may bring known rows again.
        let rows_max = (self.read_rows + self.tracked_ids.len()).min(READ_MAX);
        let limit = self.free_capacity().min(fitting).min(rows_max);
        if limit == 0 {
            return None;
        }
        self.rewound_to = None;
        self.is_outdated = false;
        // A read that failed leaves its own rescan to this one.
        self.rescanning_from = earlier(self.rescanning_from, self.rescan_from.take());
        Some(ReadRequest {
            endpoint: self.endpoint.id,
            after: self
                .rescanning_from
                .map_or(self.position, |to| to.min(self.position)),
            limit: limit as i64,
        })
    }

    /// The planned read has been added: its last position, and whether the table may hold more.
    pub(crate) fn on_read(&mut self, last: Option<QueuePosition>, is_full: bool) {
        if self.is_outdated {
            return;
        }
        self.rescanning_from = None;
        self.read_rows = match is_full {
            true => (self.read_rows * READ_GROWTH).min(READ_MAX),
            false => (self.read_rows / 2).max(READ_START),
        };
        let left = last.filter(|last| is_full && *last < self.position);
        self.rescan_from = earlier(self.rescan_from, left);
        self.position = self.position.max(last.unwrap_or(QueuePosition::BEGINNING));
        self.has_more = is_full || self.rescan_from.is_some();
        if let Some(position) = self.rewound_to.take() {
            self.rewind_to_position(position);
        }
    }

    /// Go back: what is due at this time is in the table and nowhere else.
    pub(crate) fn rewind_to(&mut self, due_at: OffsetDateTime) {
        self.rewind_to_position(QueuePosition::just_before(due_at));
    }

    pub(super) fn rewind_to_position(&mut self, position: QueuePosition) {
        self.position = self.position.min(position);
        self.rewound_to = earlier(self.rewound_to, Some(position));
        self.has_more = true;
    }
}

fn earlier(one: Option<QueuePosition>, other: Option<QueuePosition>) -> Option<QueuePosition> {
    one.into_iter().chain(other).min()
}
