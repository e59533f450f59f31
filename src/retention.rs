//! Retention: how long things are kept, and the jobs that delete them.
//!
//! Promises: acceptances and attempts stay for 33 days (a delivery may be open for 30), dead deliveries for
//! 90, orders and events for 400 and never less than their deliveries, feed runs for 400 and their findings for
//! 90, except those of a partner's last applied run or of one that has not ended; checkouts with their payments for
//! 400, processors' webhooks for 90; failure groups for 33 after their last attempt, while they have deliveries for as
//! long as these; statistics by the minute for 33 and by the hour for 400; the history of
//! products for 400, and what a living one cost at that limit; holds for 30 after they ended, those of sold units for good; a session until its time ends; the audit log is never deleted. Every
//! step is a slice, so that deliveries never wait for it. Must not touch a delivery that can still be sent.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::ambient;
use crate::db::DatabaseError;
use crate::jobs::{Job, NextStep};
use crate::store::Store;
use crate::store::retention::RetentionSession;

/// How often day tables are made and dropped. Seven days are made ahead, so that a week of failures does no harm.
const EXPIRE_INTERVAL: Duration = Duration::from_secs(3_600);
/// How often deliveries that can never be sent are closed: a deleted endpoint's queue ends soon.
const CLOSE_INTERVAL: Duration = Duration::from_secs(5);
/// Between two slices, so that the database does other things too.
const PAUSE: Duration = Duration::from_millis(20);

/// Deletes what is too old, and closes what can never be sent. One node does either at a time, and one of the two on
/// this node.
pub(crate) fn jobs(store: &Store) -> [Job; 2] {
    let busy = Arc::new(Mutex::new(()));
    let (expire_store, expire_busy) = (store.clone(), Arc::clone(&busy));
    let expire = Job::new("retention.expire", EXPIRE_INTERVAL, move || {
        let (store, busy) = (expire_store.clone(), Arc::clone(&expire_busy));
        async move {
            let _busy = busy.lock().await;
            keep(&store).await
        }
    });
    let store = store.clone();
    let close = Job::new("retention.close", CLOSE_INTERVAL, move || {
        let (store, busy) = (store.clone(), Arc::clone(&busy));
        async move {
            let Ok(_busy) = busy.try_lock() else {
                return Ok(NextStep::Poll);
            };
            close_undeliverable(&store).await.map(NextStep::from)
        }
    });
    [expire, close]
}

/// One round: make the day tables ahead, and delete what is too old.
pub async fn keep(store: &Store) -> Result<(), DatabaseError> {
    store.make_partitions().await?;
    let Some(session) = store.begin_retention().await? else {
        return Ok(());
    };
    let done = expire(&session, ambient::now()).await;
    session.end().await?;
    done
}

/// One round: close deliveries that can never be sent.
pub async fn close_undeliverable(store: &Store) -> Result<(), DatabaseError> {
    let Some(session) = store.begin_retention().await? else {
        return Ok(());
    };
    let done = close_all(&session).await;
    session.end().await?;
    done
}

async fn expire(session: &RetentionSession, now: OffsetDateTime) -> Result<(), DatabaseError> {
    let days = session.drop_old_partitions().await?;
    if days > 0 {
        tracing::info!(tables = days, "retention: dropped day tables");
    }
    while session.drop_old_dead().await? {
        tokio::time::sleep(PAUSE).await;
    }
    while session.drop_old_failure_groups().await? {
        tokio::time::sleep(PAUSE).await;
    }
    while session.drop_old_hours().await? {
        tokio::time::sleep(PAUSE).await;
    }
    while session.drop_old_holds().await? {
        tokio::time::sleep(PAUSE).await;
    }
    while session.drop_old_sessions().await? {
        tokio::time::sleep(PAUSE).await;
    }
    expire_checkouts(session, now).await?;
    let mut cursor = Uuid::nil();
    while let Some(next) = session.drop_old_orders(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(PAUSE).await;
    }
    let mut cursor = Uuid::nil();
    while let Some(next) = session.drop_old_events(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(PAUSE).await;
    }
    let mut cursor = Uuid::nil();
    while let Some(next) = session.drop_old_callbacks(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(PAUSE).await;
    }
    let mut cursor = (Uuid::nil(), OffsetDateTime::UNIX_EPOCH);
    while let Some(next) = session.drop_old_product_history(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(PAUSE).await;
    }
    expire_runs(session, now).await
}

async fn expire_checkouts(
    session: &RetentionSession,
    now: OffsetDateTime,
) -> Result<(), DatabaseError> {
    while session.drop_old_checkouts(now).await? {
        tokio::time::sleep(PAUSE).await;
    }
    while session.drop_old_payment_events().await? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn expire_runs(session: &RetentionSession, now: OffsetDateTime) -> Result<(), DatabaseError> {
    let mut cursor = (Uuid::nil(), 0);
    while let Some(next) = session.drop_old_issues(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(PAUSE).await;
    }
    let mut cursor = Uuid::nil();
    while let Some(next) = session.drop_old_runs(cursor, now).await? {
        cursor = next;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn close_all(session: &RetentionSession) -> Result<(), DatabaseError> {
    for endpoint in session.inactive_endpoints().await? {
        while session.dead_letter(&endpoint).await? {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
