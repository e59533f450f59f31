//! A template, taken apart: pieces between signs that part them, each of words of its own and of placeholders.
//!
//! Promises: a piece whose placeholders all stand for nothing is left out, with one of the signs beside it, so that
//! no label and no dash stays behind without what it belongs to. Must not measure.

use super::super::defuse::{Mixed, Origin};
use super::{Part, Value, Word};

/// What stands between two signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// What parts it from the piece before.
    sign: String,
    elements: Vec<Element>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    Text(String),
    Word(Word),
    /// Pieces between brackets, with a placeholder in them.
    Bracketed(char, Vec<Piece>, char),
}

/// One character of a template's own, or a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Letter(char),
    Word(Word),
}

/// Takes a template apart.
pub(super) fn pieces(parts: &[Part]) -> Vec<Piece> {
    let tokens: Vec<_> = parts
        .iter()
        .flat_map(|part| match part {
            Part::Text(text) => text.chars().map(Token::Letter).collect(),
            Part::Word(word) => vec![Token::Word(*word)],
        })
        .collect();
    taken_apart(&tokens)
}

fn taken_apart(mut rest: &[Token]) -> Vec<Piece> {
    let mut pieces = vec![Piece::behind(String::new())];
    while let Some((first, behind)) = rest.split_first() {
        let sign = sign_length(rest);
        if sign > 0 {
            let (sign, behind) = rest.split_at(sign);
            pieces.push(Piece::behind(letters(sign)));
            rest = behind;
            continue;
        }
        let Some(piece) = pieces.last_mut() else {
            break;
        };
        if let Some((open, inside, close, behind)) = bracketed(rest) {
            let inside = taken_apart(inside);
            piece.elements.push(Element::Bracketed(open, inside, close));
            rest = behind;
            continue;
        }
        match (first, piece.elements.last_mut()) {
            (Token::Word(word), _) => piece.elements.push(Element::Word(*word)),
            (Token::Letter(letter), Some(Element::Text(text))) => text.push(*letter),
            (Token::Letter(letter), _) => piece.elements.push(Element::Text(letter.to_string())),
        }
        rest = behind;
    }
    pieces
}

/// The length of the sign that begins here, with the blanks around it; 0 when none does.
fn sign_length(tokens: &[Token]) -> usize {
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
        ',' | ';' => behind > 0 || is_last || matches!(next, Some(Token::Word(_))),
        '.' | '!' | '?' => behind > 0 || is_last,
        _ => false,
    };
    match parts {
        true => before + 1 + behind,
        false if has_line_end(0) => before,
        false => 0,
    }
}

/// What stands between the bracket that begins here and its other half, if a placeholder does; and what is behind.
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
    let has_word = inside.iter().any(|token| matches!(token, Token::Word(_)));
    has_word.then_some((*open, inside, close, behind.get(1..)?))
}

fn letters(tokens: &[Token]) -> String {
    let letters = tokens.iter().filter_map(|token| match token {
        Token::Letter(letter) => Some(*letter),
        Token::Word(_) => None,
    });
    letters.collect()
}

/// Puts the values in.
pub(super) fn fill(pieces: &[Piece], values: &[Value]) -> Mixed {
    let mut filled = Mixed::default();
    let mut signs: Vec<&str> = Vec::new();
    let mut is_first = true;
    for piece in pieces {
        signs.push(&piece.sign);
        if piece.is_void(values) {
            continue;
        }
        if !is_first {
            filled.push(strongest(&signs), Origin::Own);
        }
        signs.clear();
        is_first = false;
        filled.append(piece.filled(values));
    }
    filled
}

/// Of the signs around what was left out: the one with the most line ends, else the last that is more than a blank.
fn strongest<'a>(signs: &[&'a str]) -> &'a str {
    let line_ends = |sign: &str| sign.matches('\n').count();
    let weight = |sign: &str| (line_ends(sign), usize::from(!sign.trim().is_empty()));
    let strongest = signs.iter().max_by_key(|sign| weight(sign));
    strongest.copied().unwrap_or_default()
}

impl Piece {
    const fn behind(sign: String) -> Self {
        Self {
            sign,
            elements: Vec::new(),
        }
    }

    /// Whether it has placeholders, and all of them stand for nothing.
    fn is_void(&self, values: &[Value]) -> bool {
        let mut has_any = false;
        let mut words = self.elements.iter().filter_map(|element| match element {
            Element::Text(_) => None,
            Element::Word(word) => Some(word.value(values).is_empty()),
            Element::Bracketed(_, inside, _) => Some(is_void(inside, values)),
        });
        let all_empty = words.all(|is_empty| {
            has_any = true;
            is_empty
        });
        has_any && all_empty
    }

    /// White space around nothing is one space.
    fn filled(&self, values: &[Value]) -> Mixed {
        let mut filled = Mixed::default();
        for element in &self.elements {
            match element {
                Element::Text(text) if filled.ends_blank() => {
                    filled.push(text.trim_start(), Origin::Own);
                }
                Element::Text(text) => filled.push(text, Origin::Own),
                Element::Word(word) => filled.push(word.value(values), word.origin()),
                Element::Bracketed(_, inside, _) if is_void(inside, values) => {}
                Element::Bracketed(open, inside, close) => {
                    filled.push(open.encode_utf8(&mut [0; 4]), Origin::Own);
                    filled.append(fill(inside, values));
                    filled.push(close.encode_utf8(&mut [0; 4]), Origin::Own);
                }
            }
        }
        filled.trimmed()
    }
}

/// Whether pieces in brackets are all left out, but for words of the template's own.
fn is_void(pieces: &[Piece], values: &[Value]) -> bool {
    let has_word = |piece: &&Piece| {
        let mut elements = piece.elements.iter();
        elements.any(|element| !matches!(element, Element::Text(_)))
    };
    let mut pieces = pieces.iter().filter(has_word);
    pieces.all(|piece| piece.is_void(values))
}
