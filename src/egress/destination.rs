//! Where a request to a URL would end, for requests that a proxy connects.
//!
//! A proxy resolves the name itself, so a guarded resolver sees only the proxy's. The name is therefore resolved here
//! too, and nothing is requested from the proxy unless each of its addresses may be reached. A name that changes
//! between the two is the proxy's to refuse.

use std::io;
use std::net::IpAddr;

use super::policy::{EgressPolicy, Reach};
use super::resolver::{BlockedAddress, Lookup};
use super::target::TargetUrl;

/// Where a URL leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    /// Only to ranges that an operator has allowed.
    Internal,
    /// Also to the public internet.
    Public,
}

/// Why a URL leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error(transparent)]
    Blocked(#[from] BlockedAddress),
    #[error(transparent)]
    Unresolved(#[from] io::Error),
}

/// # Errors
/// The name cannot be resolved, or one of its addresses may not be reached.
pub(super) async fn destination(
    target: &TargetUrl,
    policy: &EgressPolicy,
    lookup: &dyn Lookup,
) -> Result<Destination, Unreachable> {
    let addresses = match target.literal_address() {
        Some(address) => vec![address],
        None => lookup.lookup(target.host()).await?,
    };
    if addresses.is_empty() {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    let addresses: Vec<_> = addresses.iter().map(IpAddr::to_canonical).collect();
    let reach = target.reach();
    if !addresses
        .iter()
        .all(|address| policy.allows(reach, *address))
    {
        return Err(BlockedAddress.into());
    }
    let is_internal =
        reach != Reach::Public && addresses.iter().all(|address| policy.is_allowed(*address));
    Ok(match is_internal {
        true => Destination::Internal,
        false => Destination::Public,
    })
}
