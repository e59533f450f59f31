//! Feed sources: where feeds are pulled from, and when.
//!
//! Promises: one statement claims a due source for one node. A claim ends with its lease, so that another node takes
//! over from a dead one, and a node that lost its claim records nothing. Headers are sealed when they arrive and when
//! they leave.

use buywire_schemas::ids::{PartnerId, RunId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Mode;
use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// A source to be saved.
#[derive(Debug)]
pub(crate) struct NewSource {
    /// The URL without its secrets.
    pub url: String,
    /// The whole URL, sealed, if it holds a secret.
    pub sealed_url: Option<Vec<u8>>,
    /// Who saved the URL: `operator` or `partner`.
    pub url_saved_by: &'static str,
    /// The interval between pulls.
    pub every_minutes: i32,
    /// How much of the catalog the feed covers.
    pub mode: Mode,
    /// The format's name; `None` detects it.
    pub format: Option<String>,
    /// The kind of credentials: `basic`, `bearer`, `password` or `private_key`.
    pub credentials: Option<&'static str>,
    /// The names of the extra headers.
    pub header_names: Vec<String>,
    /// The names and values of all headers, sealed.
    pub headers: Option<Vec<u8>>,
    /// The login at a file server, sealed.
    pub login: Option<Vec<u8>>,
    /// The fingerprint of the host key that an SFTP server must have.
    pub host_key: Option<String>,
}

/// A stored source.
#[derive(Debug)]
pub struct Source {
    /// The URL without its secrets.
    pub url: String,
    /// The interval between pulls.
    pub every_minutes: i32,
    /// How much of the catalog the feed covers.
    pub mode: Mode,
    /// The format's name; `None` detects it.
    pub format: Option<String>,
    /// The kind of credentials.
    pub credentials: Option<String>,
    /// The names of the extra headers.
    pub header_names: Vec<String>,
    /// The fingerprint of the host key that an SFTP server must have.
    pub host_key: Option<String>,
    /// When the next pull is due.
    pub next_at: OffsetDateTime,
    /// Whether a pull is in progress.
    pub pulling: bool,
    /// Failed pulls in a row.
    pub failures: i32,
    /// Whether the server sent an `ETag`.
    pub has_etag: bool,
    /// Whether the server sent `Last-Modified`.
    pub has_last_modified: bool,
    pub last_at: Option<OffsetDateTime>,
    /// The run of the last pull, with its status and reason.
    pub last: Option<(RunId, Option<String>, Option<String>)>,
    pub created_at: OffsetDateTime,
}

/// A source with whose it is.
#[derive(Debug)]
pub struct SourceOfPartner {
    /// The partner's slug.
    pub partner: String,
    pub source: Source,
}

/// The validators of the document that a run has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`.
    pub etag: Option<String>,
    /// The `Last-Modified` date.
    pub last_modified: Option<String>,
    /// Digest of everything else that decided how the document was read.
    pub reading_digest: Vec<u8>,
}

/// A pull that this node owns until its lease ends.
#[derive(Debug)]
pub struct ClaimedSource {
    /// Identifies the pull.
    pub claim: Uuid,
    pub partner: PartnerId,
    /// The partner's slug.
    pub slug: String,
    /// The URL without its secrets.
    pub url: String,
    /// The whole URL, sealed, if it holds a secret.
    pub sealed_url: Option<Vec<u8>>,
    /// Who saved the URL: `operator` or `partner`.
    pub url_saved_by: String,
    /// The interval between pulls.
    pub every_minutes: i32,
    /// How much of the catalog the feed covers.
    pub mode: Mode,
    /// The format's name; `None` detects it.
    pub format: Option<String>,
    /// The names and values of all headers, sealed.
    pub headers: Option<Vec<u8>>,
    /// The sealed login at a file server.
    pub login: Option<Vec<u8>>,
    /// The fingerprint of the host key that an SFTP server must have.
    pub host_key: Option<String>,
    /// Failed pulls in a row.
    pub failures: i32,
    /// The run that read the live document, with the document's validators.
    pub cached: Option<(RunId, Validators)>,
}

/// How a pull ended.
#[derive(Debug)]
pub struct PullOutcome {
    /// The run; `None` if the pull did not start.
    pub run: Option<RunId>,
    /// The validators of the document that the run has read.
    pub validators: Option<Validators>,
    /// Failed pulls in a row.
    pub failures: i32,
    /// The time until the next pull.
    pub next_s: f64,
}

/// Saves a partner's source, replacing any other.
pub(crate) async fn save(
    tx: &Tx<'_>,
    partner: PartnerId,
    source: &NewSource,
) -> Result<(), DatabaseError> {
    tx.execute(
        include_str!("../sql/catalog/save_source.sql"),
        &[
            &partner.uuid(),
            &source.url,
            &source.url_saved_by,
            &source.every_minutes,
            &source.mode.as_str(),
            &source.format,
            &source.credentials,
            &source.header_names,
            &source.headers,
            &source.sealed_url,
            &source.login,
            &source.host_key,
        ],
    )
    .await
    .map(drop)
}

/// Deletes a partner's source. Returns its URL, if there was one.
pub(crate) async fn delete(
    tx: &Tx<'_>,
    partner: PartnerId,
) -> Result<Option<String>, DatabaseError> {
    let sql = include_str!("../sql/catalog/delete_source.sql");
    let row = tx.query_opt(sql, &[&partner.uuid()]).await?;
    Ok(row.map(|row| row.try_get("url")).transpose()?)
}

