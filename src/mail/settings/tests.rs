//! What the settings of mail mean together.

use super::*;

const FROM: &str = "Buywire <orders@example.com>";
const SECRET: &str = "s3cret";

fn settings(url: &str, from: &str) -> Result<Option<SmtpSettings>, MailSettingsError> {
    let given = |text: &str| Some(text.to_owned());
    let settings = MailSettings {
        smtp_url_file: None,
        smtp_url: given(url),
        mail_from: given(from),
    };
    settings.read()
}

#[test]
fn a_server_is_reached_by_tls_or_on_this_machine() {
    for (url, summary) in [
        ("smtps://mail.example.com", "by mail.example.com:465 (TLS)"),
        (
            "smtps://Mail.Example.com:1465/",
            "by mail.example.com:1465 (TLS)",
        ),
        ("smtps://10.0.0.5", "by 10.0.0.5:465 (TLS)"),
        (
            "smtp://mail.example.com?tls=required",
            "by mail.example.com:587 (STARTTLS)",
        ),
        (
            "smtp://localhost:2525",
            "by localhost:2525 (on this machine, without TLS)",
        ),
        (
            "smtp://127.0.0.1",
            "by 127.0.0.1:25 (on this machine, without TLS)",
        ),
        ("smtp://[::1]", "by ::1:25 (on this machine, without TLS)"),
    ] {
        let read = settings(url, FROM).unwrap().unwrap();
        assert_eq!(
            read.summary(),
            format!("{summary}, from orders@example.com")
        );
        assert_eq!(read.credentials, None);
    }
}

#[test]
fn user_name_and_password_are_decoded_and_not_shown() {
    let url = format!("smtps://me%40example.com:{SECRET}%3A%C3%A9@mail.example.com");
    let read = settings(&url, FROM).unwrap().unwrap();
    let (user, password) = read.credentials.clone().unwrap();
    assert_eq!(user, "me@example.com");
    assert_eq!(password.as_str(), "s3cret:é");
    let shown = format!("{read:?} {}", read.summary());
    assert!(!shown.contains(SECRET) && !shown.contains("me@"), "{shown}");
}

#[test]
fn without_settings_there_is_no_mail() {
    assert!(settings("", " ").unwrap().is_none());
    let nothing = MailSettings {
        smtp_url_file: None,
        smtp_url: None,
        mail_from: None,
    };
    assert!(nothing.read().unwrap().is_none());
}

#[test]
fn what_does_not_fit_is_refused_by_name_and_without_the_password() {
    use MailSettingsError as Refused;
    for (url, from, expected) in [
        ("mail.example.com", FROM, Refused::Url),
        ("https://mail.example.com", FROM, Refused::Url),
        ("smtps://", FROM, Refused::Url),
        ("smtps:mail.example.com", FROM, Refused::Url),
        ("smtps://mail.example.com/name", FROM, Refused::Url),
        ("smtps://mail.example.com?tls=required", FROM, Refused::Url),
        ("smtp://mail.example.com?tls=none", FROM, Refused::Url),
        ("smtps://mail.example.com:99999", FROM, Refused::Url),
        ("smtps://me:s3cret%ff@mail.example.com", FROM, Refused::Url),
        ("smtp://mail.example.com", FROM, Refused::NotEncrypted),
        ("smtp://10.0.0.5", FROM, Refused::NotEncrypted),
        ("smtp://localhost.example.com", FROM, Refused::NotEncrypted),
        ("smtp://127.0.0.1.example.com", FROM, Refused::NotEncrypted),
        (
            "smtp://mail.example.com?tls=opportunistic",
            FROM,
            Refused::NotEncrypted,
        ),
        ("smtps://me@mail.example.com", FROM, Refused::Credentials),
        ("smtps://me:@mail.example.com", FROM, Refused::Credentials),
        (
            "smtps://:s3cret@mail.example.com",
            FROM,
            Refused::Credentials,
        ),
        (
            "smtps://me:s3cret@mail.example.com",
            "",
            Refused::SenderMissing,
        ),
        ("smtps://me:s3cret@mail.example.com", "me", Refused::Sender),
        ("", FROM, Refused::UrlMissing),
    ] {
        let error = settings(url, from).unwrap_err();
        assert_eq!(error, expected, "{url}");
        let message = error.to_string();
        assert!(message.starts_with("BUYWIRE_"), "{message}");
        assert!(!message.contains(SECRET) && !message.contains("mail.example.com"));
    }
}
