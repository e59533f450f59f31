//! The timeline: the live posts that one viewer may buy from, the newest first.
//!
//! Promises: an answer reads a bounded number of rows however narrow the rollouts are; a page may come
//! short of its limit and still have a cursor. What is not known of the viewer counts against it.

use buywire_schemas::ids::PostId;
use buywire_schemas::post::{Post, State};
use buywire_schemas::rollout::Viewer;
use time::OffsetDateTime;
use uuid::Uuid;

use super::service::Posts;
use crate::db::DatabaseError;

/// Rows of one read.
const SLICE: i64 = 500;
/// Reads of one answer: 2,000 rows take about ten milliseconds.
const READS_MAX: usize = 4;

/// A place between two posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineCursor {
    at: OffsetDateTime,
    id: PostId,
}

/// A part of the timeline.
#[derive(Debug)]
pub struct Timeline {
    /// What this viewer may buy from.
    pub posts: Vec<Post>,
    /// Where to read on; none at the end.
    pub next: Option<TimelineCursor>,
}

impl Posts {
    /// The part behind a place.
    ///
    /// # Errors
    /// The database.
    pub async fn timeline(
        &self,
        viewer: &Viewer<'_>,
        after: Option<TimelineCursor>,
        limit: usize,
    ) -> Result<Timeline, DatabaseError> {
        let mut cursor = after.unwrap_or_else(TimelineCursor::newest);
        let mut allowed = Vec::new();
        let mut next = None;
        for _ in 0..READS_MAX {
            let rows = self.store.timeline((cursor.at, cursor.id), SLICE).await?;
            let is_last = i64::try_from(rows.len()).is_ok_and(|rows| rows < SLICE);
            let mut full = false;
            for row in &rows {
                if allowed.len() == limit {
                    full = true;
                    break;
                }
                cursor = TimelineCursor {
                    at: row.shown_at,
                    id: row.id,
                };
                if row.rollout.allows(&row.id.to_string(), viewer) {
                    allowed.push(row.id);
                }
            }
            next = (full || !is_last).then_some(cursor);
            if full || is_last {
                break;
            }
        }
        let mut posts = self.store.posts_by_id(&allowed).await?;
        // Between the two reads one may have ended.
        posts.retain(|post| post.state == State::Live && post.allows(viewer));
        Ok(Timeline { posts, next })
    }
}

impl TimelineCursor {
    /// Before all posts.
    fn newest() -> Self {
        Self {
            // The last moment that the contract's times can name.
            at: time::macros::datetime!(9999-12-31 23:59:59 UTC),
            id: PostId::from_uuid(Uuid::max()),
        }
    }

    /// Reads a cursor.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('.')?;
        let micros: i64 = micros.parse().ok()?;
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()?;
        Some(Self {
            at,
            id: id.parse().ok()?,
        })
    }
}

impl std::fmt::Display for TimelineCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.unix_timestamp_nanos() / 1_000, self.id)
    }
}
