//! Request bodies, bounded in length, in time and in the memory that all of them use together.
//!
//! Promises: a body that stalls is given up, and none is read beyond its memory budget; orders, other requests with a
//! key, and requests without a key have separate budgets, so that none of them blocks another. A body returns its share
//! of the budget when it is dropped.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{Bytes, Payload};
use buywire_adapters::toolkit::decode::{gunzip, without_bom};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::http::problem::{ApiError, Kind};

/// One order, one setting: 1 MiB.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// A batch of 1,000 orders of up to 16 kB each.
pub(crate) const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The bytes of one permit of a budget.
const PERMIT_BYTES: usize = 1024;

/// Memory for bodies that are being read or processed.
pub(crate) struct MemoryBudget(Semaphore);

/// For orders: four of the largest batches, or tens of thousands of typical orders.
pub(crate) static ORDERS_BUDGET: MemoryBudget = MemoryBudget::of_mebibytes(64);
/// For all other requests with a key.
pub(crate) static KEYED_BUDGET: MemoryBudget = MemoryBudget::of_mebibytes(64);
/// For requests without a key.
pub(crate) static OPEN_BUDGET: MemoryBudget = MemoryBudget::of_mebibytes(64);

/// The minimum speed of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadLimits {
    /// The longest pause.
    pub pause_max: Duration,
    /// The speed does not count for this long …
    pub grace: Duration,
    /// … and must then average at least this many bytes per second.
    pub bytes_per_second_min: u64,
}

/// An honest client sends a megabyte much faster.
pub(crate) const DEFAULT_LIMITS: ReadLimits = ReadLimits {
    pause_max: Duration::from_secs(5),
    grace: Duration::from_secs(10),
    bytes_per_second_min: 128 * 1024,
};

/// A body that is being read.
pub(crate) struct BodyReader {
    payload: Payload,
    limits: ReadLimits,
    started_at: Instant,
    received: u64,
    /// The error for a truncated body.
    incomplete_error: fn() -> ApiError,
}

/// A body, and its share of the budget.
struct BudgetedBody {
    bytes: Vec<u8>,
    _permit: Option<SemaphorePermit<'static>>,
}

impl AsRef<[u8]> for BudgetedBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl MemoryBudget {
    const fn of_mebibytes(mebibytes: usize) -> Self {
        Self(Semaphore::const_new(mebibytes * 1024))
    }

    /// Reserves memory for a body of this many bytes in all; `permit` grows.
    fn reserve(
        &'static self,
        permit: &mut Option<SemaphorePermit<'static>>,
        bytes: usize,
    ) -> Result<(), ApiError> {
        let reserved = permit.as_ref().map_or(0, SemaphorePermit::num_permits);
        let missing = bytes.div_ceil(PERMIT_BYTES).saturating_sub(reserved);
        let missing = u32::try_from(missing).map_err(|_| ApiError::new(Kind::Busy))?;
        let more = self.0.try_acquire_many(missing);
        let more = more.map_err(|_| ApiError::new(Kind::Busy))?;
        match permit {
            Some(permit) => permit.merge(more),
            None => *permit = Some(more),
        }
        Ok(())
    }
}

impl BodyReader {
    pub(crate) fn new(
        payload: Payload,
        limits: ReadLimits,
        incomplete_error: fn() -> ApiError,
    ) -> Self {
        Self {
            payload,
            limits,
            incomplete_error,
            started_at: Instant::now(),
            received: 0,
        }
    }

    /// The next chunk; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let due = Duration::from_secs(self.received / self.limits.bytes_per_second_min);
        let deadline = self.started_at + self.limits.grace + due;
        // Most bodies arrive with their head and need no timer.
        let chunk = match self.payload.next().now_or_never() {
            Some(chunk) => chunk,
            None => {
                let deadline = deadline.min(Instant::now() + self.limits.pause_max);
                let chunk = timeout_at(deadline, self.payload.next()).await;
                chunk.map_err(|_| ApiError::new(Kind::TooSlow))?
            }
        };
        let chunk = chunk.transpose().map_err(|_| (self.incomplete_error)())?;
        self.received += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        Ok(chunk)
    }
}

/// Read a body of at most `bytes_max`, from a request with a key.
pub(crate) async fn read(payload: Payload, bytes_max: usize) -> Result<Bytes, ApiError> {
    read_within(&KEYED_BUDGET, payload, bytes_max).await
}

