//! Hands mails to the mail server, each over a connection of its own.
//!
//! Promises: every step has a deadline; nothing is sent before TLS, except to this machine; an answer is told apart by
//! what it refuses: the recipient or the message for good, or everything else for now.
//! Must not retry: whoever asked for the mail does, with the same id.

use std::error::Error;
use std::io;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::{Error as SmtpError, response::Severity};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::error::{MailError, MailFailure, MailStage};
use super::outgoing::OutgoingMail;
use super::settings::{MailSettingsError, MailTransport, SmtpSettings};

/// How long the farewell may take. The mail is sent by then.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);
/// What a server is answered with that knows no addresses with letters such as `é`: its own code for that.
const NO_SUCH_MAILBOX_NAME: u16 = 553;

/// How long sending may take.
#[derive(Debug, Clone, Copy)]
pub struct MailTimeouts {
    /// To connect, to encrypt and to sign in.
    pub connect: Duration,
    /// From the first byte to the server's last answer.
    pub total: Duration,
}

impl Default for MailTimeouts {
    /// A filter may look at a message for a while before the server answers; a minute is more than any takes.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            total: Duration::from_secs(60),
        }
    }
}

/// Sends mails through one mail server.
pub struct Mailer {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    timeouts: MailTimeouts,
}

impl Mailer {
    /// A mailer for this server. Connects to nothing yet, and reads the system's CA certificates.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn open(settings: SmtpSettings, timeouts: MailTimeouts) -> Result<Self, MailSettingsError> {
        let tls = match settings.transport {
            MailTransport::Loopback => None,
            MailTransport::Tls | MailTransport::StartTls => {
                let tls = TlsParameters::new(settings.host.clone());
                Some(tls.map_err(|_| MailSettingsError::Tls)?)
            }
        };
        Ok(Self {
            settings,
            tls,
            timeouts,
        })
    }

    /// Sends a mail. The same id gives the same Message-ID, by which a mail that arrives twice can be recognised.
    ///
    /// # Errors
    /// The mail was not accepted. After [`MailFailure::Timeout`] it may have been.
    pub async fn send(
        &self,
        mail: &OutgoingMail,
        id: &str,
        now: OffsetDateTime,
    ) -> Result<(), MailError> {
        let message = mail.to_message(&self.settings.from, id, now)?;
        let sending = async {
            let connecting = timeout(self.timeouts.connect, self.connect());
            let connected = connecting.await.map_err(|_| late())?;
            let mut connection = connected.map_err(MailError::Failed)?;
            self.transmit(&mut connection, mail, &message).await?;
            Ok(connection)
        };
        let sent = timeout(self.timeouts.total, sending).await;
        let mut connection = sent.map_err(|_| late())??;
        // Whatever it answers: the mail is accepted.
        let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailFailure> {
        let SmtpSettings { host, port, .. } = &self.settings;
        let name = ClientId::Domain(self.settings.from.address().domain().to_owned());
        let first_tls = self
            .tls
            .clone()
            .filter(|_| self.settings.transport == MailTransport::Tls);
        let address = (host.as_str(), *port);
        let opening = AsyncSmtpConnection::connect_tokio1(address, None, &name, first_tls, None);
        let mut connection = opening.await.map_err(|error| refused_all(&error))?;
        if let Some(tls) = self.tls.clone().filter(|_| !connection.is_encrypted()) {
            if !connection.can_starttls() {
                return Err(MailFailure::Tls);
            }
            let upgrading = connection.starttls(tls, &name);
            upgrading.await.map_err(|error| refused_all(&error))?;
        }
        if let Some((user, password)) = &self.settings.credentials {
            let credentials = Credentials::new(user.clone(), password.to_string());
            let signing_in = connection.auth(DEFAULT_MECHANISMS, &credentials);
            signing_in
                .await
                .map_err(|error| match refused_all(&error) {
                    MailFailure::Temporary(code) if code < 500 => MailFailure::Temporary(code),
                    MailFailure::Temporary(_) | MailFailure::Protocol => MailFailure::SignIn,
                    other => other,
                })?;
        }
        Ok(connection)
    }

    /// Command by command, because what a refusal means depends on what was refused.
    async fn transmit(
        &self,
        connection: &mut AsyncSmtpConnection,
        mail: &OutgoingMail,
        message: &[u8],
    ) -> Result<(), MailError> {
        let recipient = mail.to.address().as_lettre().clone();
        let sender = self.settings.from.address().as_lettre().clone();
        let mut parameters = Vec::new();
        if !message.is_ascii() {
            // Only an address can be other than ASCII.
            let server = connection.server_info();
            if !server.supports_feature(Extension::SmtpUtfEight) {
                return Err(MailError::Refused {
                    stage: MailStage::Recipient,
                    code: NO_SUCH_MAILBOX_NAME,
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let from = connection.command(Mail::new(Some(sender), parameters));
        from.await.map_err(|error| refused_sender(&error))?;
        let to = connection.command(Rcpt::new(recipient, Vec::new()));
        to.await
            .map_err(|error| refused(&error, MailStage::Recipient))?;
        let data = connection.command(Data).await;
        data.map_err(|error| refused(&error, MailStage::Content))?;
        let accepted = connection.message(message).await;
        accepted.map_err(|error| refused(&error, MailStage::Content))?;
        Ok(())
    }
}

fn late() -> MailError {
    MailError::Failed(MailFailure::Timeout)
}

/// What is refused before a mail is named has nothing to do with the mail.
fn refused_all(error: &SmtpError) -> MailFailure {
    match code(error) {
        Some((_, code)) => MailFailure::Temporary(code),
        None if error.is_timeout() => MailFailure::Timeout,
        None if is_tls(error) => MailFailure::Tls,
        None if error.is_response() || error.is_client() => MailFailure::Protocol,
        None => MailFailure::Unreachable,
    }
}

/// A handshake that failed lies inside errors of the connection.
fn is_tls(error: &SmtpError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        let io_error = error.downcast_ref::<io::Error>();
        if io_error
            .and_then(io::Error::get_ref)
            .is_some_and(|inner| inner.is::<rustls::Error>())
        {
            return true;
        }
        cause = error.source();
    }
    error.is_tls()
}

fn refused_sender(error: &SmtpError) -> MailError {
    MailError::Failed(match code(error) {
        Some((Severity::PermanentNegativeCompletion, code)) => MailFailure::Sender(code),
        _ => refused_all(error),
    })
}

fn refused(error: &SmtpError, stage: MailStage) -> MailError {
    match code(error) {
        Some((Severity::PermanentNegativeCompletion, code)) => MailError::Refused { stage, code },
        _ => MailError::Failed(refused_all(error)),
    }
}

/// The answer's code. Its text may name the buyer and is not read.
fn code(error: &SmtpError) -> Option<(Severity, u16)> {
    let code = error.status()?;
    Some((code.severity, u16::from(code)))
}
