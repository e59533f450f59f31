//! SFTP: checks the host key, logs in, reads one file.

use std::io;
use std::net::Shutdown;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use buywire_schemas::catalog::issue::Code;
use russh::client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{Algorithm, HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh::{Disconnect, MethodKind, Preferred};
use russh_sftp::client::SftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, StatusCode};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::download::FileState;
use super::login::{HostKey, LoginSecret, read_key};
use super::{FileFetcher, FileRequest};
use crate::ambient;
use crate::catalog::sources::fetch::{FetchError, Fetched};

/// Servers ask for one password. One that keeps asking is not answered.
const PROMPT_ROUNDS_MAX: usize = 3;
/// A server that does not take a farewell within this time is left without one.
const FAREWELL_MAX: Duration = Duration::from_secs(1);

/// Accepts the pinned host key only, and records the one that the server has.
struct HostKeyCheck {
    pinned: Option<HostKey>,
    presented: PresentedKey,
}

/// Ends the connection with the fetch: the library serves it in a task of its own, which a server can keep busy.
struct HangUp(std::net::TcpStream);

#[derive(Clone, Default)]
struct PresentedKey(Arc<Mutex<Option<HostKey>>>);

type Session = Handle<HostKeyCheck>;

impl client::Handler for HostKeyCheck {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        presented: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = presented else {
            return Ok(false);
        };
        let key = HostKey::of(key);
        let is_pinned = self.pinned.as_ref() == Some(&key);
        self.presented.set(key);
        Ok(is_pinned)
    }
}

impl HangUp {
    fn of(stream: TcpStream) -> io::Result<(TcpStream, Self)> {
        let stream = stream.into_std()?;
        let hang_up = Self(stream.try_clone()?);
        Ok((TcpStream::from_std(stream)?, hang_up))
    }
}

impl Drop for HangUp {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl PresentedKey {
    fn set(&self, key: HostKey) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    fn get(&self) -> Option<HostKey> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

pub(super) async fn fetch(
    fetcher: &FileFetcher,
    request: &FileRequest,
) -> Result<Fetched, FetchError> {
    let connected = HangUp::of(fetcher.connect(request).await?);
    let (stream, _hang_up) =
        connected.map_err(|_| request.error(Code::FetchFailed, "the connection broke"))?;
    let session = open_session(fetcher, request, stream).await?;
    let fetched = read(fetcher, request, &session).await;
    let farewell = async {
        let _ = session
            .disconnect(Disconnect::ByApplication, "", "en")
            .await;
        let _ = session.await;
    };
    let _ = timeout(FAREWELL_MAX, farewell).await;
    fetched
}

async fn open_session(
    fetcher: &FileFetcher,
    request: &FileRequest,
    stream: TcpStream,
) -> Result<Session, FetchError> {
    let presented = PresentedKey::default();
    let handler = HostKeyCheck {
        pinned: request.host_key.clone(),
        presented: presented.clone(),
    };
    let config = Arc::new(config(fetcher.limits.idle));
    let connecting = async {
        let mut session = client::connect_stream(config, stream, handler).await?;
        let is_accepted = log_in(&mut session, request).await?;
        Ok::<_, russh::Error>((session, is_accepted))
    };
    let connected = timeout(fetcher.limits.idle, connecting).await;
    match connected.map_err(|_| request.stalled())? {
        Ok((session, true)) => Ok(session),
        Ok((_, false)) => {
            let what = "the server refused the user name with its password or key";
            Err(request.error(Code::FetchAuth, what))
        }
        Err(error) => Err(handshake_failure(request, presented.get(), &error)),
    }
}

pub(super) fn config(idle: Duration) -> client::Config {
    let mut preferred = Preferred::DEFAULT;
    // SHA-1 does not prove who a server is any more.
    let sha1 = Algorithm::Rsa { hash: None };
    preferred
        .key
        .to_mut()
        .retain(|algorithm| *algorithm != sha1);
    client::Config {
        inactivity_timeout: Some(idle),
        nodelay: true,
        preferred,
        ..client::Config::default()
    }
}

/// Says which host key was presented, so that it can be compared and saved.
fn handshake_failure(
    request: &FileRequest,
    presented: Option<HostKey>,
    error: &russh::Error,
) -> FetchError {
    let what = match (&request.host_key, presented) {
        (None, Some(key)) => format!(
            "the server's host key is {key}. Compare it with the key that the shop states, and save it as host_key"
        ),
        (Some(pinned), Some(key)) if *pinned != key => format!(
            "the server's host key is {key} instead of {pinned}. Ask the shop whether it changed its key, and save \
             the new one as host_key"
        ),
        _ if matches!(error, russh::Error::NoCommonAlgo { .. }) => {
            "the server has no encryption method that is still safe".to_owned()
        }
        _ => "the server ended the SSH connection".to_owned(),
    };
    request.error(Code::FetchFailed, what)
}

/// Returns whether the server accepts the login.
async fn log_in(session: &mut Session, request: &FileRequest) -> Result<bool, russh::Error> {
    let user = request.login.username.clone();
    match &request.login.secret {
        LoginSecret::Password(password) => {
            match session.authenticate_password(&user, password).await? {
                AuthResult::Success => Ok(true),
                AuthResult::Failure {
                    remaining_methods, ..
                } if remaining_methods.contains(&MethodKind::KeyboardInteractive) => {
                    answer_prompts(session, user, password).await
                }
                AuthResult::Failure { .. } => Ok(false),
            }
        }
        LoginSecret::PrivateKey(text) => {
            // It was read when it was saved.
            let Ok(key) = read_key(text) else {
                return Ok(false);
            };
            // What a server does not say, or says without SHA-2, is tried with SHA-2.
            let hash = session.best_supported_rsa_hash().await?.flatten();
            let hash = hash.unwrap_or(HashAlg::Sha256);
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), Some(hash));
            Ok(session.authenticate_publickey(user, key).await?.success())
        }
    }
}

