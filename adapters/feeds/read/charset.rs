//! Decodes plain bytes to UTF-8, or fails with the position of the first invalid byte. Never produces mojibake.
//!
//! A byte order mark decides, then the feed's setting, then what the document or its transport
//! declares. Bytes up to the first beyond ASCII mean the same in almost all charsets, so
//! the decision waits for that byte and examines what follows: what is valid UTF-8 there is UTF-8,
//! even if a single-byte charset is declared (text in such a charset is never valid UTF-8 by
//! accident, and servers declare them by default). Text that is neither UTF-8 nor declared is rejected.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::fault::Fault;
use super::limits::Hints;
use super::unpack::Source;

/// Bytes held, and the most that a decision examines.
const BYTES: usize = 64 << 10;
/// Where an XML declaration is looked for.
const DECLARATION_BYTES: usize = 1 << 10;
/// The first bytes, in which a zero byte shows that this is not text.
const BINARY_BYTES: usize = 512;
/// The least room that every decoder makes progress with.
pub(super) const OUTPUT_BYTES_MIN: usize = 16;

/// The document as UTF-8.
pub(super) struct TextDecoder {
    source: Source,
    /// Bytes read but not decoded: `held[start..]`.
    buffer: Vec<u8>,
    start: usize,
    /// The source has no more.
    ended: bool,
    /// How many bytes were decoded before `held[start]`.
    offset: u64,
    charset: CharsetState,
}

enum CharsetState {
    /// ASCII so far.
    Undecided(Option<Declared>),
    Decided(&'static Encoding, Box<Decoder>),
    Finished,
}

#[derive(Clone, Copy)]
struct Declared {
    encoding: &'static Encoding,
    /// By the feed's setting, which is obeyed.
    by_setting: bool,
}

impl TextDecoder {
    /// Reads the beginning, and finds byte order mark and declarations.
    pub(super) fn open(source: Source, hints: &Hints) -> Result<Self, Fault> {
        let charset = CharsetState::Undecided(None);
        let held = Vec::with_capacity(BYTES);
        let mut text = Self {
            source,
            buffer: held,
            start: 0,
            ended: false,
            offset: 0,
            charset,
        };
        text.fill()?;
        if let Some((encoding, length)) = Encoding::for_bom(&text.buffer) {
            text.consume(length);
            text.charset = decided(encoding);
            return Ok(text);
        }
        let declared = declared_charset(&text.buffer, hints)?;
        text.charset = match (utf_16_without_bom(&text.buffer), declared) {
            (Some(encoding), _) => decided(encoding),
            (None, Some(declared)) if !declared.encoding.is_ascii_compatible() => {
                decided(declared.encoding)
            }
            _ if is_binary(&text.buffer) => {
                let begins = String::new();
                return Err(Fault::NotAFeed {
                    what: "a binary file",
                    begins,
                });
            }
            (None, declared) => CharsetState::Undecided(declared),
        };
        Ok(text)
    }

