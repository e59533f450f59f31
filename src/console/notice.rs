//! A page that says why there is nothing to show, and what to do.

use askama::Template;

use super::assets::{ASSETS, AssetUrls};

/// A notice. It has no menu: it may be shown to somebody without a session.
#[derive(Debug, Template)]
#[template(path = "notice.html", config = "src/console/askama.toml")]
pub(crate) struct Notice {
    pub title: String,
    pub text: String,
    pub assets: &'static AssetUrls,
}

impl Notice {
    pub(crate) fn new(title: &str, text: String) -> Self {
        Self {
            title: title.to_owned(),
            text,
            assets: &ASSETS,
        }
    }
}
