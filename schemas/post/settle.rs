//! How a post stands: one pure function of what was asked, what the catalog knows, and the time.
//!
//! Promises: a post is live only when its product can be bought and its time has come; what a person
//! has decided (draft, withdrawn) only a person changes, except that a product that is gone, or not for everybody,
//! withdraws, and that a given text which names a price of before rests until somebody has looked;
//! time never runs backwards for a post. Must not read or write anything.

use time::OffsetDateTime;

use super::{Card, Merchant, Post, Reason, State, claims, micros, publishers};
use crate::catalog::{Item, NotBuyable, Price, Standing};
use crate::event::EventType;
use crate::tweet::compose::{Template, Words};
use crate::tweet::measure;

/// What is sold, as the catalog knows it.
#[derive(Debug, Clone, Copy)]
pub struct Sold<'a> {
    /// The last good data.
    pub item: &'a Item,
    /// What counts beside it.
    pub standing: Standing,
    /// Who sells it.
    pub merchant: &'a Merchant,
}

/// A post that stands as it should.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The post.
    pub post: Post,
    /// When it next changes by itself.
    pub next_at: Option<OffsetDateTime>,
    /// Whether anything that is shown differs from before.
    pub is_changed: bool,
    /// What the platform is told.
    pub news: Option<EventType>,
}

impl Post {
    /// How the post stands now. `self` is the post as it was, `asked` as somebody wants it: the same
    /// when nobody wants anything.
    #[must_use]
    pub fn settle(&self, asked: Self, sold: &Sold<'_>, now: OffsetDateTime) -> Settled {
        // Nodes' clocks differ, and a long transaction may have asked for the time a while ago.
        let now = micros(now).max(self.changed_at);
        let mut post = asked;
        post.card = Card::of(sold, now);
        (post.state, post.reason) = post.stands(sold, now);
        if self.named_a_price_of_before(&post) {
            post = post.resting(Reason::TextPriceOutdated);
        }
        if let Some(text) = post.composed(sold.item) {
            post.text = text;
        }
        if post.text != self.text {
            post.weighted_length = measure(&post.text).weight;
        }
        post.publications = publishers::publications(&post, &self.publications, now);
        let is_changed = post != *self;
        if is_changed {
            post.version = self.version + 1;
            post.changed_at = now;
        }
        Settled {
            next_at: post.changes_after(sold.item, now),
            news: self.news(&post, is_changed),
            is_changed,
            post,
        }
    }

    /// Whether its text names what the product cost until now, and not what it costs now. A text that somebody brings
    /// along now was looked at.
    fn named_a_price_of_before(&self, post: &Self) -> bool {
        let (before, now) = (self.card.price, post.card.price);
        before != now
            && self.text == post.text
            && claims::names(&post.text, before)
            && !claims::names(&post.text, now)
    }

    fn stands(&self, sold: &Sold<'_>, now: OffsetDateTime) -> (State, Option<Reason>) {
        if self.state.is_decided() {
            return (self.state, self.reason);
        }
        // First: also the page of a post that is over shows what it sold.
        if !sold.item.is_public() {
            return (State::Withdrawn, Some(Reason::AdultsOnly));
        }
        if self.ends_at.is_some_and(|end| end <= now) {
            return (State::Ended, None);
        }
        if self.card.not_buyable == Some(NotBuyable::Gone) {
            return (State::Withdrawn, Some(Reason::ProductGone));
        }
        if self.starts_at.is_some_and(|start| now < start) {
            return (State::Scheduled, None);
        }
        match self.card.not_buyable {
            None => (State::Live, None),
            Some(why) => (State::SoldOut, Some(Reason::NotBuyable(why))),
        }
    }

    /// The text by the post's template. None when it has none, or when nothing fits any more: the text
    /// then stays as it is.
    fn composed(&self, item: &Item) -> Option<String> {
        let template = Template::parse(self.template.as_deref()?).ok()?;
        let Price { amount, currency } = self.card.price;
        let money = |minor: i64| currency.worded(minor);
        template.compose(&Words {
            title: &self.card.title,
            brand: self.card.brand.as_deref().unwrap_or_default(),
            options: &self.card.chosen(),
            description: &item.description,
            price: &money(amount),
            was: &self.card.was.map(money).unwrap_or_default(),
            merchant: &self.card.merchant.name,
            url: &self.url,
        })
    }

    fn changes_after(&self, item: &Item, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let window = [self.starts_at, self.ends_at].into_iter().flatten();
        let window = window.filter(|time| *time > now && !self.state.is_decided());
        window.chain(item.changes_after(now)).min()
    }

    /// What the platform hears of it: that it is live, for the first time or again, and whatever
    /// changes after that, until it is over.
    fn news(&self, post: &Self, is_changed: bool) -> Option<EventType> {
        let told = |post: &Self| {
            let mut all = post.publications.iter();
            all.any(|one| one.publisher == publishers::PLATFORM)
        };
        if !told(post) {
            return None;
        }
        let is_new = !told(self) || self.state != State::Live;
        let stays_over =
            self.state == post.state && (post.state.is_decided() || post.state == State::Ended);
        match post.state {
            State::Live if is_new => Some(EventType::PostLive),
            _ if is_changed && !stays_over => Some(EventType::PostUpdated),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