    /// Writes UTF-8 into at least [`OUTPUT_BYTES_MIN`] bytes. Writes nothing at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if self.remaining().is_empty() && !self.ended {
                self.fill()?;
            }
            let written = match self.charset {
                CharsetState::Finished => return Ok(0),
                CharsetState::Decided(..) => self.decode(into)?,
                CharsetState::Undecided(declared) => match self.remaining().first() {
                    None => return Ok(0),
                    Some(first) if first.is_ascii() => self.copy_ascii(into),
                    Some(_) => {
                        self.fill()?;
                        self.charset = decided(self.decide(declared)?);
                        0
                    }
                },
            };
            if written > 0 {
                return Ok(written);
            }
        }
    }

    fn remaining(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        self.offset += count as u64;
    }

    /// Moves what is left to the front and reads until the buffer is full or the source has ended.
    fn fill(&mut self) -> Result<(), Fault> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let capacity = (BYTES - self.buffer.len()) as u64;
        self.source
            .by_ref()
            .take(capacity)
            .read_to_end(&mut self.buffer)?;
        self.ended = self.buffer.len() < BYTES;
        Ok(())
    }

    fn copy_ascii(&mut self, into: &mut [u8]) -> usize {
        let remaining = self.remaining();
        let count = Encoding::ascii_valid_up_to(remaining).min(into.len());
        if let (Some(from), Some(to)) = (remaining.get(..count), into.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        count
    }

    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Fault> {
        let remaining = &self.buffer[self.start..];
        let CharsetState::Decided(encoding, decoder) = &mut self.charset else {
            return Ok(0);
        };
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(remaining, into, self.ended);
        let charset = encoding.name();
        self.consume(read);
        match result {
            DecoderResult::InputEmpty if self.ended => self.charset = CharsetState::Finished,
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            DecoderResult::Malformed(malformed, after) => {
                let at = self
                    .offset
                    .saturating_sub(u64::from(malformed) + u64::from(after));
                return Err(Fault::EncodingInvalidBytes { charset, at });
            }
        }
        Ok(written)
    }

    /// Decides the charset at the first byte beyond ASCII.
    fn decide(&self, declared: Option<Declared>) -> Result<&'static Encoding, Fault> {
        let is_utf_8 = match std::str::from_utf8(self.remaining()) {
            Ok(_) => true,
            // Cut in the middle of a character.
            Err(error) => error.error_len().is_none() && !self.ended,
        };
        match declared {
            Some(Declared {
                encoding,
                by_setting: true,
            }) => Ok(encoding),
            Some(Declared { encoding, .. }) if !(is_utf_8 && encoding.is_single_byte()) => {
                Ok(encoding)
            }
            _ if is_utf_8 => Ok(UTF_8),
            Some(Declared { encoding, .. }) => Ok(encoding),
            None => Err(Fault::EncodingUndetected {
                at: self.offset,
                looks_like: self.guess(),
            }),
        }
    }

    /// A guess that is reported and never used: related charsets differ in only a few letters.
    fn guess(&self) -> Option<&'static str> {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(self.remaining(), self.ended);
        let guess = detector.guess(None, Utf8Detection::Allow);
        (guess != UTF_8).then(|| guess.name())
    }
}

fn decided(encoding: &'static Encoding) -> CharsetState {
    CharsetState::Decided(
        encoding,
        Box::new(encoding.new_decoder_without_bom_handling()),
    )
}

/// The charset that the setting, the document or the transport declares, in this order: the document's author
/// knows better than its server.
fn declared_charset(beginning: &[u8], hints: &Hints) -> Result<Option<Declared>, Fault> {
    if let Some(label) = hints.charset.as_deref() {
        let encoding = encoding_by_label(label)
            .ok_or_else(|| Fault::EncodingUnknown(label.chars().take(200).collect()))?;
        return Ok(Some(Declared {
            encoding,
            by_setting: true,
        }));
    }
    let label = xml_declared(beginning).or(hints.content_type_charset());
    let Some(label) = label else {
        return Ok(None);
    };
    let encoding = encoding_by_label(label)
        .ok_or_else(|| Fault::EncodingUnknown(label.chars().take(200).collect()))?;
    // If the declaration is readable as ASCII, the document is not UTF-16.
    let encoding = if [UTF_16LE, UTF_16BE].contains(&encoding) {
        UTF_8
    } else {
        encoding
    };
    Ok(Some(Declared {
        encoding,
        by_setting: false,
    }))
}

/// A charset of the Encoding Standard that keeps its text.
fn encoding_by_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// The pseudo-attribute `encoding` of the XML declaration.
fn xml_declared(beginning: &[u8]) -> Option<&str> {
    let beginning = beginning.get(..DECLARATION_BYTES).unwrap_or(beginning);
    let ascii = beginning.get(..Encoding::ascii_valid_up_to(beginning))?;
    let text = std::str::from_utf8(ascii).ok()?.trim_start();
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}

/// Text that is not UTF-16 has no zeros.
fn is_binary(beginning: &[u8]) -> bool {
    beginning.iter().take(BINARY_BYTES).any(|byte| *byte == 0)
}

/// UTF-16 without a byte order mark: every other byte of two ASCII characters is zero.
fn utf_16_without_bom(beginning: &[u8]) -> Option<&'static Encoding> {
    match beginning {
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some(UTF_16BE),
        _ => None,
    }
}
