//! The page where somebody signs in with an API key.

use askama::Template;

use crate::console::assets::{ASSETS, AssetUrls};
use crate::console::frame::Badge;

/// The sign-in form.
#[derive(Debug, Template)]
#[template(path = "account/sign_in.html", config = "src/console/askama.toml")]
pub(crate) struct SignIn<'a> {
    badge: Option<Badge>,
    assets: &'static AssetUrls,
    /// Where to go afterwards: a path of this console.
    next: &'a str,
    /// Why the last try failed.
    error: Option<&'a str>,
}

impl<'a> SignIn<'a> {
    /// The form of the gateway with this name.
    pub(crate) fn new(name: &str, next: &'a str, error: Option<&'a str>) -> Self {
        Self {
            badge: Badge::of(name),
            assets: &ASSETS,
            next,
            error,
        }
    }
}
