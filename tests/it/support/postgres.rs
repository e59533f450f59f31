//! A database per test: a clone of one migrated template.
//!
//! The server is that of TEST_DATABASE_URL, or a private one that this test process starts below `target/`. A small
//! shell process removes the private one: it waits until the pipe from this process closes, however this process
//! ends, then stops the server and deletes its files.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
    thread,
};

use buywire::testing::Store;
use buywire::testing::{DataDir, Embedded, EmbeddedOptions};
use buywire::testing::{DatabaseTarget, migrate};
use tokio_postgres::{Client, Config, NoTls, config::Host};

/// Serialises the creation of the template among test processes that share a TEST_DATABASE_URL.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

/// A migrated, empty database for one test; dropped with this value.
pub(crate) struct TestDatabase {
    /// Its URL.
    pub(crate) url: String,
    name: String,
}

impl TestDatabase {
    /// Creates a database. The first call of a process starts the server and creates the template.
    pub(crate) async fn create() -> Self {
        let server = tokio::task::spawn_blocking(server).await.unwrap();
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let admin = connect(&server.admin).await;
        let clone = format!("CREATE DATABASE {name} TEMPLATE {}", server.template);
        admin.batch_execute(&clone).await.unwrap();
        Self {
            url: url_of(&server.admin, &name),
            name,
        }
    }

    /// Opens the store on it.
    pub(crate) async fn store(&self) -> Store {
        Store::open(&DatabaseTarget::from_url(&self.url).unwrap())
            .await
            .unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        // A thread, because a runtime must not block itself.
        let dropped = thread::spawn(move || {
            on_own_runtime(async {
                let admin = connect(&server().admin).await;
                admin
                    .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await
            })
        });
        if !thread::panicking() {
            dropped.join().unwrap().unwrap();
        }
    }
}

struct Server {
    /// The database from which others are created and dropped.
    admin: Config,
    template: String,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        // A thread that never ends, because the server's supervisor runs on its runtime.
        let (ready, made) = std::sync::mpsc::channel();
        thread::spawn(move || {
            on_own_runtime(async move {
                let (admin, _embedded) = match std::env::var("TEST_DATABASE_URL") {
                    Ok(url) => (url.parse().unwrap(), None),
                    Err(_) => start_private().await,
                };
                let template = make_template(&admin).await;
                ready.send(Server { admin, template }).unwrap();
                std::future::pending::<()>().await;
            });
        });
        made.recv().expect("the tests' PostgreSQL did not start")
    })
}

async fn start_private() -> (Config, Option<Embedded>) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .unwrap()
        .keep();
    let data = DataDir::lock(&folder.join("data")).unwrap();
    let options = EmbeddedOptions {
        durable: false,
        // Each story has a gateway of its own, and several run at a time.
        settings: vec![("max_connections".to_owned(), "800".to_owned())],
        ..EmbeddedOptions::default()
    };
    let embedded = Embedded::start_with(&data, options).await.unwrap();
    stop_on_exit(&embedded, &folder);
    (embedded.config(), Some(embedded))
}

/// Starts the shell process that removes the server, in its own process group, because it must outlive a Ctrl-C.
fn stop_on_exit(embedded: &Embedded, folder: &Path) {
    const WATCH_SCRIPT: &str = r#"
        cat >/dev/null
        read -r pid <"$1/postmaster.pid" && kill -INT "$pid"
        tries=0
        while [ -e "$1/postmaster.pid" ] && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
        rm -rf "$(dirname "$1")" "$2" "$3"
    "#;
    let watcher = Command::new("sh")
        .args(["-c", WATCH_SCRIPT, "sh"])
        .args([embedded.cluster().as_path(), embedded.sockets(), folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    // Only the end of this process closes the pipe.
    Box::leak(Box::new(watcher));
}

/// The migrated template. Its name depends on the migrations, so that a server kept from an earlier run is current.
async fn make_template(admin: &Config) -> String {
    let name = format!("template_{:016x}", fingerprint_of_migrations());
    let client = connect(admin).await;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
        .await
        .unwrap();
    let existing = client
        .query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name])
        .await
        .unwrap();
    if existing.is_none() {
        // Under another name until it is complete.
        client
            .batch_execute("DROP DATABASE IF EXISTS template_draft WITH (FORCE)")
            .await
            .unwrap();
        client
            .batch_execute("CREATE DATABASE template_draft")
            .await
            .unwrap();
        let draft = DatabaseTarget::from_url(&url_of(admin, "template_draft")).unwrap();
        migrate(&draft).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'template_draft'";
        client.execute(end, &[]).await.unwrap();
        client
            .batch_execute(&format!("ALTER DATABASE template_draft RENAME TO {name}"))
            .await
            .unwrap();
    }
    name
}

fn fingerprint_of_migrations() -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}

/// A connection outside the gateway's pools.
pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The URL of another database on the same server.
pub(crate) fn url_of(server: &Config, database: &str) -> String {
    let host = match server.get_hosts().first().unwrap() {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.to_str().unwrap().replace('/', "%2F"),
    };
    let port = server.get_ports().first().copied().unwrap_or(5432);
    let user = server.get_user().unwrap_or("postgres");
    let password = String::from_utf8(server.get_password().unwrap_or_default().to_vec()).unwrap();
    let password: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
    format!("postgres://{user}:{password}@{host}:{port}/{database}")
}

fn on_own_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
