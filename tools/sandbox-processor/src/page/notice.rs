//! Pages that say how things are, and where to go from there.

use super::PageReply;
use super::markup::{escape, page};
use crate::machine::SessionStatus;
use crate::store::Session;

fn notice(status: u16, title: &str, text: &str, link: Option<(&str, &str)>) -> PageReply {
    let link = link.map(|(url, words)| {
        format!(
            "<p><a class=\"button quiet\" href=\"{}\">{words}</a></p>",
            escape(url)
        )
    });
    let content = format!(
        "<section class=\"notice\"><h1>{}</h1><p>{}</p>{}</section>",
        escape(title),
        escape(text),
        link.unwrap_or_default()
    );
    page(status, title, &content, None)
}

pub(super) fn not_found() -> PageReply {
    let text = "Check the link, or go back to the shop and start again. Nothing was paid.";
    notice(404, "There is no payment here", text, None)
}

/// A fault demanded it.
pub(super) fn failed(status: u16) -> PageReply {
    let text = "It is not known whether you have paid. Go back to the shop: it will find out.";
    notice(status, "The payment page has failed", text, None)
}

/// A session that nobody can pay any more.
pub(super) fn closed(session: &Session) -> PageReply {
    let link = |pointer: &str| session.params.pointer(pointer).and_then(|url| url.as_str());
    match session.state.status {
        SessionStatus::Expired => {
            let back = link("/cancel_url").map(|url| (url, "Back to the shop"));
            let text = "The time to pay is over. Nothing was paid.";
            notice(410, "This payment has expired", text, back)
        }
        SessionStatus::Open | SessionStatus::Complete => {
            let url = link("/success_url").map(|url| returning(url, &session.id));
            let back = url.as_deref().map(|url| (url, "Back to the shop"));
            let text = "You have finished here already. You can go back to the shop.";
            notice(200, "This payment is complete", text, back)
        }
    }
}

/// An intent that waits for nobody's answer.
pub(super) fn answered() -> PageReply {
    let text = "The bank has your answer already. You can close this page.";
    notice(200, "This is done", text, None)
}

/// Where the buyer goes after paying.
pub(super) fn returning(success_url: &str, session: &str) -> String {
    success_url.replace("{CHECKOUT_SESSION_ID}", session)
}
