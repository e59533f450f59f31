//! Request bodies: bounded before they are held.

use actix_web::web::{Bytes, BytesMut, Payload};
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