/// Some servers take a password only as the answer to a question.
async fn answer_prompts(
    session: &mut Session,
    user: String,
    password: &str,
) -> Result<bool, russh::Error> {
    let mut answer = session
        .authenticate_keyboard_interactive_start(user, None::<String>)
        .await?;
    for _ in 0..PROMPT_ROUNDS_MAX {
        let prompts = match answer {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        let answers = prompts.iter().map(|_| password.to_owned()).collect();
        answer = session
            .authenticate_keyboard_interactive_respond(answers)
            .await?;
    }
    Ok(matches!(answer, KeyboardInteractiveAuthResponse::Success))
}

async fn read(
    fetcher: &FileFetcher,
    request: &FileRequest,
    session: &Session,
) -> Result<Fetched, FetchError> {
    let sftp = open(fetcher, request, session).await?;
    let path = request.url.path();
    let refused = |error| refusal(request, &error);
    let before = state(&sftp.metadata(path).await.map_err(refused)?);
    let now_s = ambient::now().unix_timestamp();
    if request.is_unchanged(before, now_s) {
        return Ok(Fetched::NotModified);
    }
    fetcher.check_size(request, before)?;
    let mut file = sftp.open(path).await.map_err(refused)?;
    let spooled = fetcher.download(request, &mut file).await?;
    let after = state(&sftp.metadata(path).await.map_err(refused)?);
    let document = request.document(spooled, before, after, now_s)?;
    Ok(Fetched::Document(document))
}

async fn open(
    fetcher: &FileFetcher,
    request: &FileRequest,
    session: &Session,
) -> Result<SftpSession, FetchError> {
    let config = russh_sftp::client::Config {
        request_timeout_secs: fetcher.limits.idle.as_secs().max(1),
        ..russh_sftp::client::Config::default()
    };
    let opening = async {
        let channel = session.channel_open_session().await.ok()?;
        channel.request_subsystem(true, "sftp").await.ok()?;
        SftpSession::new_with_config(channel.into_stream(), config)
            .await
            .ok()
    };
    let opened = timeout(fetcher.limits.idle, opening).await;
    let opened = opened.map_err(|_| request.stalled())?;
    opened.ok_or_else(|| request.error(Code::FetchFailed, "the server does not offer SFTP"))
}

fn state(attributes: &FileAttributes) -> FileState {
    FileState {
        bytes: attributes.size,
        modified_at_s: attributes.mtime.map(i64::from),
    }
}

fn refusal(request: &FileRequest, error: &SftpError) -> FetchError {
    let (code, what) = match error {
        SftpError::Status(status) if status.status_code == StatusCode::NoSuchFile => {
            (Code::FetchFailed, "the server has no file at this path")
        }
        SftpError::Status(status) if status.status_code == StatusCode::PermissionDenied => (
            Code::FetchAuth,
            "the server does not let this user read the file",
        ),
        SftpError::Timeout => return request.stalled(),
        _ => (Code::FetchFailed, "the server ended the transfer"),
    };
    request.error(code, what)
}
