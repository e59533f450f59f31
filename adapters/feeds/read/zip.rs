//! A zip archive of one file, read from front to back.
//!
//! Reading forwards needs no seeking, so that an archive may come from a stream, and no list of entries in memory: a
//! directory can claim millions. (The crate `zip` seeks and reads the whole directory first: 430 MB of memory for an
//! archive of 108 MB with two million entries.) The local header comes first, then the data, then perhaps a descriptor, then
//! the directory, which must contain exactly that entry with the length and checksum that were read,
//! then the end. The file may be in folders, and system files beside it are skipped. Encryption and other
//! methods than stored and deflated are rejected.

use std::io::{self, BufReader, Read, Take, sink};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::fault::Fault;
use super::unpack::{CountingReader, Decompress, Source};

const DEFLATED: u16 = 8;
const STORED: u16 = 0;
/// Bits of the flags: encrypted, lengths follow the data, strongly encrypted.
const ENCRYPTED: u16 = 1 | 1 << 6;
const DESCRIPTOR: u16 = 1 << 3;
/// Entries skipped, and bytes of each: systems write a few small ones.
const SKIPPED_ENTRIES_MAX: usize = 1_000;
const SKIPPED_BYTES_MAX: u64 = 1 << 20;
/// In a 32-bit field: the number is stored elsewhere, in 64 bits.
const ZIP64_MARKER: u32 = u32::MAX;

const LOCAL: [u8; 4] = [b'P', b'K', 3, 4];
const DIRECTORY: [u8; 4] = [b'P', b'K', 1, 2];
const END: [u8; 4] = [b'P', b'K', 5, 6];
const END_64: [u8; 4] = [b'P', b'K', 6, 6];

/// Reads the entry's data, then checks what follows.
pub(super) struct ZipReader {
    data: EntryData,
    crc: Crc,
    length: u64,
    descriptor: bool,
}

enum EntryData {
    Stored(Take<BufReader<CountingReader>>),
    Deflated(Box<DeflateDecoder<BufReader<CountingReader>>>),
    /// The number of packed bytes, once all are read.
    Consumed(u64),
}

/// An entry's local header.
struct LocalHeader {
    name: Vec<u8>,
    method: u16,
    /// The size of the data, if there is no descriptor.
    packed: u32,
    descriptor: bool,
}

