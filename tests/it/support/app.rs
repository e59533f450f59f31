//! A whole gateway in this process, with its own database and port. It derefs to [`Api`].
//!
//! `finish` ends a story in which every delivery must arrive: it fails if one is still pending.

use std::net::SocketAddr;
use std::ops::Deref;
use std::process::Command;
use std::time::Duration;

use buywire::testing::Gateway;
use buywire::testing::MasterKeys;
use buywire::testing::{CheckImages, Settings};
use buywire_schemas::ids::PartnerId;
use clap::Parser;
use tokio::sync::RwLockReadGuard;
use tokio::time::Instant;
use tokio_postgres::Client;

pub(crate) use super::api::{Answer, OPERATOR, PLATFORM, only_delivery, uuid_of};
use super::api::{Api, PLATFORM_SLUG};
use super::postgres::{TestDatabase, connect};
use super::receiver::DEADLINE;
use super::run_lock;

pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    /// For what a story must set up or inspect without the gateway.
    pub(crate) sql: Client,
    api: Api,
    gateway: Gateway,
    database: TestDatabase,
    _guard: RwLockReadGuard<'static, ()>,
}

/// A partner. Its id is never on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Partner {
    pub(crate) id: PartnerId,
    pub(crate) slug: String,
}

impl AsRef<str> for Partner {
    fn as_ref(&self) -> &str {
        &self.slug
    }
}

impl Deref for TestApp {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl TestApp {
    /// Starts a gateway with three retries, one second apart, and attempts of three seconds.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a gateway with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let guard = run_lock::shared().await;
        let database = TestDatabase::create().await;
        let mut settings = settings(&database.url);
        change(&mut settings);
        let gateway = Gateway::start(&settings).await.unwrap();
        Self {
            address: gateway.address,
            api: Api::new(gateway.address),
            sql: connect(&database.url.parse().unwrap()).await,
            gateway,
            database,
            _guard: guard,
        }
    }

    /// The URL of its database.
    pub(crate) fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Creates a partner.
    pub(crate) async fn partner(&self, slug: &str) -> Partner {
        self.api.partner(slug).await;
        self.load_partner(slug).await
    }

    /// The reserved partner, which owns the endpoints of the platform and of the operators.
    pub(crate) async fn platform(&self) -> Partner {
        self.load_partner(PLATFORM_SLUG).await
    }

    async fn load_partner(&self, slug: &str) -> Partner {
        let select = "SELECT id FROM partners WHERE slug = $1";
        let row = self.sql.query_one(select, &[&slug]).await.unwrap();
        Partner {
            id: PartnerId::from_uuid(row.get(0)),
            slug: slug.to_owned(),
        }
    }

    /// Runs a command as an operator. Returns whether it succeeded, and what it printed to standard output and error.
    pub(crate) async fn command(&self, arguments: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_buywire"));
        command
            .args(arguments)
            .env("BUYWIRE_SERVER", self.address.to_string())
            .env("BUYWIRE_KEY", OPERATOR);
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.unwrap().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// Ends a story in which every delivery must arrive: waits for the last one, then stops gracefully.
    pub(crate) async fn finish(self) {
        // A receiver answers before the gateway records the answer.
        self.wait_for_pending(0).await;
        self.gateway.stop().await;
    }

    /// Ends a story that leaves deliveries pending on purpose.
    pub(crate) async fn stop(self) {
        self.gateway.stop().await;
    }

    /// Stops gracefully and keeps the database, to see what the stop has written.
    pub(crate) async fn stop_and_keep(self) -> (Client, TestDatabase) {
        self.gateway.stop().await;
        (self.sql, self.database)
    }

    /// Waits until a counting query returns this number. See `records.rs` for named ones.
    pub(crate) async fn wait_for_count(&self, query: &str, expected: i64) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let count: i64 = self.sql.query_one(query, &[]).await.unwrap().get(0);
            if count == expected {
                return;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "{query}: {count} instead of {expected}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn settings(database_url: &str) -> Settings {
    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        settings: Settings,
    }
    let mut settings = Arguments::parse_from(["test"]).settings;
    settings.listen = "127.0.0.1:0".parse().unwrap();
    settings.database_url = Some(database_url.to_owned());
    settings.operator_key = Some(OPERATOR.to_owned());
    settings.platform_key = Some(PLATFORM.to_owned());
    settings.master_key = Some(MasterKeys::generate().to_string());
    settings.allow_private = "127.0.0.0/8".to_owned();
    settings.retry_schedule = Some("1,1,1".parse().unwrap());
    // Most feeds in stories link images that do not exist.
    settings.check_images = CheckImages::Off;
    settings.attempt_timeout = Duration::from_secs(3);
    settings
}
