//! The database layer on a real PostgreSQL: sessions, statement counts, failures, schema.

use std::{fs, net::TcpListener, time::Duration};

use buywire::testing::Store;
use buywire::testing::migrate;
use buywire::testing::{DataDir, Embedded, EmbeddedOptions};
use buywire::testing::{DatabaseError, DatabaseTarget, ListenEvent};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::postgres::{TestDatabase, connect};

#[tokio::test]
async fn every_session_commits_durably_whatever_the_databases_default() {
    let database = TestDatabase::create().await;
    let admin = connect(&database.url.parse().unwrap()).await;
    let off = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$";
    admin.batch_execute(off).await.unwrap();

    let store = database.store().await;
    for conn in [
        store.intake().await,
        store.record().await,
        store.general().await,
    ] {
        let conn = conn.unwrap();
        for (setting, value) in [("synchronous_commit", "on"), ("TimeZone", "UTC")] {
            let row = conn
                .query_one("SELECT current_setting($1)", &[&setting])
                .await
                .unwrap();
            assert_eq!(row.get::<_, &str>(0), value);
        }
        let row = conn.query_one("SHOW statement_timeout", &[]).await.unwrap();
        assert_ne!(row.get::<_, &str>(0), "0");
    }
}

#[tokio::test]
async fn every_statement_is_counted_and_prepared_once() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut conn = store.general().await.unwrap();
    let before = store.statements();

    let tx = conn.begin().await.unwrap();
    for _ in 0..3 {
        tx.query("SELECT 'counted'", &[]).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(
        store.statements() - before,
        5,
        "BEGIN, three statements, COMMIT"
    );

    let prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1";
    let row = conn
        .query_one(prepared, &[&"SELECT 'counted'"])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_failed_transaction_cannot_be_committed_by_mistake() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut conn = store.general().await.unwrap();
    conn.execute("CREATE TABLE once (id int PRIMARY KEY)", &[])
        .await
        .unwrap();

    let tx = conn.begin().await.unwrap();
    tx.execute("INSERT INTO once VALUES (1)", &[])
        .await
        .unwrap();
    let refused = tx
        .execute("INSERT INTO once VALUES ($1)", &[&1])
        .await
        .unwrap_err();
    assert_eq!(refused.constraint(), Some("once_pkey"));
    assert!(!refused.is_transient() && !refused.outcome_unknown());
    assert!(
        !refused.to_string().contains("(id)"),
        "no DETAIL: {refused}"
    );
    // PostgreSQL would answer this COMMIT with success.
    assert!(matches!(tx.commit().await, Err(DatabaseError::Misuse(_))));

    let tx = conn.begin().await.unwrap();
    tx.execute("INSERT INTO once VALUES (2)", &[])
        .await
        .unwrap();
    drop(tx);
    assert!(
        conn.query("SELECT FROM once", &[])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_error_quotes_no_value() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let conn = store.general().await.unwrap();
    for sql in [
        "SELECT $1::text::int",
        "SELECT $1::text::jsonb",
        "SELECT $1::text::timestamptz",
    ] {
        let refused = conn.query(sql, &[&"4242 no value"]).await.unwrap_err();
        assert!(
            !format!("{refused} {refused:?}").contains("4242"),
            "{refused:?}"
        );
    }
    let misread = conn.query_one("SELECT $1", &[&7_i64]).await.unwrap_err();
    assert!(matches!(misread, DatabaseError::Misuse(_)), "{misread:?}");
}

#[tokio::test]
async fn a_killed_session_says_whether_its_work_may_have_stayed() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let end = "SELECT pg_terminate_backend(pg_backend_pid())";

    let alone = store
        .general()
        .await
        .unwrap()
        .execute(end, &[])
        .await
        .unwrap_err();
    assert!(alone.is_transient() && alone.outcome_unknown(), "{alone:?}");

    let mut conn = store.general().await.unwrap();
    let tx = conn.begin().await.unwrap();
    let within = tx.execute(end, &[]).await.unwrap_err();
    assert!(
        within.is_transient() && !within.outcome_unknown(),
        "{within:?}"
    );
    drop(tx);
    drop(conn);

    // The pool has closed both connections.
    for _ in 0..10 {
        store
            .general()
            .await
            .unwrap()
            .query_one("SELECT 1", &[])
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_connection_lost_during_commit_leaves_the_outcome_unknown() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut conn = store.general().await.unwrap();
    let pid: i32 = conn
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .unwrap()
        .get(0);
    let tx = conn.begin().await.unwrap();
    tx.execute("CREATE TABLE perhaps ()", &[]).await.unwrap();
    let admin = connect(&database.url.parse().unwrap()).await;
    admin
        .query("SELECT pg_terminate_backend($1, 5000)", &[&pid])
        .await
        .unwrap();
    let lost = tx.commit().await.unwrap_err();
    assert!(lost.is_transient() && lost.outcome_unknown(), "{lost:?}");
}

#[tokio::test]
async fn a_listener_hears_what_is_notified_and_says_when_it_may_have_missed_some() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let mut listener = store.listen("wake");
    assert_eq!(listener.next().await, Some(ListenEvent::Reconnected));
    let conn = store.general().await.unwrap();
    for payload in ["7", "8"] {
        conn.execute("SELECT pg_notify('wake', $1)", &[&payload])
            .await
            .unwrap();
        assert_eq!(
            listener.next().await,
            Some(ListenEvent::Payload(payload.into()))
        );
    }
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND query = 'LISTEN wake'";
    assert_eq!(conn.execute(end, &[]).await.unwrap(), 1);
    assert_eq!(listener.next().await, Some(ListenEvent::Reconnected));
    conn.execute("SELECT pg_notify('wake', '9')", &[])
        .await
        .unwrap();
    assert_eq!(
        listener.next().await,
        Some(ListenEvent::Payload("9".into()))
    );
}

