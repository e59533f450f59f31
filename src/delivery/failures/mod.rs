//! Failures in groups: which failed attempts are the same trouble.
//!
//! A group is one endpoint, one [`Cause`], and one signature of the reply. Promises: a group's id follows from these three
//! alone, on every node and for ever, so that links to it stay valid. Must not count: the recorder's statement does.

mod cause;
mod signature;

use buywire_schemas::ids::{EndpointId, FailureGroupId};
use sha2::{Digest, Sha256};
use uuid::{Builder, Bytes};

pub(crate) use cause::Cause;
pub(crate) use signature::{NO_REPLY, signature};

/// Of a reply, as the sample of its group.
const SAMPLE_BYTES_MAX: usize = 1024;

/// Which group a failed attempt belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub group: FailureGroupId,
    pub cause: Cause,
    pub signature: String,
    /// The beginning of the reply.
    pub sample: Option<String>,
}

impl Failure {
    /// From the attempt's error, and from the reply if there was one.
    pub(crate) fn new(
        endpoint: EndpointId,
        error: &str,
        status: Option<i16>,
        reply: Option<&str>,
    ) -> Self {
        let cause = Cause::of(error, status);
        let signature = reply.map_or_else(|| NO_REPLY.to_owned(), signature);
        let sample = reply.and_then(|text| text.get(..text.floor_char_boundary(SAMPLE_BYTES_MAX)));
        Self {
            group: group(endpoint, cause, &signature),
            cause,
            signature,
            sample: sample.map(str::to_owned),
        }
    }
}

fn group(endpoint: EndpointId, cause: Cause, signature: &str) -> FailureGroupId {
    let mut hash = Sha256::new();
    hash.update(endpoint.uuid().as_bytes());
    // Neither a cause nor a signature contains a blank.
    hash.update(format!("{} {signature}", cause.as_str()));
    let mut bytes = Bytes::default();
    let digest = hash.finalize();
    bytes
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    FailureGroupId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn endpoint_cause_and_reply_make_the_group_and_nothing_else() {
        let (one, other) = (EndpointId::generate(), EndpointId::generate());
        let failure = Failure::new(one, "server_error", Some(500), Some("order 1 is locked"));
        let again = Failure::new(one, "server_error", Some(501), Some("order 2 is locked"));
        assert_eq!(failure.group, again.group);
        assert_eq!(failure.sample.as_deref(), Some("order 1 is locked"));
        let groups = [
            Failure::new(other, "server_error", Some(500), Some("order 1 is locked")),
            Failure::new(one, "server_error", Some(503), Some("order 1 is locked")),
            Failure::new(one, "server_error", Some(500), Some("order 1 is gone")),
            Failure::new(one, "server_error", Some(500), None),
            Failure::new(one, "timeout", None, None),
            failure,
        ];
        let unique: BTreeSet<_> = groups.iter().map(|failure| failure.group).collect();
        assert_eq!(unique.len(), groups.len());
    }

    /// The id stands in links, so it must never follow from anything else.
    #[test]
    fn a_groups_id_is_the_same_for_ever() {
        let endpoint = "ep_0193a6d2c4b07f3e8a5b6c7d8e9f0a1b".parse().unwrap();
        let failure = Failure::new(endpoint, "dns", None, None);
        assert_eq!(failure.signature, "v1:none");
        assert_eq!(
            failure.group.to_string(),
            "flg_2b63e26bb14b87bc9c41f14677ca720e"
        );
    }

    #[test]
    fn a_sample_is_the_beginning_of_the_reply() {
        let reply = "ü".repeat(2_000);
        let failure = Failure::new(EndpointId::generate(), "timeout", None, Some(&reply));
        assert_eq!(
            failure.sample.map(|sample| sample.len()),
            Some(SAMPLE_BYTES_MAX)
        );
    }
}
