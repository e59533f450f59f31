//! Generates signing keys of every kind.
//!
//! [`SigningKey`], in the adapters' crate, parses, shows and signs, and uses no randomness of its own;
//! `sealed_key` seals keys at rest.

use crate::ambient;
use buywire_adapters::signing::{KeyKind, SigningKey};
use zeroize::Zeroizing;

/// Generates a shared secret of 32 random bytes. Randomness is not an argument: no caller may choose it.
#[must_use]
pub(crate) fn generate() -> SigningKey {
    SigningKey::fresh(&random_bytes())
}

#[must_use]
pub(crate) fn generate_of(kind: KeyKind) -> SigningKey {
    match kind {
        KeyKind::Shared => generate(),
        KeyKind::Ed25519 => SigningKey::ed25519(&random_bytes()),
        // One number in four billion is not a key: try another.
        KeyKind::P256 => loop {
            if let Ok(key) = SigningKey::p256(&random_bytes()) {
                return key;
            }
        },
    }
}

fn random_bytes() -> Zeroizing<[u8; 32]> {
    Zeroizing::new(ambient::random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_reads_back_is_of_its_kind_and_is_never_made_twice() {
        for kind in [KeyKind::Shared, KeyKind::Ed25519, KeyKind::P256] {
            let (one, two) = (generate_of(kind), generate_of(kind));
            assert_ne!(one.expose(), two.expose());
            let read = SigningKey::parse(one.expose()).unwrap();
            assert_eq!((read.kind(), read.expose()), (kind, one.expose()));
        }
    }
}