impl Store {
    /// Reads the source of the partner with this slug.
    pub async fn source(&self, slug: &str) -> Result<Option<Source>, DatabaseError> {
        let sql = include_str!("../sql/catalog/find_source.sql");
        let row = self.general().await?.query_opt(sql, &[&slug]).await?;
        row.as_ref().map(source).transpose()
    }

    /// Lists sources by the slugs of their partners, after a slug.
    pub async fn sources(
        &self,
        partner: Option<PartnerId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<SourceOfPartner>, DatabaseError> {
        let sql = include_str!("../sql/catalog/list_sources.sql");
        let partner = partner.map(PartnerId::uuid);
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&partner, &after, &limit]).await?;
        let entries = rows.iter().map(|row| {
            Ok(SourceOfPartner {
                partner: row.try_get("slug")?,
                source: source(row)?,
            })
        });
        entries.collect()
    }

    /// Makes a source due now. Returns whether it exists.
    pub async fn make_source_due(&self, slug: &str) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/catalog/make_source_due.sql");
        Ok(self.general().await?.execute(sql, &[&slug]).await? > 0)
    }

    /// Claims a due source.
    pub async fn claim_source(
        &self,
        claim: Uuid,
        lease_seconds: f64,
    ) -> Result<Option<ClaimedSource>, DatabaseError> {
        let sql = include_str!("../sql/catalog/claim_source.sql");
        let conn = self.general().await?;
        let row = conn.query_opt(sql, &[&claim, &lease_seconds]).await?;
        row.map(|row| claimed_source(claim, &row)).transpose()
    }

    /// Renews a claim. Returns whether it is still held.
    pub async fn renew_source_claim(
        &self,
        claim: Uuid,
        lease_seconds: f64,
    ) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/catalog/renew_source_claim.sql");
        let conn = self.general().await?;
        Ok(conn.execute(sql, &[&claim, &lease_seconds]).await? > 0)
    }

    /// Releases interrupted pulls, which are due again at once.
    pub async fn release_sources(&self, claims: &[Uuid]) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/release_sources.sql");
        self.general()
            .await?
            .execute(sql, &[&claims])
            .await
            .map(drop)
    }

    /// Ends a claim, if it is still held.
    pub async fn finish_pull(
        &self,
        claim: Uuid,
        outcome: &PullOutcome,
    ) -> Result<(), DatabaseError> {
        let validators = outcome.validators.as_ref();
        let sql = include_str!("../sql/catalog/finish_pull.sql");
        self.general()
            .await?
            .execute(
                sql,
                &[
                    &claim,
                    &outcome.run.map(RunId::uuid),
                    &validators.and_then(|validators| validators.etag.as_deref()),
                    &validators.and_then(|validators| validators.last_modified.as_deref()),
                    &validators.map(|validators| validators.reading_digest.as_slice()),
                    &outcome.failures,
                    &outcome.next_s,
                ],
            )
            .await
            .map(drop)
    }
}

fn source(row: &Row) -> Result<Source, DatabaseError> {
    let run: Option<Uuid> = row.try_get("run")?;
    let (status, reason) = (row.try_get("status")?, row.try_get("reason")?);
    Ok(Source {
        url: row.try_get("url")?,
        every_minutes: row.try_get("every_minutes")?,
        mode: mode(row)?,
        format: row.try_get("format")?,
        credentials: row.try_get("credentials")?,
        header_names: row.try_get("header_names")?,
        host_key: row.try_get("host_key")?,
        next_at: row.try_get("next_at")?,
        pulling: row.try_get("pulling")?,
        failures: row.try_get("failures")?,
        has_etag: row.try_get("has_etag")?,
        has_last_modified: row.try_get("has_last_modified")?,
        last_at: row.try_get("last_pull_at")?,
        last: run.map(|run| (RunId::from_uuid(run), status, reason)),
        created_at: row.try_get("created_at")?,
    })
}

fn claimed_source(claim: Uuid, row: &Row) -> Result<ClaimedSource, DatabaseError> {
    let is_current: bool = row.try_get("is_current")?;
    let run: Option<Uuid> = row.try_get("run")?;
    let reading: Option<Vec<u8>> = row.try_get("reader_digest")?;
    let validators = reading.map(|reading| {
        Ok::<_, DatabaseError>(Validators {
            etag: row.try_get("etag")?,
            last_modified: row.try_get("last_modified")?,
            reading_digest: reading,
        })
    });
    let cached = run
        .map(RunId::from_uuid)
        .zip(validators.transpose()?)
        .filter(|_| is_current);
    Ok(ClaimedSource {
        claim,
        partner: PartnerId::from_uuid(row.try_get("partner")?),
        slug: row.try_get("slug")?,
        url: row.try_get("url")?,
        sealed_url: row.try_get("sealed_url")?,
        url_saved_by: row.try_get("url_saved_by")?,
        every_minutes: row.try_get("every_minutes")?,
        mode: mode(row)?,
        format: row.try_get("format")?,
        headers: row.try_get("headers")?,
        login: row.try_get("login")?,
        host_key: row.try_get("host_key")?,
        failures: row.try_get("failures")?,
        cached,
    })
}

/// Reads an unknown mode as the one that changes least, so that a source never changes too much by mistake.
fn mode(row: &Row) -> Result<Mode, DatabaseError> {
    Ok(match row.try_get("mode")? {
        "full" => Mode::Full,
        "upsert" => Mode::Upsert,
        _ => Mode::Inventory,
    })
}
