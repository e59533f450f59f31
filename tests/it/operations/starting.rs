//! Starting: probes are answered, a stop is obeyed, and a failed start leaves nothing behind.

use std::fs::{self, File, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use buywire::testing::MasterKeys;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

use crate::support::api::{Answer, http_client};
use crate::support::node::Node;
use crate::support::receiver::DEADLINE;

/// A folder that PostgreSQL's user can enter.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

fn free_address() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap()
}

/// `serve` in its own folder, with its log in a file there.
fn serve(folder: &Path, settings: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_buywire"))
        .arg("serve")
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("BUYWIRE_DATA_DIR", folder.join("data"))
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(File::create(folder.join("said")).unwrap())
        .stderr(File::create(folder.join("log")).unwrap())
        .spawn()
        .unwrap()
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}

/// Waits until a condition holds.
async fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < DEADLINE, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn wait_for_exit(mut process: Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        if begun.elapsed() > DEADLINE {
            process.kill().unwrap();
            panic!("it goes on");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn answer(address: SocketAddr, path: &str) -> Answer {
    let url = format!("http://{address}{path}");
    let begun = Instant::now();
    loop {
        match http_client().get(&url).send().await {
            Ok(reply) => {
                let status = reply.status().as_u16();
                assert!(status == 200 || reply.headers().contains_key("retry-after"));
                return Answer::send(http_client().get(&url)).await;
            }
            Err(error) => assert!(begun.elapsed() < DEADLINE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn while_it_waits_for_its_database_it_answers_and_can_be_stopped() {
    // One port has no listener; another accepts and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let databases = [free_address(), silent.local_addr().unwrap()];
    for (database, signal) in databases.into_iter().zip([Signal::TERM, Signal::INT]) {
        let (folder, address) = (folder(), free_address());
        let process = serve(
            folder.path(),
            &[
                (
                    "DATABASE_URL",
                    &format!("postgres://buywire@{database}/buywire"),
                ),
                ("BUYWIRE_MASTER_KEY", &MasterKeys::generate()),
                ("BUYWIRE_LISTEN", &address.to_string()),
            ],
        );
        for path in ["/readyz", "/v1/orders"] {
            answer(address, path).await.problem(503, "busy");
        }
        assert_eq!(answer(address, "/healthz").await.status, 200);
        kill_process(Pid::from_child(&process), signal).unwrap();
        let log = || read(folder.path(), "log");
        assert!(wait_for_exit(process).await.success(), "{}", log());
        assert!(log().contains("stopped before it was ready"), "{}", log());
        assert!(!log().contains('\u{1b}'), "colours in a file: {}", log());
    }
}

#[tokio::test]
async fn a_first_start_that_is_stopped_or_fails_leaves_nothing_behind() {
    let folder = folder();
    let data = folder.path().join("data");
    let listen = ("BUYWIRE_LISTEN", "127.0.0.1:0");
    let bad = serve(folder.path(), &[listen, ("BUYWIRE_OPERATOR_KEY", "short")]);
    assert!(!wait_for_exit(bad).await.success() && !data.exists());

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let second = serve(folder.path(), &[("BUYWIRE_LISTEN", &address)]);
    assert!(!wait_for_exit(second).await.success() && !data.exists());
    let log = read(folder.path(), "log");
    assert!(
        log.contains("another program listens there") && log.contains("--listen"),
        "{log}"
    );

    let pid_file = data.join("postgres/cluster/postmaster.pid");
    let stopped = serve(folder.path(), &[listen]);
    wait_until("PostgreSQL starts", || pid_file.exists()).await;
    let postmaster = fs::read_to_string(&pid_file).unwrap();
    let postmaster = postmaster.lines().next().and_then(|pid| pid.parse().ok());
    kill_process(Pid::from_child(&stopped), Signal::TERM).unwrap();
    assert!(
        wait_for_exit(stopped).await.success(),
        "{}",
        read(folder.path(), "log")
    );
    assert!(!data.exists());
    if let Some(postmaster) = postmaster.and_then(Pid::from_raw) {
        wait_until("PostgreSQL ends", || test_kill_process(postmaster).is_err()).await;
    }
}

#[tokio::test]
async fn a_new_gateway_says_that_it_is_new_and_a_second_one_whose_folder_it_wants() {
    let folder = folder();
    let data = folder.path().join("data");
    let address = free_address().to_string();
    let listen = [("BUYWIRE_LISTEN", address.as_str())];
    let text = || read(folder.path(), "said");
    for is_new in [true, false] {
        let first = serve(folder.path(), &listen);
        wait_until("it listens", || text().contains("the platform key is in")).await;
        let made = format!("created a new gateway in {}", data.display());
        assert_eq!(text().contains(&made), is_new, "{}", text());
        let other = folder.path().join("other");
        fs::create_dir_all(&other).unwrap();
        let same = data.to_str().unwrap();
        let second = serve(&other, &[listen[0], ("BUYWIRE_DATA_DIR", same)]);
        assert!(!wait_for_exit(second).await.success());
        let log = read(&other, "log");
        let whose = format!("in use by another buywire process (process {})", first.id());
        assert!(log.contains(&whose), "{log}");
        kill_process(Pid::from_child(&first), Signal::TERM).unwrap();
        assert!(
            wait_for_exit(first).await.success(),
            "{}",
            read(folder.path(), "log")
        );
    }
}

#[tokio::test]
async fn a_check_of_a_new_folder_makes_nothing() {
    let folder = folder();
    let data = folder.path().join("data");
    let check = Command::new(env!("CARGO_BIN_EXE_buywire"))
        .arg("check")
        .env("BUYWIRE_DATA_DIR", &data)
        .env("BUYWIRE_LISTEN", "127.0.0.1:0")
        .output()
        .unwrap();
    let text = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.success() && text.contains("none yet: `serve` creates one"),
        "{text}"
    );
    assert!(!data.exists());
}

#[tokio::test]
async fn an_address_may_be_a_name_or_a_port() {
    let port = free_address().port();
    let mut node = Node::private(&[]).await;
    for given in [format!("localhost:{port}"), port.to_string()] {
        node.stop();
        node.set_env("BUYWIRE_LISTEN", &given);
        node.address = format!("127.0.0.1:{port}");
        node.run().await;
    }
    let refused = Command::new(env!("CARGO_BIN_EXE_buywire"))
        .args(["serve", "--listen", "http://localhost:8080"])
        .output()
        .unwrap();
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("a name and port (localhost:8080)"), "{text}");
}
