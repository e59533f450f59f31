//! Requests that may be repeated: the same key and body have the same answer, and are carried out once.
//!
//! Promises: a request is claimed before it is carried out, and what it makes has an id from then on, so that a process
//! that takes over from a dead one makes nothing twice; where one transaction carries a request out, its answer commits
//! with it ([`AnswerSlot`]); answers are stored sealed, for a day; an answer that says that something failed here is not
//! stored. Must not know a protocol: whether a reused key is 409 or 422 is the caller's.

mod slot;

pub(crate) use slot::{AnswerSlot, RequestOutcome};

use std::sync::Arc;
use std::time::Duration;

use buywire_schemas::ids::KeyId;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::jobs::Job;
use crate::secrets::master_key::{MasterKeys, SealContext, SealError};
use crate::store::Store;
use crate::store::audit::Actor;
use crate::store::idempotency::{RequestClaim, RequestName};

/// Longer than the longest request: two calls of a processor, each of at most 20 seconds.
const CLAIM_SECONDS: f64 = 60.0;
/// For requests whose repetition is safe even while the first one runs: longer than their longest statement.
const SHORT_CLAIM_SECONDS: f64 = 20.0;
/// How long an answer is repeated.
const KEPT_SECONDS: f64 = 86_400.0;
const FORGET_INTERVAL: Duration = Duration::from_mins(5);
const SLICE: i64 = 1_000;
/// JSON has one kind of number. Up to here a whole number is the same, whether it is written with a point or not.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Clones share everything.
#[derive(Clone)]
pub(crate) struct Idempotency {
    store: Store,
    master: Arc<MasterKeys>,
}

/// What to do with a request.
pub(crate) enum Claim {
    /// Carry it out, and [`finish`](Idempotency::finish).
    Granted(Granted),
    /// It was answered before.
    Answered { status: u16, body: Vec<u8> },
    /// The first one with this key is not answered yet.
    InFlight,
    /// The first one with this key had another body.
    Conflict,
}

/// A request that this process carries out.
pub(crate) struct Granted {
    name: RequestName,
    claim: RequestClaim,
}

/// Why a key could not be looked up, or an answer not be kept.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    #[error(transparent)]
    Store(#[from] DatabaseError),
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The claim had ended before the request did.
    #[error("another process has taken this request over")]
    TakenOver,
}

impl Granted {
    /// The id of what the request makes, the same however often it is begun.
    pub(crate) fn subject(&self) -> Uuid {
        self.claim.subject
    }

    /// Names the request, for what must be done once in its name.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let name = &self.name;
        let text = [name.caller.to_string(), name.route.clone()].join("\n");
        let mut hash = Sha256::new_with_prefix(text);
        hash.update(name.key);
        hash.finalize().into()
    }
}

impl Idempotency {
    pub(crate) fn open(store: Store, master: Arc<MasterKeys>) -> Self {
        Self { store, master }
    }

    /// Claims the request of a caller. `new` is the id of what it makes, if it is the first.
    pub(crate) async fn claim(
        &self,
        caller: KeyId,
        route: &str,
        key: &str,
        body: &Value,
        new: Uuid,
    ) -> Result<Claim, IdempotencyError> {
        let name = RequestName::new(caller, route, key);
        self.claim_digest(name, digest(body), new, CLAIM_SECONDS)
            .await
    }

    /// The same for a request whose repetition is safe even while the first one runs. Its body may be no JSON.
    pub(crate) async fn claim_bytes(
        &self,
        actor: &Actor,
        route: &str,
        key: &str,
        body: &[u8],
        new: Uuid,
    ) -> Result<Claim, IdempotencyError> {
        let digest = match serde_json::from_slice(body) {
            Ok(value) => digest(&value),
            Err(_) => Sha256::digest(body).into(),
        };
        let name = RequestName::new(caller_id(actor), route, key);
        self.claim_digest(name, digest, new, SHORT_CLAIM_SECONDS)
            .await
    }

    async fn claim_digest(
        &self,
        name: RequestName,
        digest: [u8; 32],
        new: Uuid,
        seconds: f64,
    ) -> Result<Claim, IdempotencyError> {
        let claimed = self.store.claim_request(&name, &digest, new, seconds);
        if let Some(claim) = claimed.await? {
            return Ok(Claim::Granted(Granted { name, claim }));
        }
        let Some(first) = self.store.known_request(&name).await? else {
            // It was forgotten at this moment.
            return Ok(Claim::InFlight);
        };
        if first.body != digest {
            return Ok(Claim::Conflict);
        }
        let Some((status, answer)) = first.answer else {
            return Ok(Claim::InFlight);
        };
        let row = hex(&name.key);
        let body = self.master.open(context(&row), &answer)?.to_vec();
        let status = u16::try_from(status).unwrap_or_default();
        Ok(Claim::Answered { status, body })
    }

