//! What an agent has sent for a session, in neutral form. Faces merge requests into it.
//!
//! Promises: kept encrypted with the checkout, and shredded with it; its `Debug` names nobody.

use std::collections::BTreeMap;
use std::fmt;

use buywire_checkout::address::Language;
use buywire_schemas::post::ViewerDetails;
use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::store::checkouts::Channel;

/// What an agent has sent.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SessionDetails {
    pub(crate) lines: Vec<RequestedLine>,
    pub(crate) person: Person,
    pub(crate) destination: Option<Destination>,
    /// The chosen delivery option of each seller.
    pub(crate) delivery: BTreeMap<Slug, String>,
    /// One choice for all sellers, by an agent that does not know them yet.
    pub(crate) delivery_of_all: Option<String>,
    /// Discount codes. None is known yet: each is rejected in words.
    pub(crate) codes: Vec<String>,
    /// What the buyer claims to be entitled by. No claim is known yet: each is ignored in words.
    pub(crate) claims: Vec<String>,
    /// By which the agent's platform knows the buyer, if its protocol has such an id. Opaque and stable.
    pub(crate) buyer_id: Option<String>,
    /// Where the buyer is, as a hint: an address goes before it.
    pub(crate) country: Option<String>,
    /// The currency that the agent expects.
    pub(crate) currency: Option<String>,
    pub(crate) locale: Option<String>,
    /// What a face says back as it came.
    pub(crate) echo: Value,
    /// Why lines cannot be bought, as the catalog said when the session was saved last.
    pub(crate) refused: Vec<RefusedItem>,
}

/// Units of one item, by the id that the agent uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RequestedLine {
    /// As it was sent, and as it is sent back.
    pub(crate) id: String,
    /// `None`: no product has this id.
    pub(crate) item: Option<(Slug, String)>,
    pub(crate) quantity: i64,
}

/// Who buys, as far as it was said.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Person {
    pub(crate) email: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) full_name: Option<String>,
    pub(crate) phone: Option<String>,
}

/// Where it goes, as it was sent.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Destination {
    /// The agent's id of it.
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) line1: String,
    pub(crate) line2: String,
    pub(crate) city: String,
    pub(crate) region: String,
    pub(crate) postal_code: String,
    pub(crate) country: String,
}

/// A requested line that cannot be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefusedItem {
    /// Its place in `lines`.
    pub(crate) line: usize,
    pub(crate) reason: RefusedReason,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefusedReason {
    Unknown,
    /// Not now.
    OutOfStock,
    /// Not at all, or not here.
    NotSold,
    TooMany {
        max: i64,
    },
    /// The other lines have another currency.
    OtherCurrency,
}

impl SessionDetails {
    pub(crate) fn read(stored: &[u8]) -> Option<Self> {
        serde_json::from_slice(stored).ok()
    }

    pub(crate) fn write(&self) -> Zeroizing<Vec<u8>> {
        // Members of fixed types always serialise.
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    /// For sentences, mails and the processor.
    pub(crate) fn language(&self) -> Language {
        let locale = self.locale.as_deref();
        locale
            .and_then(Language::from_tag)
            .unwrap_or(Language::English)
    }

    /// The buyer as a viewer of posts. What the agent does not say is unknown.
    pub(crate) fn viewer(&self, channel: Channel) -> ViewerDetails {
        let destination = self.destination.as_ref();
        let country = filled(destination.map(|one| one.country.as_str()));
        let country = country.or(filled(self.country.as_deref()));
        let id = filled(self.buyer_id.as_deref());
        ViewerDetails {
            id: id.map(str::to_owned),
            country: country.map(str::to_owned),
            platform: Some(channel.as_str().to_owned()),
            language: self.locale.as_deref().and_then(first_language),
        }
    }

    /// The id by which the agent knows an item.
    pub(crate) fn id_of<'a>(&'a self, partner: &Slug, item_id: &str) -> Option<&'a str> {
        let is_item = |line: &&RequestedLine| {
            let item = line.item.as_ref();
            item.is_some_and(|(own, id)| own == partner && id == item_id)
        };
        let line = self.lines.iter().find(is_item)?;
        Some(&line.id)
    }
}

impl Person {
    /// The name, in one piece or of two.
    pub(crate) fn name(&self) -> Option<String> {
        if let Some(full) = filled(self.full_name.as_deref()) {
            return Some(full.to_owned());
        }
        let parts = [self.first_name.as_deref(), self.last_name.as_deref()];
        let parts: Vec<_> = parts.into_iter().filter_map(filled).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// The first tag of a locale, which may be a whole `Accept-Language`.
fn first_language(locale: &str) -> Option<String> {
    let first = locale.split([',', ';']).next();
    filled(first).map(str::to_owned)
}

/// A text that says something.
pub(crate) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

macro_rules! nameless {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

nameless! { SessionDetails Person Destination }
