//! The platform: a signed webhook to its own endpoints, and another after each change.

use time::OffsetDateTime;

use super::super::model::{Post, Publication, PublicationState};
use super::super::state::State;
use super::{Capabilities, PLATFORM, Publisher};
pub(super) struct Platform;

impl Publisher for Platform {
    fn name(&self) -> &'static str {
        PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            updates: true,
            url: false,
            by_hand: false,
        }
    }

    /// From the first time the post is live.
    fn publication(
        &self,
        post: &Post,
        before: Option<&Publication>,
        now: OffsetDateTime,
    ) -> Option<Publication> {
        let first = || {
            (post.state == State::Live).then(|| Publication {
                publisher: PLATFORM.to_owned(),
                state: PublicationState::Sent,
                url: None,
                at: now,
            })
        };
        before.cloned().or_else(first)
    }
}
