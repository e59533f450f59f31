//! A post as it is stored, returned and sent in events.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::card::PostCard;
use super::rollout::Rollout;
use super::state::{PostReason, State};
use crate::ids::{PostId, ProductId};

/// A post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// The id.
    pub id: PostId,
    /// The short name in URLs.
    pub slug: String,
    /// The page where it is sold.
    pub url: String,
    /// The state.
    pub state: State,
    /// Why it is sold out or withdrawn.
    pub reason: Option<PostReason>,
    /// The text.
    pub text: String,
    /// The text's weighted length, at most 280.
    pub weighted_length: usize,
    /// The card shown with the post.
    pub card: PostCard,
    /// The product that the post sells.
    pub product: ProductRef,
    /// When the sale starts.
    #[serde(with = "time::serde::rfc3339::option")]
    pub starts_at: Option<OffsetDateTime>,
    /// When the sale ends, exclusive.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ends_at: Option<OffsetDateTime>,
    /// Who may buy.
    pub rollout: Rollout,
    /// The publishers to use.
    pub publish: Vec<String>,
    /// The publications so far.
    pub publications: Vec<Publication>,
    /// Increases with every visible change.
    pub version: i64,
    /// When the post was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the post was last published.
    #[serde(with = "time::serde::rfc3339::option")]
    pub published_at: Option<OffsetDateTime>,
    /// When the post last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Whether it is sold here rather than at the merchant's. `None`: as the partner's policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sells_here: Option<bool>,
    /// The template of the text. `None`: the text is custom and never changed.
    #[serde(skip)]
    pub template: Option<String>,
}

/// What a post sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductRef {
    /// Buywire's product id.
    pub id: ProductId,
    /// The partner's slug.
    pub partner: String,
    /// The partner's item id.
    pub item_id: String,
}

/// A publication of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// The publisher.
    pub publisher: String,
    /// The publication's state.
    pub state: PublicationState,
    /// The URL to open, or where the publication is shown.
    pub url: Option<String>,
    /// When this state began.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// The state of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationState {
    /// A person must open its URL.
    Ready,
    /// It was handed over, and updates follow.
    Sent,
}

/// Truncated to the database's precision, so that the first response equals later reads.
#[must_use]
pub fn truncate_to_micros(time: OffsetDateTime) -> OffsetDateTime {
    let micros = time.microsecond() * 1_000;
    time.replace_nanosecond(micros).unwrap_or(time)
}

impl Post {
    /// Whether the post is paused until a person has reviewed its text. Publishing it confirms the review.
    #[must_use]
    pub const fn needs_review(&self) -> bool {
        matches!(
            self.reason,
            Some(PostReason::ItemChangedIdentity | PostReason::TextPriceOutdated)
        )
    }

    /// The post, withdrawn for this reason if its text is custom. An ended or withdrawn post is unchanged.
    #[must_use]
    pub fn withdrawn_for_review(&self, reason: PostReason) -> Self {
        let mut post = self.clone();
        let is_over = matches!(self.state, State::Ended | State::Withdrawn);
        if self.template.is_none() && !is_over {
            (post.state, post.reason) = (State::Withdrawn, Some(reason));
        }
        post
    }
}
