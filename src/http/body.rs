//! Request bodies: bounded in length, in time and in the memory that all of them take together.
//!
//! Promises: a body is given up when it pauses or crawls, and none is read further than there is room for; orders, other
//! bodies with a key and what strangers send have rooms of their own, so that none of them keeps out another. A body gives
//! its room back when it is dropped.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{Bytes, Payload};
use buywire_adapters::plain::{gunzip, without_mark};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::problem::{ApiError, Kind};

/// One order, one setting: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// A batch of 1,000 orders of up to 16 kB each.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a permit of a room stands for.
const STEP: usize = 1024;

/// Memory for bodies that are being read or worked on.
pub struct Room(Semaphore);

/// Orders: four of the largest batches, or tens of thousands of usual orders.
pub static ORDERS: Room = Room::of(64);
/// Everything else that comes with a key.
pub static KEYED: Room = Room::of(64);
/// What comes without one.
pub static OPEN: Room = Room::of(64);

/// How fast a body must come.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The longest pause.
    pub pause: Duration,
    /// So long nobody counts …
    pub grace: Duration,
    /// … and then it must have come at so many bytes a second at least.
    pub bytes_per_second: u64,
}

/// A megabyte takes far less from anybody who means it.
pub const BRISK: Pace = Pace {
    pause: Duration::from_secs(5),
    grace: Duration::from_secs(10),
    bytes_per_second: 128 * 1024,
};

/// A body that is being read.
pub struct Incoming {
    payload: Payload,
    pace: Pace,
    begun: Instant,
    received: u64,
    /// What is said of one that ends early.
    broken: fn() -> ApiError,
}

/// A body, and its room.
struct Held {
    bytes: Vec<u8>,
    _room: Option<SemaphorePermit<'static>>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Room {
    const fn of(mebibytes: usize) -> Self {
        Self(Semaphore::const_new(mebibytes * 1024))
    }

    /// Room for so many more bytes; `held` grows by it.
    fn extend(
        &'static self,
        held: &mut Option<SemaphorePermit<'static>>,
        bytes: usize,
    ) -> Result<(), ApiError> {
        let has = held.as_ref().map_or(0, SemaphorePermit::num_permits);
        let wants = bytes.div_ceil(STEP).saturating_sub(has);
        let wants = u32::try_from(wants).map_err(|_| ApiError::new(Kind::Busy))?;
        let more = self.0.try_acquire_many(wants);
        let more = more.map_err(|_| ApiError::new(Kind::Busy))?;
        match held {
            Some(held) => held.merge(more),
            None => *held = Some(more),
        }
        Ok(())
    }
}

impl Incoming {
    /// A body that begins now.
    pub fn new(payload: Payload, pace: Pace, broken: fn() -> ApiError) -> Self {
        Self {
            payload,
            pace,
            broken,
            begun: Instant::now(),
            received: 0,
        }
    }

    /// What came next; none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let due = Duration::from_secs(self.received / self.pace.bytes_per_second);
        let until = self.begun + self.pace.grace + due;
        // Most of what callers send is there when its head is read, and needs no timer.
        let chunk = match self.payload.next().now_or_never() {
            Some(chunk) => chunk,
            None => {
                let until = until.min(Instant::now() + self.pace.pause);
                let chunk = timeout_at(until, self.payload.next()).await;
                chunk.map_err(|_| ApiError::new(Kind::TooSlow))?
            }
        };
        let chunk = chunk.transpose().map_err(|_| (self.broken)())?;
        self.received += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        Ok(chunk)
    }
}

/// Read a body with a key, of at most that many bytes.
pub async fn read(payload: Payload, bytes_max: usize) -> Result<Bytes, ApiError> {
    read_in(&KEYED, payload, bytes_max).await
}

/// Read a body of at most that many bytes, in that room.
pub async fn read_in(
    room: &'static Room,
    payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, ApiError> {
    let broken = || ApiError::detailed(Kind::NotJson, "The body ended before its length.");
    let mut incoming = Incoming::new(payload, BRISK, broken);
    let (mut body, mut held) = (Vec::new(), None);
    while let Some(chunk) = incoming.next().await? {
        let length = body.len() + chunk.len();
        if length > bytes_max {
            return Err(too_large(bytes_max));
        }
        room.extend(&mut held, length)?;
        body.extend_from_slice(&chunk);
    }
    let (bytes, _room) = (body, held);
    Ok(Bytes::from_owner(Held { bytes, _room }))
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
    let body = read_in(&ORDERS, payload, bytes_max).await?;
    let body = match encoding {
        Encoding::Plain => body,
        Encoding::Gzip => held_in(&ORDERS, encoding.plain(body, bytes_max)?)?,
    };
    let mark = body.len() - without_mark(&body).len();
    Ok(body.slice(mark..))
}

/// Bytes that were made of a body, in a room of their own.
fn held_in(room: &'static Room, bytes: Bytes) -> Result<Bytes, ApiError> {
    let mut held = None;
    room.extend(&mut held, bytes.len())?;
    let (bytes, _room) = (bytes.into(), held);
    Ok(Bytes::from_owner(Held { bytes, _room }))
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

#[cfg(test)]
mod tests {
    use super::*;

    static SMALL: Room = Room(Semaphore::const_new(3));

    #[test]
    fn a_room_is_shared_and_given_back() {
        let (mut one, mut other) = (None, None);
        SMALL.extend(&mut one, 10).unwrap();
        SMALL.extend(&mut one, 1_024).unwrap();
        assert_eq!(SMALL.0.available_permits(), 2);
        SMALL.extend(&mut one, 1_025).unwrap();
        SMALL.extend(&mut other, 1_024).unwrap();
        assert!(SMALL.extend(&mut other, 1_025).is_err());
        drop(Bytes::from_owner(Held {
            bytes: Vec::new(),
            _room: one,
        }));
        SMALL.extend(&mut other, 3_072).unwrap();
        assert!(SMALL.extend(&mut None, 1).is_err());
    }
}
