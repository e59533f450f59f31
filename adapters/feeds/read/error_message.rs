//! Recognises error messages and web pages inside a document, as a failing program writes them.
//!
//! PHP writes its messages into its output, and servers and databases do the same. Only the beginning
//! of a line is examined, by its first byte, so that other lines cost almost nothing.

use memchr::memmem;

/// Bytes of a line that are enough to recognise a beginning.
pub(super) const LINE_START_BYTES: usize = 64;

/// The kind of a line with this beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineStart {
    /// A tag of a web page.
    Markup,
    /// The message of a program that stopped.
    Message,
    /// A word that titles use too. The rest of the line decides.
    Word,
}

/// Tags with which web pages and messages begin.
const TAGS: [&[u8]; 22] = [
    b"!doctype",
    b"html",
    b"head",
    b"body",
    b"title",
    b"meta",
    b"script",
    b"style",
    b"div",
    b"p",
    b"h1",
    b"h2",
    b"center",
    b"pre",
    b"br",
    b"b",
    b"table",
    b"font",
    b"hr",
    b"?xml",
    b"?php",
    b"/html",
];
const MESSAGES: [&[u8]; 20] = [
    b"Fatal error:",
    b"Parse error:",
    b"Catchable fatal error:",
    b"Recoverable fatal error:",
    b"Strict Standards:",
    b"PHP Fatal error:",
    b"PHP Parse error:",
    b"PHP Warning:",
    b"PHP Notice:",
    b"PHP Deprecated:",
    b"Uncaught ",
    b"Traceback (most recent call last)",
    b"Exception in thread ",
    b"Unhandled exception",
    b"SQLSTATE[",
    b"ORA-0",
    b"Internal Server Error",
    b"502 Bad Gateway",
    b"503 Service ",
    b"504 Gateway ",
];
const WORDS: [&[u8]; 5] = [
    b"Warning:",
    b"Notice:",
    b"Deprecated:",
    b"Error:",
    b"ERROR:",
];
/// Text that such messages contain and titles do not.
const MESSAGE_MARKERS: [&[u8]; 6] = [
    b" on line ",
    b"Fatal error:",
    b"Stack trace:",
    b"Traceback (most recent",
    b"SQLSTATE[",
    b"</html>",
];

/// The kind of a line that begins with these bytes. `None`: an ordinary line.
pub(super) fn classify_line(line: &[u8]) -> Option<LineStart> {
    let begins = |words: &[&[u8]]| words.iter().any(|word| line.starts_with(word));
    match line.first()? {
        b'<' => is_tag(line.get(1..)?).then_some(LineStart::Markup),
        b'F' | b'P' | b'C' | b'R' | b'S' | b'U' | b'T' | b'E' | b'O' | b'I' | b'5'
            if begins(&MESSAGES) =>
        {
            Some(LineStart::Message)
        }
        b'W' | b'N' | b'D' | b'E' if begins(&WORDS) => Some(LineStart::Word),
        _ => None,
    }
}

/// Whether it names a line of a program, which no title does.
pub(super) fn has_line_number(line: &[u8]) -> bool {
    memmem::find(line, b" on line ").is_some()
}

/// Whether the line contains such a message.
pub(super) fn contains_message(line: &[u8]) -> bool {
    MESSAGE_MARKERS
        .iter()
        .any(|mark| memmem::find(line, mark).is_some())
}

/// Whether a line ends in the break with which PHP begins a message.
pub(super) fn ends_in_br(line: &[u8]) -> bool {
    line.ends_with(b">")
        && (line.ends_with(b"<br />") || line.ends_with(b"<br>") || line.ends_with(b"<br/>"))
}

fn is_tag(name: &[u8]) -> bool {
    let named = |tag: &[u8]| {
        let found = name.get(..tag.len());
        let after = name.get(tag.len());
        let ends =
            after.is_none_or(|byte| matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace());
        found.is_some_and(|found| found.eq_ignore_ascii_case(tag)) && ends
    };
    TAGS.iter().any(|tag| named(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_from_rows() {
        for (line, expected) in [
            ("<br />", Some(LineStart::Markup)),
            ("<BR>", Some(LineStart::Markup)),
            (
                "<b>Fatal error</b>:  Allowed memory",
                Some(LineStart::Markup),
            ),
            ("<!DOCTYPE html>", Some(LineStart::Markup)),
            ("Fatal error: Uncaught Error", Some(LineStart::Message)),
            ("PHP Warning:  Undefined index", Some(LineStart::Message)),
            (
                "Traceback (most recent call last):",
                Some(LineStart::Message),
            ),
            (
                "Warning: Undefined index: gtin in /srv/feed.php on line 3",
                Some(LineStart::Word),
            ),
            ("Warning sign,5.00", None),
            ("<bold>,5", None),
            ("Panama hat,5.00", None),
            ("", None),
        ] {
            assert_eq!(classify_line(line.as_bytes()), expected, "{line}");
        }
        assert!(contains_message(
            b"5,TePHP Fatal error:  Out of memory in /srv/feed.php on line 3"
        ));
        assert!(!contains_message(b"5,A line of shirts"));
    }
}