impl LocalHeader {
    /// The signature has been read.
    fn read(source: &mut BufReader<CountingReader>) -> io::Result<Self> {
        let header = Fields::<26>::read(source)?;
        let flags = header.u16(2);
        let name = read_bytes(source, header.u16(22))?;
        read_bytes(source, header.u16(24))?;
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
    fn entry_data(&self, source: BufReader<CountingReader>) -> io::Result<EntryData> {
        let is_unknown = self.descriptor && !is_folder(&self.name) || self.packed == ZIP64_MARKER;
        match self.method {
            DEFLATED => Ok(EntryData::Deflated(Box::new(DeflateDecoder::new(source)))),
            STORED if is_unknown => {
                Err(Fault::ArchiveUnsupported("a stored file of unknown length").into())
            }
            STORED => Ok(EntryData::Stored(source.take(u64::from(self.packed)))),
            _ => Err(Fault::ArchiveUnsupported("a zip method other than deflate").into()),
        }
    }
}

impl ZipReader {
    /// Reads up to the data of the first relevant entry.
    pub(super) fn open(source: Source) -> io::Result<Self> {
        let mut source = CountingReader::buffered(source);
        let mut signature = [0; 4];
        source.read_exact(&mut signature)?;
        for _ in 0..SKIPPED_ENTRIES_MAX {
            match signature {
                LOCAL => {}
                DIRECTORY | END | END_64 => return Err(Fault::EmptyFeed.into()),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
            let local = LocalHeader::read(&mut source)?;
            if !is_system_file(&local.name) {
                return Ok(Self {
                    data: local.entry_data(source)?,
                    crc: Crc::new(),
                    length: 0,
                    descriptor: local.descriptor,
                });
            }
            (source, signature) = skip_entry(&local, source)?;
        }
        Err(Fault::ArchiveMultipleEntries.into())
    }

    /// After the data: the directory must match what was read, for this entry and no other relevant one.
    fn check_end(&self, source: BufReader<CountingReader>) -> io::Result<()> {
        let mut source = source;
        let mut signature = next_signature(&mut source, self.descriptor)?;
        let mut entries = 0;
        while signature == LOCAL {
            let local = LocalHeader::read(&mut source)?;
            entries += 1;
            if !is_system_file(&local.name) || entries > SKIPPED_ENTRIES_MAX {
                return Err(Fault::ArchiveMultipleEntries.into());
            }
            (source, signature) = skip_entry(&local, source)?;
        }
        let (mut entries, mut files) = (0, 0);
        while signature == DIRECTORY {
            entries += 1;
            files += usize::from(self.is_file(&mut source)?);
            if files > 1 || entries > 2 * SKIPPED_ENTRIES_MAX {
                return Err(Fault::ArchiveMultipleEntries.into());
            }
            source.read_exact(&mut signature)?;
        }
        match signature {
            END_64 | END if files == 0 => Err(io::ErrorKind::InvalidData.into()),
            // Its own record, its locator, then the end.
            END_64 => Fields::<{ 52 + 20 + 22 }>::read(&mut source).map(drop),
            END => Fields::<18>::read(&mut source).map(drop),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Whether a directory's entry is the file, and matches what was read.
    fn is_file(&self, source: &mut BufReader<CountingReader>) -> io::Result<bool> {
        let entry = Fields::<42>::read(source)?;
        let name = read_bytes(source, entry.u16(24))?;
        read_bytes(source, entry.u16(26))?;
        read_bytes(source, entry.u16(28))?;
        if is_system_file(&name) {
            return Ok(false);
        }
        // A length beyond 32 bits is stored elsewhere, and the checksum covers it anyway.
        let length = entry.u32(20);
        let fits = length == ZIP64_MARKER || u64::from(length) == self.length;
        if entry.u32(12) != self.crc.sum() || !fits {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(true)
    }
}

/// Entries that systems add: folders, metadata and hidden files.
fn is_system_file(name: &[u8]) -> bool {
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

/// Skips an entry's data, and returns the signature after it.
fn skip_entry(
    local: &LocalHeader,
    source: BufReader<CountingReader>,
) -> io::Result<(BufReader<CountingReader>, [u8; 4])> {
    let mut entry = local.entry_data(source)?;
    let reader: &mut dyn Read = match &mut entry {
        EntryData::Stored(data) => data,
        EntryData::Deflated(data) => data,
        EntryData::Consumed(_) => &mut io::empty(),
    };
    if io::copy(&mut reader.take(SKIPPED_BYTES_MAX + 1), &mut sink())? > SKIPPED_BYTES_MAX {
        return Err(Fault::ArchiveMultipleEntries.into());
    }
    let mut source = entry.into_source()?;
    let signature = next_signature(&mut source, local.descriptor)?;
    Ok((source, signature))
}

/// The next header's first bytes. A descriptor before it may have a signature, and its
/// lengths 32 or 64 bits.
fn next_signature(source: &mut BufReader<CountingReader>, descriptor: bool) -> io::Result<[u8; 4]> {
    let mut signature = [0; 4];
    source.read_exact(&mut signature)?;
    if !descriptor || matches!(signature, LOCAL | DIRECTORY) {
        return Ok(signature);
    }
    // A descriptor has 12, 16, 20 or 24 bytes; four are read already.
    read_bytes(source, 8)?;
    for _ in 0..4 {
        source.read_exact(&mut signature)?;
        if matches!(signature, LOCAL | DIRECTORY | END) {
            return Ok(signature);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

impl EntryData {
    /// Reads what follows the data.
    fn into_source(self) -> io::Result<BufReader<CountingReader>> {
        match self {
            Self::Stored(data) if data.limit() == 0 => Ok(data.into_inner()),
            Self::Deflated(data) => Ok(data.into_inner()),
            Self::Stored(_) | Self::Consumed(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Read for ZipReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.data {
            EntryData::Stored(data) => data.read(into)?,
            EntryData::Deflated(data) => data.read(into)?,
            EntryData::Consumed(_) => return Ok(0),
        };
        self.crc.update(&into[..read]);
        self.length += read as u64;
        if read == 0 {
            let taken = self.input_bytes();
            let entry = std::mem::replace(&mut self.data, EntryData::Consumed(taken));
            self.check_end(entry.into_source()?)?;
        }
        Ok(read)
    }
}

impl Decompress for ZipReader {
    fn input_bytes(&self) -> u64 {
        match &self.data {
            EntryData::Stored(data) => data.get_ref().get_ref().count,
            EntryData::Deflated(data) => data.get_ref().get_ref().count,
            EntryData::Consumed(count) => *count,
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
fn read_bytes(source: &mut impl Read, length: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}
