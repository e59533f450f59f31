//! The command line over the HTTP API: output for people and machines, errors in sentences.

use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::support::app::{OPERATOR, TestApp};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

async fn buywire(app: &TestApp, key: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_buywire"))
        .args(arguments)
        .env("BUYWIRE_SERVER", format!("http://{}", app.address))
        .env("BUYWIRE_KEY", key)
        // The machine's proxy is not used.
        .env("http_proxy", "http://127.0.0.1:9")
        .output()
        .await
        .unwrap()
}

/// Runs a command that must succeed and returns its stdout.
async fn stdout_of(app: &TestApp, arguments: &[&str]) -> String {
    let output = buywire(app, OPERATOR, arguments).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

async fn json(app: &TestApp, arguments: &[&str]) -> Value {
    let stdout = stdout_of(app, &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("not JSON alone: {stdout}"))
}

#[tokio::test]
async fn an_operator_sets_up_a_partner_and_takes_it_down_again() {
    let app = TestApp::start().await;
    let made = json(&app, &["partner", "create", "acme", "--name", "Acme Inc."]).await;
    assert_eq!(
        (&made["slug"], &made["adapter"]),
        (&"acme".into(), &"standard".into())
    );
    let table = stdout_of(&app, &["partner", "list"]).await;
    let lines: Vec<_> = table.lines().collect();
    assert!(
        lines[0].starts_with("SLUG") && lines[1].starts_with("acme"),
        "{table}"
    );
    stdout_of(
        &app,
        &["partner", "update", "acme", "--contact-allowed", "true"],
    )
    .await;
    let shown = stdout_of(&app, &["partner", "show", "acme"]).await;
    assert!(shown.contains("contact_allowed  true"), "{shown}");

    let key = json(
        &app,
        &["key", "create", "--partner", "acme", "--label", "laptop"],
    )
    .await;
    let acme = key["key"].as_str().unwrap();
    let url = "https://shop.example/hooks";
    let headers = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(headers.path(), "X-A: 1\n").unwrap();
    let create = [
        "endpoint",
        "create",
        "acme",
        url,
        "--event-type",
        "order.*",
        "--headers-file",
        headers.path().to_str().unwrap(),
        "--retry",
        "5,60",
    ];
    let endpoint = json(&app, &create).await;
    assert!(endpoint["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(endpoint["retry"], serde_json::json!([5, 60]));
    let id = endpoint["id"].as_str().unwrap();
    let updated = json(
        &app,
        &[
            "endpoint",
            "update",
            "acme",
            id,
            "--reset",
            "retry",
            "--rate-per-second",
            "2.5",
        ],
    )
    .await;
    assert_eq!(
        (&updated["retry"], &updated["rate_per_second"]),
        (&Value::Null, &2.5.into())
    );
    for (verb, status) in [("disable", "disabled"), ("enable", "enabled")] {
        assert_eq!(
            json(&app, &["endpoint", verb, "acme", id]).await["status"],
            status
        );
    }
    let rotated = json(
        &app,
        &[
            "endpoint",
            "rotate-secret",
            "acme",
            id,
            "--overlap-hours",
            "0",
        ],
    )
    .await;
    assert!(rotated["secret"].is_string(), "{rotated}");
    let listed = stdout_of(&app, &["endpoint", "list", "acme"]).await;
    assert!(listed.contains(id) && listed.contains(url), "{listed}");
    stdout_of(&app, &["endpoint", "delete", "acme", id]).await;
    assert_eq!(
        stdout_of(&app, &["endpoint", "list", "acme"]).await,
        "none\n"
    );

    stdout_of(&app, &["key", "revoke", key["id"].as_str().unwrap()]).await;
    let refused = buywire(&app, acme, &["partner", "show", "acme"]).await;
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && stderr.contains("(401)"),
        "{stderr}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_refusal_is_told_in_sentences_that_name_the_fields() {
    let app = TestApp::start().await;
    stdout_of(&app, &["partner", "create", "acme", "--name", "Acme"]).await;
    let create = [
        "endpoint",
        "create",
        "acme",
        "ftp://shop.example",
        "--event-type",
        "nothing",
        "--json",
    ];
    let refused = buywire(&app, OPERATOR, &create).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
    let stderr = String::from_utf8_lossy(&refused.stderr);
    for part in [
        "/url: the URL must begin with https://",
        "/event_types/0: must be an event type",
    ] {
        assert!(stderr.contains(part), "{stderr}");
    }
    // A name with a slash stays one segment of the path.
    let refused = buywire(&app, OPERATOR, &["partner", "show", "acme/keys"]).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("(404)"));
    app.finish().await;
}

#[tokio::test]
async fn without_a_key_the_way_to_one_is_told() {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_buywire"))
        .args(["partner", "list"])
        .env_remove("BUYWIRE_KEY")
        .env("BUYWIRE_DATA_DIR", empty.path())
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && stderr.contains("set BUYWIRE_KEY"),
        "{stderr}"
    );
}

#[tokio::test]
async fn an_order_is_sent_watched_and_replayed_from_the_command_line() {
    let no_second_try = |settings: &mut buywire::testing::Settings| {
        settings.retry_schedule = Some("0".parse().unwrap());
    };
    let app = TestApp::start_with(no_second_try).await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.next([
        Reply::status(500),
        Reply::status(500),
        Reply::status(500),
        Reply::status(500),
    ]);
    let folder = tempfile::tempdir().unwrap();
    for id in ["P-1", "P-2"] {
        let file = folder.path().join(id);
        std::fs::write(&file, order(id).json().to_string()).unwrap();
        let receipt = json(&app, &["order", "send", file.to_str().unwrap()]).await;
        assert_eq!(receipt["status"], "accepted");
    }
    app.wait_for_dead_letters(2).await;
    let dead = json(
        &app,
        &["delivery", "list", "--status", "dead", "--limit", "1"],
    )
    .await;
    assert_eq!(dead["data"].as_array().unwrap().len(), 1);
    assert!(dead["next_cursor"].is_string());
    let id = dead["data"][0]["id"].as_str().unwrap();
    let shown = stdout_of(&app, &["delivery", "show", id]).await;
    assert!(
        shown.contains("exhausted") && shown.contains("500"),
        "{shown}"
    );
    let again = json(
        &app,
        &["delivery", "replay", id, "--reason", "their outage"],
    )
    .await;
    assert_eq!(again["was"], "dead");
    app.wait_for_delivered(1).await;

    let create = [
        "replay",
        "create",
        "--partner",
        "acme",
        "--reason",
        "their outage",
    ];
    let dry = json(&app, &[create.as_slice(), &["--dry-run"]].concat()).await;
    assert_eq!((&dry["id"], &dry["matched"]), (&Value::Null, &1.into()));
    let done = json(&app, &[create.as_slice(), &["--wait"]].concat()).await;
    assert_eq!(
        (&done["status"], &done["delivered"]),
        (&"done".into(), &1.into())
    );
    let jobs = stdout_of(&app, &["replay", "list"]).await;
    assert!(jobs.contains(done["id"].as_str().unwrap()), "{jobs}");
    let shown = stdout_of(&app, &["order", "show", "P-1"]).await;
    assert!(shown.contains("order.confirmed"), "{shown}");
    let cancelled = json(&app, &["order", "cancel", "P-1", "--reason", "sold out"]).await;
    assert_eq!(cancelled["status"], "cancelled");
    app.finish().await;
}
