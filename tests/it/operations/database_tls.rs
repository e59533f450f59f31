//! TLS to the database: each sslmode is as strict as libpq's.

use std::{fs, path::Path};

use buywire::testing::Store;
use buywire::testing::{DatabaseError, DatabaseTarget};
use buywire::testing::{Embedded, EmbeddedOptions};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::nodes::store::{free_port, own_server};

#[tokio::test]
async fn tls_is_as_strict_as_sslmode_asks() {
    let certificates = Certificates::make();
    let (server, port, _folder) = tls_server(&certificates).await;
    let config = server.config();
    let password = std::str::from_utf8(config.get_password().unwrap()).unwrap();
    // The server's certificate is signed by `CA` and names localhost only; `OTHER` is a stranger.
    let cases = [
        ("localhost", "sslmode=disable", Ok(false)),
        ("localhost", "", Ok(true)),
        ("localhost", "sslmode=prefer", Ok(true)),
        ("localhost", "sslmode=require", Ok(true)),
        ("localhost", "sslmode=require&sslrootcert=OTHER", Err(())),
        ("localhost", "sslmode=verify-ca&sslrootcert=CA", Ok(true)),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=CA", Ok(true)),
        ("localhost", "sslmode=verify-ca&sslrootcert=OTHER", Err(())),
        ("localhost", "sslmode=verify-full&sslrootcert=CA", Ok(true)),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=CA", Err(())),
        ("localhost", "sslmode=verify-full", Err(())),
    ];
    for (host, request, expected) in cases {
        let parameters = request
            .replace("CA", &certificates.path("ca.pem"))
            .replace("OTHER", &certificates.path("stranger.pem"));
        let url = format!("postgres://buywire:{password}@{host}:{port}/buywire?{parameters}");
        let outcome = is_encrypted(&url).await;
        if let Err(refused) = &outcome {
            assert!(
                !refused.is_transient(),
                "waiting does not mend it: {refused:?}"
            );
        }
        assert_eq!(outcome.map_err(drop), expected, "{host} {request}");
    }
    server.stop_and_remove().await;
}

async fn tls_server(certificates: &Certificates) -> (Embedded, u16, tempfile::TempDir) {
    let port = free_port();
    let settings = [
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("ssl", "on".to_owned()),
        ("ssl_cert_file", certificates.path("server.pem")),
        ("ssl_key_file", certificates.path("server.key")),
    ];
    let settings = settings
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
    let options = EmbeddedOptions {
        port,
        settings,
        ..EmbeddedOptions::default()
    };
    let (server, folder) = own_server(options).await;
    (server, port, folder)
}

async fn is_encrypted(url: &str) -> Result<bool, DatabaseError> {
    let store = Store::open(&DatabaseTarget::from_url(url)?).await?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(store.general().await?.query_one(sql, &[]).await?.get(0))
}

/// A CA, its server certificate for `localhost`, and another CA.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = || {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
        };
        let (ca, key) = (authority(), KeyPair::generate().unwrap());
        let names = CertificateParams::new(vec!["localhost".into()]).unwrap();
        let server = names.signed_by(&key, &ca).unwrap();
        for (name, pem) in [
            ("ca.pem", ca.pem()),
            ("stranger.pem", authority().pem()),
            ("server.pem", server.pem()),
            ("server.key", key.serialize_pem()),
        ] {
            fs::write(folder.path().join(name), pem).unwrap();
        }
        chown_to_postgres(&folder.path().join("server.key"));
        Self { folder }
    }
}

/// Root may own the key if PostgreSQL's group may read it; without such a group, the mode is 0640.
fn chown_to_postgres(key: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let is_root = rustix::process::geteuid().is_root();
    let mode = if is_root { 0o640 } else { 0o600 };
    fs::set_permissions(key, fs::Permissions::from_mode(mode)).unwrap();
    if is_root {
        let output = std::process::Command::new("id")
            .args(["-g", "postgres"])
            .output()
            .unwrap();
        let group = String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap_or(65534);
        std::os::unix::fs::chown(key, None, Some(group)).unwrap();
    }
}
