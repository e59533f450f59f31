//! A country's layout of an address, such as `%Z %C`: its fields in order, with the text between them.
//!
//! Promises: text between fields is printed only between fields that have values.
//! Must not know where values come from.

use super::field::AddressField;

/// The lines of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    lines: Vec<Vec<Token>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Field(AddressField),
    Text(String),
}

impl Layout {
    /// Reads Google's notation: `%n` ends a line, `%` and another letter is a field.
    pub(super) fn read(notation: &str) -> Self {
        let lines = notation.split("%n").map(tokens);
        Self {
            lines: lines.filter(|line| !line.is_empty()).collect(),
        }
    }

    /// The fields in order, each at its last position: Ivorian codes stand before and behind the city.
    pub(super) fn fields(&self) -> Vec<AddressField> {
        let mut fields = Vec::new();
        for token in self.lines.iter().flatten() {
            if let Token::Field(field) = token {
                fields.retain(|other| other != field);
                fields.push(*field);
            }
        }
        fields
    }

    pub(super) fn has(&self, field: AddressField) -> bool {
        self.lines
            .iter()
            .flatten()
            .any(|token| *token == Token::Field(field))
    }

    /// The lines with the values in their positions. Lines without any are left out.
    pub(super) fn print(&self, value: impl Fn(AddressField) -> String) -> Vec<String> {
        let lines = self.lines.iter().map(|line| print_line(line, &value));
        lines.filter(|line| !line.is_empty()).collect()
    }
}

fn tokens(line: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (index, part) in line.split('%').enumerate() {
        let mut rest = part.chars();
        // What precedes the first `%` is text, and so is all behind the letter of each other.
        if index > 0
            && let Some(letter) = rest.next()
        {
            tokens.extend(AddressField::of_letter(letter).map(Token::Field));
        }
        if !rest.as_str().is_empty() {
            tokens.push(Token::Text(rest.as_str().to_owned()));
        }
    }
    tokens
}

fn print_line(tokens: &[Token], value: impl Fn(AddressField) -> String) -> String {
    // A line of nothing but text names the territory.
    if let [Token::Text(text)] = tokens {
        return text.clone();
    }
    let mut line = String::new();
    let mut between = "";
    for (index, token) in tokens.iter().enumerate() {
        match token {
            // Text before the first value belongs to an empty field, unless the line begins with it.
            Token::Text(text) if index == 0 || !line.is_empty() => between = text,
            Token::Text(_) => between = "",
            Token::Field(field) => {
                let value = value(*field);
                if !value.is_empty() {
                    line.push_str(std::mem::take(&mut between));
                    line.push_str(&value);
                }
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(notation: &str, empty: &[AddressField]) -> Vec<String> {
        let value = |field: AddressField| {
            let is_empty = empty.contains(&field);
            if is_empty {
                String::new()
            } else {
                field.name().to_owned()
            }
        };
        Layout::read(notation).print(value)
    }

    #[test]
    fn text_stands_only_between_values() {
        use AddressField::{City, PostalCode, Region};
        let us = "%N%n%O%n%C, %S %Z";
        assert_eq!(printed(us, &[]), ["name", "city, region postal_code"]);
        assert_eq!(printed(us, &[Region]), ["name", "city postal_code"]);
        assert_eq!(printed(us, &[City]), ["name", "region postal_code"]);
        assert_eq!(printed(us, &[Region, PostalCode]), ["name", "city"]);
        assert_eq!(printed("SE-%Z %C", &[PostalCode]), ["city"]);
        assert_eq!(printed("%C%nJERSEY%n%Z", &[PostalCode]), ["city", "JERSEY"]);
    }
}
