//! Why a mail was not sent, and whether to send it again can help.
//!
//! Promises: neither the buyer's address nor the server's words, which may repeat it, are in an error.

/// A mail that was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The mail server refused this mail for good. Do not send it again.
    #[error("the mail server refused {stage} for good ({code})")]
    Refused {
        /// What it refused.
        stage: MailStage,
        /// Its SMTP code, 500 to 599.
        code: u16,
    },
    /// Not sent, or perhaps sent: after a timeout nobody can tell. Send it again; its Message-ID stays the same.
    #[error("the mail was not sent: {0}")]
    Failed(MailFailure),
}

/// Why a mail can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailFailure {
    /// No connection, or it broke.
    #[error("the mail server cannot be reached")]
    Unreachable,
    /// Its certificate is not trusted, or it offers no TLS.
    #[error("no secure connection to the mail server: check its certificate and BUYWIRE_SMTP_URL")]
    Tls,
    /// It took too long.
    #[error("the mail server did not answer in time")]
    Timeout,
    /// It does not take our user name and password, or offers no way to give them.
    #[error(
        "the mail server refused to sign in: check the user name and password in BUYWIRE_SMTP_URL"
    )]
    SignIn,
    /// It does not take mail from BUYWIRE_MAIL_FROM: an operator's fault, and no reason to give up this mail.
    #[error("the mail server refused the sender ({0}): check BUYWIRE_MAIL_FROM")]
    Sender(u16),
    /// It refused for now, or refused the connection.
    #[error("the mail server refused for now ({0})")]
    Temporary(u16),
    /// It does not speak SMTP as we do.
    #[error("the mail server's answer is not SMTP")]
    Protocol,
    /// The message could not be put together.
    #[error("the message could not be built")]
    Message,
}

/// What a mail server can refuse of a mail for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStage {
    /// The recipient, at RCPT.
    Recipient,
    /// The message, at DATA or after it.
    Content,
}

impl std::fmt::Display for MailStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Recipient => "the recipient",
            Self::Content => "the message",
        })
    }
}
