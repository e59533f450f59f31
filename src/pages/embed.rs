//! The card of a post inside of other people's pages, and how it is described to them (oEmbed 1.0).

use askama::Template;
use serde::Serialize;

use super::card::{self, Action, Picture, PriceView};
use super::stock::Stock;
use super::{PostView, STYLE, Site};

const WIDTH: u32 = 400;
const HEIGHT: u32 = 540;
/// Until then a copy of the description may be kept, in seconds: it says nothing of price or stock.
const CACHE_AGE_S: u32 = 3_600;

#[derive(Template)]
#[template(path = "embed.html", config = "src/pages/askama.toml")]
struct Card<'a> {
    style: &'static str,
    title: &'a str,
    merchant: &'a str,
    picture: Option<Picture>,
    initial: String,
    price: PriceView,
    stock: Stock,
    action: Action,
    canonical: String,
}

/// The card as a document of its own.
///
/// # Errors
/// None that a caller can cause: a template that cannot be filled.
pub fn embed(site: Site<'_>, view: &PostView) -> Result<String, askama::Error> {
    let title = &view.product.item.title;
    let card = Card {
        style: STYLE,
        title,
        merchant: &view.merchant,
        picture: card::pictures(&view.product).into_iter().next(),
        initial: card::initial(title),
        price: PriceView::of(&view.product),
        stock: card::stock(view),
        action: Action::of(view),
        canonical: site.page(&view.slug),
    };
    card.render()
}

/// The room that somebody has for it, in pixels.
#[derive(Debug, Clone, Copy, Default)]
pub struct MaxSize {
    /// At most so wide.
    pub width_max: Option<u32>,
    /// At most so high.
    pub height_max: Option<u32>,
}

/// A card, described.
#[derive(Debug, Serialize)]
pub struct OEmbed {
    version: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    author_name: String,
    provider_name: &'static str,
    provider_url: String,
    cache_age: u32,
    html: String,
    width: u32,
    height: u32,
}

#[derive(Template)]
#[template(path = "frame.html", config = "src/pages/askama.toml")]
struct Frame<'a> {
    src: String,
    title: &'a str,
    width: u32,
    height: u32,
}

impl OEmbed {
    /// Of a post, within that room. Without a thumbnail: its size would have to be said and is not known.
    ///
    /// # Errors
    /// None that a caller can cause: a template that cannot be filled.
    pub fn of(site: Site<'_>, view: &PostView, max_size: MaxSize) -> Result<Self, askama::Error> {
        let title = &view.product.item.title;
        let width = WIDTH.min(max_size.width_max.unwrap_or(WIDTH)).max(1);
        let height = HEIGHT.min(max_size.height_max.unwrap_or(HEIGHT)).max(1);
        let frame = Frame {
            src: site.embed(&view.slug),
            title,
            width,
            height,
        };
        Ok(Self {
            version: "1.0",
            kind: "rich",
            title: title.clone(),
            author_name: view.merchant.clone(),
            provider_name: "Buywire",
            provider_url: site.0.to_owned(),
            cache_age: CACHE_AGE_S,
            html: frame.render()?,
            width,
            height,
        })
    }
}
