//! A zip archive of one file, read from front to back.
//!
//! Read forwards, because that needs no seeking and no list of entries in memory: a directory can
//! claim millions. The local header comes first, then the data, then perhaps a descriptor, then
//! the directory, which must hold exactly that entry with the length and checksum that were seen,
//! then the end. Folders, paths, encryption and other methods than stored and deflated are refused.

use std::io::{self, BufReader, Read, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::fault::Fault;
use super::unpack::{Counted, Expand, Source};

const DEFLATED: u16 = 8;
const STORED: u16 = 0;
/// Bits of the flags: encrypted, lengths follow the data, strongly encrypted.
const ENCRYPTED: u16 = 1 | 1 << 6;
const DESCRIPTOR: u16 = 1 << 3;
/// In a 32-bit field: the number stands elsewhere, in 64 bits.
const ELSEWHERE: u32 = u32::MAX;

const LOCAL: [u8; 4] = [b'P', b'K', 3, 4];
const DIRECTORY: [u8; 4] = [b'P', b'K', 1, 2];
const END: [u8; 4] = [b'P', b'K', 5, 6];
const END_64: [u8; 4] = [b'P', b'K', 6, 6];

/// The one entry's data while they last, then the check of what follows.
pub(super) struct Zip {
    stage: Stage,
    crc: Crc,
    length: u64,
    descriptor: bool,
}

enum Stage {
    Stored(Take<BufReader<Counted>>),
    Deflated(Box<DeflateDecoder<BufReader<Counted>>>),
    /// All packed bytes are taken: their count.
    Ended(u64),
}

impl Zip {
    /// Reads the local header.
    pub(super) fn open(source: Source) -> io::Result<Self> {
        let mut source = Counted::buffered(source);
        let header = Fields::<30>::read(&mut source)?;
        let (flags, method) = (header.u16(6), header.u16(8));
        let name = take(&mut source, header.u16(26))?;
        take(&mut source, header.u16(28))?;
        if name.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
            return Err(Fault::ArchiveMultipleEntries.into());
        }
        let descriptor = flags & DESCRIPTOR != 0;
        let packed = header.u32(18);
        let stage = match method {
            _ if flags & ENCRYPTED != 0 => {
                return Err(Fault::ArchiveUnsupported("an encrypted archive").into());
            }
            DEFLATED => Stage::Deflated(Box::new(DeflateDecoder::new(source))),
            STORED if descriptor || packed == ELSEWHERE => {
                return Err(Fault::ArchiveUnsupported("a stored file of unknown length").into());
            }
            STORED => Stage::Stored(source.take(u64::from(packed))),
            _ => return Err(Fault::ArchiveUnsupported("a zip method other than deflate").into()),
        };
        Ok(Self {
            stage,
            crc: Crc::new(),
            length: 0,
            descriptor,
        })
    }

    /// After the data: the directory must say what was seen, of this entry and no other.
    fn check_end(&self, source: &mut BufReader<Counted>) -> io::Result<()> {
        let mut mark = self.mark_after_data(source)?;
        if mark == LOCAL {
            return Err(Fault::ArchiveMultipleEntries.into());
        }
        if mark != DIRECTORY {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let entry = Fields::<42>::read(source)?;
        // A length beyond 32 bits stands elsewhere, and the checksum covers it anyway.
        let length = entry.u32(20);
        let fits = length == ELSEWHERE || u64::from(length) == self.length;
        if entry.u32(12) != self.crc.sum() || !fits {
            return Err(io::ErrorKind::InvalidData.into());
        }
        for length in [entry.u16(24), entry.u16(26), entry.u16(28)] {
            take(source, length)?;
        }
        source.read_exact(&mut mark)?;
        match mark {
            DIRECTORY => Err(Fault::ArchiveMultipleEntries.into()),
            // Its own record, its locator, then the end.
            END_64 => Fields::<{ 52 + 20 + 22 }>::read(source).map(drop),
            END => Fields::<18>::read(source).map(drop),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// The next header's first bytes. A descriptor before it may have a mark of its own, and its
    /// lengths 32 or 64 bits.
    fn mark_after_data(&self, source: &mut BufReader<Counted>) -> io::Result<[u8; 4]> {
        let mut mark = [0; 4];
        source.read_exact(&mut mark)?;
        if !self.descriptor {
            return Ok(mark);
        }
        // A descriptor has 12, 16, 20 or 24 bytes; four are read already.
        take(source, 8)?;
        for _ in 0..4 {
            source.read_exact(&mut mark)?;
            if matches!(mark, LOCAL | DIRECTORY | END) {
                return Ok(mark);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }
}

impl Read for Zip {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.stage {
            Stage::Stored(data) => data.read(into)?,
            Stage::Deflated(data) => data.read(into)?,
            Stage::Ended(_) => return Ok(0),
        };
        self.crc.update(into.get(..read).unwrap_or_default());
        self.length += read as u64;
        if read == 0 {
            let taken = self.taken();
            let mut source = match std::mem::replace(&mut self.stage, Stage::Ended(taken)) {
                Stage::Stored(data) if data.limit() > 0 => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Stage::Stored(data) => data.into_inner(),
                Stage::Deflated(data) => data.into_inner(),
                Stage::Ended(_) => return Ok(0),
            };
            self.check_end(&mut source)?;
        }
        Ok(read)
    }
}

impl Expand for Zip {
    fn taken(&self) -> u64 {
        match &self.stage {
            Stage::Stored(data) => data.get_ref().get_ref().count,
            Stage::Deflated(data) => data.get_ref().get_ref().count,
            Stage::Ended(count) => *count,
        }
    }
}

/// A header of fixed length, its numbers little-endian.
struct Fields<const N: usize>([u8; N]);

impl<const N: usize> Fields<N> {
    fn read(source: &mut impl Read) -> io::Result<Self> {
        let mut bytes = [0; N];
        source.read_exact(&mut bytes)?;
        Ok(Self(bytes))
    }

    fn u16(&self, at: usize) -> u16 {
        let bytes = self
            .0
            .get(at..at + 2)
            .and_then(|bytes| bytes.try_into().ok());
        u16::from_le_bytes(bytes.unwrap_or_default())
    }

    fn u32(&self, at: usize) -> u32 {
        let bytes = self
            .0
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(bytes.unwrap_or_default())
    }
}

/// The next bytes, at most 64 KiB.
fn take(source: &mut impl Read, length: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}
