//! Replies of hooks, kept for five minutes under everything that they depend on.
//!
//! Promises: bounded; nothing is returned after its time. Failures are never kept.

use std::collections::{HashMap, VecDeque};

use buywire_checkout::digest::InputDigest;
use buywire_checkout::hook::HookReply;
use buywire_schemas::text::Slug;
use time::{Duration, OffsetDateTime};

/// How long a reply is kept: a checkout takes a minute or two and asks several times.
const KEPT: Duration = Duration::minutes(5);
/// Replies kept at a time. One has a few kilobytes at most, so that all fit into some megabytes.
const REPLIES_MAX: usize = 2_000;

/// The question that a reply answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct QuestionKey {
    pub(super) partner: Slug,
    /// When the hook was last changed: another hook may answer otherwise.
    pub(super) hook_version: OffsetDateTime,
    pub(super) digest: InputDigest,
}

#[derive(Default)]
pub(super) struct ReplyCache {
    replies: HashMap<QuestionKey, KeptReply>,
    /// The oldest first. All are kept equally long.
    order: VecDeque<(QuestionKey, u64, OffsetDateTime)>,
    /// The number of the last reply.
    last: u64,
}

struct KeptReply {
    reply: HookReply,
    /// Tells it from another reply to the same question.
    number: u64,
    at: OffsetDateTime,
}

impl ReplyCache {
    pub(super) fn get(&self, key: &QuestionKey, now: OffsetDateTime) -> Option<HookReply> {
        let kept = self.replies.get(key)?;
        is_current(kept.at, now).then(|| kept.reply.clone())
    }

    pub(super) fn insert(&mut self, key: QuestionKey, reply: HookReply, now: OffsetDateTime) {
        self.last = self.last.wrapping_add(1);
        let number = self.last;
        self.order.push_back((key.clone(), number, now));
        let kept = KeptReply {
            reply,
            number,
            at: now,
        };
        self.replies.insert(key, kept);
        self.evict(now);
    }

    /// Removes what is too old or too much.
    fn evict(&mut self, now: OffsetDateTime) {
        while let Some((oldest, number, at)) = self.order.front()
            && (self.order.len() > REPLIES_MAX || !is_current(*at, now))
        {
            let kept = self.replies.get(oldest);
            if kept.is_some_and(|kept| kept.number == *number) {
                self.replies.remove(oldest);
            }
            self.order.pop_front();
        }
    }
}

/// A clock that was set back makes no reply older than it is.
fn is_current(at: OffsetDateTime, now: OffsetDateTime) -> bool {
    (-KEPT..KEPT).contains(&(now - at))
}

#[cfg(test)]
mod tests {
    use buywire_checkout::hook::HookPrices;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-30 10:00 UTC);

    fn key(n: usize) -> QuestionKey {
        QuestionKey {
            partner: Slug::parse("acme").unwrap(),
            hook_version: NOW,
            digest: InputDigest::of(&n.to_be_bytes()),
        }
    }

    fn reply() -> HookReply {
        HookReply::Prices(HookPrices {
            options: Vec::new(),
            line_taxes: Vec::new(),
        })
    }

    #[test]
    fn a_reply_is_kept_for_five_minutes_under_its_own_question() {
        let mut cache = ReplyCache::default();
        cache.insert(key(1), reply(), NOW);
        let at = |cache: &ReplyCache, n, seconds| {
            cache
                .get(&key(n), NOW + Duration::seconds(seconds))
                .is_some()
        };
        assert!(at(&cache, 1, 299) && !at(&cache, 1, 300) && !at(&cache, 2, 0));
        let other_hook = QuestionKey {
            hook_version: NOW + Duration::SECOND,
            ..key(1)
        };
        assert!(cache.get(&other_hook, NOW).is_none());
        // Asked again, it is kept from then on.
        cache.insert(key(1), reply(), NOW + Duration::seconds(200));
        cache.insert(key(2), reply(), NOW + Duration::seconds(301));
        assert!(at(&cache, 1, 499) && at(&cache, 2, 301));
        cache.insert(key(3), reply(), NOW + Duration::hours(1));
        assert_eq!((cache.replies.len(), cache.order.len()), (1, 1));
    }

    #[test]
    fn the_oldest_replies_make_room() {
        let mut cache = ReplyCache::default();
        for n in 0..REPLIES_MAX + 10 {
            cache.insert(key(n), reply(), NOW);
        }
        assert_eq!(cache.replies.len(), REPLIES_MAX);
        assert!(cache.get(&key(9), NOW).is_none() && cache.get(&key(10), NOW).is_some());
        for _ in 0..REPLIES_MAX * 2 {
            cache.insert(key(0), reply(), NOW);
        }
        assert!(cache.order.len() <= REPLIES_MAX && cache.get(&key(0), NOW).is_some());
    }
}
