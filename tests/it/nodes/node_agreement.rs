//! Nodes of one database have the same master key and settings, or report the difference.

use std::process::Output;

use buywire::testing::MasterKeys;
use reqwest::Method;
use serde_json::json;
use tokio::process::Command;

use crate::support::api::{Answer, OPERATOR};
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::{DEADLINE, Receiver};

/// The command of a node that is expected to end.
async fn buywire(arguments: &[&str], settings: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_buywire"));
    command.args(arguments).kill_on_drop(true);
    command.env("BUYWIRE_LISTEN", "127.0.0.1:0");
    command.envs(settings.iter().copied());
    let ended = tokio::time::timeout(DEADLINE, command.output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = ended.expect("it goes on").unwrap();
    let text = [stdout, stderr].concat();
    (status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn a_node_that_cannot_open_what_is_sealed_does_not_start_and_says_so() {
    let database = TestDatabase::create().await;
    let url = ("DATABASE_URL", database.url.as_str());
    let (right, wrong) = (MasterKeys::generate(), MasterKeys::generate());
    let node = Node::on_database(&database.url, &right).await;

    let (started, text) = buywire(&["serve"], &[url, ("BUYWIRE_MASTER_KEY", &wrong)]).await;
    assert!(
        !started && text.contains("BUYWIRE_MASTER_KEY is not the key"),
        "{text}"
    );
    let (is_well, text) = buywire(&["check"], &[url, ("BUYWIRE_MASTER_KEY", &wrong)]).await;
    assert!(
        !is_well && text.contains("FAIL sealed values: BUYWIRE_MASTER_KEY is not"),
        "{text}"
    );
    // With the right previous key it opens what exists, but the running node could not open what it would seal.
    let both = [
        url,
        ("BUYWIRE_MASTER_KEY", wrong.as_str()),
        ("BUYWIRE_MASTER_KEY_PREVIOUS", right.as_str()),
    ];
    let (started, text) = buywire(&["serve"], &both).await;
    assert!(
        !started && text.contains("First restart every node"),
        "{text}"
    );
    assert!(node.is_ready().await);

    let (_, text) = buywire(&["check"], &[url, ("BUYWIRE_MASTER_KEY", &right)]).await;
    assert!(
        text.contains("ok   sealed values: all are sealed with the current"),
        "{text}"
    );
}

#[tokio::test]
async fn the_master_key_is_changed_in_two_rounds_while_orders_arrive() {
    let database = TestDatabase::create().await;
    let (old, new) = (MasterKeys::generate(), MasterKeys::generate());
    let mut nodes = [
        Node::on_database(&database.url, &old).await,
        Node::on_database(&database.url, &old).await,
    ];
    let receiver = Receiver::start().await;
    nodes[0].api().partner("acme").await;
    let mut endpoints = Vec::new();
    // Of several endpoints each node owns some.
    for _ in 0..4 {
        endpoints.push(nodes[0].api().endpoint("acme", &receiver).create().await);
    }
    let mut sent = 0;
    // First every node can read with the new key, then it writes.
    for (current, other) in [(&old, &new), (&new, &old)] {
        for slot in 0..2 {
            nodes[slot].stop();
            nodes[slot].set_env("BUYWIRE_MASTER_KEY", current);
            nodes[slot].set_env("BUYWIRE_MASTER_KEY_PREVIOUS", other);
            nodes[slot].run().await;
            // Both nodes open what this one seals now.
            let path = format!("{}/rotate-secret", endpoints[slot].path);
            let rotated = nodes[slot].api().request(Method::POST, &path, OPERATOR);
            let rotated = Answer::send(rotated.body(json!({"overlap_hours": 1}).to_string())).await;
            assert_eq!(rotated.status, 200, "{rotated:?}");
            nodes[1 - slot]
                .api()
                .order(&order(&format!("P-{sent}")).partner("acme"))
                .await;
            sent += 1;
            receiver.received(4 * sent).await;
        }
    }
    // The previous key is still needed, and a node without the new key no longer starts.
    let url = ("DATABASE_URL", database.url.as_str());
    let (is_well, text) = buywire(&["check"], &[url, ("BUYWIRE_MASTER_KEY", &new)]).await;
    let notice = "endpoint secrets are sealed with a master key that is not configured";
    assert!(!is_well && text.contains(notice), "{text}");
    let (started, text) = buywire(&["serve"], &[url, ("BUYWIRE_MASTER_KEY", &old)]).await;
    assert!(
        !started && text.contains("BUYWIRE_MASTER_KEY is not the key"),
        "{text}"
    );
    let sql = connect(&database.url.parse().unwrap()).await;
    let failed = "SELECT count(*) FROM attempts WHERE error IS NOT NULL";
    assert_eq!(
        sql.query_one(failed, &[]).await.unwrap().get::<_, i64>(0),
        0
    );
}

#[tokio::test]
async fn settings_that_differ_between_nodes_are_told_by_name() {
    let database = TestDatabase::create().await;
    let master = MasterKeys::generate();
    let _one = Node::on_database(&database.url, &master).await;
    let mut other = Node::on_database(&database.url, &master).await;
    assert!(
        !other.log_text().contains("boot.settings"),
        "{}",
        other.log_tail()
    );
    other.stop();
    other.set_env("BUYWIRE_RETRY_SCHEDULE", "1,2,3");
    other.set_env(
        "BUYWIRE_OPERATOR_KEY",
        "bw_another-operators-key-of-this-node-alone",
    );
    other.run().await;
    let notice = other.log_text();
    let differing = |name: &str| {
        notice
            .lines()
            .any(|line| line.contains("boot.settings") && line.contains(name))
    };
    assert!(
        differing("BUYWIRE_RETRY_SCHEDULE") && differing("BUYWIRE_OPERATOR_KEY"),
        "{notice}"
    );
    assert!(
        !differing("BUYWIRE_ALLOW_PRIVATE") && !notice.contains("bw_another"),
        "{notice}"
    );
}
