//! The master key, which seals secrets at rest.
//!
//! Promises: a sealed value opens only with the master key that sealed it, and only in its seal context:
//! table, row and column are authenticated, so a value that is copied to
//! another row is worthless there. Each value names its key, so that the master key
//! can be rotated: older values still open, and are resealed when they are next written.
//!
//! Layout: version (1 byte), key id (4), nonce (24), then ciphertext with its tag (16). The
//! nonce of XChaCha20-Poly1305 is long enough to be random, without a counter.

use crate::ambient;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

type KeyId = [u8; 4];

/// The table, row and column of a sealed value. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    pub table: &'a str,
    /// The row's id as text.
    pub row: &'a str,
    /// The column's name, extended by a key if the column has several values.
    pub column: &'a str,
}

/// The current master key and the previous ones.
#[derive(Clone)]
pub struct MasterKeys {
    current: MasterKey,
    previous: Vec<MasterKey>,
}

#[derive(Clone)]
struct MasterKey {
    id: KeyId,
    // Wipes its key when dropped.
    cipher: XChaCha20Poly1305,
}

/// A master key that cannot be used. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadMasterKey {
    /// Not standard base64 with its padding.
    #[error("a master key is standard base64 with padding")]
    Base64,
    #[error("a master key has exactly 32 bytes")]
    Length,
}

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Truncated, or not written by this code.
    #[error("this is not a sealed value")]
    NotSealed,
    /// Sealed by a later release.
    #[error("the sealed value has version {0}, which this release does not know")]
    Version(u8),
    /// None of the configured master keys sealed it.
    #[error("the value was sealed with a master key that is not configured")]
    UnknownKey,
    /// Changed, or copied from another row or column.
    #[error("the sealed value was changed or belongs to another row or column")]
    Forged,
    /// Longer than the cipher's limit of 256 GiB.
    #[error("the value is too long to be sealed")]
    TooLong,
}

