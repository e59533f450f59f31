//! The demo, while it stays up: every command that it prints works as printed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;

use crate::support::api::http_client;

type Output = Lines<BufReader<ChildStdout>>;

/// Reads lines up to the first that contains `end`, and returns them.
async fn lines_until(output: &mut Output, end: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let read = async {
        while let Some(line) = output.next_line().await.unwrap() {
            let is_last = line.contains(end);
            lines.push(line.trim().to_owned());
            if is_last {
                return;
            }
        }
        panic!("the demo ended before it printed {end:?}");
    };
    timeout(Duration::from_secs(120), read).await.unwrap();
    lines
}

/// Asserts that every image of a page loads.
async fn assert_images_load(page: &str) {
    let http = http_client();
    let html = http.get(page).send().await.unwrap().text().await.unwrap();
    let images: Vec<_> = html.split("<img").skip(1).collect();
    assert!(!images.is_empty(), "{page} shows no picture");
    for image in images {
        let source = image
            .split("src=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let picture = http.get(source).send().await.unwrap();
        assert_eq!(picture.status(), 200, "{page}: {source}");
        assert_eq!(picture.headers()["content-type"], "image/png", "{source}");
    }
}

#[tokio::test]
async fn every_command_that_the_demo_prints_works_as_printed() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_buywire"))
        .arg("demo")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut output = BufReader::new(demo.stdout.take().unwrap()).lines();
    let printed = lines_until(&mut output, "the gateway's log:").await;

    let key = printed.iter().find(|line| line.starts_with("KEY="));
    let key = key.expect("the demo prints where the key is");
    let commands: Vec<_> = printed.iter().filter(|l| l.starts_with("curl ")).collect();
    assert!(commands.len() >= 4, "{printed:?}");
    for command in commands {
        let command = command.replacen("curl ", "curl -sS --fail-with-body ", 1);
        let script = format!("{key}\n{command}");
        let done = Command::new("sh").args(["-c", &script]).output().await;
        let done = done.unwrap();
        assert!(
            done.status.success(),
            "{command}: {}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    let pages: Vec<_> = printed
        .iter()
        .filter(|line| line.starts_with("http://"))
        .collect();
    assert!(pages.len() >= 3, "{printed:?}");
    for page in pages {
        assert_images_load(page).await;
    }
    let arrived = lines_until(&mut output, "P-20001").await;
    assert!(
        arrived.last().unwrap().contains("verified"),
        "the order of the hint has arrived: {arrived:?}"
    );

    let pid = rustix::process::Pid::from_raw(demo.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = timeout(Duration::from_secs(60), demo.wait()).await.unwrap();
    assert!(ended.unwrap().success());
}
