//! Requests with an idempotency key in the database, and their sealed answers.

use buywire_schemas::ids::KeyId;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// Names one request of a caller.
#[derive(Debug, Clone)]
pub struct RequestName {
    /// The API key.
    pub caller: KeyId,
    /// Method and path.
    pub route: String,
    /// A hash of the caller's key.
    pub key: [u8; 32],
}

/// A request that this process carries out.
#[derive(Debug, Clone, Copy)]
pub struct RequestClaim {
    /// The id of what it makes.
    pub subject: Uuid,
    /// Grows whenever another process takes it over.
    pub number: i32,
}

/// The first request with a key.
#[derive(Debug, Clone)]
pub struct KnownRequest {
    /// A hash of its body.
    pub body: Vec<u8>,
    /// Its status and sealed answer, once there is one.
    pub answer: Option<(i16, Vec<u8>)>,
}

impl Store {
    /// Claims a request for so many seconds. `None`: another has it, or it is answered.
    pub async fn claim_request(
        &self,
        name: &RequestName,
        body: &[u8; 32],
        subject: Uuid,
        seconds: f64,
    ) -> Result<Option<RequestClaim>, DatabaseError> {
        let sql = include_str!("sql/idempotency/claim.sql");
        let (caller, key) = (name.caller.uuid(), name.key.as_slice());
        let conn = self.general().await?;
        let body = body.as_slice();
        let row = conn
            .query_opt(
                sql,
                &[&caller, &name.route, &key, &body, &subject, &seconds],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(RequestClaim {
            subject: row.try_get("subject")?,
            number: row.try_get("claim")?,
        }))
    }

    /// Reads what became of the first request with this key.
    pub async fn known_request(
        &self,
        name: &RequestName,
    ) -> Result<Option<KnownRequest>, DatabaseError> {
        let sql = include_str!("sql/idempotency/find.sql");
        let (caller, key) = (name.caller.uuid(), name.key.as_slice());
        let conn = self.general().await?;
        let row = conn.query_opt(sql, &[&caller, &name.route, &key]).await?;
        let Some(row) = row else { return Ok(None) };
        let status: Option<i16> = row.try_get("status")?;
        Ok(Some(KnownRequest {
            body: row.try_get("body")?,
            answer: status.zip(row.try_get("answer")?),
        }))
    }

    /// Keeps an answer.
    pub async fn answer_request(
        &self,
        name: &RequestName,
        claim: RequestClaim,
        status: i16,
        answer: &[u8],
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/idempotency/answer.sql");
        let (caller, key) = (name.caller.uuid(), name.key.as_slice());
        let conn = self.general().await?;
        conn.execute(
            sql,
            &[&caller, &name.route, &key, &claim.number, &status, &answer],
        )
        .await
        .map(drop)
    }

    /// Lets a request be repeated at once.
    pub async fn release_request(
        &self,
        name: &RequestName,
        claim: RequestClaim,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/idempotency/release.sql");
        let (caller, key) = (name.caller.uuid(), name.key.as_slice());
        let conn = self.general().await?;
        conn.execute(sql, &[&caller, &name.route, &key, &claim.number])
            .await
            .map(drop)
    }

    /// Lets the key be used for any request at once, unless it is answered.
    pub async fn free_request(
        &self,
        name: &RequestName,
        claim: RequestClaim,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/idempotency/free.sql");
        let (caller, key) = (name.caller.uuid(), name.key.as_slice());
        let conn = self.general().await?;
        conn.execute(sql, &[&caller, &name.route, &key, &claim.number])
            .await
            .map(drop)
    }

    /// Deletes at most `limit` answers that are older than so many seconds. Returns how many.
    pub async fn forget_requests(&self, seconds: f64, limit: i64) -> Result<u64, DatabaseError> {
        let sql = include_str!("sql/idempotency/forget.sql");
        self.general()
            .await?
            .execute(sql, &[&seconds, &limit])
            .await
    }
}

/// Keeps an answer in the transaction that carries the request out. Returns whether the claim still held.
pub(crate) async fn answer(
    tx: &Tx<'_>,
    name: &RequestName,
    claim: RequestClaim,
    status: i16,
    answer: &[u8],
) -> Result<bool, DatabaseError> {
    let sql = include_str!("sql/idempotency/answer.sql");
    let (caller, key) = (name.caller.uuid(), name.key.as_slice());
    let kept = tx
        .execute(
            sql,
            &[&caller, &name.route, &key, &claim.number, &status, &answer],
        )
        .await?;
    Ok(kept == 1)
}

/// Keeps a claim for so many seconds from now. Returns whether it still held.
pub(crate) async fn renew(
    tx: &Tx<'_>,
    name: &RequestName,
    claim: RequestClaim,
    seconds: f64,
) -> Result<bool, DatabaseError> {
    let sql = include_str!("sql/idempotency/renew.sql");
    let (caller, key) = (name.caller.uuid(), name.key.as_slice());
    let renewed = tx
        .execute(sql, &[&caller, &name.route, &key, &claim.number, &seconds])
        .await?;
    Ok(renewed == 1)
}
