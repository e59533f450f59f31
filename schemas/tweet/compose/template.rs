//! A parsed template: pieces between separators, each of fixed text and placeholders.
//!
//! Promises: a piece whose placeholders are all empty is left out, with one separator beside it, so that
//! no label and no dash is left without its value. Must not measure.

use super::super::defuse::{AttributedText, Origin};
use super::{Part, Placeholder, Value};

/// A piece between two separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// The separator before it.
    separator: String,
    elements: Vec<Element>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    Text(String),
    Placeholder(Placeholder),
    /// Pieces between brackets, with a placeholder in them.
    Bracketed(char, Vec<Segment>, char),
}

/// One character of fixed text, or a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Letter(char),
    Placeholder(Placeholder),
}

/// Parses a template into pieces.
pub(super) fn parse_segments(parts: &[Part]) -> Vec<Segment> {
    let tokens: Vec<_> = parts
        .iter()
        .flat_map(|part| match part {
            Part::Text(text) => text.chars().map(Token::Letter).collect(),
            Part::Placeholder(word) => vec![Token::Placeholder(*word)],
        })
        .collect();
    segments_of(&tokens)
}

fn segments_of(mut rest: &[Token]) -> Vec<Segment> {
    let mut pieces = vec![Segment::after_separator(String::new())];
    while let Some((first, behind)) = rest.split_first() {
        let sign = separator_length(rest);
        if sign > 0 {
            let (sign, behind) = rest.split_at(sign);
            pieces.push(Segment::after_separator(letters(sign)));
            rest = behind;
            continue;
        }
        let Some(piece) = pieces.last_mut() else {
            break;
        };
        if let Some((open, inside, close, behind)) = bracketed(rest) {
            let inside = segments_of(inside);
            piece.elements.push(Element::Bracketed(open, inside, close));
            rest = behind;
            continue;
        }
        match (first, piece.elements.last_mut()) {
            (Token::Placeholder(word), _) => piece.elements.push(Element::Placeholder(*word)),
            (Token::Letter(letter), Some(Element::Text(text))) => text.push(*letter),
            (Token::Letter(letter), _) => piece.elements.push(Element::Text(letter.to_string())),
        }
        rest = behind;
    }
    pieces
}

/// The length of the separator that begins here, with the spaces around it. 0 if none does.
fn separator_length(tokens: &[Token]) -> usize {
    let blanks = |from: usize| {
        let rest = tokens.get(from..).unwrap_or_default();
        let rest = rest.iter();
        rest.take_while(|token| matches!(token, Token::Letter(letter) if letter.is_whitespace()))
    };
    let has_line_end = |from| blanks(from).any(|token| *token == Token::Letter('\n'));
    let before = blanks(0).count();
    let Some(Token::Letter(sign)) = tokens.get(before) else {
        return if has_line_end(0) { before } else { 0 };
    };
    let behind = blanks(before + 1).count();
    let next = tokens.get(before + 1);
    let is_last = next.is_none();
    let parts = match sign {
        '–' | '—' | '|' | '·' | '•' => true,
        '-' => before > 0 && behind > 0,
        ',' | ';' => behind > 0 || is_last || matches!(next, Some(Token::Placeholder(_))),
        '.' | '!' | '?' => behind > 0 || is_last,
        _ => false,
    };
    match parts {
        true => before + 1 + behind,
        false if has_line_end(0) => before,
        false => 0,
    }
}

/// The text inside the bracket that opens here, if it contains a placeholder, and the text after it.
fn bracketed(tokens: &[Token]) -> Option<(char, &[Token], char, &[Token])> {
    let (Token::Letter(open), rest) = tokens.split_first()? else {
        return None;
    };
    let close = match open {
        '(' => ')',
        '[' => ']',
        _ => return None,
    };
    let mut depth = 1_usize;
    let end = rest.iter().position(|token| {
        depth += usize::from(*token == Token::Letter(*open));
        depth -= usize::from(*token == Token::Letter(close));
        depth == 0
    })?;
    let (inside, behind) = rest.split_at_checked(end)?;
    let has_placeholder = inside
        .iter()
        .any(|token| matches!(token, Token::Placeholder(_)));
    has_placeholder.then_some((*open, inside, close, behind.get(1..)?))
}

fn letters(tokens: &[Token]) -> String {
    let letters = tokens.iter().filter_map(|token| match token {
        Token::Letter(letter) => Some(*letter),
        Token::Placeholder(_) => None,
    });
    letters.collect()
}

/// Inserts the values.
pub(super) fn fill(pieces: &[Segment], values: &[Value]) -> AttributedText {
    let mut filled = AttributedText::default();
    let mut signs: Vec<&str> = Vec::new();
    let mut is_first = true;
    for piece in pieces {
        signs.push(&piece.separator);
        if piece.is_empty(values) {
            continue;
        }
        if !is_first {
            filled.push(strongest_separator(&signs), Origin::Template);
        }
        signs.clear();
        is_first = false;
        filled.append(piece.filled(values));
    }
    filled
}

/// Which separator around an omitted piece to keep: the one with the most line ends, else the last that is more than a space.
fn strongest_separator<'a>(signs: &[&'a str]) -> &'a str {
    let line_ends = |sign: &str| sign.matches('\n').count();
    let weight = |sign: &str| (line_ends(sign), usize::from(!sign.trim().is_empty()));
    let strongest = signs.iter().max_by_key(|sign| weight(sign));
    strongest.copied().unwrap_or_default()
}

impl Segment {
    const fn after_separator(sign: String) -> Self {
        Self {
            separator: sign,
            elements: Vec::new(),
        }
    }

    /// Whether it has placeholders, and all of them are empty.
    fn is_empty(&self, values: &[Value]) -> bool {
        let mut has_any = false;
        let mut words = self.elements.iter().filter_map(|element| match element {
            Element::Text(_) => None,
            Element::Placeholder(word) => Some(word.value(values).is_empty()),
            Element::Bracketed(_, inside, _) => Some(are_all_empty(inside, values)),
        });
        let all_empty = words.all(|is_empty| {
            has_any = true;
            is_empty
        });
        has_any && all_empty
    }

    /// Whitespace around an empty value becomes one space.
    fn filled(&self, values: &[Value]) -> AttributedText {
        let mut filled = AttributedText::default();
        for element in &self.elements {
            match element {
                Element::Text(text) if filled.ends_blank() => {
                    filled.push(text.trim_start(), Origin::Template);
                }
                Element::Text(text) => filled.push(text, Origin::Template),
                Element::Placeholder(word) => filled.push(word.value(values), word.origin()),
                Element::Bracketed(_, inside, _) if are_all_empty(inside, values) => {}
                Element::Bracketed(open, inside, close) => {
                    filled.push(open.encode_utf8(&mut [0; 4]), Origin::Template);
                    filled.append(fill(inside, values));
                    filled.push(close.encode_utf8(&mut [0; 4]), Origin::Template);
                }
            }
        }
        filled.trimmed()
    }
}

/// Whether all pieces in brackets are left out, except for fixed text.
fn are_all_empty(pieces: &[Segment], values: &[Value]) -> bool {
    let has_word = |piece: &&Segment| {
        let mut elements = piece.elements.iter();
        elements.any(|element| !matches!(element, Element::Text(_)))
    };
    let mut pieces = pieces.iter().filter(has_word);
    pieces.all(|piece| piece.is_empty(values))
}
