//! Who the gateway is to receivers: its public URL, and its own keys, which sign for every endpoint
//! whose dialect finds the public half in our profile.
//!
//! Promises: a key signs from its published start. Must not publish: `http` does, from the same table.

use std::sync::{Arc, PoisonError, RwLock};

use buywire_adapters::signing::SigningKey;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::secrets::master_key::{MasterKeys, SealError};
use crate::secrets::sealed_key::KeyTable;
use crate::store::partners::signing_keys::SigningKeyRow;

/// The gateway as receivers know it.
pub(crate) struct Identity {
    /// The base of every absolute URL, without a trailing slash.
    pub public_url: String,
    master: Arc<MasterKeys>,
    /// The newest first.
    keys: RwLock<Vec<GatewayKey>>,
}

struct GatewayKey {
    row: Uuid,
    key: SigningKey,
    signs_from: OffsetDateTime,
    valid_until: Option<OffsetDateTime>,
}

impl Identity {
    pub(crate) fn new(public_url: String, master: Arc<MasterKeys>) -> Self {
        Self {
            public_url,
            master,
            keys: RwLock::default(),
        }
    }

    /// The keys that sign at this time, the newest first. If none does yet, because this node's clock is
    /// behind the database's, those that will.
    pub(crate) fn keys(&self, now: OffsetDateTime) -> Vec<SigningKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let valid = || {
            let is_valid =
                |key: &&GatewayKey| key.valid_until.is_none_or(|expires_at| now < expires_at);
            keys.iter().filter(is_valid)
        };
        let signing: Vec<_> = valid()
            .filter(|key| key.signs_from <= now)
            .map(|key| key.key.clone())
            .collect();
        match signing.is_empty() {
            true => valid().map(|key| key.key.clone()).collect(),
            false => signing,
        }
    }

    /// Sign with these from now on.
    ///
    /// # Errors
    /// One cannot be opened, because the master key is wrong. Then nothing changes.
    pub(crate) fn set_keys(&self, rows: &[SigningKeyRow]) -> Result<(), SealError> {
        if self.has_keys(rows) {
            return Ok(());
        }
        let opened = rows.iter().map(|row| {
            Ok(GatewayKey {
                row: row.id,
                key: KeyTable::Gateway.open(&self.master, row.id, &row.sealed)?,
                signs_from: row.signs_from,
                valid_until: row.valid_until,
            })
        });
        let opened = opened.collect::<Result<_, SealError>>()?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = opened;
        Ok(())
    }

    /// Whether these keys are loaded already: they are read every second and change every few months.
    fn has_keys(&self, rows: &[SigningKeyRow]) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let is_same = |(key, row): (&GatewayKey, &SigningKeyRow)| {
            (key.row, key.valid_until) == (row.id, row.valid_until)
        };
        keys.len() == rows.len() && keys.iter().zip(rows).all(is_same)
    }
}

#[cfg(test)]
mod tests {
    use buywire_adapters::signing::KeyKind;
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::ambient;
    use crate::secrets::signing_key;

    const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

    /// Keys by when each signs and ends, in minutes from now, the newest first; the places of those that sign.
    fn signing(times: &[(i64, Option<i64>)]) -> Vec<usize> {
        let master = Arc::new(MasterKeys::new(&MasterKeys::generate(), &[]).unwrap());
        let identity = Identity::new(String::new(), Arc::clone(&master));
        let at = |minutes| NOW + Duration::minutes(minutes);
        let made: Vec<_> = times
            .iter()
            .map(|(from, end)| {
                let (id, key) = (ambient::new_uuid(), signing_key::generate_of(KeyKind::P256));
                let row = SigningKeyRow {
                    id,
                    sealed: KeyTable::Gateway.seal(&master, id, &key).unwrap(),
                    signs_from: at(*from),
                    valid_until: end.map(at),
                };
                (key, row)
            })
            .collect();
        let (keys, rows): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        identity.set_keys(&rows).unwrap();
        let index_of =
            |key: &SigningKey| keys.iter().position(|candidate| candidate.id() == key.id());
        identity.keys(NOW).iter().filter_map(index_of).collect()
    }

    #[test]
    fn a_key_signs_from_its_time_on_and_until_its_end() {
        assert_eq!(signing(&[(10, None), (-60, Some(99))]), [1]);
        assert_eq!(signing(&[(0, None), (-60, Some(99))]), [0, 1]);
        assert_eq!(signing(&[(0, None), (-60, Some(0))]), [0]);
    }

    #[test]
    fn a_clock_that_is_behind_leaves_nobody_without_a_key() {
        assert_eq!(signing(&[(1, None), (-60, Some(0))]), [0]);
    }
}
