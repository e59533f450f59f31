//! Main images of products: which exist, what their checks found, and which products follow.
//!
//! Promises: a walk, a check and a settlement each commit as a whole or not at all. Two nodes never query one host at
//! a time. Products change under the lock of their catalog, as in a feed's run, and never delay a feed for longer
//! than a slice. Must not fetch anything.

mod checking;
mod reading;
mod row;
mod settling;
mod walking;

pub(crate) use self::checking::{
    DueImage, ImageCheck, ImageHost, ImageMetadata, ImageState, ImageStatus,
};
pub(crate) use self::reading::ListedImage;
pub(crate) use self::row::ImageHash;
pub(crate) use self::walking::ImageAddress;
