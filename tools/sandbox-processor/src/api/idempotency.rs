//! Idempotency keys, as Stripe's first version of them works.
//!
//! Promises: the first result under a key is kept, a failure of the processor too, and given again to the same
//! parameters; other parameters are refused; a twin in flight is refused. What was refused before anything was tried
//! is not kept. Keys live 24 hours, and at most `KEYS_MAX` are kept, the oldest forgotten first.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::ApiError;

/// Stripe's limit.
const KEY_CHARS_MAX: usize = 255;
/// Some 50 MB of replies.
const KEYS_MAX: usize = 20_000;
const LIFE_SECONDS: i64 = 86_400;

/// The parameters of a request, such that two requests can be compared.
pub(crate) type Fingerprint = [u8; 32];

/// A status and a document.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) request_id: String,
    pub(crate) status: u16,
    pub(crate) document: Value,
}

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    begun_s: i64,
    /// None: in flight.
    reply: Option<Reply>,
}

/// What a request with a key may do.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is the first.
    First,
    /// The first was answered so.
    Replay(Reply),
}

/// All keys.
#[derive(Debug, Default)]
pub(crate) struct IdempotencyKeys {
    entries: HashMap<String, Entry>,
    order: VecDeque<String>,
}

impl IdempotencyKeys {
    /// Begins a request under its key.
    pub(crate) fn begin(
        &mut self,
        key: &str,
        fingerprint: Fingerprint,
        now_s: i64,
    ) -> Result<Begun, ApiError> {
        if key.chars().count() > KEY_CHARS_MAX {
            let message = "Idempotency keys have at most 255 characters.";
            return Err(ApiError::request(message));
        }
        self.forget_old(now_s);
        match self.entries.get(key) {
            Some(entry) if entry.fingerprint != fingerprint => {
                let message = "An idempotency key can be used again only with the same parameters as at first.";
                Err(ApiError::idempotency(400, None, message))
            }
            Some(Entry {
                reply: Some(reply), ..
            }) => Ok(Begun::Replay(reply.clone())),
            Some(Entry { reply: None, .. }) => {
                let code = Some("idempotency_key_in_use");
                let message = "Another request with this idempotency key is in progress.";
                Err(ApiError::idempotency(409, code, message))
            }
            None => {
                let entry = Entry {
                    fingerprint,
                    begun_s: now_s,
                    reply: None,
                };
                self.entries.insert(key.to_owned(), entry);
                self.order.push_back(key.to_owned());
                Ok(Begun::First)
            }
        }
    }

    /// Keeps the first result.
    pub(crate) fn keep(&mut self, key: &str, reply: Reply) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.reply = Some(reply);
        }
    }

    /// Nothing was tried: the key is free again.
    pub(crate) fn release(&mut self, key: &str) {
        self.entries.remove(key);
        self.order.retain(|other| other != key);
    }

    /// Forgets every key.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    fn forget_old(&mut self, now_s: i64) {
        while let Some(key) = self.order.front() {
            let begun_s = self
                .entries
                .get(key)
                .map_or(i64::MIN, |entry| entry.begun_s);
            let is_old = begun_s.saturating_add(LIFE_SECONDS) <= now_s;
            if !is_old && self.order.len() < KEYS_MAX {
                return;
            }
            self.entries.remove(key);
            self.order.pop_front();
        }
    }
}

/// The tree is sorted, so that the order of parameters does not matter.
pub(crate) fn fingerprint(path: &str, params: &Value) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(path.as_bytes());
    hash.update([0]);
    hash.update(params.to_string().as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_result_is_kept_for_a_day_and_for_the_same_parameters() {
        let mut keys = IdempotencyKeys::default();
        let reply = Reply {
            request_id: "req_1".into(),
            status: 500,
            document: json!({}),
        };
        assert!(matches!(keys.begin("k", [1; 32], 0), Ok(Begun::First)));
        assert_eq!(keys.begin("k", [1; 32], 0).unwrap_err().status, 409);
        keys.keep("k", reply);
        assert!(matches!(keys.begin("k", [1; 32], 1), Ok(Begun::Replay(_))));
        assert_eq!(keys.begin("k", [2; 32], 1).unwrap_err().status, 400);
        assert!(matches!(
            keys.begin("k", [2; 32], LIFE_SECONDS),
            Ok(Begun::First)
        ));
        keys.release("k");
        assert!(matches!(
            keys.begin("k", [3; 32], LIFE_SECONDS),
            Ok(Begun::First)
        ));
        assert!(keys.begin(&"k".repeat(256), [1; 32], 0).is_err());
    }

    #[test]
    fn the_oldest_keys_are_forgotten_first() {
        let mut keys = IdempotencyKeys::default();
        for number in 0..=KEYS_MAX {
            keys.begin(&number.to_string(), [1; 32], 0).unwrap();
        }
        assert!(keys.entries.len() <= KEYS_MAX);
        assert!(!keys.entries.contains_key("0"));
    }
}
