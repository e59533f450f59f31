//! Recognises an image's format and size from its first bytes, never from its name or content type. Pure.
//!
//! Promises: no input makes it panic, and no pixel is decoded. Must not reject a file of which too little was read.

use imagesize::{Compression, ImageError, ImageType};

/// Feeds may have it, and browsers do not show it.
pub(super) const NOT_SHOWN_KIND: &str = "tiff";

/// What the first bytes of a file show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageHeader {
    /// An image that feeds may have; its size is in pixels.
    Image {
        kind: &'static str,
        width: u64,
        height: u64,
    },
    /// More bytes are needed.
    Incomplete,
    /// Not an image, or not one that feeds may have.
    NotAnImage,
    /// It begins like an image, but its size cannot be read.
    Unreadable,
}

/// Reads the beginning of a file. With `is_complete`, the bytes are the whole file.
#[must_use]
pub(crate) fn read(bytes: &[u8], is_complete: bool) -> ImageHeader {
    let kind = match imagesize::image_type(bytes) {
        Ok(kind) => kind,
        Err(ImageError::IoError(_)) if !is_complete => return ImageHeader::Incomplete,
        // An empty body proves nothing; a few characters are not an image.
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

/// Accepted formats: those that the feed rules allow, and AVIF, which every browser shows.
fn name(kind: ImageType) -> Option<&'static str> {
    match kind {
        ImageType::Jpeg => Some("jpeg"),
        ImageType::Png => Some("png"),
        ImageType::Gif => Some("gif"),
        ImageType::Webp => Some("webp"),
        ImageType::Bmp => Some("bmp"),
        ImageType::Tiff => Some(NOT_SHOWN_KIND),
        ImageType::Heif(Compression::Av1) => Some("avif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
