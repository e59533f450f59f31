//! A feed source as it is requested, sealed and shown: its URL, interval and credentials.
//!
//! Promises: at most one kind of credentials; credentials are sealed and never shown; a URL must pass the egress rules
//! for whoever saved it. Saving replaces the whole source: a new URL never gets the credentials that were given for
//! another.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use buywire_feeds::formats;
use buywire_schemas::ids::{PartnerId, RunId};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, integer, string, text};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::source_url::{FileAccess, SourceUrl, file_access};
use crate::delivery::headers::{BadHeader, HeaderSet};
use crate::egress::{EgressPolicy, SavedBy};
use crate::secrets::master_key::{MasterKeys, SealContext, SealError};
use crate::secrets::sealed_url::{self, SealedUrl};
use crate::store::catalog::Mode;
use crate::store::catalog::sources::{NewSource, Source};

/// A feed that changes more often should be pushed.
const INTERVAL_MINUTES: std::ops::RangeInclusive<i64> = 15..=10_080;
const INTERVAL_MINUTES_DEFAULT: i64 = 60;
const MODES: &[(&str, Mode)] = &[
    ("full", Mode::Full),
    ("upsert", Mode::Upsert),
    ("inventory", Mode::Inventory),
];
/// Headers that a source may not set: conditions and ranges are the gateway's own.
const RESERVED_HEADERS: [&str; 6] = [
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
];
const HEADERS_MAX: usize = 20;
const AUTHORIZATION: &str = "authorization";

/// A source as the request body describes it. Has no `Debug`, because it holds secrets.
pub(crate) struct SourceDraft {
    url: SourceUrl,
    saved_by: SavedBy,
    every_minutes: i32,
    mode: Mode,
    format: Option<String>,
    credentials: Option<Credentials>,
    headers: HeaderSet,
    /// Of a file at a server.
    file: Option<FileAccess>,
}

enum Credentials {
    Basic(String),
    Bearer(String),
}

/// A source as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct SourceDocument {
    url: String,
    every_minutes: i32,
    mode: &'static str,
    format: Option<String>,
    /// Only the kind.
    credentials: Option<String>,
    /// Only the names.
    headers: Vec<String>,
    /// The pinned host key of an SFTP server.
    host_key: Option<String>,
    pulling: bool,
    #[serde(with = "time::serde::rfc3339")]
    next_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_at: Option<OffsetDateTime>,
    last_run: Option<RunId>,
    last_status: Option<String>,
    last_reason: Option<String>,
    failures: i32,
    /// Whether the server sent an ETag.
    etag: bool,
    last_modified: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl SourceDraft {
    pub(crate) fn parse(
        body: &[u8],
        saved_by: SavedBy,
        policy: &EgressPolicy,
    ) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let url = body.required(
            "url",
            string(|text| SourceUrl::parse(text, saved_by, policy)),
        );
        let minutes = body.optional("every_minutes", integer(INTERVAL_MINUTES));
        let minutes = i32::try_from(minutes.unwrap_or(INTERVAL_MINUTES_DEFAULT)).ok();
        let mode = body.optional("mode", choice(MODES)).unwrap_or(Mode::Full);
        let format = body.optional("format", string(format));
        let (credentials, headers, file) = match &url {
            Some(SourceUrl::File(url)) => {
                let file = file_access(&mut body, url);
                (None, Some(HeaderSet::default()), file)
            }
            _ => {
                let credentials = credentials(&mut body);
                let headers = headers(&mut body, credentials.is_some());
                (credentials, headers, None)
            }
        };
        body.finish(|| {
            Some(Self {
                url: url?,
                saved_by,
                every_minutes: minutes?,
                mode,
                format,
                credentials,
                headers: headers?,
                file,
            })
        })
    }

    /// Details for the audit entry: no secrets, and only the host of the URL.
    pub(crate) fn audit_details(&self) -> serde_json::Value {
        json!({
            "host": self.url.host(), "every_minutes": self.every_minutes, "mode": self.mode.as_str(),
            "format": self.format, "credentials": self.credentials_kind(), "headers": self.headers.names().collect::<Vec<_>>(),
        })
    }

    pub(crate) fn seal(self, master: &MasterKeys, id: PartnerId) -> Result<NewSource, SealError> {
        let authorization = self.credentials.as_ref().map(Credentials::header);
        let mut all: BTreeMap<_, _> = self.headers.reveal().collect();
        all.extend(authorization.as_deref().map(|value| (AUTHORIZATION, value)));
        let plain = (!all.is_empty()).then(|| json!(all).to_string());
        let partner = id.to_string();
        let sealed = plain.map(|plain| master.seal(seal_context(&partner), plain.as_bytes()));
        let url = match &self.url {
            SourceUrl::Web(url) => sealed_url::seal(master, "feed_sources", &partner, url.url())?,
            SourceUrl::File(url) => SealedUrl {
                masked: url.as_str().to_owned(),
                sealed: None,
            },
        };
        let login = self.file.as_ref().map(|file| file.login.seal(master, id));
        let host_key = self.file.as_ref().and_then(|file| file.host_key.as_ref());
        Ok(NewSource {
            login: login.transpose()?,
            host_key: host_key.map(|key| key.as_str().to_owned()),
            headers: sealed.transpose()?,
            credentials: self.credentials_kind(),
            header_names: self.headers.names().map(str::to_owned).collect(),
            url: url.masked,
            sealed_url: url.sealed,
            url_saved_by: match self.saved_by {
                SavedBy::Operator => "operator",
                SavedBy::Partner => "partner",
            },
            every_minutes: self.every_minutes,
            mode: self.mode,
            format: self.format,
        })
    }

    fn credentials_kind(&self) -> Option<&'static str> {
        let file = self.file.as_ref().map(|file| file.login.kind());
        let web = self.credentials.as_ref();
        file.or(web.map(|credentials| match credentials {
            Credentials::Basic(_) => "basic",
            Credentials::Bearer(_) => "bearer",
        }))
    }
}

