//! A document as HTML: one column, no picture, nothing loaded from anywhere, readable without its styles.
//!
//! Promises: every value is escaped; light and dark are both meant; a button's words and its URL are those of the text.

use askama::Template;
use buywire_checkout::address::Language;

use super::document::{Block, Document};

#[derive(Template)]
#[template(path = "mail.html", config = "src/mail/askama.toml")]
struct MailTemplate<'d> {
    document: &'d Document,
    language: &'static str,
    style: &'static str,
}

const STYLE: &str = include_str!("../templates/mail.css");

/// The HTML of a document.
pub(crate) fn html(document: &Document, language: Language) -> String {
    let template = MailTemplate {
        document,
        language: language.tag(),
        style: STYLE,
    };
    // A String takes everything.
    template.render().unwrap_or_default()
}
