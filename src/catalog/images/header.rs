//! What a file is, by its first bytes: never by its name or what its server calls it. Pure.
//!
//! Promises: no bytes make it panic, and no pixel is decoded. Must not call a file bad of which too little was read.

use imagesize::{Compression, ImageError, ImageType};

/// What the first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageHeader {
    /// A picture that can be shown.
    Image {
        /// Its format.
        kind: &'static str,
        /// Pixels.
        width: u64,
        /// Pixels.
        height: u64,
    },
    /// More bytes are needed.
    Incomplete,
    /// It is no picture, or none that browsers show.
    NotAnImage,
    /// It begins like a picture, and its size cannot be read.
    Unreadable,
}

/// Reads the beginning of a file; `is_whole` says that there is no more of it.
#[must_use]
pub fn read(bytes: &[u8], is_complete: bool) -> ImageHeader {
    let kind = match imagesize::image_type(bytes) {
        Ok(kind) => kind,
        Err(ImageError::IoError(_)) if !is_complete => return ImageHeader::Incomplete,
        // Nothing came, which tells nothing; a few letters are no picture.
        Err(_) if bytes.is_empty() => return ImageHeader::Unreadable,
        Err(_) => return ImageHeader::NotAnImage,
    };
    let Some(name) = name(kind) else {
        return ImageHeader::NotAnImage;
    };
    let size = match imagesize::blob_size(bytes) {
        Ok(size) => size,
        Err(ImageError::IoError(_)) if !is_complete => return ImageHeader::Incomplete,
        Err(_) => return ImageHeader::Unreadable,
    };
    let (width, height) = (size.width as u64, upright(kind, size.height as u64));
    match (width, height) {
        (0, _) | (_, 0) => ImageHeader::Unreadable,
        _ => ImageHeader::Image {
            kind: name,
            width,
            height,
        },
    }
}

/// A bitmap whose rows run from the top has a negative height.
fn upright(kind: ImageType, height: u64) -> u64 {
    match (kind, u32::try_from(height)) {
        (ImageType::Bmp, Ok(height)) => u64::from(height.cast_signed().unsigned_abs()),
        _ => height,
    }
}

/// Those that are taken: the formats of the feeds' rules, and AVIF, which every browser shows.
fn name(kind: ImageType) -> Option<&'static str> {
    match kind {
        ImageType::Jpeg => Some("jpeg"),
        ImageType::Png => Some("png"),
        ImageType::Gif => Some("gif"),
        ImageType::Webp => Some("webp"),
        ImageType::Bmp => Some("bmp"),
        ImageType::Tiff => Some("tiff"),
        ImageType::Heif(Compression::Av1) => Some("avif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
