//! Main pictures of products: which there are, what looks at them have told, and which products follow.
//!
//! Promises: a walk, a look and a settlement each commit whole or leave nothing; two nodes never ask one host at a
//! time; products change under the lock of their catalog, as a feed's run does, and never make a feed wait for longer
//! than a slice. Must not fetch anything.

mod checking;
mod reading;
mod settling;
mod walking;

pub use self::checking::{DueImage, ImageCheck, ImageHost, ImageMetadata, ImageState, ImageStatus};
pub use self::reading::{ListedImage, RefusedImage};
pub use self::walking::ImageAddress;

use tokio_postgres::Row;

use crate::db::DatabaseError;

/// The first half of an address's SHA-256: it cannot be made to meet another's, as a faster hash could.
pub type ImageHash = [u8; 16];

fn hash(row: &Row) -> Result<ImageHash, DatabaseError> {
    let bytes: &[u8] = row.try_get("hash")?;
    ImageHash::try_from(bytes).map_err(|_| DatabaseError::Misuse("a hash of another length".into()))
}

fn status(row: &Row) -> Result<ImageStatus, DatabaseError> {
    let text: &str = row.try_get("status")?;
    ImageStatus::parse(text)
        .ok_or_else(|| DatabaseError::Misuse("a status that nobody knows".into()))
}
