//! From plain bytes to UTF-8, or a fault with the first wrong byte's place. Never mojibake.
//!
//! A byte order mark decides; then the feed's setting; then what the document or its transport
//! declares. Bytes up to the first beyond ASCII mean the same in all charsets but a few, so that
//! the decision waits for that byte and sees what follows it: what is valid UTF-8 there is UTF-8,
//! also where a single-byte charset is declared (text in one of those is never valid UTF-8 by
//! accident, and servers declare them by default). What is neither UTF-8 nor declared is refused.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::fault::Fault;
use super::limits::Hints;
use super::unpack::Source;

/// Bytes held, and the most that a decision looks at.
const BYTES: usize = 64 << 10;
/// Where an XML declaration is looked for.
const DECLARATION_BYTES: usize = 1 << 10;
/// Where a zero byte shows that this is no text.
const BINARY_BYTES: usize = 512;
/// The least room that every decoder makes progress with.
pub(super) const ROOM_BYTES_MIN: usize = 16;

/// The document as UTF-8.
pub(super) struct Text {
    source: Source,
    /// What is read and not decoded: `held[start..]`.
    held: Vec<u8>,
    start: usize,
    /// The source has no more.
    ended: bool,
    /// How many bytes were decoded before `held[start]`.
    at: u64,
    charset: Charset,
}

enum Charset {
    /// ASCII so far.
    Open(Option<Declared>),
    Known(&'static Encoding, Box<Decoder>),
    Finished,
}

#[derive(Clone, Copy)]
struct Declared {
    encoding: &'static Encoding,
    /// By the feed's setting, which is obeyed.
    by_setting: bool,
}

impl Text {
    /// Reads the beginning, and finds byte order mark and declarations.
    pub(super) fn open(source: Source, hints: &Hints) -> Result<Self, Fault> {
        let charset = Charset::Open(None);
        let held = Vec::with_capacity(BYTES);
        let mut text = Self {
            source,
            held,
            start: 0,
            ended: false,
            at: 0,
            charset,
        };
        text.fill()?;
        if let Some((encoding, length)) = Encoding::for_bom(&text.held) {
            text.take(length);
            text.charset = known(encoding);
            return Ok(text);
        }
        let declared = declared(&text.held, hints)?;
        text.charset = match (without_mark(&text.held), declared) {
            (Some(encoding), _) => known(encoding),
            (None, Some(declared)) if !declared.encoding.is_ascii_compatible() => {
                known(declared.encoding)
            }
            _ if is_binary(&text.held) => {
                let begins = String::new();
                return Err(Fault::NotAFeed {
                    what: "a binary file",
                    begins,
                });
            }
            (None, declared) => Charset::Open(declared),
        };
        Ok(text)
    }

    /// Writes UTF-8 into at least [`ROOM_BYTES_MIN`] bytes. Nothing written: the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if self.left().is_empty() && !self.ended {
                self.fill()?;
            }
            let written = match self.charset {
                Charset::Finished => return Ok(0),
                Charset::Known(..) => self.decode(into)?,
                Charset::Open(declared) => match self.left().first() {
                    None => return Ok(0),
                    Some(first) if first.is_ascii() => self.copy_ascii(into),
                    Some(_) => {
                        self.fill()?;
                        self.charset = known(self.decide(declared)?);
                        0
                    }
                },
            };
            if written > 0 {
                return Ok(written);
            }
        }
    }

    fn left(&self) -> &[u8] {
        self.held.get(self.start..).unwrap_or_default()
    }

    fn take(&mut self, count: usize) {
        self.start += count;
        self.at += count as u64;
    }

    /// Moves what is left to the front and reads until the buffer is full or the source has ended.
    fn fill(&mut self) -> Result<(), Fault> {
        self.held.drain(..self.start);
        self.start = 0;
        let room = (BYTES - self.held.len()) as u64;
        self.source
            .by_ref()
            .take(room)
            .read_to_end(&mut self.held)?;
        self.ended = self.held.len() < BYTES;
        Ok(())
    }

    fn copy_ascii(&mut self, into: &mut [u8]) -> usize {
        let left = self.left();
        let count = Encoding::ascii_valid_up_to(left).min(into.len());
        if let (Some(from), Some(to)) = (left.get(..count), into.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.take(count);
        count
    }

    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Fault> {
        let left = self.held.get(self.start..).unwrap_or_default();
        let Charset::Known(encoding, decoder) = &mut self.charset else {
            return Ok(0);
        };
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(left, into, self.ended);
        let charset = encoding.name();
        self.take(read);
        match result {
            DecoderResult::InputEmpty if self.ended => self.charset = Charset::Finished,
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            DecoderResult::Malformed(wrong, after) => {
                let at = self.at.saturating_sub(u64::from(wrong) + u64::from(after));
                return Err(Fault::EncodingInvalidBytes { charset, at });
            }
        }
        Ok(written)
    }

    /// Which charset it is that begins with a byte beyond ASCII.
    fn decide(&self, declared: Option<Declared>) -> Result<&'static Encoding, Fault> {
        let is_utf_8 = match std::str::from_utf8(self.left()) {
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
                at: self.at,
                looks_like: self.guess(),
            }),
        }
    }

    /// A guess that is told and never acted on: related charsets differ in a few letters only.
    fn guess(&self) -> Option<&'static str> {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(self.left(), self.ended);
        let guess = detector.guess(None, Utf8Detection::Allow);
        (guess != UTF_8).then(|| guess.name())
    }
}

fn known(encoding: &'static Encoding) -> Charset {
    Charset::Known(
        encoding,
        Box::new(encoding.new_decoder_without_bom_handling()),
    )
}

/// What the setting, the document or the transport says, in this order: who wrote the document
/// knows better than who serves it.
fn declared(beginning: &[u8], hints: &Hints) -> Result<Option<Declared>, Fault> {
    if let Some(label) = hints.charset.as_deref() {
        let encoding = by_label(label)
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
    let encoding =
        by_label(label).ok_or_else(|| Fault::EncodingUnknown(label.chars().take(200).collect()))?;
    // Whoever can read the declaration as ASCII is not reading UTF-16.
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
fn by_label(label: &str) -> Option<&'static Encoding> {
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

/// Text that is no UTF-16 has no zeros.
fn is_binary(beginning: &[u8]) -> bool {
    beginning.iter().take(BINARY_BYTES).any(|byte| *byte == 0)
}

/// UTF-16 without its mark: every other byte of two ASCII characters is zero.
fn without_mark(beginning: &[u8]) -> Option<&'static Encoding> {
    match beginning {
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some(UTF_16BE),
        _ => None,
    }
}
