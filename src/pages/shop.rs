//! A merchant's shop: featured products, then all products.

use askama::Template;
use buywire_checkout::locale::Locale;
use buywire_schemas::catalog::{Availability, Price};
use buywire_schemas::shop::{Shop, ShopItem};

use super::card::{self, Picture, PriceView};
use super::format::money;
use super::stock::StockLevel;
use super::{STYLE, Site, link};

#[derive(Template)]
#[template(path = "shop.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    style: &'static str,
    name: &'a str,
    canonical: String,
    description: String,
    /// What networks show of the shop: the first picture, and its size.
    picture: Option<Picture>,
    picture_size: Option<(i32, i32)>,
    module: Vec<Tile<'a>>,
    items: Vec<Tile<'a>>,
}

struct Tile<'a> {
    title: &'a str,
    href: Option<String>,
    picture: Option<Picture>,
    initial: String,
    price: PriceView,
    label: &'a str,
    level: StockLevel,
}

/// The page.
///
/// # Errors
/// When the template cannot be rendered.
pub(crate) fn shop(
    site: Site<'_>,
    shop: &Shop,
    locale: Locale,
    picture_size: Option<(i32, i32)>,
) -> Result<String, askama::Error> {
    let tile = |item| tile(item, locale);
    let page = Page {
        style: STYLE,
        name: &shop.name,
        canonical: site.shop(&shop.partner),
        description: format!("What {} sells", shop.name),
        picture: cover(shop).and_then(|item| card::picture(item.image.as_ref(), &item.title)),
        picture_size,
        module: shop.module.iter().map(tile).collect(),
        items: shop.items.iter().map(tile).collect(),
    };
    page.render()
}

/// The item whose picture stands for the shop: the first that can be bought and has one.
pub(crate) fn cover(shop: &Shop) -> Option<&ShopItem> {
    let mut items = shop.module.iter().chain(&shop.items);
    items.find(|item| item.image.is_some())
}

fn tile(item: &ShopItem, locale: Locale) -> Tile<'_> {
    let was = item.was.map(|amount| Price {
        amount,
        currency: item.price.currency,
    });
    let (label, level) = stock(item);
    Tile {
        title: &item.title,
        href: link::from_shop(&item.url),
        picture: card::picture(item.image.as_ref(), &item.title),
        initial: card::initial(&item.title),
        price: PriceView {
            now: money(locale, item.price),
            was: was.map(|was| money(locale, was)),
            unit: None,
            sale_ends: None,
        },
        label: item.label.as_deref().unwrap_or(label),
        level,
    }
}

/// The label, for a card without one, and its style.
fn stock(item: &ShopItem) -> (&'static str, StockLevel) {
    match (item.availability, item.label.is_some()) {
        _ if !item.buyable => ("Not available right now", StockLevel::Unavailable),
        (Availability::LimitedStock, _) => ("Limited stock", StockLevel::Low),
        (Availability::Preorder, _) => ("Preorder", StockLevel::Upcoming),
        (Availability::Backorder, _) => ("On backorder", StockLevel::Upcoming),
        // A card of an item in stock has a label only when few are left.
        (_, true) => ("In stock", StockLevel::Low),
        (_, false) => ("In stock", StockLevel::InStock),
    }
}
