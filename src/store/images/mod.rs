//! Main pictures of products: which there are, what looks at them have told, and which products follow.
//!
//! Promises: a walk, a look and a settlement each commit whole or leave nothing; two nodes never ask one host at a
//! time; products change under the lock of their catalog, as a feed's run does, and never make a feed wait for longer
//! than a slice. Must not fetch anything.

mod checking;
mod reading;
mod row;
mod settling;
mod walking;

pub use self::checking::{DueImage, ImageCheck, ImageHost, ImageMetadata, ImageState, ImageStatus};
pub use self::reading::{ListedImage, RefusedImage};
pub use self::row::ImageHash;
pub use self::walking::ImageAddress;
