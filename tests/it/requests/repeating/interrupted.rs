//! Requests that do not come to their end: the next one with the same key need not wait, and nothing is done twice.

use tokio::time::Instant;

use super::{Case, DEADLINE, Duration, Stage};

/// Creates an API key, in one transaction with its audit entry.
fn issue(stage: &Stage) -> Case {
    let mut cases = stage.world.cases().into_iter();
    cases.find(|case| case.route == "/v1/keys").unwrap()
}

#[tokio::test]
async fn a_request_whose_claim_was_taken_over_commits_nothing() {
    let stage = Stage::open().await;
    let (api, case) = (stage.node.api(), issue(&stage));
    let before = stage.count(case.count).await;
    stage.stop_at(&["INSERT ON audit"]).await;
    let slow = tokio::spawn(super::Answer::send(case.request(&api, "taken", 1)));
    stage.wait_until_stopped(1).await;
    let expire = "UPDATE idempotent_requests SET claimed_until = now()";
    stage.sql.execute(expire, &[]).await.unwrap();
    let next = tokio::spawn(super::Answer::send(case.request(&api, "taken", 1)));
    stage.wait_until_stopped(2).await;
    stage.let_go().await;
    slow.await.unwrap().problem(409, "request-in-flight");
    assert_eq!(next.await.unwrap().status, 201);
    assert_eq!(stage.count(case.count).await - before, case.makes);
}

#[tokio::test]
async fn a_request_that_failed_here_can_be_repeated_at_once() {
    let stage = Stage::open().await;
    let (api, case) = (stage.node.api(), issue(&stage));
    let before = stage.count(case.count).await;
    let fail = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk'; END $$; \
                CREATE TRIGGER fail BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION fail()";
    stage.sql.batch_execute(fail).await.unwrap();
    let failed = case.send(&api, "failed", 1).await;
    assert!(failed.status >= 500, "{failed:?}");
    stage
        .sql
        .batch_execute("DROP TRIGGER fail ON audit")
        .await
        .unwrap();
    let first = case.send(&api, "failed", 1).await;
    assert_eq!(first.status, 201, "{first:?}");
    case.assert_replayed(&api, "failed", 1, &first).await;
    assert_eq!(stage.count(case.count).await - before, case.makes);
}

#[tokio::test]
async fn a_request_that_its_caller_gave_up_can_be_repeated_before_its_claim_ends() {
    let stage = Stage::open().await;
    let (api, case) = (stage.node.api(), issue(&stage));
    let before = stage.count(case.count).await;
    stage.stop_at(&["INSERT ON audit"]).await;
    let given_up = tokio::spawn(super::Answer::try_send(case.request(&api, "given-up", 1)));
    stage.wait_until_stopped(1).await;
    given_up.abort();
    let _ = given_up.await;
    let is_free =
        "SELECT count(*) FROM idempotent_requests WHERE status IS NULL AND claimed_until <= now()";
    let begun = Instant::now();
    while stage.count(is_free).await == 0 {
        assert!(begun.elapsed() < DEADLINE / 2, "{}", stage.node.log_tail());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stage.let_go().await;
    let first = case.send(&api, "given-up", 1).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(stage.count(case.count).await - before, case.makes);
}
