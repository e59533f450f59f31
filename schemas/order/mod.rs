//! A confirmed order: what the platform posts once the buyer has paid.
//!
//! [`Order::parse`] is the only entrance. After it, every sum is correct, every text bounded, every code
//! known, and no card number is left. The canonical form is one spelling of the parsed value,
//! so key order, spacing, time zone and null versus absent make no difference.
//! The store checks whether the partners exist.

mod bounds;
mod card_suspects;
mod content;
mod parse;
mod scalar;
mod sums;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use self::content::Buyer;
pub(crate) use self::content::{OrderContent, OrderLine};
pub use self::{
    bounds::*,
    card_suspects::{CardSuspect, card_suspects},
    content::{Address, Attributes, OrderPost},
    scalar::{Digits, Scalar},
    sums::OrderShare,
};
use crate::{
    money::Currency,
    problem::{BodyError, FieldError, Violation},
    text::Slug,
};

/// Shorter names occur in too many other words.
const IDENTIFIER_CHARS_MIN: usize = 3;

/// A valid order, and its canonical text.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    content: OrderContent,
    /// Serialized once, where that can still fail. The store and the hash both need it.
    canonical: String,
}

impl Order {
    /// Reads an order, or returns everything that is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        Self::parse_with_warnings(body, &[]).map(|(order, _)| order)
    }

    /// The same, with warnings about what was normalised or ignored. `exempt` are pointers to values known
    /// not to be card numbers; see [`card_suspects()`].
    pub fn parse_with_warnings(
        body: &[u8],
        exempt: &[String],
    ) -> Result<(Self, Vec<FieldError>), BodyError> {
        let (content, warnings) = parse::content(body, exempt)?;
        let order = Self::from_content(content).map_err(|_| {
            BodyError::single("", Violation::new("unstorable", "could not be serialized"))
        })?;
        Ok((order, warnings))
    }

    /// Reads the output of [`Order::canonical`], also of a redacted order. Trusts its sums.
    pub fn from_stored(canonical: &str) -> Result<Self, serde_json::Error> {
        Ok(Self {
            content: serde_json::from_str(canonical)?,
            canonical: canonical.to_owned(),
        })
    }

    /// The one spelling of this order, for storing and comparing it.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// SHA-256 of the canonical form.
    #[must_use]
    pub fn content_hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical.as_bytes()).into()
    }

    /// The same order without its buyer: name, e-mail, phone, `ship_to` and `note` are null, metadata and
    /// the lines' attributes are empty, and `redacted` is true. Only [`Order::from_stored`] reads it again: as a new order it would
    /// be rejected, because a buyer must have a name.
    pub fn redacted(&self) -> Result<Self, serde_json::Error> {
        let mut content = self.content.clone();
        content.redact();
        Self::from_content(content)
    }

    /// What identifies the buyer in text: name, e-mail, phone and the recipient's name.
    #[must_use]
    pub fn buyer_identifiers(&self) -> Vec<&str> {
        let Buyer {
            name, email, phone, ..
        } = &self.content.buyer;
        let receiver = self.content.ship_to.as_ref().map(|to| to.name.as_str());
        let identifiers = [
            name.as_deref(),
            email.as_deref(),
            phone.as_deref(),
            receiver,
        ];
        let long_enough = |word: &&str| word.chars().count() >= IDENTIFIER_CHARS_MIN;
        identifiers
            .into_iter()
            .flatten()
            .filter(long_enough)
            .collect()
    }

    /// The platform's order id.
    #[must_use]
    pub fn order_id(&self) -> &str {
        &self.content.order_id
    }

    /// When the buyer's payment was confirmed, in UTC.
    #[must_use]
    pub fn confirmed_at(&self) -> OffsetDateTime {
        self.content.confirmed_at
    }

    /// The currency of every amount in the order.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.content.currency
    }

    /// What the buyer paid, to all partners together.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.content.total
    }

    /// Whether this is a test order, which statistics must leave out.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.content.test
    }

    /// Whether the buyer's data has been redacted.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.content.redacted
    }

    /// The partners with lines, each once, in the order of their first lines.
    #[must_use]
    pub fn partners(&self) -> Vec<&Slug> {
        sums::partners(&self.content.lines)
    }

    /// The indices of this partner's lines, from 0.
    pub fn line_indices<'a>(&'a self, partner: &'a Slug) -> impl Iterator<Item = usize> + 'a {
        let lines = self.content.lines.iter().enumerate();
        lines
            .filter(move |(_, line)| line.partner == *partner)
            .map(|(index, _)| index)
    }

    /// One partner's part of the order's money. All zero for a partner without lines.
    #[must_use]
    pub fn share(&self, partner: &Slug) -> OrderShare {
        let content = &self.content;
        let amounts = sums::Amounts {
            lines: &content.lines,
            shipping: &content.shipping,
            discount: &content.discount,
            tax_included: content.tax_included,
            shipping_tax: &content.shipping_tax,
        };
        amounts.share(partner)
    }

    pub(crate) fn content(&self) -> &OrderContent {
        &self.content
    }

    fn from_content(content: OrderContent) -> Result<Self, serde_json::Error> {
        let canonical = serde_json::to_string(&content)?;
        Ok(Self { content, canonical })
    }
}

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.content.serialize(serializer)
    }
}

#[cfg(test)]
mod gross_prices;
#[cfg(test)]
mod tests;
