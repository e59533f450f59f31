//! A post as it is stored, returned and sent in events.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::card::PostCard;
use super::rollout::{Rollout, Viewer};
use super::state::{PostReason, State};
use crate::ids::{PostId, ProductId};

/// A post, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// The id.
    pub id: PostId,
    /// The short name in URLs.
    pub slug: String,
    /// The page where it is sold.
    pub url: String,
    /// How it stands.
    pub state: State,
    /// Why it is sold out or withdrawn.
    pub reason: Option<PostReason>,
    /// The text.
    pub text: String,
    /// What that weighs, of 280.
    pub weighted_length: usize,
    /// What is shown of the product.
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
    /// What its text is composed by; none: the text was given and is never touched.
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

/// Where a post has left to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// By which publisher.
    pub publisher: String,
    /// How far it is.
    pub state: PublicationState,
    /// Where to go on, or where it is to be seen.
    pub url: Option<String>,
    /// When this state began.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// How far a publication is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationState {
    /// Somebody has to open its address.
    Ready,
    /// It is on its way, and what changes follows.
    Sent,
}

/// As precise as the database keeps it, so that what is answered first is what is read later.
#[must_use]
pub fn truncate_to_micros(time: OffsetDateTime) -> OffsetDateTime {
    let micros = time.microsecond() * 1_000;
    time.replace_nanosecond(micros).unwrap_or(time)
}

impl Post {
    /// Whether it rests until somebody has looked at its text: publishing it says that somebody has.
    #[must_use]
    pub const fn needs_review(&self) -> bool {
        matches!(
            self.reason,
            Some(PostReason::ItemChangedIdentity | PostReason::TextPriceOutdated)
        )
    }

    /// The post, resting for this reason. A composed text is true by itself, and what is over or taken back stays that.
    #[must_use]
    pub fn withdrawn_for_review(&self, reason: PostReason) -> Self {
        let mut post = self.clone();
        let is_over = matches!(self.state, State::Ended | State::Withdrawn);
        if self.template.is_none() && !is_over {
            (post.state, post.reason) = (State::Withdrawn, Some(reason));
        }
        post
    }

    /// Whether this viewer may buy from it: the same answer on every page and list.
    #[must_use]
    pub fn allows(&self, viewer: &Viewer<'_>) -> bool {
        self.rollout.allows(&self.id.to_string(), viewer)
    }
}
