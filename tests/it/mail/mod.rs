//! Mail to buyers: what stands in it, what can never stand in it, and how it is handed to a mail server.

mod composing;
mod fixture;
mod hostile;
mod refusing;
mod sending;
pub(crate) mod sink;

use std::time::Duration;

use buywire::testing::{MailSettings, MailTimeouts, Mailbox, Mailer};

pub(crate) const FROM: &str = "Buywire <orders@buywire.example>";
const SHORT: MailTimeouts = MailTimeouts {
    connect: Duration::from_millis(400),
    total: Duration::from_millis(800),
};

fn from() -> Mailbox {
    Mailbox::parse(FROM).unwrap()
}

/// A mailer for a server at this URL.
fn mailer(url: &str, timeouts: MailTimeouts) -> Mailer {
    let settings = MailSettings {
        smtp_url_file: None,
        smtp_url: Some(url.to_owned()),
        mail_from: Some(FROM.to_owned()),
    };
    Mailer::open(settings.read().unwrap().unwrap(), timeouts).unwrap()
}
