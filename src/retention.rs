//! Retention: how long things are kept, and the task that lets them go.
//!
//! Promises: acceptances and attempts stay for 33 days (a delivery may be open for 30), the dead for
//! 90, orders and events for 400 and never less than their deliveries, runs of feeds for 400 and their findings for
//! 90, but never those of a partner's last applied run or of one that is not over, the audit for ever. Every step
//! is a slice, so that deliveries never wait for it. Must not touch a delivery that can still be sent.

use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::retention::RetentionSession;

/// How often days are made and dropped. Seven days are made ahead, so that a week of failures is borne.
const KEEP_EVERY: Duration = Duration::from_secs(3_600);
/// How often deliveries are looked for that can never be sent: a deleted endpoint's queue ends soon.
const BURY_EVERY: Duration = Duration::from_secs(5);
/// Between two slices, so that the database does other things too.
const BREATH: Duration = Duration::from_millis(20);

/// Keep house for as long as the gateway runs.
pub async fn run(store: Store) {
    let mut kept_at: Option<tokio::time::Instant> = None;
    loop {
        if kept_at.is_none_or(|at| at.elapsed() >= KEEP_EVERY) {
            kept_at = Some(tokio::time::Instant::now());
            warn_if_failed(keep(&store).await);
        }
        warn_if_failed(close_undeliverable(&store).await);
        tokio::time::sleep(BURY_EVERY).await;
    }
}

/// One round: make the days ahead, and let go of what is too old.
pub async fn keep(store: &Store) -> Result<(), DatabaseError> {
    store.make_partitions().await?;
    let Some(house) = store.begin_retention().await? else {
        return Ok(());
    };
    let done = let_go(&house, OffsetDateTime::now_utc()).await;
    house.end().await?;
    done
}

/// One round: close deliveries that can never be sent.
pub async fn close_undeliverable(store: &Store) -> Result<(), DatabaseError> {
    let Some(house) = store.begin_retention().await? else {
        return Ok(());
    };
    let done = close_all(&house).await;
    house.end().await?;
    done
}

async fn let_go(house: &RetentionSession, now: OffsetDateTime) -> Result<(), DatabaseError> {
    let days = house.drop_old_partitions().await?;
    if days > 0 {
        tracing::info!(tables = days, "retention: dropped day tables");
    }
    while house.drop_old_dead().await? {
        tokio::time::sleep(BREATH).await;
    }
    let mut cursor = Uuid::nil();
    while let Some(next) = house.drop_old_orders(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(BREATH).await;
    }
    let mut cursor = Uuid::nil();
    while let Some(next) = house.drop_old_events(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(BREATH).await;
    }
    let mut cursor = Uuid::nil();
    while let Some(next) = house.drop_old_callbacks(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(BREATH).await;
    }
    let_go_of_runs(house, now).await
}

async fn let_go_of_runs(
    house: &RetentionSession,
    now: OffsetDateTime,
) -> Result<(), DatabaseError> {
    let mut cursor = (Uuid::nil(), 0);
    while let Some(next) = house.drop_old_issues(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(BREATH).await;
    }
    let mut cursor = Uuid::nil();
    while let Some(next) = house.drop_old_runs(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}

async fn close_all(house: &RetentionSession) -> Result<(), DatabaseError> {
    for endpoint in house.inactive_endpoints().await? {
        while house.dead_letter(&endpoint).await? {
            tokio::time::sleep(BREATH).await;
        }
    }
    Ok(())
}

fn warn_if_failed(result: Result<(), DatabaseError>) {
    if let Err(error) = result {
        tracing::warn!(error = %error, "retention: not done, trying again");
    }
}
