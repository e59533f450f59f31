//! The timeline: the live posts that one viewer may buy from, the newest first.
//!
//! Promises: a page reads a bounded number of rows however narrow the rollouts are, so it may have fewer posts than
//! its limit and still a cursor. What is not sold in the viewer's country is left out. A rollout that depends on something unknown about the viewer excludes the viewer.

use buywire_schemas::ids::PostId;
use buywire_schemas::post::{Post, State};
use buywire_schemas::rollout::Viewer;
use time::OffsetDateTime;
use uuid::Uuid;

use super::service::Posts;
use crate::ambient;
use crate::db::DatabaseError;

/// Rows per read.
const SLICE: i64 = 500;
/// Reads per page: 2,000 rows take about ten milliseconds.
const READS_MAX: usize = 4;

/// A position between two posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineCursor {
    at: OffsetDateTime,
    id: PostId,
}

/// A page of the timeline.
#[derive(Debug)]
pub struct Timeline {
    pub posts: Vec<Post>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<TimelineCursor>,
}

impl Posts {
    /// Returns the page after a cursor.
    ///
    /// # Errors
    /// When the database fails.
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
        // A post may have ended between the two reads, or a while before its stored state follows.
        let now = ambient::now();
        posts.retain(|post| post.state == State::Live && post.sale().may_buy(viewer, now));
        if let Some(country) = viewer.country {
            self.retain_sold_in(country, &mut posts).await?;
        }
        Ok(Timeline { posts, next })
    }

    /// Leaves out what its merchant does not sell in a country.
    async fn retain_sold_in(
        &self,
        country: &str,
        posts: &mut Vec<Post>,
    ) -> Result<(), DatabaseError> {
        let ids: Vec<_> = posts.iter().map(|post| post.id).collect();
        let countries = self.store.countries_of_sale(&ids).await?;
        posts.retain(|post| {
            let countries = countries.get(&post.id);
            countries.is_some_and(|countries| countries.includes(country))
        });
        Ok(())
    }
}

impl TimelineCursor {
    /// The position before the newest post.
    fn newest() -> Self {
        Self {
            // The latest time that the contract allows.
            at: time::macros::datetime!(9999-12-31 23:59:59 UTC),
            id: PostId::from_uuid(Uuid::max()),
        }
    }

    /// Parses a cursor.
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
