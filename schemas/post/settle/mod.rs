//! Decides a post's state: one pure function of the request, the catalog and the time.
//!
//! Promises: a post is live only if its product can be bought and its sale has started; what a person
//! decided (draft, withdrawn) only a person changes, except that a post is withdrawn if its product is gone or not
//! public, or if its custom text mentions an outdated price;
//! time never runs backwards for a post. Must not read or write anything.

use time::OffsetDateTime;

use super::card::PostCard;
use super::model::{Post, truncate_to_micros};
use super::product::SoldProduct;
use super::state::{PostReason, State};
use super::{price_mentions, publishers};
use crate::catalog::{Item, NotBuyable, Price};
use crate::event::EventType;
use crate::tweet::compose::{Template, TemplateValues};
use crate::tweet::measure;

/// A post in the state it should have.
#[derive(Debug, Clone, PartialEq)]
pub struct SettledPost {
    /// The post.
    pub post: Post,
    /// When the post next changes with time alone.
    pub next_at: Option<OffsetDateTime>,
    /// Whether anything visible differs from before.
    pub is_changed: bool,
    /// The event for the platform.
    pub event: Option<EventType>,
}

impl Post {
    /// Decides the post's state now. `self` is the post before, `requested` the post as requested: the same
    /// if nothing was requested.
    #[must_use]
    pub fn settle(
        &self,
        requested: Self,
        product: &SoldProduct<'_>,
        now: OffsetDateTime,
    ) -> SettledPost {
        // Nodes' clocks differ, and a long transaction may have read the time a while ago.
        let now = truncate_to_micros(now).max(self.updated_at);
        let mut post = requested;
        post.card = PostCard::of(product, now);
        (post.state, post.reason) = post.next_state(product, now);
        if self.mentions_outdated_price(&post) {
            post = post.withdrawn_for_review(PostReason::TextPriceOutdated);
        }
        if let Some(text) = post.compose_text(product.item) {
            post.text = text;
        }
        if post.text != self.text {
            post.weighted_length = measure(&post.text).weight;
        }
        post.publications = publishers::publications(&post, &self.publications, now);
        let is_changed = post != *self;
        if is_changed {
            post.version = self.version + 1;
            post.updated_at = now;
        }
        SettledPost {
            next_at: post.changes_after(product.item, now),
            event: self.event_for(&post, is_changed),
            is_changed,
            post,
        }
    }

    /// Whether the text mentions the previous price and not the current one. A text that comes with the request
    /// counts as reviewed.
    fn mentions_outdated_price(&self, post: &Self) -> bool {
        let (before, now) = (self.card.price, post.card.price);
        before != now
            && self.text == post.text
            && price_mentions::mentions_price(&post.text, before)
            && !price_mentions::mentions_price(&post.text, now)
    }

    fn next_state(
        &self,
        product: &SoldProduct<'_>,
        now: OffsetDateTime,
    ) -> (State, Option<PostReason>) {
        if self.state.is_manual() {
            return (self.state, self.reason);
        }
        // First: the page of an ended post still shows its product.
        if !product.item.is_public() {
            return (State::Withdrawn, Some(PostReason::AdultsOnly));
        }
        if self.ends_at.is_some_and(|end| end <= now) {
            return (State::Ended, None);
        }
        if self.card.not_buyable == Some(NotBuyable::Gone) {
            return (State::Withdrawn, Some(PostReason::ProductGone));
        }
        if self.starts_at.is_some_and(|start| now < start) {
            return (State::Scheduled, None);
        }
        match self.card.not_buyable {
            None => (State::Live, None),
            Some(reason) => (State::SoldOut, Some(PostReason::NotBuyable(reason))),
        }
    }

    /// The text from the post's template. `None` if it has none, or if nothing fits any more: the text
    /// then stays unchanged.
    fn compose_text(&self, item: &Item) -> Option<String> {
        let template = Template::parse(self.template.as_deref()?).ok()?;
        let Price { amount, currency } = self.card.price;
        let money = |minor: i64| currency.format_amount(minor);
        template.compose(&TemplateValues {
            title: &self.card.title,
            brand: self.card.brand.as_deref().unwrap_or_default(),
            options: &self.card.chosen_options(),
            description: &item.description,
            price: &money(amount),
            was: &self.card.was.map(money).unwrap_or_default(),
            merchant: &self.card.merchant.name,
            url: &self.url,
        })
    }

    fn changes_after(&self, item: &Item, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let window = [self.starts_at, self.ends_at].into_iter().flatten();
        let window = window.filter(|time| *time > now && !self.state.is_manual());
        window.chain(item.next_change(now)).min()
    }

    /// The event for the platform: the post went live, for the first time or again, or it
    /// changed later, until it ends.
    fn event_for(&self, post: &Self, is_changed: bool) -> Option<EventType> {
        let is_published = |post: &Self| {
            let mut all = post.publications.iter();
            all.any(|one| one.publisher == publishers::PLATFORM)
        };
        if !is_published(post) {
            return None;
        }
        let is_new = !is_published(self) || self.state != State::Live;
        let stays_closed =
            self.state == post.state && (post.state.is_manual() || post.state == State::Ended);
        match post.state {
            State::Live if is_new => Some(EventType::PostLive),
            _ if is_changed && !stays_closed => Some(EventType::PostUpdated),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
