//! Downloads: from an open file to the spool, and what tells one state of a file from another.

use buywire_feeds::read::Hints;
use buywire_schemas::catalog::issue::Code;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use super::{FileFetcher, FileRequest};
use crate::catalog::sources::fetch::{FetchError, FetchedDocument};
use crate::catalog::spool::{SpoolError, Spooled};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// A file that changed a moment ago may change again within the same second, and keep its size. Clocks differ.
const SETTLING_S: i64 = 120;

/// The state of a file at a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileState {
    pub(super) bytes: Option<u64>,
    /// Seconds since 1970.
    pub(super) modified_at_s: Option<i64>,
}

impl FileState {
    /// What is compared at the next pull. `None` if the same text might stand for another content.
    pub(super) fn validator(self, now_s: i64) -> Option<String> {
        let (bytes, modified_at_s) = (self.bytes?, self.modified_at_s?);
        let is_settled = modified_at_s.saturating_add(SETTLING_S) <= now_s;
        is_settled.then(|| format!("{modified_at_s}-{bytes}"))
    }
}

impl FileFetcher {
    /// Refuses a file that is known to be too large before a byte of it is read.
    pub(super) fn check_size(
        &self,
        request: &FileRequest,
        state: FileState,
    ) -> Result<(), FetchError> {
        match state
            .bytes
            .is_some_and(|bytes| bytes > self.limits.bytes_max)
        {
            true => Err(request.too_large()),
            false => Ok(()),
        }
    }

    /// Reads a file to its end.
    pub(super) async fn download(
        &self,
        request: &FileRequest,
        file: &mut (impl AsyncRead + Unpin),
    ) -> Result<Spooled, FetchError> {
        let mut spool = request
            .disk
            .spool(request.partner)
            .map_err(|error| request.spool_error(&error))?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut bytes = 0;
        loop {
            let read = timeout(self.limits.idle, file.read(&mut chunk)).await;
            let read = read.map_err(|_| request.stalled())?;
            let broken = |_| request.error(Code::FetchTruncated, "the download broke off");
            let read = chunk.get(..read.map_err(broken)?).unwrap_or_default();
            if read.is_empty() {
                break;
            }
            bytes += read.len() as u64;
            if bytes > self.limits.bytes_max {
                return Err(request.too_large());
            }
            spool
                .write(read)
                .map_err(|error| request.spool_error(&error))?;
        }
        spool.finish().map_err(|error| request.spool_error(&error))
    }
}

impl FileRequest {
    /// The document, if the file is still in the state in which it was read.
    pub(super) fn document(
        &self,
        spooled: Spooled,
        before: FileState,
        after: FileState,
        now_s: i64,
    ) -> Result<Box<FetchedDocument>, FetchError> {
        let is_whole = after.bytes.is_none_or(|bytes| bytes == spooled.bytes);
        if before != after || !is_whole {
            let what =
                "the file changed while it was read: upload it under another name, then rename it";
            return Err(self.error(Code::FetchTruncated, what));
        }
        Ok(Box::new(FetchedDocument {
            spooled,
            hints: Hints {
                file_name: Some(self.url.file_name().to_owned()),
                ..Hints::default()
            },
            etag: after.validator(now_s),
            last_modified: None,
        }))
    }

    /// Whether the file is in the state that was read last.
    pub(super) fn is_unchanged(&self, state: FileState, now_s: i64) -> bool {
        self.validator.is_some() && self.validator == state.validator(now_s)
    }

    fn too_large(&self) -> FetchError {
        self.error(Code::FetchTooLarge, "the file is too large")
    }

    fn spool_error(&self, error: &SpoolError) -> FetchError {
        tracing::error!(error = %error, "catalog.fetch: spooling failed");
        match error {
            SpoolError::TooLarge => self.too_large(),
            SpoolError::Full | SpoolError::Disk(_) => {
                self.error(Code::FetchFailed, "the gateway could not store the file")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognised_by_time_and_size_once_it_has_settled() {
        let state = |bytes, modified_at_s| FileState {
            bytes,
            modified_at_s,
        };
        let now_s = 1_000_000;
        let old = state(Some(7), Some(now_s - SETTLING_S));
        assert_eq!(old.validator(now_s).as_deref(), Some("999880-7"));
        for unsettled in [
            state(Some(7), Some(now_s - SETTLING_S + 1)),
            state(Some(7), Some(now_s + 60)),
            state(Some(7), Some(i64::MAX)),
            state(None, Some(0)),
            state(Some(7), None),
        ] {
            assert_eq!(unsettled.validator(now_s), None, "{unsettled:?}");
        }
    }
}
