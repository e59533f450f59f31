//! Every mail in every language, for other makers' parsers and browsers: `mails send URL` hands them to a mail server,
//! `mails write FOLDER` writes their HTML.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub,
    dead_code,
    missing_docs,
    reason = "a wrong test should stop; the fixture is that of the integration tests"
)]

#[path = "../../it/mail/fixture.rs"]
mod fixture;

use std::path::Path;

use buywire::testing::{MailSettings, MailTimeouts, Mailer};
use buywire_checkout::address::Language;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["send", url] => send(url).await,
        ["write", folder] => write(Path::new(folder)),
        _ => panic!("usage: mails send URL | mails write FOLDER"),
    }
}

async fn send(url: &str) {
    let settings = MailSettings {
        smtp_url_file: None,
        smtp_url: Some(url.to_owned()),
        mail_from: Some("Buywire Örders <orders@buywire.example>".to_owned()),
    };
    let settings = settings.read().unwrap().unwrap();
    let mailer = Mailer::open(settings, MailTimeouts::default()).unwrap();
    for language in Language::ALL {
        for (name, mail) in fixture::mails(language) {
            let id = format!("{name}.{}", language.tag());
            mailer.send(&mail, &id, fixture::NOW).await.unwrap();
        }
    }
}

fn write(folder: &Path) {
    for language in Language::ALL {
        for (name, mail) in fixture::mails(language) {
            let path = folder.join(format!("{name}.{}.html", language.tag()));
            std::fs::write(path, mail.html()).unwrap();
        }
    }
}