    /// Keeps the answer, or lets the request be repeated where something failed here.
    pub(crate) async fn finish(
        &self,
        granted: &Granted,
        status: u16,
        body: &[u8],
    ) -> Result<(), IdempotencyError> {
        let (name, claim) = (&granted.name, granted.claim);
        let kept = i16::try_from(status).ok().filter(|status| *status < 500);
        let Some(status) = kept else {
            return self.release(granted).await;
        };
        let row = hex(&name.key);
        let sealed = self.master.seal(context(&row), body)?;
        let kept = self.store.answer_request(name, claim, status, &sealed);
        Ok(kept.await?)
    }

    /// Lets the same request be repeated at once.
    async fn release(&self, granted: &Granted) -> Result<(), IdempotencyError> {
        let (name, claim) = (&granted.name, granted.claim);
        Ok(self.store.release_request(name, claim).await?)
    }

    /// Lets the key be used for any request at once: nothing was done in its name.
    async fn free(&self, granted: &Granted) -> Result<(), IdempotencyError> {
        Ok(self
            .store
            .free_request(&granted.name, granted.claim)
            .await?)
    }

    /// Forgets old answers.
    pub(crate) fn job(&self) -> Job {
        let own = self.clone();
        Job::new("idempotency.forget", FORGET_INTERVAL, move || {
            let own = own.clone();
            async move {
                let forgotten = own.store.forget_requests(KEPT_SECONDS, SLICE).await?;
                Ok::<_, DatabaseError>(i64::try_from(forgotten).is_ok_and(|count| count >= SLICE))
            }
        })
    }
}

impl RequestName {
    fn new(caller: KeyId, route: &str, key: &str) -> Self {
        Self {
            caller,
            route: route.to_owned(),
            key: Sha256::digest(key.as_bytes()).into(),
        }
    }
}

/// The key that a caller's requests belong to. Keys of the environment have no id: their label stands for them.
fn caller_id(actor: &Actor) -> KeyId {
    let from_label = || {
        let digest = Sha256::digest(actor.label.as_bytes());
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(digest)
            .for_each(|(to, from)| *to = from);
        KeyId::from_uuid(Uuid::from_bytes(bytes))
    };
    actor.key.unwrap_or_else(from_label)
}

fn context(row: &str) -> SealContext<'_> {
    SealContext {
        table: "idempotent_requests",
        row,
        column: "answer",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of a JSON value. The order of members and the spelling of a number make no difference; null is not absent.
fn digest(value: &Value) -> [u8; 32] {
    let mut text = String::new();
    write_canonical(value, &mut text);
    Sha256::digest(text.as_bytes()).into()
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => {
            let exact = number.as_f64().filter(|_| number.is_f64());
            let exact = exact.filter(|float| float.fract() == 0.0 && float.abs() < EXACT_MAX);
            match exact {
                // Minus zero is zero.
                Some(whole) => out.push_str(&format!("{:.0}", whole + 0.0)),
                None => out.push_str(&number.to_string()),
            }
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, member) in members {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(member, out);
                out.push(',');
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> [u8; 32] {
        digest(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn bodies_are_compared_as_json_values() {
        for (one, two) in [
            (r#"{"a":1,"b":[1,2]}"#, r#"{ "b": [1, 2.0], "a": 1.0 }"#),
            (r#"{"a":"\u00e9"}"#, r#"{"a":"é"}"#),
            (r#"{"a":-0.0}"#, r#"{"a":0}"#),
            (r#"{"a":1e3}"#, r#"{"a":1000}"#),
        ] {
            assert_eq!(parsed(one), parsed(two), "{one} {two}");
        }
        for (one, two) in [
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#),
            (r#"{"a":1}"#, r#"{"a":"1"}"#),
            (r#"{"a":1.5}"#, r#"{"a":1}"#),
            (r#"{"a":false}"#, r#"{"a":null}"#),
            (r#"{"a":{}}"#, r#"{"a":[]}"#),
            (r#"{"a":9007199254740993}"#, r#"{"a":9007199254740992}"#),
        ] {
            assert_ne!(parsed(one), parsed(two), "{one} {two}");
        }
        assert_eq!(digest(&json!({"a": 10})), parsed(r#"{"a":10.0}"#));
    }
}
