//! The ids by which agents name items: `prd_…`, or `partner:item_id`.
//!
//! A slug has no colon, so that the first one ends it, whatever the partner's item id holds. An agent reads its own spelling
//! back.

use buywire_schemas::ids::ProductId;
use buywire_schemas::text::Slug;

/// Bounds what is looked up: a slug, a colon and the longest item id.
const ID_CHARS_MAX: usize = 320;

/// An item as an agent names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ItemName {
    Product(ProductId),
    OfPartner(Slug, String),
}

impl ItemName {
    /// `None`: no item can have this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.chars().count() > ID_CHARS_MAX || text.contains('\0') {
            return None;
        }
        if let Ok(product) = text.parse() {
            return Some(Self::Product(product));
        }
        let (slug, item_id) = text.split_once(':')?;
        let slug = Slug::parse(slug).ok()?;
        (!item_id.is_empty()).then(|| Self::OfPartner(slug, item_id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_two_names() {
        let id = ProductId::generate();
        assert_eq!(
            ItemName::parse(&id.to_string()),
            Some(ItemName::Product(id))
        );
        let of = |slug: &str, item: &str| {
            ItemName::OfPartner(Slug::parse(slug).unwrap(), item.to_owned())
        };
        assert_eq!(ItemName::parse("acme:CUP-1"), Some(of("acme", "CUP-1")));
        assert_eq!(ItemName::parse("acme:a:b /ü"), Some(of("acme", "a:b /ü")));
        for text in [
            "",
            "CUP-1",
            ":CUP-1",
            "acme:",
            "Acme!:x",
            "prd_1",
            "acme:a\0",
            &"a".repeat(400),
        ] {
            assert_eq!(ItemName::parse(text), None, "{text}");
        }
    }
}
