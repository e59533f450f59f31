//! Cleans text: NFC, without markup and control characters, single spaces, within its maximum length.
//!
//! Most text is already clean and is not copied.

pub(super) mod excerpt;
mod html;
mod mojibake;
pub(super) mod spreadsheet_guard;

use std::borrow::Cow;

use buywire_schemas::catalog::issue::Code;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

use super::findings::FindingsBuilder;
use crate::draft::{Prose, RawField};

/// Bytes read of any text before cleaning, which limits the work on a hostile one.
const SOURCE_BYTES_MAX: usize = 64 * 1024;
/// Layers of escaping removed. More are never intended.
const LAYERS_MAX: usize = 4;

/// The rules for a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextRules {
    /// The most characters kept.
    pub chars_max: usize,
    /// Whether it may have several lines.
    pub multiline: bool,
    /// The code for removed markup.
    pub markup_code: Code,
    /// The code for truncated text.
    pub truncated_code: Code,
}

impl TextRules {
    pub(super) const TITLE: Self = Self {
        truncated_code: Code::TitleTruncated,
        ..Self::line(150)
    };
    pub(super) const DESCRIPTION: Self = Self {
        chars_max: 5_000,
        multiline: true,
        markup_code: Code::HtmlInDescription,
        truncated_code: Code::DescriptionTruncated,
    };

    /// One line with at most this many characters.
    pub(super) const fn line(chars_max: usize) -> Self {
        Self {
            chars_max,
            multiline: false,
            markup_code: Code::HtmlInText,
            truncated_code: Code::TextTruncated,
        }
    }
}

/// The clean text of an attribute. `None` if nothing is left.
pub(super) fn clean(
    raw: RawField,
    form: TextRules,
    findings: &mut FindingsBuilder,
) -> Option<String> {
    let RawField { name, text } = raw;
    let text = clean_text(&name, text, form, false, findings);
    (!text.is_empty()).then_some(text)
}

/// The same for text that may be HTML. Empty if there is none.
pub(super) fn clean_prose(
    prose: Option<Prose>,
    form: TextRules,
    findings: &mut FindingsBuilder,
) -> String {
    match prose {
        None => String::new(),
        Some(Prose::Plain(RawField { name, text })) => {
            clean_text(&name, text, form, false, findings)
        }
        Some(Prose::Html(RawField { name, text })) => clean_text(&name, text, form, true, findings),
    }
}

/// The clean text. `name` is the attribute for findings.
pub(super) fn clean_text(
    name: &str,
    text: String,
    form: TextRules,
    is_html: bool,
    notes: &mut FindingsBuilder,
) -> String {
    if is_clean(&text, form) && !(is_html && text.contains('<')) {
        return text;
    }
    let mut raised: Vec<Code> = Vec::new();
    let read = text.floor_char_boundary(SOURCE_BYTES_MAX);
    if read < text.len() {
        raised.push(form.truncated_code);
    }
    let source = Cow::Borrowed(&text[..read]);
    let tidy = strip_markup(source, form, is_html, &mut raised);
    if !tidy.is_ascii() && mojibake::is_mojibake(&tidy) {
        raised.push(Code::TextMojibake);
    }
    let end = truncation_point(&tidy, form.chars_max);
    if end < tidy.len() {
        raised.push(form.truncated_code);
    }
    for (index, code) in raised.iter().enumerate() {
        if !raised.iter().take(index).any(|earlier| earlier == code) {
            notes.raise_value(*code, name, &text);
        }
    }
    tidy[..end].trim_end().to_owned()
}

/// Whether the text is already clean.
fn is_clean(text: &str, form: TextRules) -> bool {
    match text.is_ascii() && text.len() <= form.chars_max {
        true => is_clean_ascii(text, form),
        false => is_clean_any(text, form),
    }
}

fn is_clean_any(text: &str, form: TextRules) -> bool {
    let mut blank_before = true;
    let (mut markup, mut misread) = (false, false);
    for letter in text.chars() {
        let blank = match letter {
            ' ' => true,
            '\n' if form.multiline => true,
            _ if is_removed(letter) || letter.is_whitespace() => return false,
            _ => false,
        };
        // Two line feeds make a paragraph. Other doubled whitespace takes the slow path.
        if blank && blank_before {
            return false;
        }
        markup |= matches!(letter, '<' | '&');
        misread |= mojibake::may_be_mojibake(letter);
        blank_before = blank;
    }
    let ends_well = text.is_empty() || !blank_before;
    ends_well
        && !(misread && mojibake::is_mojibake(text))
        && !(markup && (html::has_tag(text) || html::has_entity(text)))
        && is_nfc(text)
        && truncation_point(text, form.chars_max) == text.len()
}

/// The same for ASCII text, which is most text: a slower pass over all texts of a feed is noticeable.
fn is_clean_ascii(text: &str, form: TextRules) -> bool {
    let mut blank_before = true;
    let mut markup = false;
    for byte in text.bytes() {
        let blank = byte == b' ' || byte == b'\n' && form.multiline;
        let is_control = byte.is_ascii_control() && !blank;
        if is_control || blank && blank_before {
            return false;
        }
        markup |= byte == b'<' || byte == b'&';
        blank_before = blank;
    }
    let ends_well = text.is_empty() || !blank_before;
    ends_well && !(markup && (html::has_tag(text) || html::has_entity(text)))
}

