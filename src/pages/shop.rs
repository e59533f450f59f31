//! The shop of a merchant: the module, which is swiped through, and everything below it.

use askama::Template;
use buywire_schemas::catalog::{Availability, Price};
use buywire_schemas::shop::{Shop, ShopItem};

use super::card::{self, Picture, Priced};
use super::stock::Tone;
use super::words::money;
use super::{STYLE, Site, link};

#[derive(Template)]
#[template(path = "shop.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    style: &'static str,
    name: &'a str,
    canonical: String,
    about: String,
    module: Vec<Tile<'a>>,
    items: Vec<Tile<'a>>,
}

/// One item.
struct Tile<'a> {
    title: &'a str,
    href: Option<String>,
    picture: Option<Picture>,
    initial: String,
    price: Priced,
    label: &'a str,
    tone: Tone,
}

/// The page.
///
/// # Errors
/// None that a caller can cause: a template that cannot be filled.
pub fn shop(site: Site<'_>, shop: &Shop) -> Result<String, askama::Error> {
    let page = Page {
        style: STYLE,
        name: &shop.name,
        canonical: site.shop(&shop.partner),
        about: format!("What {} sells", shop.name),
        module: shop.module.iter().map(tile).collect(),
        items: shop.items.iter().map(tile).collect(),
    };
    page.render()
}

fn tile(item: &ShopItem) -> Tile<'_> {
    let was = item.was.map(|amount| Price {
        amount,
        currency: item.price.currency,
    });
    let (words, tone) = stock(item);
    Tile {
        title: &item.title,
        href: link::from_shop(&item.url),
        picture: card::picture(item.image.as_ref(), &item.title),
        initial: card::initial(&item.title),
        price: Priced {
            now: money(item.price),
            was: was.map(money),
            until: None,
        },
        label: item.label.as_deref().unwrap_or(words),
        tone,
    }
}

/// In words where the card has none, and how it looks.
fn stock(item: &ShopItem) -> (&'static str, Tone) {
    match (item.availability, item.label.is_some()) {
        _ if !item.buyable => ("Not available right now", Tone::None),
        (Availability::LimitedStock, _) => ("Limited stock", Tone::Few),
        (Availability::Preorder, _) => ("Preorder", Tone::Later),
        (Availability::Backorder, _) => ("On backorder", Tone::Later),
        // The only word that a card has for what is in stock: how few are left.
        (_, true) => ("In stock", Tone::Few),
        (_, false) => ("In stock", Tone::Good),
    }
}
