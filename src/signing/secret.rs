//! Fresh webhook secrets.
//!
//! Reading, showing and signing with one is [`SigningKey`]'s part, in the adapters' crate, which
//! has no dice of its own; sealing it at rest is `seal`'s.

use buywire_adapters::signing::SigningKey;
use zeroize::Zeroizing;

/// Makes a secret of 32 random bytes. Its dice are not an argument: no caller may choose it.
#[must_use]
pub fn generate() -> SigningKey {
    let random = Zeroizing::new(rand::random::<[u8; 32]>());
    SigningKey::fresh(&random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_secret_reads_back_and_is_never_made_twice() {
        let (one, two) = (generate(), generate());
        assert_ne!(one.expose(), two.expose());
        assert_eq!(
            SigningKey::parse(one.expose()).unwrap().expose(),
            one.expose()
        );
    }
}
