//! An sshd of the story's own: OpenSSH's, unprivileged, on a port of this machine.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";
/// The password of root at a server with a table of its own, and as `openssl passwd -6` hashes it.
pub(super) const PASSWORD: &str = "correct horse";
const PASSWORD_HASH: &str = "$6$buywire$okzqNTjYe5FbY4Fusx.YZkA42O5no3rqCV6BwLZCITpSUlwd.ACEZHSo4jFFTGhXO3J.BfSv5PhST93/gC.Pd/";
/// Lays a table of passwords over the system's, for this process alone.
const WITH_OWN_PASSWORDS: &str = r#"mount --bind "$1" /etc/shadow && shift && exec "$@""#;

/// It lets the user who runs the tests log in with one key. Dropping it ends it.
pub(super) struct Sshd {
    pub(super) port: u16,
    pub(super) user: String,
    process: Child,
    folder: TempDir,
    has_own_passwords: bool,
}

impl Sshd {
    pub(super) fn start() -> Self {
        Self::start_with(false)
    }

    /// One that knows a password for root. `None` on machines where nobody may lay a table of passwords over the
    /// system's.
    pub(super) fn start_with_password() -> Option<Self> {
        let trial = Command::new("unshare").args(["--mount", "true"]).output();
        let is_possible = run("id", &["-u"]) == "0" && trial.is_ok_and(|o| o.status.success());
        is_possible.then(|| Self::start_with(true))
    }

    fn start_with(has_own_passwords: bool) -> Self {
        assert!(Path::new(SSHD).exists(), "install openssh-server");
        let folder = tempfile::tempdir().unwrap();
        for name in ["host_key", "other_host_key", "client_key"] {
            run(
                "ssh-keygen",
                &["-q", "-t", "ed25519", "-N", "", "-f", &path(&folder, name)],
            );
        }
        fs::copy(
            folder.path().join("client_key.pub"),
            folder.path().join("authorized_keys"),
        )
        .unwrap();
        // Root's sshd separates privileges in this folder, which the package makes at its start.
        let _ = fs::create_dir_all("/run/sshd");
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let user = run("id", &["-un"]);
        let process = spawn(&folder, port, "host_key", has_own_passwords);
        let sshd = Self {
            port,
            user,
            process,
            folder,
            has_own_passwords,
        };
        sshd.wait_until_it_listens();
        sshd
    }

    /// Starts it again with another host key.
    pub(super) fn change_host_key(&mut self) {
        self.stop();
        self.process = spawn(
            &self.folder,
            self.port,
            "other_host_key",
            self.has_own_passwords,
        );
        self.wait_until_it_listens();
    }

    pub(super) fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(super) fn feed(&self) -> PathBuf {
        self.folder.path().join("feed.csv")
    }

    pub(super) fn url(&self) -> String {
        format!(
            "sftp://{}@127.0.0.1:{}{}",
            self.user,
            self.port,
            self.feed().display()
        )
    }

    pub(super) fn client_key(&self) -> String {
        fs::read_to_string(self.folder.path().join("client_key")).unwrap()
    }

    /// As OpenSSH prints it.
    pub(super) fn fingerprint(&self, key: &str) -> String {
        let line = run(
            "ssh-keygen",
            &["-l", "-f", &path(&self.folder, &format!("{key}.pub"))],
        );
        line.split(' ').nth(1).unwrap().to_owned()
    }

    fn wait_until_it_listens(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(20), "{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &TempDir, port: u16, host_key: &str, has_own_passwords: bool) -> Child {
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nUsePAM no\nStrictModes no\n\
         AuthorizedKeysFile {}\nPermitRootLogin yes\nPasswordAuthentication yes\nSubsystem sftp internal-sftp\n",
        path(folder, host_key),
        path(folder, "authorized_keys"),
    );
    let file = folder.path().join("sshd_config");
    fs::write(&file, config).unwrap();
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.path().join("log"))
        .unwrap();
    let mut command = Command::new("unshare");
    if has_own_passwords {
        let shadow = folder.path().join("shadow");
        fs::write(
            &shadow,
            format!("root:{PASSWORD_HASH}:20000:0:99999:7:::\n"),
        )
        .unwrap();
        command.args(["--mount", "sh", "-c", WITH_OWN_PASSWORDS, "sh"]);
        command.arg(shadow).arg(SSHD);
    } else {
        command = Command::new(SSHD);
    }
    command
        .args(["-D", "-e", "-f"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A private key with a passphrase.
pub(super) fn encrypted_key() -> String {
    new_key("passphrase")
}

/// A private key that no server lets in.
pub(super) fn key_of_no_server() -> String {
    new_key("")
}

fn new_key(passphrase: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "key");
    let arguments = ["-q", "-t", "ed25519", "-N", passphrase, "-f", &file];
    run("ssh-keygen", &arguments);
    fs::read_to_string(file).unwrap()
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
