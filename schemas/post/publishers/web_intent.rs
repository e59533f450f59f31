//! The web intent: a link that opens the network's post form, filled in. A person presses Post.
//!
//! Needs no credentials. The network appends the URL to the text. Source:
//! developer.x.com, "Web Intents": the parameters `text` and `url`.

use std::fmt::Write as _;

use time::OffsetDateTime;

use super::super::model::{Post, Publication, PublicationState};
use super::super::state::State;
use super::{Capabilities, Publisher};
use crate::problem::Violation;
use crate::tweet::{WEIGHT_MAX, measure};

const FORM: &str = "https://x.com/intent/tweet";
pub(super) struct WebIntent;

impl Publisher for WebIntent {
    fn name(&self) -> &'static str {
        "web_intent"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            updates: false,
            url: true,
            by_hand: true,
        }
    }

    fn check(&self, post: &Post) -> Result<(), Violation> {
        if post.text.contains(&post.url) {
            return Ok(());
        }
        let weight = measure(&format!("{} {}", post.text, post.url)).weight;
        if weight <= WEIGHT_MAX {
            return Ok(());
        }
        let detail = format!(
            "has weighted length {weight} with the link that web_intent adds; the maximum is {WEIGHT_MAX}"
        );
        Err(Violation::new("text_too_long", detail))
    }

    fn publication(
        &self,
        post: &Post,
        before: Option<&Publication>,
        now: OffsetDateTime,
    ) -> Option<Publication> {
        if !matches!(post.state, State::Live | State::SoldOut) {
            return None;
        }
        let url = Some(link(&post.text, &post.url));
        let since = before.filter(|old| old.url == url).map(|old| old.at);
        Some(Publication {
            publisher: self.name().to_owned(),
            state: PublicationState::Ready,
            url,
            at: since.unwrap_or(now),
        })
    }
}

/// The form's URL. A link at the end of the text becomes the parameter `url`; one inside it stays there.
fn link(text: &str, url: &str) -> String {
    match text.strip_suffix(url) {
        Some(before) => format!(
            "{FORM}?text={}&url={}",
            encoded(before.trim_end()),
            encoded(url)
        ),
        None if text.contains(url) => format!("{FORM}?text={}", encoded(text)),
        None => format!("{FORM}?text={}&url={}", encoded(text), encoded(url)),
    }
}

/// Percent-encoded for a query: everything but the unreserved characters (RFC 3986, 2.3).
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a string does not fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}
