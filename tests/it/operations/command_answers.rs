//! The command line's output: the most important first, complete, and silent when its reader is gone.

use std::process::{Command, Output, Stdio};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

fn buywire(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_buywire"));
    command.args(arguments).env_remove("BUYWIRE_KEY");
    command
}

/// Runs a command while the gateway continues.
async fn output(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.unwrap().unwrap()
}

#[test]
fn whoever_has_read_enough_ends_a_command_quietly() {
    let capture = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(capture.path(), "webhook-id: dlv_1\n\nbody").unwrap();
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let secret = format!("--secret-file={}", key.path().display());
    let secret = secret.as_str();
    let capture = capture.path().to_str().unwrap();
    let commands: [(&[&str], i32); 6] = [
        (&["adapter", "list"], 0),
        (&["adapter", "list", "--json"], 0),
        (&["adapter", "show", "standard"], 0),
        (&["adapter", "test", "standard"], 0),
        (&["verify", "--json", secret, capture], 0),
        (&["--help"], 0),
    ];
    for (arguments, code) in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = buywire(arguments)
            .stdout(Stdio::from(writer))
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
    // A closed standard error stops nothing either.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = buywire(&["adapter", "show", "nobody"])
        .stderr(Stdio::from(writer))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test]
async fn a_test_of_an_endpoint_is_waited_for_and_its_reply_is_shown() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.partner("quiet").await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    let id = &endpoint.id.to_string();
    let (done, stdout, stderr) = app.command(&["endpoint", "test", "acme", id]).await;
    assert!(done && stdout.contains("delivered"), "{stdout}{stderr}");
    let body = b"{\"note\":\"closed for today\x07\"}".to_vec();
    receiver.next([Reply::Complete {
        status: 500,
        headers: Vec::new(),
        body,
    }]);
    let (done, stdout, stderr) = app.command(&["endpoint", "test", "acme", id]).await;
    assert!(
        !done && stderr.contains("the test failed"),
        "{stdout}{stderr}"
    );
    assert!(
        stdout.contains("{\"note\":\"closed for today\u{fffd}\"}"),
        "{stdout}"
    );
    let (done, stdout, _) = app.command(&["endpoint", "list"]).await;
    let lines: Vec<_> = stdout.lines().collect();
    assert!(done && lines.len() == 2, "{stdout}");
    assert!(
        lines[0].contains("PARTNER") && lines[1].contains("acme"),
        "{stdout}"
    );
    app.finish().await;
}

#[tokio::test]
async fn what_was_done_before_and_what_died_is_said() {
    let no_second_try = |settings: &mut buywire::testing::Settings| {
        settings.retry_schedule = Some("0".parse().unwrap());
    };
    let app = TestApp::start_with(no_second_try).await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.next([Reply::status(500), Reply::status(500)]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), order("P-1").json().to_string()).unwrap();
    let send = ["order", "send", file.path().to_str().unwrap()];
    let (_, first, stderr) = app.command(&send).await;
    assert!(stderr.is_empty(), "{stderr}");
    let (done, again, stderr) = app.command(&send).await;
    assert!(done && again == first, "{again}");
    assert!(stderr.contains("accepted before"), "{stderr}");
    app.wait_for_dead_letters(1).await;
    let (_, dead, _) = app.command(&["delivery", "list", "--status", "dead"]).await;
    let heads = dead.lines().next().unwrap().split_whitespace();
    let heads: Vec<_> = heads.take(5).collect();
    assert_eq!(heads, ["ID", "REASON", "LAST_ERROR", "ENDPOINT", "DIED_AT"]);
    assert!(
        dead.contains("exhausted") && dead.contains(" ago") || dead.contains("now"),
        "{dead}"
    );
    // A dry run needs no reason; a replay does.
    let (done, stdout, stderr) = app.command(&["replay", "create", "--dry-run"]).await;
    assert!(done && stdout.contains("matched"), "{stdout}{stderr}");
    let (done, _, stderr) = app.command(&["replay", "create"]).await;
    assert!(!done && stderr.contains("--reason"), "{stderr}");
    app.finish().await;
}

#[tokio::test]
async fn who_asks_whom_is_told_in_our_words() {
    let app = TestApp::start().await;
    let port = app.address.port();
    for server in [
        format!("{port}"),
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
    ] {
        let mut command = buywire(&["partner", "list"]);
        command
            .env("BUYWIRE_SERVER", &server)
            .env("BUYWIRE_KEY", OPERATOR);
        let output = output(command).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{server}: {stderr}");
    }
    let unknown = format!("bw_{}", "x".repeat(43));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("operator-key"), &unknown).unwrap();
    let file = folder.path().join("operator-key").display().to_string();
    for (key, position) in [
        (Some(unknown.as_str()), "BUYWIRE_KEY"),
        (None, file.as_str()),
    ] {
        let mut command = buywire(&["partner", "list"]);
        command
            .env("BUYWIRE_SERVER", format!("{port}"))
            .env("BUYWIRE_DATA_DIR", folder.path())
            .envs(key.map(|key| ("BUYWIRE_KEY", key)));
        let output = output(command).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.contains("(401)") && stderr.contains(position),
            "{stderr}"
        );
        assert!(!stderr.contains(&unknown), "{stderr}");
    }
    for (arguments, words) in [
        (
            vec!["key", "create", "--role", "partner", "--label", "a"],
            "--partner SLUG",
        ),
        (
            vec!["partner", "list", "--server", "ftp://nowhere"],
            "localhost:8080",
        ),
    ] {
        let output = output(buywire(&arguments)).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(words), "{stderr}");
    }
    // A port without a listener: the system's message appears once.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = nobody.local_addr().unwrap().port();
    drop(nobody);
    let mut command = buywire(&["partner", "list"]);
    command
        .env("BUYWIRE_SERVER", format!("{free}"))
        .env("BUYWIRE_KEY", OPERATOR);
    let output = output(command).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.matches("os error").count(), 1, "{stderr}");
    app.finish().await;
}
