//! Post commands of the command line.

use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::feed::feed;

/// The result of `buywire post …`: whether it succeeded, and its output.
struct CommandOutput {
    success: bool,
    stdout: String,
    stderr: String,
}

impl CommandOutput {
    fn json(&self) -> Value {
        assert!(self.success, "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Runs `buywire post …` as the operator.
async fn post(app: &TestApp, arguments: &[&str]) -> CommandOutput {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_buywire"));
    command
        .env("BUYWIRE_SERVER", format!("http://{}", app.address))
        .env("BUYWIRE_KEY", OPERATOR);
    let output = command.arg("post").args(arguments).output().await.unwrap();
    CommandOutput {
        success: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn the_command_line_makes_a_post_and_takes_it_back() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(3).csv()).await;
    let one = ["create", "--partner", "acme", "--item", "item-1"];
    let terms = [
        "--template",
        "Get {title} for {price} {url}",
        "--percent",
        "25",
        "--country",
        "US",
        "--country",
        "CA",
        "--publish",
        "web_intent",
        "--json",
    ];
    let draft = post(&app, &[&one[..], &terms].concat()).await.json();
    assert_eq!(draft["state"], "draft");
    assert_eq!(
        draft["rollout"],
        json!({"percent": 25.0, "countries": ["US", "CA"]})
    );
    let text = draft["text"].as_str().unwrap();
    assert!(text.starts_with("Get Cup 1 for 10.00 EUR "), "{text}");
    let id = draft["id"].as_str().unwrap();

    // The same for people.
    let shown = post(&app, &["show", id]).await;
    assert!(
        shown.success && shown.stdout.starts_with(text),
        "{}",
        shown.stdout
    );
    for (name, value) in [
        ("state", "draft"),
        ("price", "10.00 EUR"),
        ("item_id", "item-1"),
    ] {
        let line = |line: &str| line.starts_with(name) && line.ends_with(value);
        assert!(shown.stdout.lines().any(line), "{name}: {}", shown.stdout);
    }
    let live = post(&app, &["publish", id, "--json"]).await.json();
    assert_eq!(live["state"], "live");
    let back = post(&app, &["withdraw", id, "--json"]).await.json();
    assert_eq!(back["state"], "withdrawn");

    let product = app.catalog("acme").await["item-2"]["id"].clone();
    let product = product.as_str().unwrap();
    let message = ["create", "--product", product, "--live", "--json"];
    let live = post(&app, &message).await.json();
    assert_eq!(live["state"], "live");
    let list = post(&app, &["list", "--state", "live", "--partner", "acme"]).await;
    let lines: Vec<_> = list.stdout.lines().collect();
    assert!(
        list.success && lines.len() == 2 && lines[0].starts_with("ID"),
        "{}",
        list.stdout
    );
    assert!(
        lines[1].contains("item-2") && lines[1].contains("in_stock"),
        "{}",
        list.stdout
    );
    app.finish().await;
}

#[tokio::test]
async fn the_command_line_makes_many_posts_and_says_first_what_it_would_make() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(4).priced([3], "90.00 EUR").csv())
        .await;
    let cheap = [
        "bulk",
        "--partner",
        "acme",
        "--max",
        "5000",
        "--currency",
        "EUR",
    ];
    let dry = post(&app, &[&cheap[..], &["--dry-run", "--json"]].concat()).await;
    assert_eq!(
        (&dry.json()["matched"], &dry.json()["made"]),
        (&json!(3), &json!(3))
    );
    app.wait_for_posts(0).await;
    let made = post(&app, &cheap).await;
    assert!(
        made.success && made.stdout.starts_with("3 matched, 3 created\npst_"),
        "{}",
        made.stdout
    );
    app.wait_for_draft_posts(3).await;
    let again = post(&app, &cheap).await;
    assert_eq!(again.stdout, "3 matched, 0 created\n3 skipped: has_post\n");
    let rest = ["bulk", "--partner", "acme", "--live", "--json"];
    assert_eq!(post(&app, &rest).await.json()["made"], 1);
    app.wait_for_live_posts(1).await;
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_be_meant_is_told_in_words() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    for (arguments, notice) in [
        (
            &["bulk"][..],
            "/filter: must contain at least one of: partner",
        ),
        (&["bulk", "--max", "5"], "--currency"),
        (&["create"], "--product"),
        (&["create", "--partner", "acme"], "--item"),
        (
            &["create", "--partner", "acme", "--item", "item-9"],
            "/product",
        ),
        (
            &["show", "pst_019aa0f0d20070008000000000000001"],
            "Not found",
        ),
    ] {
        let done = post(&app, arguments).await;
        assert!(
            !done.success && done.stderr.contains(notice),
            "{arguments:?}: {}",
            done.stderr
        );
    }
    app.finish().await;
}
