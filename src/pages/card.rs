//! What pages and cards of a product share: name, pictures, price, stock and action.

use buywire_checkout::locale::Locale;
use buywire_schemas::catalog::{Image, Item, Price};

use super::format::{Time, money};
use super::stock::Stock;
use super::unit_price::{attribute, unit_price};
use super::{PostView, ProductListing, Site, link};

/// Pictures shown at most, and bytes of URLs and texts of those after the first.
const PICTURES_MAX: usize = 6;
const PICTURES_BYTES_MAX: usize = 3_000;

/// In which our own words are.
const PAGE_LANGUAGE: &str = "en";

/// A picture from the merchant.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) src: String,
    pub(super) alt: String,
}

/// The price.
#[derive(Debug, Clone)]
pub(super) struct PriceView {
    pub(super) now: String,
    pub(super) was: Option<String>,
    /// The price of a kilogram, a litre or a metre.
    pub(super) unit: Option<String>,
    /// The end of a temporary reduction.
    pub(super) sale_ends: Option<Time>,
}

/// The action offered.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// Buy here.
    BuyHere(String),
    /// Buy on the merchant's page.
    Buy(String),
    /// See the merchant's page.
    See(String),
    /// None: the merchant has no page.
    None,
}

impl PriceView {
    pub(super) fn of(listing: &ProductListing, locale: Locale) -> Self {
        let offer = &listing.offer;
        let was = offer.was.map(|amount| Price {
            amount,
            currency: offer.price.currency,
        });
        let sale = listing.item.sale.as_ref().filter(|_| was.is_some());
        Self {
            now: money(locale, offer.price),
            was: was.map(|was| money(locale, was)),
            unit: unit_price(&listing.item, offer.price, locale),
            sale_ends: sale.and_then(|sale| sale.ends_at).map(Time::end),
        }
    }
}

impl Action {
    pub(super) fn of(site: Site<'_>, view: &PostView) -> Self {
        if view.sells_here && view.may_buy && view.is_buyable() {
            return Self::BuyHere(site.buy(&view.slug, view.viewer.viewer()));
        }
        match link::attributed(&view.product.item.url, view.post) {
            Some(address) if view.may_buy && view.is_buyable() => Self::Buy(address),
            Some(address) => Self::See(address),
            None => Self::None,
        }
    }
}

/// Pictures that a browser may load.
pub(super) fn pictures(listing: &ProductListing) -> Vec<Picture> {
    let images = listing.item.images.iter();
    let shown = images.filter_map(|image| picture(Some(image), &listing.item.title));
    let mut bytes = 0;
    let mut fits = |picture: &Picture| {
        let is_first = bytes == 0;
        bytes += picture.src.len() + picture.alt.len();
        is_first || bytes <= PICTURES_BYTES_MAX
    };
    shown.take(PICTURES_MAX).take_while(&mut fits).collect()
}

/// A picture, with its own text or the product's name as alternative text.
pub(super) fn picture(image: Option<&Image>, title: &str) -> Option<Picture> {
    let image = image?;
    let src = link::web_url(&image.url)?.into();
    let own_alt = image.alt.as_deref().filter(|alt| !alt.trim().is_empty());
    let alt = own_alt.unwrap_or(title).to_owned();
    Some(Picture { src, alt })
}

/// The language of an item's texts, if it is another than that of our pages.
pub(super) fn language(item: &Item) -> Option<String> {
    let tag = attribute(item, &["contentlanguage"])?.replace('_', "-");
    let mut subtags = tag.split('-');
    let primary = subtags.next()?.to_ascii_lowercase();
    let is_subtag = |one: &str| {
        (2..=8).contains(&one.len()) && one.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_primary =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_tag = is_primary && subtags.clone().all(is_subtag);
    let own = std::iter::once(primary.as_str()).chain(subtags);
    (is_tag && primary != PAGE_LANGUAGE).then(|| own.collect::<Vec<_>>().join("-"))
}

/// The placeholder for a missing picture.
pub(super) fn initial(title: &str) -> String {
    title
        .chars()
        .next()
        .map_or_else(String::new, |one| one.to_uppercase().collect())
}

/// The value of each option.
pub(super) fn options(listing: &ProductListing) -> String {
    let values = listing
        .item
        .options
        .iter()
        .map(|choice| choice.value.as_str());
    values.collect::<Vec<_>>().join(" / ")
}

/// The stock of a post's product.
pub(super) fn stock(view: &PostView) -> Stock {
    Stock::of_post(view.window, &view.product)
}
