//! The buyer of a checkout: contact and address, encrypted under a key of the checkout's own.
//!
//! Promises: without the checkout's key nothing of the buyer can be read, in backups neither; nothing here is in a
//! `Debug`. The fingerprints are keyed hashes: they recognise a buyer and do not name one.

use std::fmt;

use buywire_schemas::ids::CheckoutId;
use buywire_schemas::order::Address;
use buywire_schemas::post::ViewerDetails;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secrets::master_key::{MasterKeys, SealContext, SealError};
use crate::stock::BuyerFingerprints;
use crate::store::stock::holds::Fingerprint;

/// Who buys, and where it goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Buyer {
    pub(crate) email: String,
    pub(crate) name: String,
    /// Given only where the seller requires it: it is for the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// `None` where nothing is shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ship_to: Option<Address>,
    /// Where the buyer is, where nothing is shipped: for the tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    /// The buyer as a viewer of posts: who may buy is decided again when it is paid.
    #[serde(default, skip_serializing_if = "ViewerDetails::is_unknown")]
    pub(crate) viewer: ViewerDetails,
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Buyer")
    }
}

/// A buyer as stored.
pub(super) struct SealedBuyer {
    pub(super) buyer: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// Everything of a person that a checkout keeps, as stored.
pub(super) struct SealedPerson {
    pub(super) buyer: Option<Vec<u8>>,
    /// What an agent has sent.
    pub(super) details: Option<Vec<u8>>,
    pub(super) key: Vec<u8>,
}

impl SealedPerson {
    /// Encrypts both under one new key, which the master key seals.
    pub(super) fn seal(
        buyer: Option<&Buyer>,
        details: Option<&[u8]>,
        master: &MasterKeys,
        checkout: CheckoutId,
    ) -> Result<Self, SealError> {
        let row = checkout.to_string();
        let key = MasterKeys::generate();
        let own = own_keys(&key)?;
        let plain = buyer.map(serde_json::to_vec).transpose();
        let plain = plain.map_err(|_| SealError::NotSealed)?.map(Zeroizing::new);
        let buyer = plain.map(|plain| own.seal(context(&row, "buyer"), &plain));
        let details = details.map(|details| own.seal(context(&row, "details"), details));
        Ok(Self {
            buyer: buyer.transpose()?,
            details: details.transpose()?,
            key: master.seal(context(&row, "buyer_key"), key.as_bytes())?,
        })
    }

    pub(super) fn open_details(
        master: &MasterKeys,
        checkout: CheckoutId,
        sealed: &SealedDetails<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let row = checkout.to_string();
        let key = master.open(context(&row, "buyer_key"), sealed.key)?;
        let key = std::str::from_utf8(&key).map_err(|_| SealError::NotSealed)?;
        own_keys(key)?.open(context(&row, "details"), sealed.details)
    }
}

/// What an agent has sent, as stored.
pub(super) struct SealedDetails<'a> {
    pub(super) details: &'a [u8],
    pub(super) key: &'a [u8],
}

impl Buyer {
    pub(super) fn open(
        master: &MasterKeys,
        checkout: CheckoutId,
        sealed: &SealedBuyer,
    ) -> Result<Self, SealError> {
        let row = checkout.to_string();
        let key = master.open(context(&row, "buyer_key"), &sealed.key)?;
        let key = std::str::from_utf8(&key).map_err(|_| SealError::NotSealed)?;
        let plain = own_keys(key)?.open(context(&row, "buyer"), &sealed.buyer)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)
    }

    /// The country whose law and tax count.
    pub(crate) fn country(&self) -> Option<&str> {
        let shipped = self.ship_to.as_ref().map(|address| &address.country);
        shipped.or(self.country.as_ref()).map(String::as_str)
    }

    /// Where rates are requested for. Of what is not shipped, the country alone.
    pub(super) fn destination(&self) -> Option<Address> {
        let country = self.country.clone();
        self.ship_to.clone().or_else(|| {
            Some(Address {
                name: String::new(),
                line1: String::new(),
                line2: None,
                city: String::new(),
                region: None,
                postal_code: String::new(),
                country: country?,
            })
        })
    }
}

fn own_keys(key: &str) -> Result<MasterKeys, SealError> {
    MasterKeys::new(key, &[]).map_err(|_| SealError::NotSealed)
}

