//! Whether a viewer can buy from a post now: its state, its sale window, its rollout.
//!
//! Promises: the one answer for pages, quotes, payments and agents; a post whose time has come or gone goes by the
//! time, also before its stored state has followed. Must not know the product: the catalog says what is in stock.

use time::OffsetDateTime;

use super::rollout::{Rollout, Viewer};
use super::{Post, State};
use crate::ids::{PostId, ProductId};

/// What of a post decides who can buy from it, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct PostSale {
    /// The post, which is the group of its rollout.
    pub id: PostId,
    /// The product that it sells.
    pub product: ProductId,
    /// Its stored state.
    pub state: State,
    /// When its sale starts; at once without a time.
    pub starts_at: Option<OffsetDateTime>,
    /// When its sale ends.
    pub ends_at: Option<OffsetDateTime>,
    /// Who may buy.
    pub rollout: Rollout,
}

impl PostSale {
    /// Whether the post sells now or later.
    #[must_use]
    pub fn is_current(&self, now: OffsetDateTime) -> bool {
        matches!(self.state, State::Scheduled | State::Live | State::SoldOut)
            && self.ends_at.is_none_or(|ends_at| now < ends_at)
    }

    /// Whether the post sells now.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.is_current(now) && self.starts_at.is_none_or(|starts_at| starts_at <= now)
    }

    /// Whether this viewer can buy from it now.
    #[must_use]
    pub fn may_buy(&self, viewer: &Viewer<'_>, now: OffsetDateTime) -> bool {
        self.is_open(now) && self.rollout.allows(&self.id.to_string(), viewer)
    }
}

impl Post {
    /// What of it decides who can buy.
    #[must_use]
    pub fn sale(&self) -> PostSale {
        PostSale {
            id: self.id,
            product: self.product.id,
            state: self.state,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            rollout: self.rollout.clone(),
        }
    }
}

/// Whether this viewer can buy a product that these posts sell: from one of them. A product without a current post is
/// sold as the catalog says.
#[must_use]
pub fn may_buy_from_any(posts: &[&PostSale], viewer: &Viewer<'_>, now: OffsetDateTime) -> bool {
    let mut current = posts.iter().filter(|post| post.is_current(now)).peekable();
    current.peek().is_none() || current.any(|post| post.may_buy(viewer, now))
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-20 10:00 UTC);

    fn sale(state: State) -> PostSale {
        PostSale {
            id: PostId::generate(),
            product: ProductId::generate(),
            state,
            starts_at: None,
            ends_at: None,
            rollout: Rollout::default(),
        }
    }

    fn between(state: State, starts: i64, ends: i64) -> PostSale {
        PostSale {
            starts_at: Some(NOW + Duration::seconds(starts)),
            ends_at: Some(NOW + Duration::seconds(ends)),
            ..sale(state)
        }
    }

    fn nobody(state: State) -> PostSale {
        PostSale {
            rollout: Rollout {
                percent: 0.0,
                ..Rollout::default()
            },
            ..sale(state)
        }
    }

    #[test]
    fn a_post_sells_within_its_window_whatever_was_stored_last() {
        for (post, is_current, is_open) in [
            (sale(State::Live), true, true),
            (sale(State::SoldOut), true, true),
            (sale(State::Draft), false, false),
            (sale(State::Withdrawn), false, false),
            (between(State::Scheduled, 1, 2), true, false),
            (between(State::Scheduled, 0, 1), true, true),
            (between(State::Live, -1, 1), true, true),
            (between(State::Live, -1, 0), false, false),
            (between(State::Ended, -2, -1), false, false),
        ] {
            assert_eq!(
                (post.is_current(NOW), post.is_open(NOW)),
                (is_current, is_open),
                "{post:?}"
            );
            assert_eq!(post.may_buy(&Viewer::default(), NOW), is_open);
        }
        assert!(!nobody(State::Live).may_buy(&Viewer::default(), NOW));
    }

    #[test]
    fn one_open_post_is_enough_and_none_leaves_it_to_the_catalog() {
        let may_buy = |posts: &[&PostSale]| may_buy_from_any(posts, &Viewer::default(), NOW);
        let (open, closed) = (sale(State::Live), nobody(State::Live));
        let upcoming = between(State::Scheduled, 1, 2);
        let over = between(State::Live, -2, -1);
        assert!(may_buy(&[]));
        assert!(may_buy(&[&closed, &open]));
        assert!(may_buy(&[&over, &sale(State::Withdrawn)]));
        assert!(!may_buy(&[&closed, &over]));
        assert!(!may_buy(&[&upcoming]));
    }
}
