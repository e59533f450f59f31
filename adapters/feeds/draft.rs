//! What a feed says of one item, sorted into fields and still in its own words.
//!
//! A format fills a [`Draft`] and judges nothing: what is right or wrong is
//! decided once, by the checks, for all formats alike.

use std::sync::Arc;

/// A value and what the feed calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawField {
    /// The attribute's name as the feed spells it: for the report.
    pub name: Arc<str>,
    /// The text as it came, entities and quotes resolved, nothing else.
    pub text: String,
}

/// An amount, in one of the ways in which feeds say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// `15.00 USD`, `USD 15`, `15,00`: text by the price grammar.
    Text(RawField),
    /// A decimal number, and its currency apart (or the feed's default).
    Decimal(RawField, Option<RawField>),
    /// Whole minor units, and their currency apart (or the feed's default).
    Minor(RawField, Option<RawField>),
}

/// Text that may be markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prose {
    /// Meant as plain text.
    Plain(RawField),
    /// Meant as HTML.
    Html(RawField),
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
    pub id: Option<RawField>,
    pub group: Option<RawField>,
    pub title: Option<RawField>,
    pub description: Option<Prose>,
    pub url: Option<RawField>,
    /// The main one first.
    pub images: Vec<(RawField, Option<String>)>,
    pub price: Option<Amount>,
    pub sale_price: Option<Amount>,
    /// What it used to cost: where `price` is the reduced one already.
    pub list_price: Option<Amount>,
    /// `start/end`, as one text.
    pub sale_window: Option<RawField>,
    pub sale_starts: Option<RawField>,
    pub sale_ends: Option<RawField>,
    pub availability: Option<RawField>,
    pub available_from: Option<RawField>,
    pub expires_at: Option<RawField>,
    pub quantity: Option<RawField>,
    pub max_per_order: Option<RawField>,
    pub brand: Option<RawField>,
    pub gtins: Vec<RawField>,
    pub mpn: Option<RawField>,
    pub sku: Option<RawField>,
    /// `no` when the merchant says that there is neither GTIN nor MPN.
    pub identifier_exists: Option<RawField>,
    pub condition: Option<RawField>,
    /// Taxonomy and value.
    pub categories: Vec<(&'static str, RawField)>,
    /// What tells variants apart: the option's name and what was chosen.
    pub options: Vec<(String, RawField)>,
    pub age_group: Option<RawField>,
    pub gender: Option<RawField>,
    pub adult: Option<RawField>,
    pub digital: Option<RawField>,
    /// `country:region:service:price` and its longer forms.
    pub shipping: Vec<RawField>,
    pub weight: Option<RawField>,
    /// Whether it may be bought through others.
    pub for_sale: Option<RawField>,
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
    pub(super) fn first_other_field(&self) -> Option<(&str, &str)> {
        let single_fields = [
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
        let fields = single_fields.into_iter().flatten();
        let lists = self.gtins.iter().chain(&self.shipping);
        let named = self.categories.iter().map(|(_, raw)| raw);
        let options = self.options.iter().map(|(_, raw)| raw);
        let mut all = fields.chain(lists).chain(named).chain(options);
        let first = all.next().map(|raw| (&*raw.name, raw.text.as_str()));
        let attribute = self.attributes.first();
        first.or_else(|| attribute.map(|(name, text)| (name.as_str(), text.as_str())))
    }
}
