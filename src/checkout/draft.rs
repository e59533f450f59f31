//! What the page or an agent gives: items, buyer, delivery.

use std::collections::BTreeMap;

use buywire_schemas::ids::{KeyId, PostId};
use buywire_schemas::post::ViewerDetails;
use buywire_schemas::text::Slug;

use super::buyer::Buyer;
use crate::store::checkouts::Channel;

/// What somebody is about to buy.
#[derive(Clone)]
pub(crate) struct CheckoutDraft {
    pub(crate) channel: Channel,
    pub(crate) agent: Option<KeyId>,
    pub(crate) post: Option<PostId>,
    /// A language tag, for pages, mails and the processor.
    pub(crate) language: String,
    pub(crate) lines: Vec<DraftLine>,
    pub(crate) buyer: Option<Buyer>,
    /// The chosen delivery option of each seller.
    pub(crate) delivery: BTreeMap<Slug, String>,
}

/// Where something is bought, and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PurchaseOrigin<'a> {
    /// The post whose page it is bought on. `None`: an agent buys items.
    pub(crate) post: Option<PostId>,
    pub(crate) viewer: &'a ViewerDetails,
}

impl CheckoutDraft {
    /// Where it is bought, and by whom.
    pub(super) fn origin(&self) -> PurchaseOrigin<'_> {
        static UNKNOWN: ViewerDetails = ViewerDetails::UNKNOWN;
        PurchaseOrigin {
            post: self.post,
            viewer: self.buyer.as_ref().map_or(&UNKNOWN, |buyer| &buyer.viewer),
        }
    }
}

/// Units of one item.
#[derive(Debug, Clone)]
pub(crate) struct DraftLine {
    pub(crate) partner: Slug,
    pub(crate) item_id: String,
    pub(crate) quantity: i64,
}
