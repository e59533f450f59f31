//! One item of a feed, sorted into fields, with the values as the feed has them.
//!
//! A format fills a [`Draft`] and checks nothing: validation decides what is
//! right or wrong, once for all formats.

use std::sync::Arc;

/// A raw field: a value and its name in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawField {
    /// The attribute's name as the feed spells it, for the report.
    pub name: Arc<str>,
    /// The value, with entities and quotes resolved and otherwise unchanged.
    pub text: String,
}

/// An amount, in one of the forms that feeds use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// `15.00 USD`, `USD 15`, `15,00`: text for the price grammar.
    Text(RawField),
    /// A decimal number with a separate currency, or with the feed's default.
    Decimal(RawField, Option<RawField>),
    /// Whole minor units with a separate currency, or with the feed's default.
    Minor(RawField, Option<RawField>),
}

/// Text that may contain markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prose {
    /// Meant as plain text.
    Plain(RawField),
    /// Meant as HTML.
    Html(RawField),
}

/// One item as the feed has it. A field is `None` if the feed does not have
/// it or leaves it empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are those of `Item`, in the feed's words"
)]
pub struct Draft {
    /// The row of a table with its header as row 1, or the line where the item begins.
    pub row: u64,
    /// The feed deletes this item. Then only the id matters.
    pub deleted: bool,
    pub id: Option<RawField>,
    pub group: Option<RawField>,
    pub title: Option<RawField>,
    pub description: Option<Prose>,
    pub url: Option<RawField>,
    /// Images, the main one first.
    pub images: Vec<(RawField, Option<String>)>,
    pub price: Option<Amount>,
    pub sale_price: Option<Amount>,
    /// The former price, if `price` is already the sale price.
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
    /// `no` if the merchant states that there is neither GTIN nor MPN.
    pub identifier_exists: Option<RawField>,
    pub condition: Option<RawField>,
    /// Taxonomy and value.
    pub categories: Vec<(&'static str, RawField)>,
    /// What distinguishes variants: each option's name and value.
    pub options: Vec<(String, RawField)>,
    pub age_group: Option<RawField>,
    pub gender: Option<RawField>,
    pub adult: Option<RawField>,
    pub digital: Option<RawField>,
    /// `country:region:service:price` and its longer forms.
    pub shipping: Vec<RawField>,
    pub weight: Option<RawField>,
    /// Whether the merchant allows sales through other channels.
    pub for_sale: Option<RawField>,
    /// Values without a field, under the feed's names.
    pub attributes: Vec<(String, String)>,
}

impl Draft {
    /// Whether the draft lacks what every item has, so that it can only change an existing item.
    #[must_use]
    pub fn is_change(&self) -> bool {
        let has_page = self.title.is_some() || self.url.is_some() || !self.images.is_empty();
        !self.deleted && !has_page && self.description.is_none()
    }

    /// The first value that a change of price and stock does not affect.
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
