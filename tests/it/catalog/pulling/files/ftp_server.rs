//! An FTP server of the story's own: pyftpdlib, with TLS.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;

/// Debian's, which has python3-pyftpdlib.
const PYTHON: &str = "/usr/bin/python3";

/// Dropping it ends it.
pub(super) struct FtpServer {
    pub(super) port: u16,
    process: Child,
    folder: TempDir,
}

impl FtpServer {
    /// `explicit` or `implicit`.
    pub(super) fn start(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("files")).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = server.signed_by(&key, &authority).unwrap();
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        write("ca.pem", authority.as_ref().pem());
        write("certificate.pem", certificate.pem());
        write("key.pem", key.serialize_pem());
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/it/catalog/pulling/files/ftp_server.py"
        );
        let mut process = Command::new(PYTHON)
            .arg(script)
            .arg(folder.path().join("files"))
            .args(["certificate.pem", "key.pem"].map(|name| folder.path().join(name)))
            .arg(mode)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let port = line
            .trim()
            .parse()
            .expect("install python3-pyftpdlib and python3-openssl");
        Self {
            port,
            process,
            folder,
        }
    }

    /// Where its files are.
    pub(super) fn feed(&self) -> PathBuf {
        self.folder.path().join("files/feed.csv")
    }

    /// The certificate of its CA.
    pub(super) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

impl Drop for FtpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
