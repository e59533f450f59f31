//! The page of a post: one product, one thing to do.

use askama::Template;

use super::card::{self, Action, Picture, Priced};
use super::link::{attributed, host};
use super::markup::Head;
use super::stock::Stock;
use super::words::{excerpt, money};
use super::{STYLE, Showing, Site, Sold, Stage};
use buywire_schemas::catalog::{Condition, Item};

/// So many variants are listed.
pub const VARIANTS_MAX: i64 = 30;
/// So many bytes of their addresses: a page stays below 50 kB.
const VARIANT_LINKS_BYTES: usize = 6_000;
const VARIANT_CHARS: usize = 60;
/// All that a feed may say in a language of three bytes a letter.
const DESCRIPTION_BYTES: usize = 15_000;
/// So many ways of shipping are listed.
const SHIPPING_MAX: usize = 5;

#[derive(Template)]
#[template(path = "product.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    style: &'static str,
    head: Head,
    item: &'a Item,
    /// Unless the merchant sells under it.
    brand: Option<&'a str>,
    merchant: &'a str,
    host: String,
    pictures: Vec<Picture>,
    initial: String,
    price: Priced,
    stock: Stock,
    action: Action,
    /// Whether others can buy it: a rollout hides the button and says nothing else.
    is_sold: bool,
    /// Search engines may forget it.
    is_over: bool,
    condition: Option<&'static str>,
    paragraphs: Vec<&'a str>,
    /// Whether there is more of them.
    is_cut: bool,
    shipping: Vec<(String, String)>,
    variants: Vec<Variant>,
    /// How many are not listed.
    more_variants: i64,
}

/// Another choice of the same product.
struct Variant {
    name: String,
    price: String,
    stock: Stock,
    /// The merchant's page of it.
    href: Option<String>,
    is_this: bool,
}

/// The page.
///
/// # Errors
/// None that a caller can cause: a template that cannot be filled.
pub fn product(site: Site<'_>, showing: &Showing) -> Result<String, askama::Error> {
    let item = &showing.product.item;
    let stock = card::stock(showing);
    let about_end = item.description.floor_char_boundary(DESCRIPTION_BYTES);
    let about = item.description.get(..about_end).unwrap_or_default();
    let page = Page {
        style: STYLE,
        head: Head::of(site, showing, &stock),
        item,
        brand: item
            .brand
            .as_deref()
            .filter(|brand| !brand.eq_ignore_ascii_case(&showing.merchant)),
        merchant: &showing.merchant,
        host: host(&item.url),
        pictures: card::pictures(&showing.product),
        initial: card::initial(&item.title),
        price: Priced::of(&showing.product),
        stock,
        action: Action::of(showing),
        is_sold: showing.is_sold(),
        is_over: matches!(showing.stage, Stage::Over(_)),
        condition: match item.condition {
            Condition::New => None,
            Condition::Refurbished => Some("Refurbished"),
            Condition::Used => Some("Used"),
        },
        is_cut: about.len() < item.description.len(),
        paragraphs: about
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect(),
        shipping: shipping(item),
        variants: variants(showing),
        more_variants: showing.more_variants,
    };
    page.render()
}

/// Where it is brought to and what that costs, as far as the merchant says.
fn shipping(item: &Item) -> Vec<(String, String)> {
    let told = item.shipping.iter().filter_map(|one| {
        let price = match one.price? {
            free if free.amount == 0 => "free".to_owned(),
            price => money(price),
        };
        let parts = [&one.country, &one.region, &one.service];
        let place: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        Some((place.join(", "), price))
    });
    told.take(SHIPPING_MAX).collect()
}

fn variants(showing: &Showing) -> Vec<Variant> {
    let this = &showing.product.item.id;
    // Alone in its group, there is nothing to choose.
    if showing.variants.len() < 2 {
        return Vec::new();
    }
    let mut links_bytes = 0;
    let listed = showing.variants.iter().map(|sold| {
        let is_this = sold.item.id == *this;
        let buyable = sold.offer.not_buyable.is_none();
        Variant {
            name: name(sold),
            price: Priced::of(sold).now,
            stock: Stock::of(sold),
            href: (buyable && !is_this)
                .then(|| attributed(&sold.item.url, showing.post))
                .flatten()
                .filter(|address| {
                    links_bytes += address.len();
                    links_bytes <= VARIANT_LINKS_BYTES
                }),
            is_this,
        }
    });
    listed.collect()
}

/// What tells it apart.
fn name(sold: &Sold) -> String {
    match card::options(sold) {
        none if none.is_empty() => excerpt(&sold.item.title, VARIANT_CHARS),
        options => excerpt(&options, VARIANT_CHARS),
    }
}