fn is_nfc(text: &str) -> bool {
    text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes
}

/// Invisible characters that can harm readers of the text: controls, byte order marks,
/// zero-width spaces, and marks that reverse the following text.
fn is_removed(letter: char) -> bool {
    match letter {
        '\t'..='\r' | '\u{85}' => false,
        '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' => true,
        '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => letter.is_control(),
    }
}

/// Whether any character is visible. Fillers and spaces of other scripts are not.
pub(super) fn is_visible(text: &str) -> bool {
    let is_blank = |letter: char| match letter {
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => {
            true
        }
        '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' => true,
        '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => letter.is_control() || letter.is_whitespace(),
    };
    !text.chars().all(is_blank)
}

/// Whether the text is a placeholder that a spreadsheet or a program left.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let is_template = |open, close| {
        let inside = text.split_once(open).map(|(_, rest): (&str, &str)| rest);
        inside.is_some_and(|rest| rest.contains(close))
    };
    let words = ["undefined", "null", "NULL", "NaN", "nil", "[object Object]"];
    let errors = [
        "#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#ERROR!", "#SPILL!",
    ];
    words.contains(&text)
        || errors.contains(&text)
        || is_template("{{", "}}")
        || is_template("{%", "%}")
        || is_template("${", "}")
}

/// Removes invisible characters, then markup and escapes, layer by layer, until none is left.
fn strip_markup(
    source: Cow<'_, str>,
    form: TextRules,
    is_html: bool,
    raised: &mut Vec<Code>,
) -> String {
    let mut text = normalize_whitespace(&strip_invisible(source, raised), form);
    let mut declared = is_html;
    for _ in 0..LAYERS_MAX {
        let layer = if declared || html::has_tag(&text) {
            if !declared {
                raised.push(form.markup_code);
            }
            // In HTML, a line break is a space. In text that only looks like HTML, it may be intended.
            html::to_text(&text, !declared)
        } else if html::has_entity(&text) {
            raised.push(Code::EntityInText);
            html::decode(&text)
        } else {
            return text;
        };
        declared = false;
        text = normalize_whitespace(&strip_invisible(Cow::Owned(layer), raised), form);
    }
    if html::has_tag(&text) || html::has_entity(&text) {
        return normalize_whitespace(&text.replace(['<', '&'], " "), form);
    }
    text
}

/// NFC without invisible characters.
fn strip_invisible<'a>(text: Cow<'a, str>, raised: &mut Vec<Code>) -> Cow<'a, str> {
    let text = if text.contains(mojibake::is_c1) {
        raised.push(Code::TextWindows1252);
        Cow::Owned(mojibake::as_windows_1252(&text))
    } else {
        text
    };
    let shown = if text.contains(is_removed) {
        raised.push(Code::ControlCharsRemoved);
        Cow::Owned(text.replace(is_removed, ""))
    } else {
        text
    };
    if is_nfc(&shown) {
        return shown;
    }
    Cow::Owned(shown.nfc().collect())
}

fn normalize_whitespace(text: &str, form: TextRules) -> String {
    if form.multiline {
        normalize_lines(text)
    } else {
        one_line(text)
    }
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Single spaces, and at most one empty line between paragraphs.
fn normalize_lines(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty_lines = 0;
    let unified = text.replace("\r\n", "\n");
    for line in unified.split([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ]) {
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_none() {
            empty_lines += 1;
            continue;
        }
        if !tidy.is_empty() {
            tidy.push_str(if empty_lines > 0 { "\n\n" } else { "\n" });
        }
        empty_lines = 0;
        for (index, word) in words.enumerate() {
            if index > 0 {
                tidy.push(' ');
            }
            tidy.push_str(word);
        }
    }
    tidy
}

/// The position at which to cut a text to this many characters: before a word if one is near,
/// never inside a grapheme.
pub(super) fn truncation_point(text: &str, chars_max: usize) -> usize {
    // There are never more characters than bytes.
    if text.len() <= chars_max {
        return text.len();
    }
    let Some((limit, _)) = text.char_indices().nth(chars_max) else {
        return text.len();
    };
    let graphemes = text.grapheme_indices(true).map(|(at, _)| at);
    let whole = graphemes.take_while(|at| *at <= limit).last().unwrap_or(0);
    // A grapheme longer than the whole limit is cut anyway.
    let whole = if whole == 0 { limit } else { whole };
    let head = &text[..whole];
    if text
        .get(whole..)
        .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    {
        return head.trim_end().len();
    }
    let word = head.rfind(char::is_whitespace);
    let near = word.filter(|at| *at > 0 && *at >= whole / 4 * 3);
    near.map_or(whole, |at| head[..at].trim_end().len())
}

#[cfg(test)]
mod tests;
