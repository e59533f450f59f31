//! Where feeds are pulled from, and whose turn it is to pull.
//!
//! Promises: a due source is claimed by one node in one statement; a claim ends with its lease, so that a dead node's
//! pulls are done by another; whoever lost its claim records nothing. Headers come sealed and go sealed.

use buywire_schemas::ids::{PartnerId, RunId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Mode;
use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// A source to be saved.
#[derive(Debug)]
pub struct NewSource {
    /// Where the feed is, without what is secret in it.
    pub url: String,
    /// All of it, sealed, where it holds a secret.
    pub sealed_url: Option<Vec<u8>>,
    /// `operator` or `partner`.
    pub url_saved_by: &'static str,
    /// How often it is asked.
    pub every_minutes: i32,
    /// What the feed speaks for.
    pub mode: Mode,
    /// A format's name; none: it is found out.
    pub format: Option<String>,
    /// The kind of credentials: `basic` or `bearer`.
    pub credentials: Option<&'static str>,
    /// The names of the extra headers.
    pub header_names: Vec<String>,
    /// Names and values of all headers, sealed.
    pub headers: Option<Vec<u8>>,
}

/// A source as it is shown.
#[derive(Debug)]
pub struct Source {
    /// Where the feed is.
    pub url: String,
    /// How often it is asked.
    pub every_minutes: i32,
    /// What the feed speaks for.
    pub mode: Mode,
    /// A format's name; none: it is found out.
    pub format: Option<String>,
    /// The kind of credentials.
    pub credentials: Option<String>,
    /// The names of the extra headers.
    pub header_names: Vec<String>,
    /// When it is asked next.
    pub next_at: OffsetDateTime,
    /// Whether it is asked right now.
    pub pulling: bool,
    /// Pulls in a row that came to nothing.
    pub failures: i32,
    /// Whether the server has named the document's version.
    pub has_etag: bool,
    /// Whether the server has said when the document was changed.
    pub has_last_modified: bool,
    /// When the last pull ended.
    pub last_at: Option<OffsetDateTime>,
    /// The run that the last pull made, with its status and why.
    pub last: Option<(RunId, Option<String>, Option<String>)>,
    /// When it was first saved.
    pub created_at: OffsetDateTime,
}

/// What a server has said of the document that a run has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// Its version.
    pub etag: Option<String>,
    /// When it was changed.
    pub last_modified: Option<String>,
    /// Digest of what else decided how it was read.
    pub reading_digest: Vec<u8>,
}

/// A pull that is this node's until its lease ends.
#[derive(Debug)]
pub struct ClaimedSource {
    /// Names the pull.
    pub claim: Uuid,
    /// Whose feed.
    pub partner: PartnerId,
    /// The partner's name on the wire.
    pub slug: String,
    /// Where the feed is.
    pub url: String,
    /// All of it, sealed, where it holds a secret.
    pub sealed_url: Option<Vec<u8>>,
    /// `operator` or `partner`.
    pub url_saved_by: String,
    /// How often it is asked.
    pub every_minutes: i32,
    /// What the feed speaks for.
    pub mode: Mode,
    /// A format's name; none: it is found out.
    pub format: Option<String>,
    /// Names and values of all headers, sealed.
    pub headers: Option<Vec<u8>>,
    /// Pulls in a row that came to nothing.
    pub failures: i32,
    /// The run that read the live document, and what was said of that.
    pub cached: Option<(RunId, Validators)>,
}

/// How a pull has ended.
#[derive(Debug)]
pub struct PullOutcome {
    /// Its run; none when it did not begin.
    pub run: Option<RunId>,
    /// What is known of the document that the run has read.
    pub validators: Option<Validators>,
    /// Pulls in a row that came to nothing.
    pub failures: i32,
    /// When the next one is due, from now.
    pub next_s: f64,
}

/// Saves a partner's source in the place of any other.
pub async fn save(
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
        ],
    )
    .await
    .map(drop)
}

/// Deletes a partner's source; its URL, if there was one.
pub async fn delete(tx: &Tx<'_>, partner: PartnerId) -> Result<Option<String>, DatabaseError> {
    let sql = include_str!("../sql/catalog/delete_source.sql");
    let row = tx.query_opt(sql, &[&partner.uuid()]).await?;
    Ok(row.map(|row| row.try_get("url")).transpose()?)
}

impl Store {
    /// The source of the partner of that name.
    pub async fn source(&self, slug: &str) -> Result<Option<Source>, DatabaseError> {
        let sql = include_str!("../sql/catalog/find_source.sql");
        let row = self.general().await?.query_opt(sql, &[&slug]).await?;
        row.as_ref().map(source).transpose()
    }

    /// Makes a source due now; whether there is one.
    pub async fn make_source_due(&self, slug: &str) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/catalog/make_source_due.sql");
        Ok(self.general().await?.execute(sql, &[&slug]).await? > 0)
    }

    /// Takes one source that is due.
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

    /// Renews a claim; whether it still stands.
    pub async fn renew_source_claim(
        &self,
        claim: Uuid,
        lease_seconds: f64,
    ) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/catalog/renew_source_claim.sql");
        let conn = self.general().await?;
        Ok(conn.execute(sql, &[&claim, &lease_seconds]).await? > 0)
    }

    /// These pulls were broken off: they are due at once.
    pub async fn release_sources(&self, claims: &[Uuid]) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/release_sources.sql");
        self.general()
            .await?
            .execute(sql, &[&claims])
            .await
            .map(drop)
    }

    /// Ends a claim, if it still stands.
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
        failures: row.try_get("failures")?,
        cached,
    })
}

/// A source never changes more than this by mistake: what is not known is read as the least.
fn mode(row: &Row) -> Result<Mode, DatabaseError> {
    Ok(match row.try_get("mode")? {
        "full" => Mode::Full,
        "upsert" => Mode::Upsert,
        _ => Mode::Inventory,
    })
}
