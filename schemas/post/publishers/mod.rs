//! Publishers: how a post leaves the gateway. One file each, one line in [`ALL`].
//!
//! A publisher is pure: it derives a post's publication from the post alone, so that it can be
//! recorded in the transaction that changes the post. Anything sent over the network is sent
//! later, where the credentials are.

mod platform;
mod web_intent;

use serde::Serialize;
use time::OffsetDateTime;

use super::model::{Post, Publication};
use crate::problem::Violation;

/// The publisher of the platform's own webhook.
pub const PLATFORM: &str = "platform";

/// Every publisher.
pub static ALL: [&dyn Publisher; 2] = [&platform::Platform, &web_intent::WebIntent];

/// How a post leaves the gateway.
pub trait Publisher: Sync {
    /// The name on the wire.
    fn name(&self) -> &'static str;

    /// The publisher's capabilities.
    fn capabilities(&self) -> Capabilities;

    /// Rejects a post that it cannot publish, such as one whose text leaves no room for the link.
    ///
    /// # Errors
    /// What is wrong with the text.
    fn check(&self, _post: &Post) -> Result<(), Violation> {
        Ok(())
    }

    /// The publication of the post in its current state. `before` is the previous one.
    fn publication(
        &self,
        post: &Post,
        before: Option<&Publication>,
        now: OffsetDateTime,
    ) -> Option<Publication>;
}

/// The capabilities of a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Later changes reach those who saw the post.
    pub updates: bool,
    /// Its publications have a URL.
    pub url: bool,
    /// A person must do the last step.
    pub by_hand: bool,
}

/// The publisher with this name.
///
/// # Errors
/// Lists the existing publishers.
pub fn find(name: &str) -> Result<&'static dyn Publisher, Violation> {
    let found = ALL.iter().find(|one| one.name() == name).copied();
    found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|one| one.name()).collect();
        let detail = format!("must be one of: {}", names.join(", "));
        Violation::new("publisher_unknown", detail)
    })
}

/// All publications of a post in its current state.
pub(super) fn publications(
    post: &Post,
    before: &[Publication],
    now: OffsetDateTime,
) -> Vec<Publication> {
    let chosen = ALL
        .iter()
        .filter(|one| post.publish.iter().any(|name| name == one.name()));
    chosen
        .filter_map(|one| {
            let before = before.iter().find(|old| old.publisher == one.name());
            one.publication(post, before, now)
        })
        .collect()
}

#[cfg(test)]
mod tests;