#[tokio::test]
async fn two_gateways_migrate_one_database_one_after_the_other() {
    let database = TestDatabase::create().await;
    let admin = connect(&database.url.parse().unwrap()).await;
    admin
        .batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .await
        .unwrap();
    let target = DatabaseTarget::from_url(&database.url).unwrap();
    let (first, second, third) = tokio::join!(migrate(&target), migrate(&target), migrate(&target));
    assert_eq!(first.unwrap(), second.unwrap());
    third.unwrap();
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    let database = TestDatabase::create().await;
    let admin = connect(&database.url.parse().unwrap()).await;
    let future =
        "INSERT INTO refinery_schema_history VALUES (9999, 'future', '2099-01-01T00:00:00Z', '1')";
    admin.execute(future, &[]).await.unwrap();
    let refused = Store::open(&DatabaseTarget::from_url(&database.url).unwrap())
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("start the newer buywire"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_restarted_database_costs_errors_and_no_restart_of_ours() {
    let (server, _folder) = own_server(EmbeddedOptions::default()).await;
    let store = Store::open(&DatabaseTarget::from_config(server.config()).unwrap())
        .await
        .unwrap();
    let held = store.general().await.unwrap();
    held.query_one("SELECT 1", &[]).await.unwrap();

    let text = fs::read_to_string(server.cluster().join("postmaster.pid")).unwrap();
    let pid = Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap();
    kill_process(pid, Signal::QUIT).unwrap();

    let lost = loop {
        if let Err(error) = held.query_one("SELECT 1", &[]).await {
            break error;
        }
    };
    assert!(lost.is_transient(), "{lost:?}");
    drop(held);
    loop {
        match answer(&store).await {
            Ok(()) => break,
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.stop_and_remove().await;
}

#[tokio::test]
async fn a_gateway_that_starts_before_its_database_waits_for_it() {
    let port = free_port();
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::lock(&folder.path().join("data")).unwrap();
    let password = data
        .load_or_create_secret("postgres.password", || "chosen-before".into())
        .unwrap();
    let target = DatabaseTarget::from_url(&format!(
        "postgres://buywire:{password}@127.0.0.1:{port}/postgres"
    ))
    .unwrap();
    let waiting = tokio::spawn(async move { Store::open(&target).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        !waiting.is_finished(),
        "it waits for a database that is not there yet"
    );

    let settings = vec![("listen_addresses".into(), "127.0.0.1".into())];
    let options = EmbeddedOptions {
        durable: false,
        port,
        settings,
    };
    let server = Embedded::start_with(&data, options).await.unwrap();
    answer(&waiting.await.unwrap().unwrap()).await.unwrap();
    server.stop_and_remove().await;
}

async fn answer(store: &Store) -> Result<(), DatabaseError> {
    store
        .general()
        .await?
        .query_one("SELECT 1", &[])
        .await
        .map(drop)
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

pub(crate) async fn own_server(options: EmbeddedOptions) -> (Embedded, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::lock(&folder.path().join("data")).unwrap();
    let options = EmbeddedOptions {
        durable: false,
        ..options
    };
    (Embedded::start_with(&data, options).await.unwrap(), folder)
}
