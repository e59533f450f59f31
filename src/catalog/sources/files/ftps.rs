//! FTPS: logs in over a guarded session, reads one file over a data connection with TLS.
//!
//! Must not connect by itself: sessions and their data connections are the egress guard's.

use std::time::Duration;

use buywire_schemas::catalog::issue::Code;
use suppaftp::types::FileType;
use suppaftp::{FtpError, FtpResult, Status};
use tokio::time::timeout;

use super::download::FileState;
use super::login::LoginSecret;
use super::{FileFetcher, FileRequest};
use crate::ambient;
use crate::catalog::sources::fetch::{FetchError, Fetched};
use crate::egress::{FileProtocol, FtpsSession, OpenFailure};

pub(super) async fn fetch(
    fetcher: &FileFetcher,
    request: &FileRequest,
) -> Result<Fetched, FetchError> {
    let idle = fetcher.limits.idle;
    let mut session = within(idle, request, connect(fetcher, request)).await?;
    let path = request.url.path();
    let before = within(idle, request, state(&mut session, path, request)).await?;
    let now_s = ambient::now().unix_timestamp();
    if request.is_unchanged(before, now_s) {
        let _ = timeout(idle, session.quit()).await;
        return Ok(Fetched::NotModified);
    }
    fetcher.check_size(request, before)?;
    let opening = async {
        let file = session.retr_as_stream(path).await;
        file.map_err(|error| refusal(request, &error))
    };
    let mut file = within(idle, request, opening).await?;
    let spooled = fetcher.download(request, &mut file).await?;
    let finishing = async {
        let finished = file.finish().await;
        finished.map_err(|_| request.error(Code::FetchTruncated, "the download broke off"))
    };
    within(idle, request, finishing).await?;
    let after = within(idle, request, state(&mut session, path, request)).await?;
    let _ = timeout(idle, session.quit()).await;
    let document = request.document(spooled, before, after, now_s)?;
    Ok(Fetched::Document(document))
}

async fn within<T>(
    time: Duration,
    request: &FileRequest,
    step: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let ended = timeout(time, step).await;
    ended.unwrap_or_else(|_| Err(request.stalled()))
}

async fn connect(fetcher: &FileFetcher, request: &FileRequest) -> Result<FtpsSession, FetchError> {
    let is_refused = |failure: &OpenFailure| match failure {
        OpenFailure::Connect(failure) => failure.is_transient(),
        OpenFailure::Ftp(_) => false,
    };
    let open = || fetcher.connector.open_ftps(&request.url);
    let opened = fetcher.retry_quickly(is_refused, open).await;
    let mut session = opened.map_err(|failure| match failure {
        OpenFailure::Connect(failure) => request.unreachable(failure),
        OpenFailure::Ftp(error) => refusal(request, &error),
    })?;
    let logged_in = log_in(request, &mut session).await;
    logged_in.map_err(|error| refusal(request, &error))?;
    Ok(session)
}

async fn log_in(request: &FileRequest, session: &mut FtpsSession) -> FtpResult<()> {
    let LoginSecret::Password(password) = &request.login.secret else {
        return Err(FtpError::BadResponse);
    };
    session
        .login(request.login.username.as_str(), password.as_str())
        .await?;
    if request.url.protocol() == FileProtocol::ImplicitFtps {
        // The connection is encrypted already; the data connections have to be told.
        session
            .custom_command("PBSZ 0", &[Status::CommandOk])
            .await?;
        session
            .custom_command("PROT P", &[Status::CommandOk])
            .await?;
    }
    session.transfer_type(FileType::Binary).await
}

/// Servers may know neither size nor time; then the file is read at every pull.
async fn state(
    session: &mut FtpsSession,
    path: &str,
    request: &FileRequest,
) -> Result<FileState, FetchError> {
    let bytes = match session.size(path).await {
        Ok(bytes) => Some(bytes as u64),
        Err(error) => unless_refused(request, error)?,
    };
    let modified_at_s = match session.mdtm(path).await {
        Ok(time) => Some(time.and_utc().timestamp()),
        Err(error) => unless_refused(request, error)?,
    };
    Ok(FileState {
        bytes,
        modified_at_s,
    })
}

fn unless_refused<T>(request: &FileRequest, error: FtpError) -> Result<Option<T>, FetchError> {
    match error {
        FtpError::UnexpectedResponse(_) | FtpError::BadResponse => Ok(None),
        other => Err(refusal(request, &other)),
    }
}

/// The server's own words are not repeated: they may hold what was sent.
fn refusal(request: &FileRequest, error: &FtpError) -> FetchError {
    let (code, what) = match error {
        FtpError::SecureError(_) => (
            Code::FetchFailed,
            "TLS failed: the certificate must be for this host name, valid, and from a CA that is trusted here",
        ),
        FtpError::UnexpectedResponse(response) => match response.status {
            Status::NotLoggedIn => (
                Code::FetchAuth,
                "the server refused the user name with its password",
            ),
            Status::FileUnavailable => (
                Code::FetchFailed,
                "the server has no file at this path, or does not let this user read it",
            ),
            status => {
                let what = format!("the server refused a command ({})", status.code());
                return request.error(Code::FetchFailed, what);
            }
        },
        FtpError::ConnectionError(_) => (Code::FetchFailed, "the connection broke"),
        _ => (Code::FetchFailed, "the server's answer cannot be read"),
    };
    request.error(code, what)
}
