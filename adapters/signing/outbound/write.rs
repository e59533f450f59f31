//! Follows the description of an outbound scheme: one attempt and its keys become header text. Must not know a dialect.

use super::scheme::{HeaderPart, SignatureSlots};
use crate::signing::components::CoveredComponents;
use crate::signing::keys::{KeyKind, SigningKey};
use crate::signing::signer::SignatureKind;
use crate::signing::subject::{Subject, content_digest};

impl HeaderPart {
    pub(super) fn push(
        &self,
        out: &mut String,
        keys: &[SigningKey],
        subject: &Subject<'_>,
        rotation: usize,
    ) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Id => out.push_str(subject.webhook_id),
            Self::Timestamp => out.push_str(subject.timestamp),
            Self::ContentDigest => out.push_str(&content_digest(subject.body)),
            Self::Parameters(components) => {
                let is_p256 = |key: &&SigningKey| key.kind() == KeyKind::P256;
                if let Some(key) = rotating_key(keys, is_p256, rotation) {
                    out.push_str(
                        &CoveredComponents::new(components, subject, key.id()).parameters(),
                    );
                }
            }
            Self::Signatures { kinds, slots } => match slots {
                SignatureSlots::PerKey(between) => push_per_key(out, kinds, between, keys, subject),
                SignatureSlots::Single => {
                    for kind in kinds.iter() {
                        let can_sign = |key: &&SigningKey| kind.signer.can_use(key);
                        if let Some(key) = rotating_key(keys, can_sign, rotation) {
                            out.push_str(&kind.prefix);
                            kind.signer.push(out, key, subject);
                        }
                    }
                }
            },
        }
    }
}

fn push_per_key(
    out: &mut String,
    kinds: &[SignatureKind],
    separator: &str,
    keys: &[SigningKey],
    subject: &Subject<'_>,
) {
    let mut first = true;
    for kind in kinds {
        for key in keys.iter().filter(|key| kind.signer.can_use(key)) {
            if !first {
                out.push_str(separator);
            }
            first = false;
            out.push_str(&kind.prefix);
            kind.signer.push(out, key, subject);
        }
    }
}

/// The usable key that signs in this rotation, if there is one.
fn rotating_key(
    keys: &[SigningKey],
    usable: impl Fn(&&SigningKey) -> bool,
    rotation: usize,
) -> Option<&SigningKey> {
    let index = rotation.checked_rem(keys.iter().filter(&usable).count())?;
    keys.iter().filter(&usable).nth(index)
}
