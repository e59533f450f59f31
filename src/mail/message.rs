//! The message that is sent: headers, and text and HTML as alternatives.
//!
//! Promises: every header is written by `lettre` from a checked value; the Message-ID and the boundary depend on the
//! mail's id only; no line exceeds 998 bytes.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MessageId,
};
use lettre::message::{Body, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::address::Mailbox;
use super::error::{MailError, MailFailure};
use super::outgoing::OutgoingMail;

const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
const CONTENT_LANGUAGE: HeaderName = HeaderName::new_from_ascii_str("Content-Language");
/// The last second that a Date header can name.
const SECONDS_MAX: i64 = 253_402_300_799;
/// Bytes of the id's hash: enough for every mail to have its own.
const ID_BYTES: usize = 16;

impl OutgoingMail {
    /// The message as it is sent from this mailbox. The same id gives the same Message-ID and boundary.
    ///
    /// # Errors
    /// It cannot be put together.
    pub fn to_message(
        &self,
        from: &Mailbox,
        id: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<u8>, MailError> {
        let id = digest(id);
        let mut builder = Message::builder()
            .from(from.to_header())
            .to(self.to.to_header())
            .date(date(now))
            .subject(self.subject.clone())
            .header(MessageId::from(format!(
                "<{id}@{}>",
                from.address().domain()
            )))
            // Automatic replies, such as "out of office", are not sent to such a mail.
            .raw_header(HeaderValue::new(
                AUTO_SUBMITTED,
                "auto-generated".to_owned(),
            ))
            .raw_header(HeaderValue::new(
                CONTENT_LANGUAGE,
                self.language.tag().to_owned(),
            ));
        if let Some(seller) = &self.reply_to {
            builder = builder.reply_to(seller.to_header());
        }
        // In quoted-printable, `=_` stands nowhere else: no text can end its part.
        let parts = MultiPart::alternative()
            .boundary(format!("=_{id}"))
            .singlepart(part(ContentType::TEXT_PLAIN, &self.text)?)
            .singlepart(part(ContentType::TEXT_HTML, &self.html)?);
        let message = builder.multipart(parts).map_err(|_| unbuildable())?;
        Ok(message.formatted())
    }
}

fn part(kind: ContentType, content: &str) -> Result<SinglePart, MailError> {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::new_with_encoding(content.to_owned(), encoding);
    let body = body.map_err(|_| unbuildable())?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// The id goes out hashed, so that it needs no syntax and tells nothing.
fn digest(id: &str) -> String {
    let hash = Sha256::digest(id.as_bytes());
    let mut text = String::new();
    for byte in hash.iter().take(ID_BYTES) {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn date(now: OffsetDateTime) -> SystemTime {
    let seconds = now.unix_timestamp().clamp(0, SECONDS_MAX).unsigned_abs();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn unbuildable() -> MailError {
    MailError::Failed(MailFailure::Message)
}
