//! Sessions that hang: the gateway's own deadline ends the wait, and such a session is never reused.

use std::time::{Duration, Instant};

use buywire::testing::Conn;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::postgres::TestDatabase;
use crate::support::receiver::DEADLINE;

/// Continues a stopped backend, so that its database can be dropped.
struct StoppedBackend(Pid);

impl StoppedBackend {
    async fn stop(conn: &Conn) -> Self {
        let row = conn.query_one("SELECT pg_backend_pid()", &[]).await;
        let pid = Pid::from_raw(row.unwrap().get(0)).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        Self(pid)
    }

    fn pid(&self) -> i32 {
        self.0.as_raw_nonzero().get()
    }
}

impl Drop for StoppedBackend {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

/// Waits until the server has ended these sessions.
async fn wait_until_ended(conn: &Conn, pids: &[i32]) {
    let left = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1)";
    let begun = Instant::now();
    while conn
        .query_one(left, &[&pids])
        .await
        .unwrap()
        .get::<_, i64>(0)
        > 0
    {
        assert!(begun.elapsed() < DEADLINE, "{pids:?} still run");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_session_that_hangs_is_given_up_with_all_that_lie_idle_beside_it() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let [hung, beside] = [store.general().await, store.general().await].map(Result::unwrap);
    let stopped = [
        StoppedBackend::stop(&hung).await,
        StoppedBackend::stop(&beside).await,
    ];
    drop(beside);
    hung.set_deadline(Duration::from_millis(200));

    let silent = hung.execute("SELECT 1", &[]).await.unwrap_err();
    assert!(
        silent.is_transient() && silent.outcome_unknown(),
        "{silent:?}"
    );
    drop(hung);
    let next = store.general().await.unwrap();
    next.query_one("SELECT 1", &[]).await.unwrap();

    // The connection is closed: as soon as the server continues, it ends the session.
    let pids = stopped.each_ref().map(StoppedBackend::pid);
    drop(stopped);
    wait_until_ended(&next, &pids).await;
}

#[tokio::test]
async fn a_transaction_that_hangs_says_whether_its_work_may_have_stayed() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut conn = store.general().await.unwrap();
    conn.set_deadline(Duration::from_secs(1));
    let tx = conn.begin().await.unwrap();
    let pid = tx.query_one("SELECT pg_backend_pid()", &[]).await;
    let stopped = StoppedBackend(Pid::from_raw(pid.unwrap().get(0)).unwrap());
    kill_process(stopped.0, Signal::STOP).unwrap();
    let within = tx.execute("SELECT 1", &[]).await.unwrap_err();
    assert!(within.is_transient() && !within.outcome_unknown());
    drop(tx);
    let begin = conn.begin().await.map(drop).unwrap_err();
    assert!(begin.is_transient() && !begin.outcome_unknown());
    drop((conn, stopped));

    let mut conn = store.general().await.unwrap();
    conn.set_deadline(Duration::from_secs(1));
    let tx = conn.begin().await.unwrap();
    let pid = tx.query_one("SELECT pg_backend_pid()", &[]).await;
    let stopped = StoppedBackend(Pid::from_raw(pid.unwrap().get(0)).unwrap());
    kill_process(stopped.0, Signal::STOP).unwrap();
    let commit = tx.commit().await.unwrap_err();
    assert!(commit.is_transient() && commit.outcome_unknown());
    drop((conn, stopped));
}

#[tokio::test]
async fn a_connection_whose_answer_nobody_waits_for_is_not_lent_again() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let conn = store.general().await.unwrap();
    let pid = "SELECT pg_backend_pid()";
    let busy: i32 = conn.query_one(pid, &[]).await.unwrap().get(0);
    let request = tokio::time::timeout(
        Duration::from_millis(50),
        conn.execute("SELECT pg_sleep(600)", &[]),
    );
    assert!(request.await.is_err());
    drop(conn);
    let next = store.general().await.unwrap();
    let other: i32 = next.query_one(pid, &[]).await.unwrap().get(0);
    assert_ne!(other, busy);
    wait_until_ended(&next, &[busy]).await;
}
