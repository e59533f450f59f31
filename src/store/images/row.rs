//! Columns that several statements read.

use tokio_postgres::Row;

use super::checking::ImageStatus;

use crate::db::DatabaseError;

/// The first half of an address's SHA-256: it cannot be made to meet another's, as a faster hash could.
pub type ImageHash = [u8; 16];

pub(super) fn hash(row: &Row) -> Result<ImageHash, DatabaseError> {
    let bytes: &[u8] = row.try_get("hash")?;
    ImageHash::try_from(bytes).map_err(|_| DatabaseError::Misuse("a hash of another length".into()))
}

pub(super) fn status(row: &Row) -> Result<ImageStatus, DatabaseError> {
    let text: &str = row.try_get("status")?;
    ImageStatus::parse(text)
        .ok_or_else(|| DatabaseError::Misuse("a status that nobody knows".into()))
}
