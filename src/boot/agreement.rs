//! What a starting node must agree on with its database and with the nodes that run on it.
//!
//! Promises: a node that could not open what is sealed there, or whose secrets others could not open, does not start;
//! settings that differ between nodes are told by their names. Must not tell a secret.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use uuid::Uuid;

use crate::config::Settings;
use crate::delivery::shards::{LEASE, Tenancy};
use crate::signing::seal::{MasterKeys, Place, SealError};
use crate::store::Store;
use crate::store::nodes::OtherNode;

/// What is sealed, and where.
const KNOWN: &[u8] = b"buywire";
const PLACE: Place<'static> = Place {
    table: "master_key_check",
    row: "1",
    column: "sealed",
};

/// Joins the nodes of this database, if they fit together.
///
/// # Errors
/// The master key is not this database's, or another node could not open what this one would seal.
pub(super) async fn join(
    store: &Store,
    node: Uuid,
    tenancy: Tenancy,
    settings: &Settings,
    master: &MasterKeys,
) -> anyhow::Result<()> {
    if tenancy == Tenancy::Alone {
        return prove_master_key(store, master, &[]).await;
    }
    let (own, keys) = (settings.shared(), master.ids());
    // Said first: of two that start together, each sees the other.
    store.join(node, LEASE, &own, &keys).await?;
    let others = store.other_nodes(node).await?;
    if let Err(refused) = prove_master_key(store, master, &others).await {
        store.leave(node).await.ok();
        return Err(refused);
    }
    for name in differing(settings, &others) {
        tracing::warn!(
            setting = name,
            "boot.settings: differs from another running node's; give all nodes the same, or what happens depends on the node"
        );
    }
    Ok(())
}

/// The names of the settings in which this node differs from any other.
pub(crate) fn differing(settings: &Settings, others: &[OtherNode]) -> BTreeSet<&'static str> {
    let own = settings.shared();
    let differs = |(name, value): &(&&'static str, &String)| {
        let others = others.iter().filter_map(|node| node.settings.get(**name));
        others.into_iter().any(|other| other != *value)
    };
    own.iter().filter(differs).map(|(name, _)| *name).collect()
}

async fn prove_master_key(
    store: &Store,
    master: &MasterKeys,
    others: &[OtherNode],
) -> anyhow::Result<()> {
    if store.master_key_check().await?.is_none() {
        let sealed = master.seal(PLACE, KNOWN)?;
        store.keep_master_key_check(&sealed).await?;
    }
    let sealed = opened_check(store, master).await?;
    let sealed = sealed.context("the known value of the master key is gone: start again")?;
    must_be_readable(master, others)?;
    if master.needs_reseal(&sealed) {
        let anew = master.seal(PLACE, KNOWN)?;
        store.replace_master_key_check(&sealed, &anew).await?;
        tracing::info!("boot.master_key: secrets are sealed with the new master key from now on");
    }
    for missing in unreadable(store, master).await? {
        tracing::error!("boot.master_key: {missing}");
    }
    Ok(())
}

/// The known value of this database, which this node must be able to open; none in a new database.
///
/// # Errors
/// The master key is not this database's.
pub(crate) async fn opened_check(
    store: &Store,
    master: &MasterKeys,
) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(sealed) = store.master_key_check().await? else {
        return Ok(None);
    };
    match master.open(PLACE, &sealed) {
        Ok(known) if known.as_slice() == KNOWN => Ok(Some(sealed)),
        Err(SealError::UnknownKey) => bail!(
            "BUYWIRE_MASTER_KEY is not the key that this database's secrets are sealed with: give that key (in private \
             mode it is the file `master-key` in the data folder); while the key is being changed, give the other one \
             in BUYWIRE_MASTER_KEY_PREVIOUS"
        ),
        Ok(_) | Err(_) => bail!(
            "the known value that this database keeps for checking the master key was changed: restore table master_key_check"
        ),
    }
}

/// Whether every running node can open what this one would seal.
fn must_be_readable(master: &MasterKeys, others: &[OtherNode]) -> anyhow::Result<()> {
    let sealing = master.ids().first().copied().unwrap_or_default();
    let is_blind = |node: &OtherNode| {
        !node.master_keys.is_empty() && node.master_keys.iter().all(|id| *id != sealing)
    };
    if others.iter().any(is_blind) {
        bail!(
            "a running node cannot open what this one would seal with its BUYWIRE_MASTER_KEY: first restart every node \
             with the old key as BUYWIRE_MASTER_KEY and the new one in BUYWIRE_MASTER_KEY_PREVIOUS, and only then with \
             the new key as BUYWIRE_MASTER_KEY and the old one in BUYWIRE_MASTER_KEY_PREVIOUS. A node that was killed \
             counts as running for {} seconds",
            LEASE.as_secs()
        );
    }
    Ok(())
}

/// What is stored and cannot be opened here, a sentence each.
pub(crate) async fn unreadable(store: &Store, master: &MasterKeys) -> anyhow::Result<Vec<String>> {
    let known = master.ids();
    let stored = store.sealed_with().await?.into_iter();
    let unknown = stored.filter(|stored| !known.iter().any(|id| *id == *stored.key));
    let told = unknown.map(|stored| {
        format!(
            "{} of the {} are sealed with a master key that was not given: give it in BUYWIRE_MASTER_KEY_PREVIOUS, or save them anew; until then what needs them is not done",
            stored.values, stored.place
        )
    });
    Ok(told.collect())
}
