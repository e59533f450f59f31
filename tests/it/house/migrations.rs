//! Migrations on main never change, and a database filled by the previous state is upgraded and keeps working.

use std::fs;

use reqwest::Method;
use sha2::{Digest, Sha256};

use super::tidy::repository_root;
use crate::support::api::{Answer, OPERATOR};
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::Receiver;

/// Each migration with its SHA-256. A new one adds a line; a line never changes.
const FROZEN: &[(&str, &str)] = &[
    (
        "V0001__partners.sql",
        "3287ac36e40d41decd6373ae209334fe8b29b1f37dfe45f795f20593adb49d27",
    ),
    (
        "V0002__orders.sql",
        "7f33843b809673e66031d8f131db0a1d1ccfd9b8eed5329ea92a2e08873f1ed3",
    ),
    (
        "V0003__delivery.sql",
        "4229a27adf0bd21f39f49034377ea4ef2e59858981013438e285a0019dedb31d",
    ),
    (
        "V0004__callbacks.sql",
        "5886c9bd3836d1cfa79bc67e6c9d6e7c931eb9a60a2659d351deb2161e4cae6b",
    ),
    (
        "V0005__catalog.sql",
        "599e8933d018546678755423599d9169849e877b4e08a12b4b495d5386f2eccd",
    ),
    (
        "V0006__posts.sql",
        "151916ccff8b3c16b5fec0f163a4a709d552475e22071ca430652834ced0bba9",
    ),
    (
        "V0007__shown_endpoints.sql",
        "fbc8b23479e09ded7b36e60a968f136c827b80126b3dffc4998e8c1c628bb3c9",
    ),
    (
        "V0008__stock.sql",
        "4835c4b02fa1334cf2cb0d9a967963c4447673664d4c4aef5640539de5ed6ff9",
    ),
    (
        "V0009__selling_terms.sql",
        "21fdf4f4d597b46ba694fc6ca17e5c9af89f67ddcb08698c94fd2efa590a2261",
    ),
    (
        "V0010__checkouts.sql",
        "6b590ada1bc5e8bfb870fe83b7026732d01c18ea168b7e6ef8e9dd90d5411590",
    ),
    (
        "V0011__agents.sql",
        "999fd9dd14588af7b6a4949c4bab0ee86a71cfbbce4c26235f1866ab670199be",
    ),
    (
        "V0012__invoices.sql",
        "8dedfbebc79fe7fd00a74364c84b32751850b755a6a1459665872cd28858735d",
    ),
    (
        "V0013__keys.sql",
        "b5ff7736aa8a29ae5626674e399eb284af99b3f4b486d208b6caabb466eed8e9",
    ),
    (
        "V0014__test_orders.sql",
        "b6b2caf0453a5b546729baad07c224b6ba73d67313112727956bd9265b3e514b",
    ),
    (
        "V0015__connections.sql",
        "bc8b3e4515cb9be7fcd0f2c109c6d035dde31148ca91714830dbf29732088cd1",
    ),
    (
        "V0016__file_sources.sql",
        "74f65d20ca91cb705cee1adb032dc3d47bdd38f94fc3ebfb058124ba4bfd9072",
    ),
    (
        "V0017__failures.sql",
        "a606c51ceb6ee48da64f5bbe67a5536ec6443588fd1a2ba2a6d3b7902e74c099",
    ),
    (
        "V0018__sessions.sql",
        "a06467c4dae9b3d3510a1c8c09e5fa4be7ebba610a35221f26dfe6a3019e091e",
    ),
    (
        "V0019__product_history.sql",
        "ec86f7da4f6ff83d3e5cb4925a04f129a23a970ca3cd74df172b8959634d1731",
    ),
];

/// The master key of the restored database.
const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn a_migration_never_changes() {
    let folder = repository_root().join("migrations");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
        .map(|path| {
            let digest = Sha256::digest(fs::read(&path).unwrap());
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                digest,
            )
        })
        .collect();
    found.sort();
    let frozen: Vec<_> = FROZEN
        .iter()
        .map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned()))
        .collect();
    assert_eq!(
        found, frozen,
        "write a new migration instead: see migrations/README.md"
    );
}

#[tokio::test]
async fn a_database_of_the_first_release_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0006.sql")).await;
}

#[tokio::test]
async fn a_database_without_stock_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0007.sql")).await;
}

#[tokio::test]
async fn a_database_without_selling_terms_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0008.sql")).await;
}

#[tokio::test]
async fn a_database_without_checkouts_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0009.sql")).await;
}

#[tokio::test]
async fn a_database_without_agents_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0010.sql")).await;
}

#[tokio::test]
async fn a_database_without_invoices_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0011.sql")).await;
}

#[tokio::test]
async fn a_database_without_key_limits_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0012.sql")).await;
}

#[tokio::test]
async fn a_database_without_file_servers_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0015.sql")).await;
}

#[tokio::test]
async fn a_database_without_sessions_is_upgraded_and_goes_on() {
    upgrade_and_use(include_str!("../../fixtures/schema-0017.sql")).await;
}

async fn upgrade_and_use(dump: &str) {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    sql.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .await
        .unwrap();
    sql.batch_execute(dump).await.unwrap();

    let node = Node::on_database(&database.url, MASTER_KEY).await;
    let api = node.api();
    let get = async |path: &str| {
        Answer::send(api.request(Method::GET, path, OPERATOR))
            .await
            .json()
    };
    let stored = get("/v1/orders/P-10001").await;
    assert_eq!(stored["status"], "confirmed", "{stored}");
    let products = get("/v1/products?partner=acme").await;
    assert_eq!(products["data"][0]["item"]["id"], "cap-1", "{products}");
    let posts = get("/v1/posts?partner=acme").await;
    assert_eq!(posts["data"][0]["state"], "draft", "{posts}");
    let receiver = Receiver::start().await;
    api.endpoint("acme", &receiver).create().await;
    api.order(&order("P-2").partner("acme")).await;
    receiver.received(1).await;
}
