//! The card of a post for other sites' pages, and its oEmbed 1.0 description.

use askama::Template;
use serde::Serialize;

use super::card::{self, Action, Picture, PriceView};
use super::stock::Stock;
use super::{PostView, Site};

/// The styles of the card. It includes them, so that it needs one request.
pub(crate) const EMBED_STYLE: &str = concat!(
    include_str!("style/base.css"),
    include_str!("style/embed.css")
);

const WIDTH: u32 = 400;
const HEIGHT: u32 = 540;
/// Seconds for which the description may be cached: it has no price or stock.
const CACHE_AGE_S: u32 = 3_600;

#[derive(Template)]
#[template(path = "embed.html", config = "src/pages/askama.toml")]
struct Card<'a> {
    style: &'static str,
    title: &'a str,
    lang: Option<String>,
    merchant: &'a str,
    picture: Option<Picture>,
    initial: String,
    price: PriceView,
    stock: Stock,
    action: Action,
    canonical: String,
}

/// The card as a document.
///
/// # Errors
/// When the template cannot be rendered.
pub(crate) fn embed(site: Site<'_>, view: &PostView) -> Result<String, askama::Error> {
    let title = &view.product.item.title;
    let card = Card {
        style: EMBED_STYLE,
        title,
        lang: card::language(&view.product.item),
        merchant: &view.merchant,
        picture: card::pictures(&view.product).into_iter().next(),
        initial: card::initial(title),
        price: PriceView::of(&view.product, view.locale),
        stock: card::stock(view),
        action: Action::of(site, view),
        canonical: site.page(&view.slug),
    };
    card.render()
}

/// The largest size that fits the other page, in pixels.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MaxSize {
    /// The `maxwidth` of oEmbed.
    pub width_max: Option<u32>,
    /// The `maxheight` of oEmbed.
    pub height_max: Option<u32>,
}

/// The oEmbed description of a card.
#[derive(Debug, Serialize)]
pub(crate) struct OEmbed {
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
    /// Describe a post's card. There is no thumbnail, because its size is required and not known.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn of(
        site: Site<'_>,
        view: &PostView,
        max_size: MaxSize,
    ) -> Result<Self, askama::Error> {
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
