//! A checkout as the page and agents show it.

use std::fmt;

use buywire_checkout::machine::{Hold, PageSituation, Payment, State};
use buywire_checkout::policy::has_withdrawal_right;
use buywire_schemas::ids::CheckoutId;
use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::buyer::Buyer;
use super::order::order_number;
use super::shared::{CheckoutError, Checkouts};
use super::token::CheckoutToken;
use crate::secrets::master_key::SealContext;
use crate::stock::{BuyerFingerprints, HoldRefused, Sale};
use crate::store::checkouts::StoredCheckout;
use crate::store::payments::StoredPayment;

/// A checkout with everything that is shown of it.
pub(crate) struct CheckoutView {
    pub(crate) stored: StoredCheckout,
    pub(crate) token: CheckoutToken,
    /// `None`: not given yet, or made unreadable.
    pub(crate) buyer: Option<Buyer>,
    /// What an agent has sent, as its room writes it.
    pub(crate) details: Option<Zeroizing<Vec<u8>>>,
    /// The last attempt to pay.
    pub(crate) payment: Option<StoredPayment>,
    /// Where the buyer goes on, if the processor was just asked.
    pub(crate) next_page: Option<NextPage>,
    pub(crate) setback: Option<SetbackDetail>,
}

/// What the processor has said of the page where the buyer goes on: its URL, or that there is none.
#[derive(Clone)]
pub(crate) struct NextPage(pub(super) Option<String>);

impl fmt::Debug for CheckoutView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stored.fmt(f)
    }
}

/// Why an attempt to pay came to nothing, with its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "setback", rename_all = "snake_case")]
pub(crate) enum SetbackDetail {
    /// Fewer units are left.
    SoldOut {
        item_id: String,
        left: i64,
        /// Units that others hold: they may come back.
        held: i64,
    },
    /// The buyer would have more than one buyer may.
    LimitReached {
        item_id: String,
        max: Option<i64>,
        has: i64,
    },
}

impl SetbackDetail {
    pub(super) fn of(refused: &HoldRefused) -> Option<Self> {
        match refused {
            HoldRefused::SoldOut { item, left, held } => Some(Self::SoldOut {
                item_id: item.item_id.clone(),
                left: *left,
                held: *held,
            }),
            HoldRefused::LimitReached { item, max, has } => Some(Self::LimitReached {
                item_id: item.item_id.clone(),
                max: Some(*max),
                has: *has,
            }),
            HoldRefused::ItemUnknown(item) => Some(Self::SoldOut {
                item_id: item.item_id.clone(),
                left: 0,
                held: 0,
            }),
            HoldRefused::AlreadySold | HoldRefused::Busy => None,
        }
    }

    pub(super) fn of_sale(sale: &Sale) -> Option<Self> {
        match sale {
            Sale::Sold => None,
            Sale::SoldOut(item) => Some(Self::SoldOut {
                item_id: item.item_id.clone(),
                left: 0,
                held: 0,
            }),
            Sale::LimitReached(item) => Some(Self::LimitReached {
                item_id: item.item_id.clone(),
                max: None,
                has: 0,
            }),
            Sale::NothingHeld => None,
        }
    }
}

impl StoredCheckout {
    /// By what the buyer is recognised before a card is known.
    pub(super) fn fingerprints(&self) -> BuyerFingerprints {
        BuyerFingerprints {
            contact: self.contact,
            address: self.address,
            card: None,
        }
    }
}

impl CheckoutView {
    pub(crate) fn id(&self) -> CheckoutId {
        self.stored.id
    }

    pub(crate) fn situation(&self) -> PageSituation {
        self.stored.machine.page_situation()
    }

    /// What the buyer reads and writes of the order.
    pub(crate) fn order_number(&self) -> String {
        order_number(self.stored.id)
    }

    /// The units that are held while the buyer pays.
    pub(crate) fn hold(&self) -> Option<&Hold> {
        match self.stored.machine.state() {
            State::Paying { hold, .. } => Some(hold),
            _ => None,
        }
    }

    /// The payment that the buyer is making.
    pub(crate) fn paying(&self) -> Option<&Payment> {
        match self.stored.machine.state() {
            State::Paying { payment, .. } => Some(payment),
            _ => None,
        }
    }

    /// Whether the buyer's law gives a right to withdraw. Where nothing is shipped, the country is not known: then it does.
    pub(crate) fn may_withdraw(&self) -> bool {
        let country = self.buyer.as_ref().and_then(Buyer::country);
        country.is_none_or(has_withdrawal_right)
    }

    /// The sellers, each once.
    pub(crate) fn partners(&self) -> Vec<&Slug> {
        let mut partners: Vec<&Slug> = Vec::new();
        for line in &self.stored.cart.lines {
            if !partners.contains(&&line.partner) {
                partners.push(&line.partner);
            }
        }
        partners
    }

    /// When the order was confirmed.
    pub(crate) fn confirmed_at(&self) -> Option<OffsetDateTime> {
        self.stored.ordered_at
    }
}

impl Checkouts {
    pub(super) async fn view(&self, stored: StoredCheckout) -> Result<CheckoutView, CheckoutError> {
        let payment = self.store.payments_of(stored.id).await?.pop();
        let setback = stored.setback.clone();
        Ok(CheckoutView {
            token: self.token(&stored)?,
            buyer: self.buyer(&stored)?,
            details: self.details(&stored)?,
            payment,
            next_page: None,
            setback: setback.and_then(|detail| serde_json::from_value(detail).ok()),
            stored,
        })
    }

    /// The page where its buyer follows it.
    pub(crate) fn order_page(&self, token: &CheckoutToken) -> String {
        format!("{}/o/{}", self.public_url, token.as_str())
    }
}

pub(super) fn token_context(row: &str) -> SealContext<'_> {
    SealContext {
        table: "checkouts",
        row,
        column: "token",
    }
}
