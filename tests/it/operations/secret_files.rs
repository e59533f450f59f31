//! Each secret setting is a variable or a file, and never both.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use buywire::testing::MasterKeys;
use tempfile::{TempDir, tempdir};

/// Every secret setting, and a usable value.
fn secrets() -> [(&'static str, String); 9] {
    let master = || MasterKeys::generate().to_string();
    [
        (
            "DATABASE_URL",
            "postgres://me:pass@127.0.0.1:9/none".to_owned(),
        ),
        ("BUYWIRE_OPERATOR_KEY", format!("bw_{}", "o".repeat(40))),
        ("BUYWIRE_PLATFORM_KEY", format!("bw_{}", "p".repeat(40))),
        ("BUYWIRE_MASTER_KEY", master()),
        (
            "BUYWIRE_MASTER_KEY_PREVIOUS",
            format!("{},{}", master(), master()),
        ),
        ("BUYWIRE_STRIPE_KEY", "sk_test_0123456789abcdef".to_owned()),
        (
            "BUYWIRE_STRIPE_WEBHOOK_SECRET",
            "whsec_0123456789abcdef".to_owned(),
        ),
        (
            "BUYWIRE_SMTP_URL",
            "smtps://me:pass@mail.example.com".to_owned(),
        ),
        (
            "BUYWIRE_PROXY",
            "http://me:pass@proxy.example.com:3128".to_owned(),
        ),
    ]
}

/// Runs `check` with these variables alone.
fn check(folder: &TempDir, variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_buywire"))
        .args(["check", "--listen", "127.0.0.1:0"])
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("BUYWIRE_DATA_DIR", folder.path().join("data"))
        .env("BUYWIRE_PAYMENTS", "stripe")
        .env("BUYWIRE_MAIL_FROM", "orders@example.com")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// What `check` says with all secrets given by variables or files.
fn findings(folder: &TempDir, write: impl Fn(&str, &str, &Path) -> (String, String)) -> String {
    let secrets = secrets();
    let variables: Vec<_> = secrets
        .iter()
        .map(|(name, value)| write(name, value, &folder.path().join(name)))
        .collect();
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let output = check(folder, &variables);
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_help_names_a_file_for_every_secret_and_no_secret_for_an_argument() {
    for command in ["serve", "check", "migrate"] {
        let output = Command::new(env!("CARGO_BIN_EXE_buywire"))
            .args([command, "--help"])
            .output()
            .unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        for (name, _) in secrets() {
            assert!(
                help.contains(&format!("[env: {name}_FILE")),
                "{command} {name}"
            );
            assert!(
                !help.contains(&format!("[env: {name}=")),
                "{command} {name}"
            );
        }
        let files = help.matches("_FILE=").count();
        // Certificates, and the key of one, come from files only.
        assert_eq!(
            files,
            secrets().len() + 3,
            "{command}: a secret that this test does not know"
        );
    }
}

#[test]
fn a_secret_in_a_file_counts_as_one_in_a_variable() {
    let folder = tempdir().unwrap();
    let by_variable = findings(&folder, |name, value, _| {
        (name.to_owned(), value.to_owned())
    });
    for expected in [
        "FAIL database",
        "ok   keys",
        "ok   master key",
        "ok   payments",
        "ok   mail",
    ] {
        assert!(by_variable.contains(expected), "{expected}: {by_variable}");
    }
    for end in ["", "\n", "\r\n"] {
        let by_file = findings(&folder, |name, value, file| {
            fs::write(file, format!("{value}{end}")).unwrap();
            (format!("{name}_FILE"), file.display().to_string())
        });
        assert_eq!(by_file, by_variable);
    }
}

#[test]
fn a_secret_that_is_given_twice_or_cannot_be_read_stops_the_start_with_its_name() {
    let folder = tempdir().unwrap();
    let (good, empty, absent) = (
        folder.path().join("good"),
        folder.path().join("empty"),
        folder.path().join("absent"),
    );
    fs::write(&empty, "\n").unwrap();
    let text = |path: &Path| path.display().to_string();
    for (name, value) in secrets() {
        fs::write(&good, &value).unwrap();
        let file = format!("{name}_FILE");
        let both = [(name, value.as_str()), (&file, &text(&good))];
        let expected = format!("{name} and {file} are both set");
        refused(&check(&folder, &both), &expected, &value);
        for path in [&empty, &absent] {
            let output = check(&folder, &[(&file, &text(path))]);
            refused(&output, &file, &value);
            refused(&output, &text(path), &value);
        }
    }
}

fn refused(output: &Output, expected: &str, secret: &str) {
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains(expected), "{expected}: {message}");
    assert!(!message.contains(secret), "{message}");
}
