//! A mail is handed to a mail server: what the server then has, and over which connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use buywire::testing::{MailError, MailFailure, MailStage, MailTimeouts};
use buywire_checkout::address::Language;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use super::fixture::{BUYER, NOW, address, receipt};
use super::sink::{Answer, Sink, SinkOptions};
use super::{SHORT, from, mailer};

const ID: &str = "chk_1.receipt.1";

#[tokio::test]
async fn a_mail_arrives_as_it_was_composed_and_again_under_the_same_id() {
    let sink = Sink::start(SinkOptions::default()).await;
    let mailer = mailer(&sink.url(), MailTimeouts::default());
    let mail = receipt(Language::German).compose();
    mailer.send(&mail, ID, NOW).await.unwrap();
    mailer.send(&mail, ID, NOW).await.unwrap();

    let taken = sink.mails();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].from, "orders@buywire.example");
    assert_eq!(taken[0].to, [BUYER]);
    let message = String::from_utf8(mail.to_message(&from(), ID, NOW).unwrap()).unwrap();
    assert_eq!(taken[0].message.trim_end(), message.trim_end());
    assert_eq!(taken[0].message, taken[1].message);
    for header in [
        "From: Buywire <orders@buywire.example>",
        "To: \"Ada Byron\" <ada@example.com>",
        "Reply-To: \"Studio Nord GmbH\" <kontakt@studio-nord.example>",
        "Date: Mon, 30 Nov 2026 12:05:00 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Language: de",
        "MIME-Version: 1.0",
    ] {
        let lines: Vec<_> = message.split("\r\n").collect();
        assert!(lines.contains(&header), "{header} is not in:\n{message}");
    }
    // It signs off: the last command of each connection.
    let commands = sink.commands();
    assert_eq!(commands.iter().filter(|line| *line == "QUIT").count(), 2);
    assert_eq!(commands[0], "EHLO buywire.example");
}

#[tokio::test]
async fn it_signs_in_with_the_name_and_password_of_the_url() {
    let sink = Sink::start(SinkOptions {
        extensions: vec!["AUTH PLAIN LOGIN"],
        ..SinkOptions::default()
    })
    .await;
    let url = format!("smtp://me%40shop:s3cret@{}", sink.address);
    let mail = receipt(Language::English).compose();
    mailer(&url, SHORT).send(&mail, ID, NOW).await.unwrap();
    // The base64 of \0me@shop\0s3cret.
    assert_eq!(sink.commands()[1], "AUTH PLAIN AG1lQHNob3AAczNjcmV0");

    let without = Sink::start(SinkOptions::default()).await;
    let url = format!("smtp://me:s3cret@{}", without.address);
    let error = mailer(&url, SHORT).send(&mail, ID, NOW).await.unwrap_err();
    assert_eq!(error, MailError::Failed(MailFailure::SignIn));
    assert!(!error.to_string().contains("s3cret"));
    assert_eq!(without.commands(), ["EHLO buywire.example"]);
}

/// A certificate that nobody vouches for.
fn untrusted() -> TlsAcceptor {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn nothing_is_said_before_a_connection_is_trusted() {
    let mail = receipt(Language::English).compose();
    let secure = MailError::Failed(MailFailure::Tls);
    for (extensions, tls) in [
        // STARTTLS is taken out on the way.
        (vec!["AUTH PLAIN"], None),
        (vec!["STARTTLS", "AUTH PLAIN"], Some(untrusted())),
    ] {
        let has_tls = tls.is_some();
        let sink = Sink::start(SinkOptions {
            extensions,
            tls,
            answers: BTreeMap::new(),
        })
        .await;
        let port = sink.address.port();
        let url = format!("smtp://me:s3cret@localhost:{port}?tls=required");
        let error = mailer(&url, MailTimeouts::default())
            .send(&mail, ID, NOW)
            .await;
        assert_eq!(error, Err(secure));
        let expected: &[&str] = match has_tls {
            true => &["EHLO buywire.example", "STARTTLS"],
            false => &["EHLO buywire.example"],
        };
        assert_eq!(sink.commands(), expected);
    }
}

#[tokio::test]
async fn a_server_without_tls_is_no_smtps_server() {
    let sink = Sink::start(SinkOptions::default()).await;
    let url = format!("smtps://me:s3cret@localhost:{}", sink.address.port());
    let mail = receipt(Language::English).compose();
    let sent = mailer(&url, SHORT).send(&mail, ID, NOW).await;
    assert!(
        matches!(sent, Err(MailError::Failed(MailFailure::Tls))),
        "{sent:?}"
    );
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn an_international_address_needs_a_server_that_can() {
    let mut mail = receipt(Language::English);
    mail.recipient.address = address("jörg@müller.example");
    let mail = mail.compose();
    let plain = Sink::start(SinkOptions::default()).await;
    let refused = MailError::Refused {
        stage: MailStage::Recipient,
        code: 553,
    };
    let sent = mailer(&plain.url(), SHORT).send(&mail, ID, NOW).await;
    assert_eq!(sent, Err(refused));

    let sink = Sink::start(SinkOptions {
        extensions: vec!["SMTPUTF8"],
        ..SinkOptions::default()
    })
    .await;
    mailer(&sink.url(), SHORT)
        .send(&mail, ID, NOW)
        .await
        .unwrap();
    assert_eq!(sink.mails()[0].to, ["jörg@xn--mller-kva.example"]);
    let from = "MAIL FROM:<orders@buywire.example> SMTPUTF8 BODY=8BITMIME";
    assert_eq!(sink.commands()[1], from);
}

#[tokio::test]
async fn a_server_that_does_not_say_goodbye_has_the_mail_all_the_same() {
    for farewell in [Answer::Hang, Answer::Close, Answer::Say("500 stay")] {
        let sink = Sink::answering("QUIT", farewell).await;
        let mail = receipt(Language::English).compose();
        mailer(&sink.url(), SHORT)
            .send(&mail, ID, NOW)
            .await
            .unwrap();
        assert_eq!(sink.mails().len(), 1);
    }
}
