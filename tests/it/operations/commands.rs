//! Commands as processes: their output and their exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use buywire_adapters::contract::request::Rendered;
use buywire_adapters::signing::{Attempt, Scheme, SigningKey, sign};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str = r#"{"type":"order.confirmed","data":{"order_id":"P-10001"}}"#;
const SIGNED_AT: i64 = 1_763_632_800;

fn buywire(temp: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_buywire"));
    command.env("TMPDIR", temp);
    command
}

/// A folder that PostgreSQL's user can reach, so that everything a command leaves behind is in it.
fn temp() -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(temp.path(), mode).unwrap();
    temp
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_demo_delivers_every_order_verified_and_leaves_nothing_behind() {
    let temp = temp();
    let output = buywire(temp.path())
        .args(["demo", "--once"])
        .output()
        .unwrap();
    let message = text(&output.stdout);
    assert!(
        output.status.success(),
        "{message}\n{}",
        text(&output.stderr)
    );
    for line in [
        "P-10001  acme           ✘ answered 503 to attempt 2",
        "P-10001  acme           ✔ verified on attempt 3",
        "P-10005  lisbon-vinyl   dead",
        "P-10005  lisbon-vinyl   ✔ verified on attempt 4",
        "All 6 orders have arrived, verified",
    ] {
        assert!(message.contains(line), "{line}\n{message}");
    }
    assert!(is_empty(temp.path()));
}