impl MasterKeys {
    /// Reads the keys, each the base64 of 32 bytes. The current one seals; all of them open.
    ///
    /// # Errors
    /// A key cannot be used.
    pub fn new(current: &str, previous: &[&str]) -> Result<Self, BadMasterKey> {
        Ok(Self {
            current: MasterKey::parse(current)?,
            previous: previous
                .iter()
                .map(|key| MasterKey::parse(key))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Generates the text of a new master key. Randomness is not an argument: no caller may choose it.
    #[must_use]
    pub fn generate() -> Zeroizing<String> {
        let random = Zeroizing::new(ambient::random::<[u8; 32]>());
        Zeroizing::new(STANDARD.encode(random.as_slice()))
    }

    /// Seals a value for one context.
    ///
    /// # Errors
    /// The value exceeds the cipher's limit.
    pub fn seal(&self, context: SealContext<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = ambient::random::<[u8; NONCE_BYTES]>();
        let payload = Payload {
            msg: plain,
            aad: &associated_data(self.current.id, context),
        };
        let cipher = &self.current.cipher;
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| SealError::TooLong)?;
        Ok([&[VERSION], self.current.id.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens a value that was sealed for this context.
    ///
    /// # Errors
    /// The value is not a sealed one, its key is missing, or it was changed or copied from elsewhere.
    pub fn open(
        &self,
        context: SealContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let sealed = Sealed::read(sealed)?;
        let key = self.key(sealed.key).ok_or(SealError::UnknownKey)?;
        let payload = Payload {
            msg: sealed.ciphertext,
            aad: &associated_data(sealed.key, context),
        };
        let plain = key.cipher.decrypt(&XNonce::from(sealed.nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| SealError::Forged)
    }

    /// The ids of the configured keys, the current one first. They reveal nothing about the keys.
    #[must_use]
    pub fn key_ids(&self) -> Vec<[u8; 4]> {
        let all = std::iter::once(&self.current).chain(&self.previous);
        all.map(|key| key.id).collect()
    }

    /// Whether a value was sealed with another key than the current one.
    #[must_use]
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        !matches!(Sealed::read(sealed), Ok(sealed) if sealed.key == self.current.id)
    }

    fn key(&self, id: KeyId) -> Option<&MasterKey> {
        let mut all = std::iter::once(&self.current).chain(&self.previous);
        all.find(|key| key.id == id)
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKeys(redacted, {} previous)", self.previous.len())
    }
}

impl MasterKey {
    fn parse(text: &str) -> Result<Self, BadMasterKey> {
        let bytes = STANDARD
            .decode(text.trim())
            .map_err(|_| BadMasterKey::Base64)?;
        let bytes = Zeroizing::new(bytes);
        let cipher = XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| BadMasterKey::Length)?;
        // A hash distinguishes keys without revealing anything about them. Four bytes suffice for a handful.
        let mut hash = Sha256::new_with_prefix(b"buywire master key id");
        hash.update(bytes.as_slice());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        Ok(Self {
            id: [a, b, c, d],
            cipher,
        })
    }
}

/// The parts of a sealed value.
struct Sealed<'a> {
    key: KeyId,
    nonce: [u8; NONCE_BYTES],
    ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, SealError> {
        let (&version, rest) = bytes.split_first().ok_or(SealError::NotSealed)?;
        if version != VERSION {
            return Err(SealError::Version(version));
        }
        let (&key, rest) = rest.split_first_chunk().ok_or(SealError::NotSealed)?;
        let (&nonce, ciphertext) = rest.split_first_chunk().ok_or(SealError::NotSealed)?;
        Ok(Self {
            key,
            nonce,
            ciphertext,
        })
    }
}

/// Everything that the tag authenticates in addition to the value. Each part is preceded by its length, so that
/// no two contexts are encoded alike.
fn associated_data(key: KeyId, context: SealContext<'_>) -> Vec<u8> {
    let mut all = vec![VERSION];
    all.extend(key);
    for part in [context.table, context.row, context.column] {
        all.extend((part.len() as u64).to_be_bytes());
        all.extend(part.as_bytes());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: SealContext<'static> = SealContext {
        table: "endpoint_keys",
        row: "ep_1",
        column: "secret",
    };

    fn keys() -> MasterKeys {
        MasterKeys::new(&MasterKeys::generate(), &[]).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_and_looks_different_each_time() {
        let keys = keys();
        for plain in [b"".as_slice(), b"whsec_secret", &[0; 70_000]] {
            let sealed = keys.seal(CONTEXT, plain).unwrap();
            assert_eq!(keys.open(CONTEXT, &sealed).unwrap().as_slice(), plain);
            assert_ne!(keys.seal(CONTEXT, plain).unwrap(), sealed);
            assert!(!keys.needs_reseal(&sealed));
        }
    }

    #[test]
    fn a_value_moved_to_another_place_does_not_open() {
        let keys = keys();
        let sealed = keys.seal(CONTEXT, b"secret").unwrap();
        let elsewhere = [
            SealContext {
                table: "endpoints",
                ..CONTEXT
            },
            SealContext {
                row: "ep_2",
                ..CONTEXT
            },
            SealContext {
                column: "headers",
                ..CONTEXT
            },
            // The same letters, cut elsewhere.
            SealContext {
                row: "ep_1s",
                column: "ecret",
                ..CONTEXT
            },
        ];
        for context in elsewhere {
            assert_eq!(
                keys.open(context, &sealed),
                Err(SealError::Forged),
                "{context:?}"
            );
        }
    }

    #[test]
    fn a_previous_key_opens_and_asks_to_be_replaced() {
        let (old, new) = (MasterKeys::generate(), MasterKeys::generate());
        let sealed = MasterKeys::new(&old, &[])
            .unwrap()
            .seal(CONTEXT, b"secret")
            .unwrap();
        let rotated = MasterKeys::new(&new, &[&old]).unwrap();
        assert_eq!(
            rotated.open(CONTEXT, &sealed).unwrap().as_slice(),
            b"secret"
        );
        assert!(rotated.needs_reseal(&sealed));
        let forgetful = MasterKeys::new(&new, &[]).unwrap();
        assert_eq!(forgetful.open(CONTEXT, &sealed), Err(SealError::UnknownKey));
    }

    #[test]
    fn no_changed_bit_opens() {
        let keys = keys();
        let sealed = keys.seal(CONTEXT, b"secret").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(keys.open(CONTEXT, &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(
                keys.open(CONTEXT, &sealed[..length]).is_err(),
                "length {length}"
            );
        }
        assert_eq!(keys.open(CONTEXT, b""), Err(SealError::NotSealed));
        assert_eq!(keys.open(CONTEXT, b"\x02later"), Err(SealError::Version(2)));
    }

    #[test]
    fn only_whole_keys_are_taken_and_none_is_shown() {
        let new = |text| MasterKeys::new(text, &[]).unwrap_err();
        assert_eq!(new("not base64"), BadMasterKey::Base64);
        assert_eq!(new(&STANDARD.encode([7; 31])), BadMasterKey::Length);
        let good = MasterKeys::generate();
        assert!(MasterKeys::new(&good, &["short"]).is_err());
        let shown = format!("{:?}", MasterKeys::new(&good, &[&good]).unwrap());
        assert_eq!(shown, "MasterKeys(redacted, 1 previous)");
    }
}
