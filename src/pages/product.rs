//! The page of a post: one product, one action.

use askama::Template;

use super::card::{self, Action, Picture, PriceView};
use super::energy::EnergyLabel;
use super::format::{excerpt, money};
use super::link::{attributed, host};
use super::markup::Head;
use super::stock::Stock;
use super::{PostView, ProductListing, STYLE, SaleWindow, Site};
use buywire_checkout::locale::Locale;
use buywire_schemas::catalog::{Condition, Item};

/// Variants listed at most.
pub(crate) const VARIANTS_MAX: i64 = 30;
/// Bytes of their URLs at most: a page stays below 50 kB.
const VARIANT_LINKS_BYTES_MAX: usize = 6_000;
const VARIANT_CHARS_MAX: usize = 60;
/// Nearly the longest description of a feed, in a script of three bytes per letter: a page stays below 50 kB.
const DESCRIPTION_BYTES_MAX: usize = 14_000;
/// Shipping options listed at most.
const SHIPPING_MAX: usize = 5;

#[derive(Template)]
#[template(path = "product.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    style: &'static str,
    head: Head,
    item: &'a Item,
    /// Of the item's texts, if it is another than the page's.
    lang: Option<String>,
    energy: Option<EnergyLabel>,
    /// None if it is the merchant's name.
    brand: Option<&'a str>,
    merchant: &'a str,
    host: String,
    pictures: Vec<Picture>,
    initial: String,
    price: PriceView,
    stock: Stock,
    action: Action,
    /// Whether it is ordered and paid here.
    sells_here: bool,
    /// Whether it can be bought outside the rollout, which only hides the button.
    is_buyable: bool,
    /// Whether search engines must not index it.
    has_ended: bool,
    condition: Option<&'static str>,
    paragraphs: Vec<&'a str>,
    /// Whether there are more.
    is_truncated: bool,
    shipping: Vec<(String, String)>,
    variants: Vec<Variant>,
    /// The number not listed.
    more_variants: i64,
}

/// A variant of the product.
struct Variant {
    name: String,
    price: String,
    stock: Stock,
    /// Its page on the merchant's site. Where it is sold here, the form has the choice.
    href: Option<String>,
    is_current: bool,
}

/// The page.
///
/// # Errors
/// When the template cannot be rendered.
pub(crate) fn product(site: Site<'_>, view: &PostView) -> Result<String, askama::Error> {
    let item = &view.product.item;
    let stock = card::stock(view);
    let description_end = item.description.floor_char_boundary(DESCRIPTION_BYTES_MAX);
    let description = item.description.get(..description_end).unwrap_or_default();
    let page = Page {
        style: STYLE,
        head: Head::of(site, view, &stock),
        item,
        lang: card::language(item),
        energy: EnergyLabel::of(item),
        brand: item
            .brand
            .as_deref()
            .filter(|brand| !brand.eq_ignore_ascii_case(&view.merchant)),
        merchant: &view.merchant,
        host: host(&item.url),
        pictures: card::pictures(&view.product),
        initial: card::initial(&item.title),
        price: PriceView::of(&view.product, view.locale),
        stock,
        action: Action::of(site, view),
        sells_here: view.sells_here,
        is_buyable: view.is_buyable(),
        has_ended: matches!(view.window, SaleWindow::Ended(_)),
        condition: match item.condition {
            Condition::New => None,
            Condition::Refurbished => Some("Refurbished"),
            Condition::Used => Some("Used"),
        },
        is_truncated: description.len() < item.description.len(),
        paragraphs: description
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect(),
        shipping: shipping(item, view.locale),
        variants: variants(view),
        more_variants: view.more_variants,
    };
    page.render()
}

/// Shipping destinations and prices, as far as the merchant gave them.
fn shipping(item: &Item, locale: Locale) -> Vec<(String, String)> {
    let rates = item.shipping.iter().filter_map(|one| {
        let price = match one.price? {
            free if free.amount == 0 => "free".to_owned(),
            price => money(locale, price),
        };
        let parts = [&one.country, &one.region, &one.service];
        let destination: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        Some((destination.join(", "), price))
    });
    rates.take(SHIPPING_MAX).collect()
}

fn variants(view: &PostView) -> Vec<Variant> {
    let this = &view.product.item.id;
    // A group of one leaves no choice.
    if view.variants.len() < 2 {
        return Vec::new();
    }
    let mut links_bytes = 0;
    let listed = view.variants.iter().map(|listing| {
        let is_current = listing.item.id == *this;
        let buyable = listing.offer.not_buyable.is_none();
        Variant {
            name: name(listing),
            price: PriceView::of(listing, view.locale).now,
            stock: Stock::of(listing),
            href: (buyable && !is_current && !view.sells_here)
                .then(|| attributed(&listing.item.url, view.post))
                .flatten()
                .filter(|address| {
                    links_bytes += address.len();
                    links_bytes <= VARIANT_LINKS_BYTES_MAX
                }),
            is_current,
        }
    });
    listed.collect()
}

/// The options that distinguish it.
fn name(listing: &ProductListing) -> String {
    match card::options(listing) {
        none if none.is_empty() => excerpt(&listing.item.title, VARIANT_CHARS_MAX),
        options => excerpt(&options, VARIANT_CHARS_MAX),
    }
}