fn context<'a>(row: &'a str, column: &'a str) -> SealContext<'a> {
    SealContext {
        table: "checkouts",
        row,
        column,
    }
}

/// The key of the fingerprints.
#[derive(Clone)]
pub(super) struct FingerprintKey(pub(super) Zeroizing<Vec<u8>>);

impl FingerprintKey {
    /// By contact and address. The same mailbox in another spelling is the same buyer; so is the same house.
    pub(super) fn of_buyer(&self, buyer: &Buyer) -> BuyerFingerprints {
        let address = buyer.ship_to.as_ref().map(|address| {
            let parts = [&address.country, &address.postal_code, &address.line1];
            let parts = parts.map(|part| letters(part)).join("|");
            self.hash("address", &parts)
        });
        BuyerFingerprints {
            contact: Some(self.hash("contact", &mailbox(&buyer.email))),
            address,
            card: None,
        }
    }

    /// By the processor's fingerprint of the card.
    pub(super) fn of_card(&self, fingerprint: &str) -> Fingerprint {
        self.hash("card", fingerprint)
    }

    fn hash(&self, kind: &str, text: &str) -> Fingerprint {
        // Any length is a key.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return [0; 32];
        };
        mac.update(kind.as_bytes());
        mac.update(b":");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// An address without the differences that reach the same mailbox: case, and a tag after `+`.
fn mailbox(email: &str) -> String {
    let lower = email.trim().to_lowercase();
    let Some((local, domain)) = lower.rsplit_once('@') else {
        return lower;
    };
    let local = local.split('+').next().unwrap_or(local);
    format!("{local}@{domain}")
}

fn letters(text: &str) -> String {
    let kept = text.chars().filter(|letter| letter.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buyer(email: &str, line1: &str) -> Buyer {
        Buyer {
            email: email.to_owned(),
            name: "Ada".to_owned(),
            phone: None,
            ship_to: Some(Address {
                name: "Ada".to_owned(),
                line1: line1.to_owned(),
                line2: None,
                city: "Paris".to_owned(),
                region: None,
                postal_code: "75001".to_owned(),
                country: "FR".to_owned(),
            }),
            country: None,
            viewer: ViewerDetails {
                id: Some("viewer-1".to_owned()),
                ..ViewerDetails::default()
            },
        }
    }

    #[test]
    fn a_buyer_opens_with_the_key_of_its_checkout_only() {
        let master = MasterKeys::new(&MasterKeys::generate(), &[]).unwrap();
        let id = CheckoutId::generate();
        let original = buyer("ada@example.com", "1 rue");
        let seal = |buyer: &Buyer| {
            let sealed = SealedPerson::seal(Some(buyer), Some(b"{}"), &master, id).unwrap();
            let details = SealedDetails {
                details: sealed.details.as_deref().unwrap(),
                key: &sealed.key,
            };
            let opened = SealedPerson::open_details(&master, id, &details).unwrap();
            assert_eq!(opened.as_slice(), b"{}");
            SealedBuyer {
                buyer: sealed.buyer.unwrap(),
                key: sealed.key,
            }
        };
        let sealed = seal(&original);
        assert!(Buyer::open(&master, id, &sealed).unwrap() == original);
        assert!(Buyer::open(&master, CheckoutId::generate(), &sealed).is_err());
        let other = seal(&original);
        let mixed = SealedBuyer {
            buyer: sealed.buyer.clone(),
            key: other.key,
        };
        assert!(Buyer::open(&master, id, &mixed).is_err());
        assert!(!format!("{original:?}").contains("ada"));
    }

    #[test]
    fn one_buyer_in_two_spellings_is_recognised() {
        let key = FingerprintKey(Zeroizing::new(vec![7; 32]));
        let one = key.of_buyer(&buyer("Ada+shop@Example.com", "1, Rue X"));
        let two = key.of_buyer(&buyer("ada@example.com", "1 rue x"));
        let other = key.of_buyer(&buyer("bob@example.com", "2 rue x"));
        assert_eq!((one.contact, one.address), (two.contact, two.address));
        assert_ne!(one.contact, other.contact);
        assert_ne!(one.address, other.address);
        let elsewhere = FingerprintKey(Zeroizing::new(vec![8; 32]));
        assert_ne!(elsewhere.of_card("fp_1"), key.of_card("fp_1"));
    }
}
