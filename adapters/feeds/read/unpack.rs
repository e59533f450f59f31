//! Unpacks gzip and zip, recognised by their first bytes and never by what is declared.
//!
//! Promises: a packed document's end is its real end: every gzip member's and the zip entry's
//! length and checksum are correct, and the archive's end is present. Expansion is bounded, in total
//! and by ratio. Must not hold more than its buffers.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::fault::Fault;
use super::limits::{Hints, Limits};
use super::zip::ZipReader;

/// A source of bytes. It moves to the reader's thread.
pub(super) type Source = Box<dyn Read + Send>;

/// Some servers pack a file that is already packed. No one needs a third layer.
const LAYERS_MAX: usize = 2;

/// The plain bytes of a source that may be packed.
pub(super) fn unpack(source: Source, hints: &Hints, limits: &Limits) -> Result<Source, Fault> {
    let encoding = hints.content_encoding.as_deref().unwrap_or_default().trim();
    if !matches!(encoding, "" | "identity" | "gzip" | "x-gzip") {
        return Err(Fault::ArchiveUnsupported(
            "a content encoding other than gzip",
        ));
    }
    let mut source = source;
    for _ in 0..LAYERS_MAX {
        let (magic, stream) = peek(source)?;
        source = match magic {
            [0x1f, 0x8b, ..] => Box::new(BoundedReader::new(Gunzip::new(stream), limits)),
            [b'P', b'K', 3, 4] => Box::new(BoundedReader::new(
                ZipReader::open(stream).map_err(|error| map_error(error, 0))?,
                limits,
            )),
            [b'P', b'K', 5, 6] => return Err(Fault::EmptyFeed),
            [b'P', b'K', 7, 8] => return Err(Fault::ArchiveUnsupported("an archive in parts")),
            [0x28, 0xb5, 0x2f, 0xfd] => return Err(Fault::ArchiveUnsupported("Zstandard")),
            [b'B', b'Z', b'h', _] => return Err(Fault::ArchiveUnsupported("bzip2")),
            [0xfd, b'7', b'z', b'X'] => return Err(Fault::ArchiveUnsupported("xz")),
            _ => return Ok(stream),
        };
    }
    let (magic, stream) = peek(source)?;
    if matches!(magic, [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4]) {
        return Err(Fault::DecompressBomb);
    }
    Ok(stream)
}

/// The first four bytes, padded with zeros, and all bytes.
fn peek(mut source: Source) -> Result<([u8; 4], Source), Fault> {
    let mut magic = Vec::with_capacity(4);
    source.by_ref().take(4).read_to_end(&mut magic)?;
    let first = [0, 1, 2, 3].map(|at| magic.get(at).copied().unwrap_or_default());
    Ok((first, Box::new(Cursor::new(magic).chain(source))))
}

/// Counts the input.
pub(super) struct CountingReader {
    source: Source,
    /// Bytes read so far.
    pub(super) count: u64,
}

impl CountingReader {
    pub(super) fn buffered(source: Source) -> BufReader<Self> {
        BufReader::with_capacity(32 << 10, Self { source, count: 0 })
    }
}

impl Read for CountingReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.count += read as u64;
        Ok(read)
    }
}

/// An expanding reader that knows the size of its input.
pub(super) trait Decompress: Read {
    /// Packed bytes read so far, including buffered ones.
    fn input_bytes(&self) -> u64;
}

/// All members of a gzip file, one after the other.
struct Gunzip(MultiGzDecoder<BufReader<CountingReader>>);

impl Gunzip {
    fn new(source: Source) -> Self {
        Self(MultiGzDecoder::new(CountingReader::buffered(source)))
    }
}

impl Read for Gunzip {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Decompress for Gunzip {
    fn input_bytes(&self) -> u64 {
        self.0.get_ref().get_ref().count
    }
}

/// Limits the expansion, and translates errors.
struct BoundedReader<E> {
    inner: E,
    output_bytes: u64,
    limits: Limits,
}

impl<E> BoundedReader<E> {
    fn new(inner: E, limits: &Limits) -> Self {
        Self {
            inner,
            output_bytes: 0,
            limits: limits.clone(),
        }
    }
}

impl<E: Decompress> Read for BoundedReader<E> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self
            .inner
            .read(into)
            .map_err(|error| map_error(error, self.output_bytes))?;
        self.output_bytes += read as u64;
        let by_ratio = self
            .inner
            .input_bytes()
            .saturating_mul(self.limits.ratio_max);
        let allowed = by_ratio
            .max(self.limits.ratio_floor_bytes)
            .min(self.limits.expanded_bytes_max);
        if self.output_bytes > allowed {
            return Err(Fault::DecompressBomb.into());
        }
        Ok(read)
    }
}

/// The decoder reports damage by the kind of an I/O error. Our faults and the disk's pass through.
fn map_error(error: io::Error, at: u64) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::DecompressTruncated { at }.into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            Fault::DecompressDamaged { at }.into()
        }
        _ => error,
    }
}
