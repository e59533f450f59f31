//! What a feed says of one item, sorted into fields and still in its own words.
//!
//! A format fills a [`Draft`] and judges nothing: what is right or wrong is
//! decided once, by the checks, for all formats alike.

use std::sync::Arc;

/// A value and what the feed calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The attribute's name as the feed spells it: for the report.
    pub name: Arc<str>,
    /// The text as it came, entities and quotes resolved, nothing else.
    pub text: String,
}

/// An amount, in one of the ways in which feeds say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// `15.00 USD`, `USD 15`, `15,00`: text by the price grammar.
    Text(Said),
    /// A decimal number, and its currency apart (or the feed's default).
    Decimal(Said, Option<Said>),
    /// Whole minor units, and their currency apart (or the feed's default).
    Minor(Said, Option<Said>),
}

/// Text that may be markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prose {
    /// Meant as plain text.
    Plain(Said),
    /// Meant as HTML.
    Html(Said),
}

/// One item as the feed words it. A field is none when the feed does not have
/// it or leaves it empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are those of `Item`, in the feed's words"
)]
pub struct Draft {
    /// The row of a table with its header as row 1, or the line where the item begins.
    pub row: u64,
    /// The feed says that this item is to be removed; only its id matters then.
    pub deleted: bool,
    pub id: Option<Said>,
    pub group: Option<Said>,
    pub title: Option<Said>,
    pub description: Option<Prose>,
    pub url: Option<Said>,
    /// The main one first.
    pub images: Vec<(Said, Option<String>)>,
    pub price: Option<Amount>,
    pub sale_price: Option<Amount>,
    /// What it used to cost: where `price` is the reduced one already.
    pub list_price: Option<Amount>,
    /// `start/end`, as one text.
    pub sale_window: Option<Said>,
    pub sale_starts: Option<Said>,
    pub sale_ends: Option<Said>,
    pub availability: Option<Said>,
    pub available_from: Option<Said>,
    pub expires_at: Option<Said>,
    pub quantity: Option<Said>,
    pub max_per_order: Option<Said>,
    pub brand: Option<Said>,
    pub gtins: Vec<Said>,
    pub mpn: Option<Said>,
    pub sku: Option<Said>,
    /// `no` when the merchant says that there is neither GTIN nor MPN.
    pub identifier_exists: Option<Said>,
    pub condition: Option<Said>,
    /// Taxonomy and value.
    pub categories: Vec<(&'static str, Said)>,
    /// What tells variants apart: the option's name and what was chosen.
    pub options: Vec<(String, Said)>,
    pub age_group: Option<Said>,
    pub gender: Option<Said>,
    pub adult: Option<Said>,
    pub digital: Option<Said>,
    /// `country:region:service:price` and its longer forms.
    pub shipping: Vec<Said>,
    pub weight: Option<Said>,
    /// Whether it may be bought through others.
    pub for_sale: Option<Said>,
    /// What has no field, by the feed's own name.
    pub attributes: Vec<(String, String)>,
}

impl Draft {
    /// Whether it is no whole item: without all that every item has, it can only change one that exists.
    #[must_use]
    pub fn is_change(&self) -> bool {
        let has_page = self.title.is_some() || self.url.is_some() || !self.images.is_empty();
        !self.deleted && !has_page && self.description.is_none()
    }

    /// The first word about something that a change of price and stock leaves as it is.
    pub(super) fn beyond_price_and_stock(&self) -> Option<(&str, &str)> {
        let said = [
            &self.group,
            &self.expires_at,
            &self.max_per_order,
            &self.brand,
            &self.mpn,
            &self.sku,
            &self.identifier_exists,
            &self.condition,
            &self.age_group,
            &self.gender,
            &self.adult,
            &self.digital,
            &self.weight,
            &self.for_sale,
        ];
        let said = said.into_iter().flatten();
        let lists = self.gtins.iter().chain(&self.shipping);
        let named = self.categories.iter().map(|(_, said)| said);
        let options = self.options.iter().map(|(_, said)| said);
        let mut all = said.chain(lists).chain(named).chain(options);
        let first = all.next().map(|said| (&*said.name, said.text.as_str()));
        let attribute = self.attributes.first();
        first.or_else(|| attribute.map(|(name, text)| (name.as_str(), text.as_str())))
    }
}
