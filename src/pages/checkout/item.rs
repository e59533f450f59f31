//! What is bought: picture, name, options, seller. It stays in sight from the form to the receipt.
//!
//! Promises: a picture is only one that a browser may load. Must not know a quantity or a total.

use buywire_checkout::address::Language;
use buywire_checkout::cart::CartLine;
use buywire_schemas::catalog::Image;

use super::super::ProductListing;
use super::super::card::{self, Picture};
use super::words::{self, fill, isolated};

/// Up to this many units left, the number is shown, as on the post's page.
const FEW_LEFT: u64 = 5;

/// What is bought.
#[derive(Debug, Clone)]
pub(crate) struct CheckoutItem {
    pub(super) title: String,
    pub(super) seller: String,
    /// The values of its options, such as `M / Black`.
    pub(super) options: String,
    pub(super) picture: Option<Picture>,
    units_left: Option<u64>,
}

impl CheckoutItem {
    /// An item of a seller, with the units that stock has left of it, if they are counted.
    #[must_use]
    pub(crate) fn of(listing: &ProductListing, seller: &str, units_left: Option<u64>) -> Self {
        Self {
            title: listing.item.title.clone(),
            seller: seller.to_owned(),
            options: card::options(listing),
            picture: card::pictures(listing).into_iter().next(),
            units_left,
        }
    }

    /// An item as it was put into a checkout: the catalog may have changed since.
    #[must_use]
    pub(crate) fn of_line(line: &CartLine, seller: &str, units_left: Option<u64>) -> Self {
        let options = line.options.iter().map(|(_, value)| value.as_str());
        let image = line.image.clone().map(|url| Image { url, alt: None });
        Self {
            title: line.title.clone(),
            seller: seller.to_owned(),
            options: options.collect::<Vec<_>>().join(" / "),
            picture: card::picture(image.as_ref(), &line.title),
            units_left,
        }
    }

    /// Who sells it.
    #[must_use]
    pub(crate) fn seller(&self) -> &str {
        &self.seller
    }

    /// Whether its picture is served without TLS.
    #[must_use]
    pub(crate) fn has_http_image(&self) -> bool {
        let picture = self.picture.as_ref();
        picture.is_some_and(|picture| picture.src.starts_with("http:"))
    }
}

/// An item as every page shows it.
#[derive(Debug)]
pub(super) struct ItemView<'a> {
    pub(super) title: &'a str,
    pub(super) options: &'a str,
    pub(super) picture: Option<&'a Picture>,
    pub(super) initial: String,
    pub(super) sold_by: String,
    pub(super) units_left: Option<String>,
}

impl<'a> ItemView<'a> {
    pub(super) fn of(item: &'a CheckoutItem, language: Language) -> Self {
        let words = &words::buying(language).page;
        let few = item.units_left.filter(|left| (1..=FEW_LEFT).contains(left));
        Self {
            title: &item.title,
            options: &item.options,
            picture: item.picture.as_ref(),
            initial: card::initial(&item.title),
            sold_by: fill(words.sold_by, &[("seller", &isolated(&item.seller))]),
            units_left: few.map(|left| words.units_left.of(language, left)),
        }
    }
}