#[test]
fn a_demo_that_is_killed_leaves_no_process_behind() {
    let temp = temp();
    let mut demo = buywire(temp.path())
        .arg("demo")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let started = || postmaster(temp.path()).zip(process_in(temp.path(), "lock"));
    while started().is_none() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not start"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let (postmaster, gateway) = started().unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    for process in [gateway, postmaster] {
        let killed = Instant::now();
        while test_kill_process(process).is_ok() {
            let waited = killed.elapsed();
            assert!(waited < Duration::from_secs(30), "{process:?} still runs");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_bench_prints_one_document_with_every_figure() {
    let temp = temp();
    let output = buywire(temp.path())
        .args(["bench", "--orders", "300", "--endpoints", "2", "--json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    for pointer in [
        "/accepted_per_second",
        "/delivered_per_second",
        "/bare_per_second",
        "/ratio",
        "/accept_ms/p50",
        "/accept_ms/p95",
        "/accept_ms/p99",
        "/arrival_ms/p50",
        "/arrival_ms/p95",
        "/arrival_ms/p99",
        "/statements_per_delivery",
        "/cpu_seconds/total",
        "/peak_rss_mb",
        "/fsync_us",
    ] {
        let figure = figures.pointer(pointer).and_then(Value::as_f64);
        assert!(
            figure.is_some_and(|figure| figure > 0.0),
            "{pointer}: {figures}"
        );
    }
    assert_eq!(figures["synchronous_commit"], "on");
    assert_eq!(figures["duplicates"], 0);
    assert_eq!(figures["orders"], 300);
    assert!(is_empty(temp.path()));
}

#[test]
fn a_bench_of_feeds_counts_items_and_writes_and_leaves_nothing_behind() {
    let temp = temp();
    let output = buywire(temp.path())
        .args([
            "bench", "feed", "--items", "400", "--format", "xml", "--json",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(figures["items"], 400);
    let format = &figures["formats"][0];
    assert_eq!(format["format"], "xml");
    assert!(format["bare_per_second"].as_f64().unwrap() > 0.0);
    for (scenario, name, writes) in [
        (0, "first", 400),
        (1, "identical", 0),
        (2, "one_percent", 4),
    ] {
        let scenario = &format["scenarios"][scenario];
        assert_eq!(scenario["scenario"], name);
        assert_eq!(scenario["row_writes"], writes);
        for figure in ["items_per_second", "ratio", "seconds", "peak_rss_mb"] {
            assert!(scenario[figure].as_f64().unwrap() > 0.0, "{scenario}");
        }
    }
    assert!(is_empty(temp.path()));
}

#[test]
fn a_bench_that_is_told_to_stop_leaves_nothing_behind() {
    let temp = temp();
    let mut bench = buywire(temp.path())
        .args(["bench", "--orders", "1000000"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while postmaster(temp.path()).is_none() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "PostgreSQL does not start"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let postmaster = postmaster(temp.path()).unwrap();
    let gateway = process_in(temp.path(), "lock").unwrap();
    kill_process(Pid::from_child(&bench), Signal::INT).unwrap();
    assert_eq!(bench.wait().unwrap().code(), Some(1));
    assert!(is_empty(temp.path()));
    for process in [postmaster, gateway] {
        // It prints that it has ended a moment before it does.
        let requested = Instant::now();
        while test_kill_process(process).is_ok() {
            assert!(
                requested.elapsed() < Duration::from_secs(5),
                "{process:?} still runs"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// PostgreSQL's process, once its pid file exists.
fn postmaster(temp: &Path) -> Option<Pid> {
    process_in(temp, "postgres/cluster/postmaster.pid")
}

/// The process in a pid file of the data folder.
fn process_in(temp: &Path, file: &str) -> Option<Pid> {
    let folder = fs::read_dir(temp).unwrap().next()?.unwrap().path();
    let text = fs::read_to_string(folder.join("data").join(file)).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}

/// A captured request: headers and body.
fn captured() -> (String, &'static str) {
    let key = SigningKey::parse(SECRET).unwrap();
    let rendered = Rendered::json(BODY).unwrap();
    let attempt = Attempt {
        webhook_id: "dlv_1",
        timestamp_s: SIGNED_AT,
        method: "POST",
        endpoint: &"https://shop.example/hooks".parse().unwrap(),
        rotation: 0,
    };
    let signed = sign(Scheme::STANDARD_WEBHOOKS_ONLY, &[key], &attempt, rendered);
    let headers = signed.headers().iter();
    let lines: String = headers
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    (
        format!("POST /hooks HTTP/1.1\r\nhost: shop.example\r\n{lines}\r\n"),
        BODY,
    )
}

fn verify(capture: &str, secret: &str, arguments: &[&str]) -> Output {
    let temp = temp();
    let file = temp.path().join("capture.http");
    fs::write(&file, capture).unwrap();
    buywire(temp.path())
        .env("BUYWIRE_VERIFY_SECRET", secret)
        .arg("verify")
        .args(arguments)
        .arg(&file)
        .output()
        .unwrap()
}

#[test]
fn a_captured_request_is_verified_as_of_the_time_it_came() {
    let (head, body) = captured();
    let at = SIGNED_AT.to_string();
    let output = verify(&format!("{head}{body}"), SECRET, &["--at", &at]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let message = text(&output.stdout);
    assert!(message.starts_with("verified: dlv_1"), "{message}");
}

#[test]
fn each_fault_of_a_captured_request_is_named() {
    let (head, body) = captured();
    let whole = format!("{head}{body}");
    let unsigned = whole.replace("webhook-id: dlv_1\r\n", "");
    let at = SIGNED_AT.to_string();
    let late = (SIGNED_AT + 301).to_string();
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let faults = [
        (format!("{whole}\n"), SECRET, &at, "a line end was added"),
        (
            whole.replace(":\"order", ": \"order"),
            SECRET,
            &at,
            "with other spacing",
        ),
        (whole.clone(), other, &at, "no signature fits"),
        (whole.clone(), SECRET, &late, "1 s older than the 300 s"),
        (
            whole.clone(),
            "sk_live_1",
            &at,
            "does not begin with `whsec_`",
        ),
        (unsigned, SECRET, &at, "`webhook-id` is missing"),
        (head.clone(), SECRET, &at, "the body is empty"),
        (head.trim_end().to_owned(), SECRET, &at, "no empty line"),
    ];
    for (capture, secret, at, expected) in faults {
        let output = verify(&capture, secret, &["--at", at]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{expected}: {message}");
        assert_eq!(
            message.matches(expected).count(),
            1,
            "{expected}: {message}"
        );
        assert!(!message.contains(SECRET), "{message}");
    }
}

#[test]
fn a_request_in_pieces_is_verified_too_and_said_in_json() {
    let (head, body) = captured();
    let temp = temp();
    let file = temp.path().join("body");
    fs::write(&file, body).unwrap();
    let mut command = buywire(temp.path());
    command.env("BUYWIRE_VERIFY_SECRET", SECRET);
    command.args(["verify", "--json"]);
    command.args(["--at", &SIGNED_AT.to_string()]);
    for line in head.lines().filter(|line| line.starts_with("webhook-")) {
        command.args(["--header", line]);
    }
    let output = command.arg("--body").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["verified"], true);
    assert_eq!(document["webhook_id"], "dlv_1");

    let output = verify(&head, SECRET, &["--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["verified"], false);
}

fn migration_files() -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
        .count()
}

#[test]
fn a_database_is_migrated_and_a_check_says_what_serve_would_stumble_over() {
    let temp = temp();
    let folder = temp.path().join("data");
    let run_with = |secrets: &[(&str, &str)], arguments: &[&str]| {
        let mut command = buywire(temp.path());
        command.envs(secrets.iter().copied());
        command.args(arguments).arg("--data-dir").arg(&folder);
        command.args(["--listen", "127.0.0.1:0"]).output().unwrap()
    };
    let run = |arguments: &[&str]| run_with(&[], arguments);
    let migrated = run(&["migrate"]);
    assert!(migrated.status.success(), "{}", text(&migrated.stderr));
    let expected = format!("the schema has version {}\n", migration_files());
    assert_eq!(text(&migrated.stdout), expected);

    let checked = run(&["check", "--json"]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let findings: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let findings = findings.as_array().unwrap();
    assert_eq!(findings.len(), 12);
    let descriptors = findings
        .iter()
        .find(|one| one["check"] == "file descriptors");
    let message = descriptors.unwrap()["detail"].as_str().unwrap();
    assert!(message.contains("the hard limit"), "{message}");
    assert!(findings.iter().all(|finding| finding["ok"] == true));

    let secrets = [
        ("BUYWIRE_OPERATOR_KEY", "short"),
        ("BUYWIRE_SMTP_URL", "smtp://me:s3cret@mail.example.com"),
    ];
    let wrong = run_with(
        &secrets,
        &[
            "check",
            "--allow-private",
            "0.0.0.0/0",
            "--payments",
            "paypal",
            "--mail-from",
            "orders@example.com",
        ],
    );
    assert_eq!(wrong.status.code(), Some(1));
    let message = text(&wrong.stdout);
    assert!(
        message.contains("FAIL deliveries to private ranges"),
        "{message}"
    );
    assert!(
        message.contains("FAIL keys: BUYWIRE_OPERATOR_KEY"),
        "{message}"
    );
    let expected = "FAIL payments: BUYWIRE_PAYMENTS: `paypal` is not a payment processor: \
        expected stripe, manual, sandbox";
    assert!(message.contains(expected), "{message}");
    let expected = "FAIL mail: BUYWIRE_SMTP_URL would send mail without encryption";
    assert!(message.contains(expected), "{message}");
    assert!(!message.contains("s3cret"), "{message}");
}
