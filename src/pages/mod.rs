//! HTML for buyers and other sites: pages, cards, and the metadata that networks read. Plain values in, HTML out.
//!
//! Promises: no text of a merchant becomes markup; what cannot be bought has no Buy button; price, currency and
//! availability agree in text, Open Graph, Twitter Card and JSON-LD; no page needs JavaScript or loads anything
//! from other hosts but the merchant's pictures. Must not read the database or the clock, and knows no status
//! codes.

mod card;
pub(crate) mod checkout;
mod embed;
mod energy;
mod format;
mod home;
mod link;
mod markup;
mod notice;
mod product;
mod shop;
mod stock;
mod unit_price;

pub(crate) use embed::{EMBED_STYLE, MaxSize, OEmbed, embed};
pub(crate) use home::home;
pub(crate) use link::{Site, attributed, is_slug};
pub(crate) use notice::Notice;
pub(crate) use product::{VARIANTS_MAX, product};
pub(crate) use shop::{cover, shop};

use buywire_checkout::locale::Locale;
use buywire_schemas::catalog::{Item, Offer, ProductState};
use buywire_schemas::ids::PostId;
use buywire_schemas::post::ViewerDetails;
use time::OffsetDateTime;

/// The styles of all pages but the card. Each page includes them, so that it needs one request.
pub(crate) const STYLE: &str = concat!(
    include_str!("style/base.css"),
    include_str!("style/catalog.css")
);

/// A product with its current offer.
#[derive(Debug, Clone)]
pub(crate) struct ProductListing {
    /// Its last valid data.
    pub item: Item,
    /// Its offer at the time of rendering.
    pub offer: Offer,
}

/// When a post can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaleWindow {
    /// It starts then.
    Upcoming(OffsetDateTime),
    /// Now, until this time if there is one.
    Open(Option<OffsetDateTime>),
    /// It ended then.
    Ended(OffsetDateTime),
}

/// A post to render.
#[derive(Debug, Clone)]
pub(crate) struct PostView {
    /// Its id.
    pub post: PostId,
    /// Its name in URLs.
    pub slug: String,
    /// Grows with each change of the card. Networks cache a card by URL, so each version has its own.
    pub version: i64,
    /// When it can be bought.
    pub window: SaleWindow,
    /// Who looks at it, as far as the platform has said.
    pub viewer: ViewerDetails,
    /// How its reader writes amounts.
    pub locale: Locale,
    /// Whether this viewer can buy now.
    pub may_buy: bool,
    /// Whether it is bought on our own page, not on the merchant's.
    pub sells_here: bool,
    /// The seller's display name.
    pub merchant: String,
    /// The product it sells.
    pub product: ProductListing,
    /// The width and height of its main image in pixels, once it has been checked.
    pub image_size: Option<(i32, i32)>,
    /// The products of its group, itself included; empty without a group.
    pub variants: Vec<ProductListing>,
    /// The number of variants that are not in `variants`.
    pub more_variants: i64,
}

impl ProductListing {
    /// The listing at this time, without an availability date that has passed, and without a refused image.
    #[must_use]
    pub(crate) fn at(mut item: Item, with_state: ProductState, now: OffsetDateTime) -> Self {
        item.available_from = item.available_from.filter(|from| *from > now);
        item.images = item.shown_images(with_state).to_vec();
        Self {
            offer: item.offer(with_state, now),
            item,
        }
    }
}

impl SaleWindow {
    /// The state of a window at this time.
    #[must_use]
    pub(crate) fn at(
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
    /// Whether it can be bought now.
    fn is_buyable(&self) -> bool {
        matches!(self.window, SaleWindow::Open(_)) && self.product.offer.not_buyable.is_none()
    }
}

#[cfg(test)]
mod tests;
