//! Request bodies: bounded before they are held.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{Bytes, BytesMut, Payload};
use buywire_adapters::plain::{gunzip, without_mark};
use futures_util::StreamExt;

use super::problem::{ApiError, Kind};

/// One order, one setting: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// A batch of 1,000 orders of up to 16 kB each.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Read a body of at most that many bytes.
pub async fn read(mut payload: Payload, bytes_max: usize) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk
            .map_err(|_| ApiError::detailed(Kind::NotJson, "The body ended before its length."))?;
        if body.len() + chunk.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        if body.is_empty() {
            body.reserve(chunk.len());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Plain,
    /// With gzip.
    Gzip,
}

impl Encoding {
    /// As the request says.
    ///
    /// # Errors
    /// 415 for every other way.
    pub fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let mut said = request.headers().get_all(CONTENT_ENCODING);
        let (Some(encoding), None) = (said.next(), said.next()) else {
            return match request.headers().contains_key(CONTENT_ENCODING) {
                true => Err(ApiError::new(Kind::EncodingUnsupported)),
                false => Ok(Self::Plain),
            };
        };
        let encoding = encoding.to_str().unwrap_or_default().trim();
        match encoding.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Plain),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            _ => Err(ApiError::new(Kind::EncodingUnsupported)),
        }
    }

    /// The plain bytes of such a body, of which there may be so many.
    ///
    /// # Errors
    /// When there are more, or the archive is damaged.
    pub fn plain(self, body: Bytes, bytes_max: usize) -> Result<Bytes, ApiError> {
        if self == Self::Plain {
            return Ok(body);
        }
        let unpacked = gunzip(&body, bytes_max);
        if unpacked.too_large {
            return Err(too_large(bytes_max));
        }
        if !unpacked.whole {
            let detail =
                "The body says that it is gzip and cannot be unpacked: send it plain, or whole.";
            return Err(ApiError::detailed(Kind::NotJson, detail));
        }
        Ok(unpacked.bytes.into())
    }
}

/// Read a body as whoever sends orders may send it: packed with gzip, with a byte order mark. It has at
/// most so many bytes, packed and plain.
pub async fn read_plain(
    request: &HttpRequest,
    payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, ApiError> {
    let encoding = Encoding::of(request)?;
    let body = encoding.plain(read(payload, bytes_max).await?, bytes_max)?;
    let mark = body.len() - without_mark(&body).len();
    Ok(body.slice(mark..))
}

/// The refusal of more than that many bytes.
pub fn too_large(bytes_max: usize) -> ApiError {
    ApiError::detailed(Kind::TooLarge, format!("Send at most {bytes_max} bytes."))
}

/// Read a small body that may be left out: none is an empty object.
pub async fn read_optional(payload: Payload) -> Result<Bytes, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    if body.trim_ascii().is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    Ok(body)
}
