//! What a buyer sees: pages, cards, and the markup that networks read. Plain values in, HTML out.
//!
//! Promises: nothing that a merchant wrote becomes markup; what cannot be bought has no Buy button; price,
//! currency and availability are the same in words, Open Graph, Twitter Card and JSON-LD. No page needs
//! JavaScript or asks another host for anything but the merchant's pictures. Must not read the database or
//! the clock, and knows no status codes.

mod card;
mod embed;
mod format;
mod home;
mod link;
mod markup;
mod notice;
mod product;
mod shop;
mod stock;

pub use embed::{MaxSize, OEmbed, embed};
pub use home::home;
pub use link::{Site, attributed, is_slug};
pub use notice::Notice;
pub use product::{VARIANTS_MAX, product};
pub use shop::shop;

use buywire_schemas::catalog::{Item, Offer, ProductState};
use buywire_schemas::ids::PostId;
use time::OffsetDateTime;

/// All styles of all pages, sent with each: one request is a whole page.
pub const STYLE: &str = include_str!("style.css");

/// One product as it is offered now.
#[derive(Debug, Clone)]
pub struct ProductListing {
    /// The last good data.
    pub item: Item,
    /// What is offered of it at the time of showing.
    pub offer: Offer,
}

/// Where a post stands in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaleWindow {
    /// It begins then.
    Upcoming(OffsetDateTime),
    /// Now, and until then.
    Open(Option<OffsetDateTime>),
    /// It is over, since then.
    Ended(OffsetDateTime),
}

/// A buyable tweet as it is shown.
#[derive(Debug, Clone)]
pub struct PostView {
    /// Which.
    pub post: PostId,
    /// Its name in addresses.
    pub slug: String,
    /// Moved by every change of what a card says: a shared address with another version is another card.
    pub version: i64,
    /// Where it stands in its time.
    pub window: SaleWindow,
    /// Whether the rollout lets this viewer buy.
    pub may_buy: bool,
    /// Who sells, as buyers know it.
    pub merchant: String,
    /// What.
    pub product: ProductListing,
    /// What shares a group with it, itself included; empty when it stands alone.
    pub variants: Vec<ProductListing>,
    /// How many more of them there are.
    pub more_variants: i64,
}

impl ProductListing {
    /// As it is at this time: a day that it was to come on and that is over is not told any more.
    #[must_use]
    pub fn at(mut item: Item, with_state: ProductState, now: OffsetDateTime) -> Self {
        item.available_from = item.available_from.filter(|from| *from > now);
        Self {
            offer: item.offer(with_state, now),
            item,
        }
    }
}

impl SaleWindow {
    /// Of a window at a time.
    #[must_use]
    pub fn at(
        starts: Option<OffsetDateTime>,
        ends: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Self {
        match (starts, ends) {
            (_, Some(end)) if end <= now => Self::Ended(end),
            (Some(start), _) if now < start => Self::Upcoming(start),
            (_, end) => Self::Open(end),
        }
    }
}

impl PostView {
    /// Whether it can be bought here and now.
    fn is_buyable(&self) -> bool {
        matches!(self.window, SaleWindow::Open(_)) && self.product.offer.not_buyable.is_none()
    }
}

#[cfg(test)]
mod tests;
