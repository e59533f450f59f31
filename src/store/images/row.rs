//! Columns that several statements read.

use tokio_postgres::Row;

use super::checking::ImageStatus;

use crate::db::DatabaseError;

/// The first half of the SHA-256 of a URL. A partner cannot craft a collision, as it could with a faster hash.
pub(crate) type ImageHash = [u8; 16];

pub(super) fn hash(row: &Row) -> Result<ImageHash, DatabaseError> {
    let bytes: &[u8] = row.try_get("hash")?;
    ImageHash::try_from(bytes)
        .map_err(|_| DatabaseError::Misuse("images.hash cannot be parsed".into()))
}

pub(super) fn status(row: &Row) -> Result<ImageStatus, DatabaseError> {
    let text: &str = row.try_get("status")?;
    ImageStatus::parse(text)
        .ok_or_else(|| DatabaseError::Misuse("images.status cannot be parsed".into()))
}
