//! Opening a checkout, and changing it: cart, price, buyer.

use buywire_checkout::cart::Cart;
use buywire_checkout::machine::{Checkout, Event};
use buywire_schemas::ids::CheckoutId;
use buywire_schemas::order::Address;
use time::Duration;
use zeroize::Zeroizing;

use super::pricing;
use crate::ambient;
use crate::checkout::buyer::SealedPerson;
use crate::checkout::draft::CheckoutDraft;
use crate::checkout::sale_rules::sale;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::token::CheckoutToken;
use crate::checkout::view::{CheckoutView, token_context};
use crate::store::checkouts::{self, StoredCheckout};

/// How long a checkout that nobody pays stays open.
const LIFE: Duration = Duration::hours(6);

/// What only agents need.
#[derive(Default)]
pub(super) struct SaveExtras {
    /// The id of a new checkout: a request that is repeated opens no second one.
    pub(super) id: Option<CheckoutId>,
    /// The cart, where it was read already, with what its posts offer.
    pub(super) cart: Option<Cart>,
    /// What the agent has sent, as it is stored.
    pub(super) details: Option<Zeroizing<Vec<u8>>>,
    /// Where it goes, as far as it is known: for a price that cannot be paid yet.
    pub(super) destination: Option<Address>,
    /// Something must be settled first: it is priced, and cannot be paid.
    pub(super) is_blocked: bool,
}

impl Checkouts {
    /// Opens a checkout, or changes the one with this token, and prices it. One of another post is not found: each is paid
    /// by the rules of its own.
    pub(crate) async fn save(
        &self,
        token: Option<&CheckoutToken>,
        draft: CheckoutDraft,
    ) -> Result<CheckoutView, CheckoutError> {
        let existing = match token {
            Some(token) => {
                let found = self.find(token).await?;
                let is_own = found.post == draft.post;
                Some(is_own.then_some(found.id).ok_or(CheckoutError::NotFound)?)
            }
            None => None,
        };
        self.save_draft(existing, draft, SaveExtras::default())
            .await
    }

    pub(super) async fn save_draft(
        &self,
        existing: Option<CheckoutId>,
        draft: CheckoutDraft,
        extras: SaveExtras,
    ) -> Result<CheckoutView, CheckoutError> {
        let now = ambient::now();
        let cart = match extras.cart {
            Some(cart) => cart,
            None => self.cart(&draft, now).await?,
        };
        self.check_switches(&sale(draft.channel, draft.post, &cart, None))
            .await?;
        let destination = extras.destination.as_ref();
        let pricing = self.price(&cart, &draft, destination, now).await?;
        let id = match existing {
            Some(id) => id,
            None => self.add(extras.id, &draft, &cart).await?,
        };
        let (buyer, details) = (draft.buyer.as_ref(), extras.details.as_ref());
        let has_person = buyer.is_some() || details.is_some();
        let sealed = has_person.then(|| {
            let details = details.map(|details| details.as_slice());
            SealedPerson::seal(buyer, details, &self.master, id)
        });
        let sealed = sealed.transpose()?;
        let fingerprints = match buyer {
            Some(buyer) => Some(self.fingerprint_key().await?.of_buyer(buyer)),
            None => None,
        };
        let may_pay = draft.buyer.is_some() && !extras.is_blocked;
        let saved = self
            .drive(id, move |checkout, now| {
                checkout.language = draft.language;
                checkout.cart = cart;
                checkout.setback = None;
                if let Some(sealed) = sealed {
                    (checkout.buyer, checkout.buyer_key) = (sealed.buyer, Some(sealed.key));
                    checkout.details = sealed.details;
                }
                if let Some(buyer) = fingerprints {
                    (checkout.contact, checkout.address) = (buyer.contact, buyer.address);
                }
                let event = match may_pay {
                    true => pricing::event(pricing.as_ref(), now),
                    false => Event::Change,
                };
                checkout.pricing = pricing;
                Ok(event)
            })
            .await?;
        self.view(saved).await
    }

    async fn add(
        &self,
        id: Option<CheckoutId>,
        draft: &CheckoutDraft,
        cart: &Cart,
    ) -> Result<CheckoutId, CheckoutError> {
        let id = id.unwrap_or_else(CheckoutId::generate);
        let (token, now) = (CheckoutToken::generate(), ambient::now());
        let row = id.to_string();
        let new = StoredCheckout {
            id,
            token: self
                .master
                .seal(token_context(&row), token.as_str().as_bytes())?,
            channel: draft.channel,
            agent: draft.agent,
            post: draft.post,
            language: draft.language.clone(),
            cart: cart.clone(),
            pricing: None,
            setback: None,
            machine: Checkout::open(id, now + LIFE),
            buyer: None,
            buyer_key: None,
            contact: None,
            address: None,
            order: None,
            details: None,
            payment_token: None,
            payment_request: None,
            test: false,
            ordered_at: None,
            created_at: now,
            updated_at: now,
        };
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        checkouts::add(&tx, &new, &token.hash()).await?;
        tx.commit().await?;
        self.metrics.count_state("open");
        Ok(id)
    }
}
