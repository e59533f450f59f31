//! The gateway as its operators run it: this executable's `serve` in a separate process.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::timeout;

use crate::tools::harness::Api;
use crate::tools::harness::Child;
use crate::tools::harness::TempFolder;

/// The data folder inside the temporary one.
pub(crate) const DATA_FOLDER: &str = "data";
/// `initdb` takes seconds; on a busy machine, more.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running gateway on a private database, with default settings except for its port, its folder and
/// `BUYWIRE_ALLOW_PRIVATE`, because the receivers are on this machine.
#[derive(Debug)]
pub(crate) struct GatewayProcess {
    pub address: SocketAddr,
    data_folder: PathBuf,
    log: PathBuf,
    child: Child,
    // Held open: the gateway stops when its standard input closes, so that it cannot outlive this process.
    _pipes: (ChildStdin, Lines<BufReader<ChildStdout>>),
}

impl GatewayProcess {
    /// Starts a gateway and waits until it listens.
    ///
    /// # Errors
    /// When it does not start; the error has the end of its log.
    pub(crate) async fn start(folder: &TempFolder) -> anyhow::Result<Self> {
        Self::start_with(folder, &[]).await
    }

    /// The same, with more settings.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub(crate) async fn start_with(
        folder: &TempFolder,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let data_folder = folder.path().join(DATA_FOLDER);
        let log = folder.path().join("gateway.log");
        let mut command = Command::new(std::env::current_exe()?);
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("BUYWIRE_") || name_text.starts_with("DATABASE_URL") {
                command.env_remove(&name);
            }
        }
        command
            .args(["serve", "--stop-with-stdin"])
            .env("BUYWIRE_LISTEN", "127.0.0.1:0")
            .env("BUYWIRE_DATA_DIR", &data_folder)
            .env("BUYWIRE_ALLOW_PRIVATE", "127.0.0.0/8")
            .envs(settings.iter().copied())
            .stderr(File::create(&log)?);
        let (child, stdin, mut stdout) = Child::start(&mut command).context("start the gateway")?;
        let first = timeout(START_TIMEOUT, stdout.next_line()).await;
        let Some(address) = first
            .ok()
            .and_then(Result::ok)
            .flatten()
            .and_then(parse_address)
        else {
            bail!(
                "the gateway did not start; its log ends with: {}",
                log_tail(&log)
            );
        };
        Ok(Self {
            address,
            data_folder,
            log,
            child,
            _pipes: (stdin, stdout),
        })
    }

    /// The API with the operators' key.
    pub(crate) fn operator(&self) -> anyhow::Result<Api> {
        Ok(Api::new(self.address, &self.key("operator")?))
    }

    /// The API with the platform's key.
    pub(crate) fn platform(&self) -> anyhow::Result<Api> {
        Ok(Api::new(self.address, &self.key("platform")?))
    }

    /// The file of a role's generated key.
    #[must_use]
    pub(crate) fn key_file(&self, role: &str) -> PathBuf {
        self.data_folder.join(format!("{role}-key"))
    }

    #[must_use]
    pub(crate) fn data_folder(&self) -> &Path {
        &self.data_folder
    }

    #[must_use]
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    #[must_use]
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// A role's generated key.
    pub(crate) fn key(&self, role: &str) -> anyhow::Result<String> {
        let file = self.key_file(role);
        let key = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        Ok(key.trim().to_owned())
    }
}

/// The address in the first line of `serve`.
fn parse_address(line: String) -> Option<SocketAddr> {
    line.rsplit_once("http://")?.1.parse().ok()
}

fn log_tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
