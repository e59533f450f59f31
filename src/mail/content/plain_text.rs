//! A document as plain text, for programs and readers without HTML.
//!
//! Promises: lines break between words, at 72 columns; a URL stands on a line of its own, unbroken.

use super::document::{Block, Document, ItemRow};

/// What fits a terminal and a quoted reply (RFC 5322 recommends at most 78).
const COLUMNS: usize = 72;
const INDENT: &str = "    ";

/// The text, each line ended by a line feed.
pub(crate) fn plain_text(document: &Document) -> String {
    let mut parts = vec![wrapped(&document.title, "")];
    let mut is_after_heading = false;
    for block in &document.blocks {
        let text = written(block, document.colon);
        match parts.last_mut() {
            Some(last) if is_after_heading => {
                last.push('\n');
                last.push_str(&text);
            }
            _ => parts.push(text),
        }
        is_after_heading = matches!(block, Block::Heading(_));
    }
    if !document.footer.is_empty() {
        let footer = document.footer.iter().map(|line| wrapped(line, ""));
        let footer: Vec<_> = footer.collect();
        // What mail programs take for the beginning of a signature, and show small.
        parts.push(format!("-- \n{}", footer.join("\n")));
    }
    parts.join("\n\n") + "\n"
}

fn written(block: &Block, colon: &str) -> String {
    match block {
        Block::Heading(text) => {
            let line = "-".repeat(text.chars().count().min(COLUMNS));
            format!("{}\n{line}", wrapped(text, ""))
        }
        Block::Paragraph(text) => wrapped(text, ""),
        Block::Lines(lines) | Block::Verbatim(lines) | Block::Form(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| wrapped(line, "")).collect();
            lines.join("\n")
        }
        Block::Facts(facts) => {
            let facts = facts.iter();
            let lines: Vec<_> = facts
                .map(|(name, value)| wrapped(&format!("{name}{colon}{value}"), ""))
                .collect();
            lines.join("\n")
        }
        Block::Items(items) => items.iter().map(item).collect::<Vec<_>>().join("\n"),
        Block::Sums(rows) => {
            let rows = rows.iter();
            let lines: Vec<_> = rows
                .map(|row| format!("{}{colon}{}", row.label, row.amount))
                .collect();
            lines.join("\n")
        }
        Block::Button { label, url } => format!("{label}{}\n{url}", colon.trim_end_matches(' ')),
        Block::Links(links) => {
            let links = links.iter();
            let lines: Vec<_> = links
                .map(|(label, url)| format!("{label}{}\n{url}", colon.trim_end_matches(' ')))
                .collect();
            lines.join("\n")
        }
    }
}

fn item(row: &ItemRow) -> String {
    let mut lines = vec![wrapped(&row.title, INDENT)];
    let details = row.details.iter();
    lines.extend(details.map(|detail| format!("{INDENT}{}", wrapped(detail, INDENT))));
    lines.push(format!("{INDENT}{}", row.amount));
    lines.join("\n")
}

/// Breaks between words; later lines begin with the indent. Spaces that do not break stay.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + length <= COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("{indent}{word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_between_words_and_not_in_one() {
        let text = format!("{} {} end", "word ".repeat(20).trim(), "x".repeat(100));
        let lines = wrapped(&text, "  ");
        let lines: Vec<_> = lines.lines().collect();
        assert_eq!(lines[0].chars().count(), 69);
        assert!(lines[1].starts_with("  word"));
        assert_eq!(lines[2].trim().chars().count(), 100);
        assert_eq!(lines[3], "  end");
    }
}
