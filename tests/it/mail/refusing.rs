//! A mail server refuses, hangs or is gone: what of it is final, and what can be tried again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use buywire::testing::{MailError, MailFailure, MailStage};
use buywire_checkout::address::Language;
use tokio::net::TcpListener;

use super::fixture::{BUYER, NOW, receipt};
use super::sink::{Answer, Sink, SinkOptions};
use super::{SHORT, mailer};

async fn send(url: &str) -> Result<(), MailError> {
    let mail = receipt(Language::English).compose();
    mailer(url, SHORT).send(&mail, "chk_1.receipt.1", NOW).await
}

async fn send_to(command: &'static str, answer: Answer) -> MailError {
    let sink = Sink::answering(command, answer).await;
    let error = send(&sink.url()).await.unwrap_err();
    assert!(sink.mails().is_empty());
    // The server names the buyer; the error does not.
    assert!(!error.to_string().contains(BUYER), "{error}");
    assert!(!format!("{error:?}").contains(BUYER), "{error:?}");
    error
}

#[tokio::test]
async fn a_recipient_or_a_message_is_refused_for_good() {
    use MailStage::{Content, Recipient};
    for (command, says, stage, code) in [
        (
            "RCPT",
            "550 5.1.1 <ada@example.com>: unknown",
            Recipient,
            550,
        ),
        (
            "RCPT",
            "553-no such name\r\n553 ada@example.com",
            Recipient,
            553,
        ),
        (
            "DATA",
            "554 5.7.1 not from you to ada@example.com",
            Content,
            554,
        ),
        (
            "BODY",
            "552 5.3.4 too large for ada@example.com",
            Content,
            552,
        ),
    ] {
        let error = send_to(command, Answer::Say(says)).await;
        assert_eq!(error, MailError::Refused { stage, code }, "{command}");
    }
}

#[tokio::test]
async fn what_has_nothing_to_do_with_the_mail_can_be_tried_again() {
    use MailFailure::{Protocol, Sender, Temporary};
    for (command, says, failure) in [
        ("CONNECT", "421 come back later", Temporary(421)),
        ("CONNECT", "554 not for you", Temporary(554)),
        ("CONNECT", "HTTP/1.1 400 Bad Request", Protocol),
        ("EHLO", "451 4.3.0 busy", Temporary(451)),
        ("MAIL", "452 4.3.1 no room", Temporary(452)),
        ("MAIL", "550 5.7.1 not from you", Sender(550)),
        (
            "RCPT",
            "450 4.2.1 <ada@example.com> is being greylisted",
            Temporary(450),
        ),
        ("RCPT", "421 shutting down", Temporary(421)),
        ("DATA", "451 4.7.1 later", Temporary(451)),
        ("BODY", "451 4.3.0 the filter is down", Temporary(451)),
    ] {
        let error = send_to(command, Answer::Say(says)).await;
        assert_eq!(error, MailError::Failed(failure), "{command} {says}");
    }
}

#[tokio::test]
async fn a_refused_sign_in_is_an_operators_fault() {
    for (says, failure) in [
        ("535 5.7.8 wrong", MailFailure::SignIn),
        ("454 4.7.0 later", MailFailure::Temporary(454)),
    ] {
        let sink = Sink::start(SinkOptions {
            answers: BTreeMap::from([("AUTH", Answer::Say(says))]),
            extensions: vec!["AUTH PLAIN"],
            tls: None,
        })
        .await;
        let url = format!("smtp://me:s3cret@{}", sink.address);
        assert_eq!(send(&url).await, Err(MailError::Failed(failure)));
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_in_time() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY"] {
        let started = Instant::now();
        let error = send_to(command, Answer::Hang).await;
        assert_eq!(error, MailError::Failed(MailFailure::Timeout), "{command}");
        let took = started.elapsed();
        assert!(
            took < SHORT.total + Duration::from_secs(1),
            "{command}: {took:?}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_failure() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY"] {
        let error = send_to(command, Answer::Close).await;
        let failures = [MailFailure::Unreachable, MailFailure::Protocol];
        let expected = failures.map(MailError::Failed);
        assert!(expected.contains(&error), "{command}: {error:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let unreachable = MailError::Failed(MailFailure::Unreachable);
    assert_eq!(send(&format!("smtp://{address}")).await, Err(unreachable));
    let unknown = "smtps://mail.nowhere.invalid";
    assert_eq!(send(unknown).await, Err(unreachable));
}
