//! URLs of sources: a document on the web, or a file at a server.

use buywire_schemas::problem::Violation;
use buywire_schemas::read::{Reader, string};
use buywire_schemas::text;

use super::files::login::{HostKey, Login, LoginSecret};
use crate::egress::{EgressPolicy, FileProtocol, FileUrl, SavedBy, TargetUrl};
use crate::secrets::sealed_url;

/// Where a feed is.
pub(super) enum SourceUrl {
    Web(TargetUrl),
    File(FileUrl),
}

/// How a file is reached.
pub(super) struct FileAccess {
    pub(super) login: Login,
    pub(super) host_key: Option<HostKey>,
}

impl SourceUrl {
    /// # Errors
    /// The rule that the URL breaks.
    pub(super) fn parse(
        text: &str,
        saved_by: SavedBy,
        policy: &EgressPolicy,
    ) -> Result<Self, Violation> {
        if FileProtocol::of(text).is_some() {
            let url = FileUrl::parse(text, saved_by, policy);
            let url = url
                .map_err(|refusal| Violation::new(refusal.code(), refusal.message_for(saved_by)))?;
            return Ok(Self::File(url));
        }
        let url = TargetUrl::parse(text, saved_by, policy)
            .map_err(|refusal| Violation::new(refusal.code(), refusal.message_for(saved_by)))?;
        // A masked URL, copied from a shown source, is not a URL to save.
        if sealed_url::is_masked(url.url()) {
            let detail = "must be the whole address: `***` stands for what is not shown of it";
            return Err(Violation::new("url_masked", detail));
        }
        Ok(Self::Web(url))
    }

    pub(super) fn host(&self) -> String {
        match self {
            Self::Web(url) => url.host().to_owned(),
            Self::File(url) => url.host(),
        }
    }
}

/// Reads the login and the host key of a file. What only documents on the web have is refused as unknown.
pub(super) fn file_access(body: &mut Reader<'_>, url: &FileUrl) -> Option<FileAccess> {
    let is_sftp = url.protocol() == FileProtocol::Sftp;
    let username = body.optional("username", string(|text| single_line(text, 256)));
    let username = username.or_else(|| url.user().map(str::to_owned));
    let password = body.optional("password", string(|text| single_line(text, 512)));
    let password = password.map(LoginSecret::Password);
    let key = match is_sftp {
        true => body.optional("private_key", string(LoginSecret::private_key)),
        false => None,
    };
    let host_key = match is_sftp {
        true => body.optional("host_key", string(HostKey::parse)),
        false => None,
    };
    let secret = match (password, key) {
        (Some(_), Some(_)) => {
            let detail = "give one kind of credentials: password or private_key";
            body.refuse(
                "/private_key",
                Violation::new("credentials_several", detail),
            );
            return None;
        }
        (password, key) => password.or(key),
    };
    if username.is_none() {
        let detail = "is required, here or in the URL (sftp://name@host/…)";
        body.refuse("/username", Violation::new("missing", detail));
    }
    if secret.is_none() {
        let detail = match is_sftp {
            true => "is required, or private_key",
            false => "is required",
        };
        body.refuse("/password", Violation::new("missing", detail));
    }
    Some(FileAccess {
        login: Login::new(username?, secret?),
        host_key,
    })
}

/// Logins go into lines of commands.
fn single_line(line: &str, chars_max: usize) -> Result<String, Violation> {
    text::check(line, &(1..=chars_max))?;
    match line.contains('\n') {
        true => Err(Violation::new("control_character", "must be a single line")),
        false => Ok(line.to_owned()),
    }
}