/// Read a body of at most `bytes_max` within a budget.
pub(crate) async fn read_within(
    budget: &'static MemoryBudget,
    payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, ApiError> {
    let incomplete_error = || {
        ApiError::with_detail(
            Kind::NotJson,
            "The body is shorter than its Content-Length.",
        )
    };
    let mut reader = BodyReader::new(payload, DEFAULT_LIMITS, incomplete_error);
    let (mut body, mut permit) = (Vec::new(), None);
    while let Some(chunk) = reader.next().await? {
        let length = body.len() + chunk.len();
        if length > bytes_max {
            return Err(too_large(bytes_max));
        }
        budget.reserve(&mut permit, length)?;
        body.extend_from_slice(&chunk);
    }
    let (bytes, _permit) = (body, permit);
    Ok(Bytes::from_owner(BudgetedBody { bytes, _permit }))
}

/// The content encoding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
}

impl Encoding {
    /// Read `Content-Encoding`.
    ///
    /// # Errors
    /// 415 for any other encoding.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let mut values = request.headers().get_all(CONTENT_ENCODING);
        let (Some(encoding), None) = (values.next(), values.next()) else {
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

    /// Decode a body to at most `bytes_max`.
    ///
    /// # Errors
    /// When it is longer, or the gzip data is damaged.
    pub(crate) fn decode(self, body: Bytes, bytes_max: usize) -> Result<Bytes, ApiError> {
        if self == Self::Plain {
            return Ok(body);
        }
        let unpacked = gunzip(&body, bytes_max);
        if unpacked.too_large {
            return Err(too_large(bytes_max));
        }
        if !unpacked.complete {
            let detail = "The body is not valid gzip. Send it complete, or uncompressed.";
            return Err(ApiError::with_detail(Kind::NotJson, detail));
        }
        Ok(unpacked.bytes.into())
    }
}

/// Read a body of orders, which may be gzip and may have a byte order mark. It has at most `bytes_max`,
/// both encoded and decoded.
pub(crate) async fn read_decoded(
    request: &HttpRequest,
    payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, ApiError> {
    let encoding = Encoding::of(request)?;
    let body = read_within(&ORDERS_BUDGET, payload, bytes_max).await?;
    let body = match encoding {
        Encoding::Plain => body,
        Encoding::Gzip => budgeted(&ORDERS_BUDGET, encoding.decode(body, bytes_max)?)?,
    };
    let bom_bytes = body.len() - without_bom(&body).len();
    Ok(body.slice(bom_bytes..))
}

/// Bytes decoded from a body, with their own share of the budget.
fn budgeted(budget: &'static MemoryBudget, bytes: Bytes) -> Result<Bytes, ApiError> {
    let mut permit = None;
    budget.reserve(&mut permit, bytes.len())?;
    let (bytes, _permit) = (bytes.into(), permit);
    Ok(Bytes::from_owner(BudgetedBody { bytes, _permit }))
}

/// The error for a longer body.
pub(crate) fn too_large(bytes_max: usize) -> ApiError {
    ApiError::with_detail(
        Kind::TooLarge,
        format!("The body may have at most {bytes_max} bytes."),
    )
}

/// Read a small optional body. An absent one is an empty object.
pub(crate) async fn read_optional(payload: Payload) -> Result<Bytes, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    if body.trim_ascii().is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    static SMALL: MemoryBudget = MemoryBudget(Semaphore::const_new(3));

    #[test]
    fn a_room_is_shared_and_given_back() {
        let (mut one, mut other) = (None, None);
        SMALL.reserve(&mut one, 10).unwrap();
        SMALL.reserve(&mut one, 1_024).unwrap();
        assert_eq!(SMALL.0.available_permits(), 2);
        SMALL.reserve(&mut one, 1_025).unwrap();
        SMALL.reserve(&mut other, 1_024).unwrap();
        assert!(SMALL.reserve(&mut other, 1_025).is_err());
        drop(Bytes::from_owner(BudgetedBody {
            bytes: Vec::new(),
            _permit: one,
        }));
        SMALL.reserve(&mut other, 3_072).unwrap();
        assert!(SMALL.reserve(&mut None, 1).is_err());
    }
}
