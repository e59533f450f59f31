//! Kill switches: what they can name, and whether one stops a sale.
//!
//! Promises: a scope has one spelling; the same answer at the page, the hold, the payment and the agent. Must not store
//! anything.

use std::fmt;
use std::str::FromStr;

use buywire_schemas::ids::PostId;
use buywire_schemas::text::Slug;

/// The longest item id of a catalog.
const ITEM_ID_CHARS_MAX: usize = 128;
/// The names of channels and processors.
const CHANNELS: [&str; 3] = ["page", "acp", "ucp"];
const PROCESSORS: [&str; 3] = ["stripe", "manual", "sandbox"];

/// What a switch is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SwitchScope {
    /// Every sale.
    All,
    /// Every item of a partner.
    Partner(Slug),
    /// What is bought from a post.
    Post(PostId),
    /// One item of a partner.
    Item(Slug, String),
    /// New payments at a processor.
    Processor(&'static str),
    /// One way to buy.
    Channel(&'static str),
}

/// The text does not name a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be `all`, `partner:{{slug}}`, `post:{{id}}`, `item:{{partner}}:{{item_id}}`, `processor:{{stripe|manual|sandbox}}` or \
     `channel:{{page|acp|ucp}}`"
)]
pub struct NotAScope;

impl FromStr for SwitchScope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        if text == "all" {
            return Ok(Self::All);
        }
        let (kind, value) = text.split_once(':').ok_or(NotAScope)?;
        let slug = |text| Slug::parse(text).map_err(|_| NotAScope);
        match kind {
            "partner" => slug(value).map(Self::Partner),
            "post" => value.parse().map(Self::Post).map_err(|_| NotAScope),
            "item" => {
                let (partner, item) = value.split_once(':').ok_or(NotAScope)?;
                let fits = (1..=ITEM_ID_CHARS_MAX).contains(&item.chars().count());
                let item = fits.then(|| item.to_owned()).ok_or(NotAScope)?;
                Ok(Self::Item(slug(partner)?, item))
            }
            "processor" => one_of(&PROCESSORS, value).map(Self::Processor),
            "channel" => one_of(&CHANNELS, value).map(Self::Channel),
            _ => Err(NotAScope),
        }
    }
}

impl fmt::Display for SwitchScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Partner(slug) => write!(f, "partner:{slug}"),
            Self::Post(id) => write!(f, "post:{id}"),
            Self::Item(partner, item) => write!(f, "item:{partner}:{item}"),
            Self::Processor(name) => write!(f, "processor:{name}"),
            Self::Channel(name) => write!(f, "channel:{name}"),
        }
    }
}

/// A sale that may be stopped.
#[derive(Debug, Clone)]
pub struct SaleContext<'a> {
    /// Its channel's name.
    pub channel: &'a str,
    /// The processor's name, once it is to be paid.
    pub processor: Option<&'a str>,
    /// The post that it comes from.
    pub post: Option<PostId>,
    /// Partners and item ids.
    pub items: Vec<(&'a Slug, &'a str)>,
}

impl SwitchScope {
    /// Whether a sale is within the scope. One item of it is enough: an order is never sold in part.
    #[must_use]
    pub fn covers(&self, sale: &SaleContext<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Partner(slug) => sale.items.iter().any(|(partner, _)| *partner == slug),
            Self::Post(id) => sale.post == Some(*id),
            Self::Item(slug, item) => sale
                .items
                .iter()
                .any(|(partner, id)| *partner == slug && id == item),
            Self::Processor(name) => sale.processor == Some(*name),
            Self::Channel(name) => sale.channel == *name,
        }
    }
}

fn one_of(names: &[&'static str], text: &str) -> Result<&'static str, NotAScope> {
    names
        .iter()
        .find(|name| **name == text)
        .copied()
        .ok_or(NotAScope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_its_spelling_and_nothing_else_is_one() {
        let post = PostId::generate();
        for text in [
            "all",
            "partner:acme",
            &format!("post:{post}"),
            "item:acme:T:1",
            "processor:sandbox",
            "channel:acp",
        ] {
            assert_eq!(text.parse::<SwitchScope>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "All",
            "partner:",
            "partner:A",
            "post:1",
            "item:acme",
            "item:acme:",
            "processor:x",
            "channel:",
            "x:y",
        ] {
            assert_eq!(text.parse::<SwitchScope>(), Err(NotAScope), "{text}");
        }
    }

    #[test]
    fn a_switch_stops_what_it_names_and_nothing_else() {
        let (acme, other) = (Slug::parse("acme").unwrap(), Slug::parse("other").unwrap());
        let post = PostId::generate();
        let sale = SaleContext {
            channel: "page",
            processor: Some("sandbox"),
            post: Some(post),
            items: vec![(&acme, "cup"), (&acme, "cap")],
        };
        for scope in [
            SwitchScope::All,
            SwitchScope::Partner(acme.clone()),
            SwitchScope::Post(post),
            SwitchScope::Item(acme.clone(), "cap".to_owned()),
            SwitchScope::Processor("sandbox"),
            SwitchScope::Channel("page"),
        ] {
            assert!(scope.covers(&sale), "{scope}");
        }
        for scope in [
            SwitchScope::Partner(other.clone()),
            SwitchScope::Post(PostId::generate()),
            SwitchScope::Item(acme.clone(), "mug".to_owned()),
            SwitchScope::Item(other, "cup".to_owned()),
            SwitchScope::Processor("stripe"),
            SwitchScope::Channel("acp"),
        ] {
            assert!(!scope.covers(&sale), "{scope}");
        }
        let unpaid = SaleContext {
            processor: None,
            ..sale
        };
        assert!(!SwitchScope::Processor("sandbox").covers(&unpaid));
    }
}
