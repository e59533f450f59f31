//! Publishers: how a post leaves the gateway. One file each, one line in [`ALL`].
//!
//! A publisher is pure: it says what a post's publication is, from the post alone, so that it can be
//! recorded in the transaction in which the post changes. What has to be sent over the network is sent
//! afterwards, by whoever holds the credentials.

mod platform;
mod web_intent;

use serde::Serialize;
use time::OffsetDateTime;

use super::model::{Post, Publication};
use crate::problem::Violation;

/// The publisher of the platform's own webhook.
pub const PLATFORM: &str = "platform";

/// Every publisher there is.
pub static ALL: [&dyn Publisher; 2] = [&platform::Platform, &web_intent::WebIntent];

/// How a post leaves.
pub trait Publisher: Sync {
    /// Its name on the wire.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Refuses a post that it could not carry, such as one whose text leaves no room for the link.
    ///
    /// # Errors
    /// What is wrong with the text.
    fn check(&self, _post: &Post) -> Result<(), Violation> {
        Ok(())
    }

    /// The publication of the post as it stands now; `before` is the one that there was.
    fn publication(
        &self,
        post: &Post,
        before: Option<&Publication>,
        now: OffsetDateTime,
    ) -> Option<Publication>;
}

/// What a publisher can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// What changes later reaches those who have seen the post.
    pub updates: bool,
    /// Its publications have an address.
    pub url: bool,
    /// A person has to do the last step.
    pub by_hand: bool,
}

/// The publisher of that name.
///
/// # Errors
/// Names those that there are.
pub fn find(name: &str) -> Result<&'static dyn Publisher, Violation> {
    let found = ALL.iter().find(|one| one.name() == name).copied();
    found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|one| one.name()).collect();
        let detail = format!("must be one of: {}", names.join(", "));
        Violation::new("publisher_unknown", detail)
    })
}

/// All publications of a post as it stands now.
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
