//! The private PostgreSQL: started, adopted, restarted and stopped, wherever the data folder is.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::Path,
    time::{Duration, Instant},
};

use buywire::testing::{DataDir, Embedded, EmbeddedError, EmbeddedOptions};
use rustix::process::{Pid, Signal, getpgid, kill_process, test_kill_process};
use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::support::postgres::connect;

/// A folder that everyone may enter, as a data folder's parent usually is.
fn open_folder() -> TempDir {
    folder_of_mode(0o755)
}

fn folder_of_mode(mode: u32) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    folder
}

/// These tests kill servers, not machines, so they need no fsync.
async fn start(folder: &DataDir) -> Result<Embedded, EmbeddedError> {
    Embedded::start_with(
        folder,
        EmbeddedOptions {
            durable: false,
            ..EmbeddedOptions::default()
        },
    )
    .await
}

async fn wait_for_lock(path: &Path) -> DataDir {
    wait_for("the lock to be free", || async { DataDir::lock(path).ok() }).await
}

/// Asks until there is an answer, for at most 30 s.
async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, poll: impl Fn() -> F) -> T {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if let Some(answer) = poll().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited in vain for {what}");
}

fn postmaster(embedded: &Embedded) -> Pid {
    let text = fs::read_to_string(embedded.cluster().join("postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

fn is_running(pid: Pid) -> bool {
    test_kill_process(pid).is_ok()
}

#[tokio::test]
async fn it_starts_stops_and_keeps_what_was_written() {
    let parent = open_folder();
    let folder = DataDir::lock(&parent.path().join("data")).unwrap();
    let embedded = start(&folder).await.unwrap();
    let pid = postmaster(&embedded);
    connect(&embedded.config())
        .await
        .batch_execute("CREATE TABLE kept AS SELECT 1 AS one")
        .await
        .unwrap();
    embedded.stop().await;
    assert!(!is_running(pid), "stop returns when the server is gone");

    let embedded = start(&folder).await.unwrap();
    connect(&embedded.config())
        .await
        .query_one("SELECT one FROM kept", &[])
        .await
        .unwrap();
    embedded.stop().await;
}

#[tokio::test]
async fn a_start_that_was_killed_halfway_leaves_nothing_in_the_way() {
    let parent = open_folder();
    let folder = DataDir::lock(&parent.path().join("data")).unwrap();
    fs::create_dir_all(folder.path().join("postgres/cluster.draft/base")).unwrap();
    fs::write(folder.path().join("postgres/initdb.password"), "half").unwrap();
    start(&folder).await.unwrap().stop_and_remove().await;
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let parent = open_folder();
    let folder = DataDir::lock(&parent.path().join("data")).unwrap();
    let embedded = start(&folder).await.unwrap();

    let mut wrong = embedded.config();
    assert!(
        wrong.password("guess").connect(NoTls).await.is_err(),
        "a password is asked for"
    );
    let show = connect(&embedded.config())
        .await
        .query_one("SHOW listen_addresses", &[])
        .await
        .unwrap();
    assert_eq!(show.get::<_, &str>(0), "", "no TCP");
    let sockets = fs::metadata(embedded.sockets()).unwrap();
    assert_eq!(sockets.mode() & 0o777, 0o700);
    let secret = fs::metadata(folder.path().join("postgres.password")).unwrap();
    assert_eq!(secret.mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o711);

    let pid = postmaster(&embedded);
    assert_eq!(
        getpgid(Some(pid)).unwrap(),
        pid,
        "Ctrl-C on our terminal is not for the server"
    );
    // Cargo sets this variable; keys would be in the same environment.
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
    if let Ok(environment) = fs::read_to_string(format!("/proc/{}/environ", pid.as_raw_nonzero())) {
        assert!(!environment.contains("CARGO_PKG_NAME"));
    }
    embedded.stop().await;
}

#[tokio::test]
async fn a_server_left_by_a_killed_gateway_is_adopted_and_stopped_in_the_end() {
    let parent = open_folder();
    let path = parent.path().join("data");
    let folder = DataDir::lock(&path).unwrap();
    let first = start(&folder).await.unwrap();
    let pid = postmaster(&first);
    // As after a kill: nothing is stopped, the lock is released.
    drop((first, folder));

    let folder = wait_for_lock(&path).await;
    let second = start(&folder).await.unwrap();
    assert_eq!(postmaster(&second), pid, "the same server");
    let second_pid_file = second.cluster().join("postmaster.pid");
    second.stop().await;
    assert!(
        !second_pid_file.exists(),
        "an adopted server is stopped too"
    );
}

#[tokio::test]
async fn a_killed_server_is_started_again() {
    let parent = open_folder();
    let path = parent.path().join("data");
    let mut folder = DataDir::lock(&path).unwrap();
    let mut embedded = start(&folder).await.unwrap();
    for is_adopted in [false, true] {
        let killed = postmaster(&embedded);
        kill_process(killed, Signal::KILL).unwrap();
        let config = embedded.config();
        drop(
            wait_for("a new server", || async {
                config.connect(NoTls).await.ok()
            })
            .await,
        );
        assert_ne!(postmaster(&embedded), killed, "adopted: {is_adopted}");
        if !is_adopted {
            drop((embedded, folder));
            folder = wait_for_lock(&path).await;
            embedded = start(&folder).await.unwrap();
        }
    }
    embedded.stop().await;
}

#[tokio::test]
async fn an_old_server_that_shuts_down_slowly_is_waited_for() {
    let parent = open_folder();
    let path = parent.path().join("data");
    let folder = DataDir::lock(&path).unwrap();
    let first = start(&folder).await.unwrap();
    let old = postmaster(&first);
    // A smart shutdown lasts until this session ends.
    let session = connect(&first.config()).await;
    drop((first, folder));
    kill_process(old, Signal::TERM).unwrap();
    let leave = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        drop(session);
    });

    let second = start(&wait_for_lock(&path).await).await.unwrap();
    assert_ne!(postmaster(&second), old);
    leave.await.unwrap();
    second.stop().await;
}

#[tokio::test]
async fn the_last_processes_of_a_killed_server_are_waited_for() {
    let parent = open_folder();
    let path = parent.path().join("data");
    let folder = DataDir::lock(&path).unwrap();
    let first = start(&folder).await.unwrap();
    let old = postmaster(&first);
    // A computing session does not notice that its postmaster is gone, and holds the shared memory.
    let session = connect(&first.config()).await;
    let busy = tokio::spawn(async move {
        session
            .execute(
                "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 300) b",
                &[],
            )
            .await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop((first, folder));
    kill_process(old, Signal::KILL).unwrap();

    let second = start(&wait_for_lock(&path).await).await.unwrap();
    assert_ne!(postmaster(&second), old);
    busy.await.unwrap().ok();
    second.stop_and_remove().await;
}

#[tokio::test]
async fn a_server_that_lost_its_socket_folder_is_replaced() {
    let parent = open_folder();
    let path = parent.path().join("data");
    let folder = DataDir::lock(&path).unwrap();
    let first = start(&folder).await.unwrap();
    let (old, sockets) = (postmaster(&first), first.sockets().to_owned());
    drop((first, folder));
    fs::remove_dir_all(sockets).unwrap();

    let second = start(&wait_for_lock(&path).await).await.unwrap();
    assert_ne!(postmaster(&second), old);
    assert!(!is_running(old));
    second.stop().await;
}

#[tokio::test]
async fn a_very_long_data_folder_has_a_short_socket() {
    let parent = open_folder();
    let mut path = parent.path().to_owned();
    path.extend(["a-rather-long-name-of-a-folder"; 6]);
    let folder = DataDir::lock(&path).unwrap();
    let embedded = start(&folder).await.unwrap();
    let socket = embedded.sockets().join(".s.PGSQL.5432");
    assert!(
        socket.exists() && socket.as_os_str().len() <= 103,
        "{socket:?}"
    );
    embedded.stop().await;
}

#[tokio::test]
async fn under_a_private_parent_root_keeps_the_cluster_elsewhere_and_finds_it_again() {
    if !rustix::process::geteuid().is_root() {
        // Only root runs the server as another user.
        return;
    }
    let parent = folder_of_mode(0o700);
    let folder = DataDir::lock(&parent.path().join("data")).unwrap();
    let embedded = start(&folder).await.unwrap();
    let cluster = embedded.cluster();
    assert!(!cluster.starts_with(parent.path()));
    assert_ne!(fs::metadata(&cluster).unwrap().uid(), 0, "not root's");
    embedded.stop().await;
    drop(folder);

    // The id is recorded, so a moved folder keeps its database.
    let moved = parent.path().join("moved");
    fs::rename(parent.path().join("data"), &moved).unwrap();
    let embedded = start(&wait_for_lock(&moved).await).await.unwrap();
    assert_eq!(embedded.cluster(), cluster);

    // A copied folder records the same cluster, and must not share it.
    let copy = parent.path().join("copy");
    fs::DirBuilder::new().mode(0o711).create(&copy).unwrap();
    for name in ["postgres.json", "postgres.password"] {
        fs::copy(moved.join(name), copy.join(name)).unwrap();
    }
    let refused = start(&DataDir::lock(&copy).unwrap()).await.unwrap_err();
    assert!(refused.to_string().contains("in use"), "{refused}");

    embedded.stop_and_remove().await;
    assert!(!cluster.exists());
}

#[tokio::test]
async fn under_root_an_existing_cluster_runs_as_its_owner() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let parent = open_folder();
    let folder = DataDir::lock(&parent.path().join("data")).unwrap();
    let embedded = start(&folder).await.unwrap();
    let home = embedded.cluster().parent().unwrap().to_owned();
    embedded.stop().await;
    // As if an ordinary user had created it: neither root nor the user of a new cluster.
    let mut chown = std::process::Command::new("chown");
    assert!(
        chown
            .args(["-R", "12345:12345"])
            .arg(&home)
            .status()
            .unwrap()
            .success()
    );

    let embedded = start(&folder).await.unwrap();
    let pid = postmaster(&embedded).as_raw_nonzero();
    if let Ok(process) = fs::metadata(format!("/proc/{pid}")) {
        assert_eq!(process.uid(), 12345);
    }
    embedded.stop_and_remove().await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_does_not_begin_an_empty_database() {
    let parent = open_folder();
    let folder = DataDir::lock(&parent.path().join("data")).unwrap();
    fs::write(
        folder.path().join("postgres.json"),
        "{\"elsewhere\": \"/var/li",
    )
    .unwrap();
    let refused = start(&folder).await.unwrap_err();
    assert!(refused.to_string().contains("postgres.json"), "{refused}");
    assert!(!folder.path().join("postgres").exists());
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_refused_untouched() {
    let parent = open_folder();
    let folder = DataDir::lock(&parent.path().join("data")).unwrap();
    let embedded = start(&folder).await.unwrap();
    let version = embedded.cluster().join("PG_VERSION");
    embedded.stop().await;
    let made_by = fs::read(&version).unwrap();
    fs::write(&version, "99\n").unwrap();
    let refused = start(&folder).await.unwrap_err();
    assert!(
        matches!(refused, EmbeddedError::OtherMajor { made_by: 99, .. }),
        "{refused}"
    );

    fs::write(&version, made_by).unwrap();
    start(&folder).await.unwrap().stop_and_remove().await;
}
