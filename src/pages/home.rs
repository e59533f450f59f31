//! The page at `/`, for people who find a running gateway: what it is, and where to go from here.

use askama::Template;
use buywire_schemas::post::Merchant;

use super::STYLE;

#[derive(Template)]
#[template(path = "home.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    style: &'static str,
    version: &'static str,
    shops: &'a [Merchant],
}

/// The page, with the shops that are open. Its links are relative: they hold behind any proxy.
///
/// # Errors
/// When the template cannot be rendered.
pub(crate) fn home(shops: &[Merchant]) -> Result<String, askama::Error> {
    let page = Page {
        style: STYLE,
        version: env!("CARGO_PKG_VERSION"),
        shops,
    };
    page.render()
}
