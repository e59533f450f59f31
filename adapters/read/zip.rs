//! A zip archive of one file, read from front to back.
//!
//! Read forwards, because that needs no seeking and no list of entries in memory: a directory can
//! claim millions. The local header comes first, then the data, then perhaps a descriptor, then
//! the directory, which must hold exactly that entry with the length and checksum that were seen,
//! then the end. The file may lie in folders, and what systems put beside it is passed over. Encryption and other
//! methods than stored and deflated are refused.

use std::io::{self, BufReader, Read, Take, sink};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::fault::Fault;
use super::unpack::{Counted, Expand, Source};

const DEFLATED: u16 = 8;
const STORED: u16 = 0;
/// Bits of the flags: encrypted, lengths follow the data, strongly encrypted.
const ENCRYPTED: u16 = 1 | 1 << 6;
const DESCRIPTOR: u16 = 1 << 3;
/// Entries that are passed over, and bytes of each of them: systems write a few small ones.
const ASIDE_MAX: usize = 1_000;
const ASIDE_BYTES_MAX: u64 = 1 << 20;
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

/// What stands before an entry's data.
struct Local {
    name: Vec<u8>,
    method: u16,
    /// How many bytes the data have, if there is no descriptor.
    packed: u32,
    descriptor: bool,
}

impl Local {
    /// The mark has been read.
    fn read(source: &mut BufReader<Counted>) -> io::Result<Self> {
        let header = Fields::<26>::read(source)?;
        let flags = header.u16(2);
        let name = take(source, header.u16(22))?;
        take(source, header.u16(24))?;
        if flags & ENCRYPTED != 0 {
            return Err(Fault::ArchiveUnsupported("an encrypted archive").into());
        }
        Ok(Self {
            name,
            method: header.u16(4),
            packed: header.u32(14),
            descriptor: flags & DESCRIPTOR != 0,
        })
    }

    /// The data of this entry.
    fn stage(&self, source: BufReader<Counted>) -> io::Result<Stage> {
        let is_unknown = self.descriptor && !is_folder(&self.name) || self.packed == ELSEWHERE;
        match self.method {
            DEFLATED => Ok(Stage::Deflated(Box::new(DeflateDecoder::new(source)))),
            STORED if is_unknown => {
                Err(Fault::ArchiveUnsupported("a stored file of unknown length").into())
            }
            STORED => Ok(Stage::Stored(source.take(u64::from(self.packed)))),
            _ => Err(Fault::ArchiveUnsupported("a zip method other than deflate").into()),
        }
    }
}

impl Zip {
    /// Reads up to the data of the first entry that counts.
    pub(super) fn open(source: Source) -> io::Result<Self> {
        let mut source = Counted::buffered(source);
        let mut mark = [0; 4];
        source.read_exact(&mut mark)?;
        for _ in 0..ASIDE_MAX {
            match mark {
                LOCAL => {}
                DIRECTORY | END | END_64 => return Err(Fault::EmptyFeed.into()),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
            let local = Local::read(&mut source)?;
            if !is_aside(&local.name) {
                return Ok(Self {
                    stage: local.stage(source)?,
                    crc: Crc::new(),
                    length: 0,
                    descriptor: local.descriptor,
                });
            }
            (source, mark) = pass_over(&local, source)?;
        }
        Err(Fault::ArchiveMultipleEntries.into())
    }

    /// After the data: the directory must say what was seen, of this entry and no other that counts.
    fn check_end(&self, source: BufReader<Counted>) -> io::Result<()> {
        let mut source = source;
        let mut mark = mark_after_data(&mut source, self.descriptor)?;
        let mut entries = 0;
        while mark == LOCAL {
            let local = Local::read(&mut source)?;
            entries += 1;
            if !is_aside(&local.name) || entries > ASIDE_MAX {
                return Err(Fault::ArchiveMultipleEntries.into());
            }
            (source, mark) = pass_over(&local, source)?;
        }
        let (mut entries, mut files) = (0, 0);
        while mark == DIRECTORY {
            entries += 1;
            files += usize::from(self.is_file(&mut source)?);
            if files > 1 || entries > 2 * ASIDE_MAX {
                return Err(Fault::ArchiveMultipleEntries.into());
            }
            source.read_exact(&mut mark)?;
        }
        match mark {
            END_64 | END if files == 0 => Err(io::ErrorKind::InvalidData.into()),
            // Its own record, its locator, then the end.
            END_64 => Fields::<{ 52 + 20 + 22 }>::read(&mut source).map(drop),
            END => Fields::<18>::read(&mut source).map(drop),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Whether a directory's entry is the file, and then what was seen of it.
    fn is_file(&self, source: &mut BufReader<Counted>) -> io::Result<bool> {
        let entry = Fields::<42>::read(source)?;
        let name = take(source, entry.u16(24))?;
        take(source, entry.u16(26))?;
        take(source, entry.u16(28))?;
        if is_aside(&name) {
            return Ok(false);
        }
        // A length beyond 32 bits stands elsewhere, and the checksum covers it anyway.
        let length = entry.u32(20);
        let fits = length == ELSEWHERE || u64::from(length) == self.length;
        if entry.u32(12) != self.crc.sum() || !fits {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(true)
    }
}

/// What systems put beside a file: folders, their own notes, and hidden files.
fn is_aside(name: &[u8]) -> bool {
    let mut parts = name.split(|byte| matches!(byte, b'/' | b'\\'));
    let is_system = |part: &[u8]| {
        let names: [&[u8]; 3] = [b"__MACOSX", b"Thumbs.db", b"desktop.ini"];
        part.starts_with(b".") && part != b"." || names.contains(&part)
    };
    is_folder(name) || parts.any(is_system)
}

fn is_folder(name: &[u8]) -> bool {
    name.ends_with(b"/") || name.ends_with(b"\\")
}

/// Reads what an entry holds, and gives the mark after it.
fn pass_over(
    local: &Local,
    source: BufReader<Counted>,
) -> io::Result<(BufReader<Counted>, [u8; 4])> {
    let mut stage = local.stage(source)?;
    let data: &mut dyn Read = match &mut stage {
        Stage::Stored(data) => data,
        Stage::Deflated(data) => data,
        Stage::Ended(_) => &mut io::empty(),
    };
    if io::copy(&mut data.take(ASIDE_BYTES_MAX + 1), &mut sink())? > ASIDE_BYTES_MAX {
        return Err(Fault::ArchiveMultipleEntries.into());
    }
    let mut source = stage.into_source()?;
    let mark = mark_after_data(&mut source, local.descriptor)?;
    Ok((source, mark))
}

/// The next header's first bytes. A descriptor before it may have a mark of its own, and its
/// lengths 32 or 64 bits.
fn mark_after_data(source: &mut BufReader<Counted>, descriptor: bool) -> io::Result<[u8; 4]> {
    let mut mark = [0; 4];
    source.read_exact(&mut mark)?;
    if !descriptor || matches!(mark, LOCAL | DIRECTORY) {
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

impl Stage {
    /// What follows the data.
    fn into_source(self) -> io::Result<BufReader<Counted>> {
        match self {
            Self::Stored(data) if data.limit() == 0 => Ok(data.into_inner()),
            Self::Deflated(data) => Ok(data.into_inner()),
            Self::Stored(_) | Self::Ended(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
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
            let stage = std::mem::replace(&mut self.stage, Stage::Ended(taken));
            self.check_end(stage.into_source()?)?;
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
