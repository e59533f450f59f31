//! The command line's end of the catalog.

use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::feed::{counts, feed};

#[tokio::test]
async fn the_command_line_pushes_a_file_and_lists_the_runs() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.csv");
    std::fs::write(&file, feed(30).csv()).unwrap();
    let buywire = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_buywire"));
        command
            .env("BUYWIRE_SERVER", format!("http://{}", app.address))
            .env("BUYWIRE_KEY", OPERATOR);
        let output = command.arg("feed").args(arguments).output().await.unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let path = file.to_str().unwrap();
    let (done, stdout, stderr) = buywire(&["push", path, "--partner", "acme", "--json"]).await;
    assert!(done, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&report["status"], counts(&report)[3]),
        (&json!("applied"), 30)
    );
    assert!(stderr.contains("applied"), "{stderr}");
    std::fs::write(&file, feed(5).csv()).unwrap();
    let (done, stdout, stderr) = buywire(&["push", path, "--partner", "acme"]).await;
    assert!(!done && stdout.contains("large_drop_held"), "{stdout}");
    assert!(
        stderr.contains("the feed is held: large_drop_held"),
        "{stderr}"
    );
    let (done, stdout, _) = buywire(&["runs", "--partner", "acme"]).await;
    let lines: Vec<_> = stdout.lines().collect();
    assert!(
        done && lines.len() == 3 && lines[0].starts_with("ID"),
        "{stdout}"
    );
    assert!(
        lines[1].contains("held") && lines[2].contains("applied"),
        "{stdout}"
    );
    app.finish().await;
}
