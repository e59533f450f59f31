//! Compatibility of a starting node with its database and with the nodes that run on it.
//!
//! Promises: a node that could not open what is sealed there, or whose secrets others could not open, does not start;
//! settings that differ between nodes are logged by name. Must not log a secret.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use uuid::Uuid;

use crate::config::Settings;
use crate::delivery::shards::{ClusterMode, LEASE};
use crate::secrets::master_key::{MasterKeys, SealContext, SealError};
use crate::store::Store;
use crate::store::delivery::nodes::PeerNode;

/// The known value that checks the master key, and its context.
const CHECK_PLAINTEXT: &[u8] = b"buywire";
const CHECK_CONTEXT: SealContext<'static> = SealContext {
    table: "master_key_check",
    row: "1",
    column: "sealed",
};

/// Joins the nodes of this database, if they are compatible.
///
/// # Errors
/// The master key is not this database's, or another node could not open what this one would seal.
pub(super) async fn join(
    store: &Store,
    node: Uuid,
    cluster_mode: ClusterMode,
    settings: &Settings,
    master: &MasterKeys,
) -> anyhow::Result<()> {
    if cluster_mode == ClusterMode::SingleNode {
        return verify_master_key(store, master, &[]).await;
    }
    let (own, keys) = (settings.shared(), master.key_ids());
    // Registered first: of two nodes that start together, each sees the other.
    store.register_node(node, LEASE, &own, &keys).await?;
    let others = store.peer_nodes(node).await?;
    if let Err(refused) = verify_master_key(store, master, &others).await {
        store.leave(node).await.ok();
        return Err(refused);
    }
    for name in differing_settings(settings, &others) {
        tracing::warn!(
            setting = name,
            "boot.settings: differs from another running node; give all nodes the same value, or behaviour depends on the node"
        );
    }
    Ok(())
}

/// The names of the settings in which this node differs from any other.
pub(crate) fn differing_settings(
    settings: &Settings,
    others: &[PeerNode],
) -> BTreeSet<&'static str> {
    let own = settings.shared();
    let differs = |(name, value): &(&&'static str, &String)| {
        let others = others.iter().filter_map(|node| node.settings.get(**name));
        others.into_iter().any(|other| other != *value)
    };
    own.iter().filter(differs).map(|(name, _)| *name).collect()
}

async fn verify_master_key(
    store: &Store,
    master: &MasterKeys,
    others: &[PeerNode],
) -> anyhow::Result<()> {
    if store.master_key_check().await?.is_none() {
        let sealed = master.seal(CHECK_CONTEXT, CHECK_PLAINTEXT)?;
        store.add_master_key_check(&sealed).await?;
    }
    let sealed = open_master_key_check(store, master).await?;
    let sealed =
        sealed.context("the check value of the master key was deleted meanwhile; start again")?;
    ensure_nodes_can_open(master, others)?;
    if master.needs_reseal(&sealed) {
        let resealed = master.seal(CHECK_CONTEXT, CHECK_PLAINTEXT)?;
        store.replace_master_key_check(&sealed, &resealed).await?;
        tracing::info!("boot.master_key: new secrets are sealed with the new master key");
    }
    for missing in unreadable_secrets(store, master).await? {
        tracing::error!("boot.master_key: {missing}");
    }
    Ok(())
}

/// The check value of this database, which this node must be able to open. `None` in a new database.
///
/// # Errors
/// The master key is not this database's.
pub(crate) async fn open_master_key_check(
    store: &Store,
    master: &MasterKeys,
) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(sealed) = store.master_key_check().await? else {
        return Ok(None);
    };
    match master.open(CHECK_CONTEXT, &sealed) {
        Ok(opened) if opened.as_slice() == CHECK_PLAINTEXT => Ok(Some(sealed)),
        Err(SealError::UnknownKey) => bail!(
            "BUYWIRE_MASTER_KEY is not the key that this database's secrets are sealed with. Set that key (in private \
             mode it is the file `master-key` in the data folder). During a rotation, set the other one \
             in BUYWIRE_MASTER_KEY_PREVIOUS"
        ),
        Ok(_) | Err(_) => bail!(
            "the value that checks the master key was changed: restore the table master_key_check"
        ),
    }
}

/// Whether every running node can open what this one would seal.
fn ensure_nodes_can_open(master: &MasterKeys, others: &[PeerNode]) -> anyhow::Result<()> {
    let sealing = master.key_ids().first().copied().unwrap_or_default();
    let cannot_open = |node: &PeerNode| {
        !node.master_keys.is_empty() && node.master_keys.iter().all(|id| *id != sealing)
    };
    if others.iter().any(cannot_open) {
        bail!(
            "a running node cannot open what this one would seal with its BUYWIRE_MASTER_KEY. First restart every node \
             with the old key as BUYWIRE_MASTER_KEY and the new one in BUYWIRE_MASTER_KEY_PREVIOUS, and only then with \
             the new key as BUYWIRE_MASTER_KEY and the old one in BUYWIRE_MASTER_KEY_PREVIOUS. A killed node \
             counts as running for {} seconds",
            LEASE.as_secs()
        );
    }
    Ok(())
}

/// The stored secrets that this node cannot open, one sentence for each kind.
pub(crate) async fn unreadable_secrets(
    store: &Store,
    master: &MasterKeys,
) -> anyhow::Result<Vec<String>> {
    let key_ids = master.key_ids();
    let stored = store.seal_usage().await?.into_iter();
    let unknown = stored.filter(|stored| !key_ids.iter().any(|id| *id == *stored.key));
    let sentences = unknown.map(|stored| {
        format!(
            "{} of the {} are sealed with a master key that is not configured: set it in BUYWIRE_MASTER_KEY_PREVIOUS, or save them again. Until then, whatever needs them fails",
            stored.values, stored.kind
        )
    });
    Ok(sentences.collect())
}
