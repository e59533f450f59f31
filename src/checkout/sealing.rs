//! What is sealed of a checkout: its token, its buyer, and the key by which buyers are recognised.

use zeroize::Zeroizing;

use super::buyer::{Buyer, FingerprintKey, SealedBuyer, SealedDetails, SealedPerson};
use super::shared::{CheckoutError, Checkouts};
use super::token::CheckoutToken;
use super::view::token_context;
use crate::ambient;
use crate::secrets::master_key::SealContext;
use crate::store::checkouts::StoredCheckout;

impl Checkouts {
    /// The token as its buyer has it.
    pub(super) fn token(&self, stored: &StoredCheckout) -> Result<CheckoutToken, CheckoutError> {
        let row = stored.id.to_string();
        let opened = self.master.open(token_context(&row), &stored.token)?;
        let text = std::str::from_utf8(&opened).unwrap_or_default();
        CheckoutToken::parse(text).ok_or(CheckoutError::Sealed)
    }

    /// `None`: not given yet, or made unreadable.
    pub(super) fn buyer(&self, checkout: &StoredCheckout) -> Result<Option<Buyer>, CheckoutError> {
        let sealed = checkout.buyer.clone().zip(checkout.buyer_key.clone());
        let Some((buyer, key)) = sealed else {
            return Ok(None);
        };
        let opened = Buyer::open(&self.master, checkout.id, &SealedBuyer { buyer, key })?;
        Ok(Some(opened))
    }

    /// What an agent has sent. `None`: this is no agent's checkout, or nobody can read it any more.
    pub(super) fn details(
        &self,
        checkout: &StoredCheckout,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, CheckoutError> {
        let key = checkout.buyer_key.as_deref();
        let sealed = checkout.details.as_deref().zip(key);
        let Some((details, key)) = sealed else {
            return Ok(None);
        };
        let sealed = SealedDetails { details, key };
        let opened = SealedPerson::open_details(&self.master, checkout.id, &sealed)?;
        Ok(Some(opened))
    }

    /// The key of the fingerprints, the same on all nodes.
    pub(super) async fn fingerprint_key(&self) -> Result<&FingerprintKey, CheckoutError> {
        const CONTEXT: SealContext<'static> = SealContext {
            table: "fingerprint_key",
            row: "1",
            column: "sealed",
        };
        let load = async || {
            if self.store.fingerprint_key().await?.is_none() {
                let new = Zeroizing::new(ambient::random::<[u8; 32]>());
                let sealed = self.master.seal(CONTEXT, new.as_slice())?;
                self.store.add_fingerprint_key(&sealed).await?;
            }
            let sealed = self.store.fingerprint_key().await?;
            let sealed = sealed.ok_or(CheckoutError::Busy)?;
            let key = self.master.open(CONTEXT, &sealed)?;
            if self.master.needs_reseal(&sealed) {
                let new = self.master.seal(CONTEXT, &key)?;
                self.store.replace_fingerprint_key(&sealed, &new).await?;
            }
            Ok(FingerprintKey(key))
        };
        self.0.fingerprint_key.get_or_try_init(load).await
    }
}