impl Credentials {
    fn header(&self) -> String {
        match self {
            Self::Basic(pair) => format!("Basic {}", BASE64.encode(pair)),
            Self::Bearer(token) => format!("Bearer {token}"),
        }
    }
}

/// Unseals the headers that a source's requests carry.
pub(crate) fn open_headers(
    master: &MasterKeys,
    partner: PartnerId,
    sealed: Option<&[u8]>,
) -> Result<HeaderSet, SealError> {
    let Some(sealed) = sealed else {
        return Ok(HeaderSet::default());
    };
    let plain = master.open(seal_context(&partner.to_string()), sealed)?;
    let all = serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)?;
    HeaderSet::parse(&all).map_err(|_| SealError::NotSealed)
}

/// Reads a user name with its password, or a bearer token.
fn credentials(body: &mut Reader<'_>) -> Option<Credentials> {
    let username = body.optional("username", string(user_name));
    let password = body.optional("password", text(0..=512));
    let bearer = body.optional("bearer", string(token));
    if bearer.is_some() && (username.is_some() || password.is_some()) {
        body.refuse("/bearer", too_many());
        return None;
    }
    match (username, password) {
        (Some(name), Some(password)) => Some(Credentials::Basic(format!("{name}:{password}"))),
        (Some(_), None) => refuse_lacking(body, "/password"),
        (None, Some(_)) => refuse_lacking(body, "/username"),
        (None, None) => bearer.map(Credentials::Bearer),
    }
}

fn refuse_lacking(body: &mut Reader<'_>, pointer: &str) -> Option<Credentials> {
    let detail = "a user name and its password go together";
    body.refuse(pointer, Violation::new("missing", detail));
    None
}

fn too_many() -> Violation {
    let detail =
        "give one kind of credentials: username and password, bearer, or a header `Authorization`";
    Violation::new("credentials_several", detail)
}

fn headers(body: &mut Reader<'_>, has_credentials: bool) -> Option<HeaderSet> {
    let given = body.map("headers", HEADERS_MAX, |_| Ok(()), text(0..=4096));
    let flaw = |refused: BadHeader| Violation::new(refused.code(), refused.to_string());
    let checked = HeaderSet::parse(&given).map_err(flaw).and_then(|set| {
        let reserved = set.names().find(|name| RESERVED_HEADERS.contains(name));
        if let Some(name) = reserved {
            return Err(flaw(BadHeader::Forbidden(name.to_owned())));
        }
        if has_credentials && set.names().any(|name| name == AUTHORIZATION) {
            return Err(too_many());
        }
        Ok(set)
    });
    checked.map_err(|flaw| body.refuse("/headers", flaw)).ok()
}

fn format(name: &str) -> Result<String, Violation> {
    match formats::by_name(name) {
        Some(found) => Ok(found.name().to_owned()),
        None => {
            let names: Vec<_> = formats::FORMATS
                .iter()
                .map(|format| format.name())
                .collect();
            let detail = format!("must be one of: {}", names.join(", "));
            Err(Violation::new("unknown_value", detail))
        }
    }
}

/// RFC 7617: the user name ends at the first colon, so it cannot contain one.
fn user_name(text: &str) -> Result<String, Violation> {
    buywire_schemas::text::check(text, &(1..=256))?;
    if text.contains(':') {
        return Err(Violation::new("malformed", "must not hold a colon"));
    }
    Ok(text.to_owned())
}

/// More permissive than RFC 6750: any visible ASCII characters without spaces.
fn token(text: &str) -> Result<String, Violation> {
    if text.is_empty() || text.len() > 4096 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = "must have 1 to 4096 visible ASCII characters, without spaces";
        return Err(Violation::new("malformed", detail));
    }
    Ok(text.to_owned())
}

fn seal_context(partner: &str) -> SealContext<'_> {
    SealContext {
        table: "feed_sources",
        row: partner,
        column: "headers",
    }
}

impl From<Source> for SourceDocument {
    fn from(source: Source) -> Self {
        let (last_run, last_status, last_reason) = match source.last {
            Some((run, status, reason)) => (Some(run), status, reason),
            None => (None, None, None),
        };
        Self {
            url: source.url,
            every_minutes: source.every_minutes,
            mode: source.mode.as_str(),
            format: source.format,
            credentials: source.credentials,
            headers: source.header_names,
            host_key: source.host_key,
            pulling: source.pulling,
            next_at: source.next_at,
            last_at: source.last_at,
            last_run,
            last_status,
            last_reason,
            failures: source.failures,
            etag: source.has_etag,
            last_modified: source.has_last_modified,
            created_at: source.created_at,
        }
    }
}
