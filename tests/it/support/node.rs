//! A gateway as operators run it: the real executable in a separate process, which can be killed, frozen and
//! restarted with the same data.
//!
//! Dropping a node kills it and the private PostgreSQL that it started.

use std::fs::{self, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

use super::api::{Api, OPERATOR, PLATFORM, http_client};
use super::receiver::DEADLINE;

/// A gateway process, and what its restart needs.
pub(crate) struct Node {
    pub(crate) address: String,
    process: Option<Child>,
    settings: Vec<(&'static str, String)>,
    http: reqwest::Client,
    folder: TempDir,
    /// The hard limit of file descriptors; 0: the machine's.
    descriptors: u32,
}

impl Node {
    /// Creates a node with a private PostgreSQL and these settings.
    pub(crate) async fn private(settings: &[(&'static str, &str)]) -> Self {
        Self::start(settings).await
    }

    /// The same, with a limit of file descriptors.
    pub(crate) async fn private_with_descriptors(
        descriptors: u32,
        settings: &[(&'static str, &str)],
    ) -> Self {
        Self::start_with(descriptors, settings).await
    }

    /// Creates a node on a given database.
    pub(crate) async fn on_database(url: &str, master_key: &str) -> Self {
        Self::on_database_with(url, master_key, &[]).await
    }

    /// The same, with more settings.
    pub(crate) async fn on_database_with(
        url: &str,
        master_key: &str,
        settings: &[(&'static str, &str)],
    ) -> Self {
        let database = [("DATABASE_URL", url), ("BUYWIRE_MASTER_KEY", master_key)];
        Self::start(&[&database, settings].concat()).await
    }

    /// Creates a node whose settings name everything, its database too.
    pub(crate) async fn start(settings: &[(&'static str, &str)]) -> Self {
        Self::start_with(0, settings).await
    }

    async fn start_with(descriptors: u32, settings: &[(&'static str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // If the tests run as root, PostgreSQL runs as another user, which must reach this folder.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let data = folder.path().join("data").to_str().unwrap().to_owned();
        let mut all = vec![
            ("BUYWIRE_LISTEN", address.clone()),
            ("BUYWIRE_DATA_DIR", data),
            ("BUYWIRE_OPERATOR_KEY", OPERATOR.to_owned()),
            ("BUYWIRE_PLATFORM_KEY", PLATFORM.to_owned()),
            ("BUYWIRE_ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
            ("BUYWIRE_CHECK_IMAGES", "off".to_owned()),
            ("RUST_LOG", "info".to_owned()),
        ];
        all.extend(
            settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let mut node = Self {
            address,
            process: None,
            settings: all,
            http: http_client(),
            folder,
            descriptors,
        };
        node.run().await;
        node
    }

    /// Starts the process and waits until it is ready.
    pub(crate) async fn run(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .unwrap();
        let serve = match self.descriptors {
            0 => "exec \"$0\" serve".to_owned(),
            limit => format!("ulimit -n {limit} && exec \"$0\" serve"),
        };
        let process = Command::new("sh")
            .args(["-c", &serve, &program()])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
        let begun = Instant::now();
        while !self.is_ready().await {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < DEADLINE,
                "{}",
                self.log_tail()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether `/readyz` answers 200.
    pub(crate) async fn is_ready(&self) -> bool {
        let answer = self.http.get(self.url("/readyz")).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Its API.
    pub(crate) fn api(&self) -> Api {
        Api::new(&self.address)
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Kills the process with SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Stops it gracefully, as an operator does.
    pub(crate) fn stop(&mut self) {
        self.request_stop();
        assert!(self.wait_for_exit().success(), "{}", self.log_tail());
    }

    /// Asks it to stop gracefully.
    pub(crate) fn request_stop(&self) {
        kill_process(self.pid(), Signal::TERM).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait_for_exit(&mut self) -> ExitStatus {
        self.process.take().unwrap().wait().unwrap()
    }

    /// Sets a setting for the next start.
    pub(crate) fn set_env(&mut self, name: &'static str, value: &str) {
        self.settings.retain(|(existing, _)| *existing != name);
        self.settings.push((name, value.to_owned()));
    }

    /// Freezes the process.
    pub(crate) fn freeze(&self) {
        kill_process(self.pid(), Signal::STOP).unwrap();
    }

    /// Resumes a frozen process.
    pub(crate) fn thaw(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }

    /// Stops its private PostgreSQL in immediate mode: without a checkpoint, and all sessions end.
    pub(crate) fn stop_postgres_immediately(&self) {
        kill_process(self.postmaster().unwrap(), Signal::QUIT).unwrap();
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// All of its log.
    pub(crate) fn log_text(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn pid(&self) -> Pid {
        Pid::from_child(self.process.as_ref().unwrap())
    }

    fn postmaster(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.data().join("postgres/cluster/postmaster.pid")).ok()?;
        Pid::from_raw(text.lines().next()?.parse().ok()?)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        if let Some(postmaster) = self.postmaster() {
            let _ = kill_process(postmaster, Signal::INT);
            let begun = Instant::now();
            while test_kill_process(postmaster).is_ok() && begun.elapsed() < DEADLINE {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        if let Some(sockets) = recorded_sockets(&self.data()) {
            let _ = fs::remove_dir_all(sockets);
        }
    }
}

/// The gateway's executable. BUYWIRE_TEST_PROGRAM names another build, to be measured.
fn program() -> String {
    let other = std::env::var("BUYWIRE_TEST_PROGRAM");
    other.unwrap_or_else(|_| env!("CARGO_BIN_EXE_buywire").to_owned())
}

/// The folder of the private PostgreSQL's socket, as the data folder records it.
fn recorded_sockets(data: &Path) -> Option<PathBuf> {
    let record = fs::read_to_string(data.join("postgres.json")).ok()?;
    let record: serde_json::Value = serde_json::from_str(&record).ok()?;
    record["sockets"].as_str().map(PathBuf::from)
}
