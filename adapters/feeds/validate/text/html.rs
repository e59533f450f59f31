//! Converts HTML to text: removes tags, puts blocks on separate lines, decodes character references once.
//!
//! The result is text, not safe HTML. It must be escaped like any other text.

/// Tags that distinguish markup from text with angle brackets, in alphabetical order. Those
/// that begin a new line are marked.
const TAGS: [(&str, bool); 59] = [
    ("a", false),
    ("abbr", false),
    ("address", true),
    ("article", true),
    ("b", false),
    ("big", false),
    ("blockquote", true),
    ("body", true),
    ("br", true),
    ("center", true),
    ("code", false),
    ("dd", true),
    ("del", false),
    ("div", true),
    ("dl", true),
    ("dt", true),
    ("em", false),
    ("figure", true),
    ("font", false),
    ("footer", true),
    ("form", true),
    ("h1", true),
    ("h2", true),
    ("h3", true),
    ("h4", true),
    ("h5", true),
    ("h6", true),
    ("head", true),
    ("header", true),
    ("hr", true),
    ("html", true),
    ("i", false),
    ("iframe", false),
    ("img", false),
    ("input", false),
    ("ins", false),
    ("li", true),
    ("link", false),
    ("meta", false),
    ("ol", true),
    ("p", true),
    ("pre", true),
    ("s", false),
    ("script", false),
    ("section", true),
    ("small", false),
    ("span", false),
    ("strong", false),
    ("style", false),
    ("sub", false),
    ("sup", false),
    ("svg", false),
    ("table", true),
    ("tbody", true),
    ("td", false),
    ("th", false),
    ("tr", true),
    ("u", false),
    ("ul", true),
];
/// Elements whose content is not text.
const NON_TEXT_ELEMENTS: [&str; 3] = ["script", "style", "svg"];
/// Longer text is not a tag: this limits the search for a tag's end.
const TAG_BYTES_MAX: usize = 4_096;
/// Longer text is not a character reference.
const ENTITY_BYTES_MAX: usize = 34;

/// Something between angle brackets.
struct Tag<'a> {
    name: &'a str,
    closing: bool,
    /// Bytes, brackets included.
    len: usize,
}

/// Whether there is a tag that HTML knows, or a comment.
pub(crate) fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at..];
        rest.starts_with("<!--") || tag(rest).is_some_and(|tag| lookup_tag(tag.name).is_some())
    })
}

/// Whether there is a character reference.
pub(crate) fn has_entity(text: &str) -> bool {
    text.match_indices('&')
        .any(|(at, _)| entity(&text[at..]).is_some())
}

/// The text without tags, comments and silent elements. References are decoded once, afterwards.
pub(crate) fn to_text(html: &str, keep_lines: bool) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        push(&mut text, before, keep_lines);
        let consumed = skip_markup(from, &mut text);
        rest = &from[consumed..];
    }
    push(&mut text, rest, keep_lines);
    decode(&text)
}

fn push(text: &mut String, piece: &str, keep_lines: bool) {
    if keep_lines {
        text.push_str(piece);
    } else {
        text.extend(
            piece
                .chars()
                .map(|letter| if letter.is_whitespace() { ' ' } else { letter }),
        );
    }
}

/// Processes what begins with `<`, adds its meaning to the text, and returns its length.
fn skip_markup(from: &str, text: &mut String) -> usize {
    if let Some(comment) = from.strip_prefix("<!--") {
        return comment.find("-->").map_or(from.len(), |end| end + 7);
    }
    let Some(tag) = tag(from) else {
        text.push('<');
        return 1;
    };
    if lookup_tag(tag.name).unwrap_or_default() {
        break_line(&tag, text);
    } else if matches!(tag.name, "td" | "th" | "TD" | "TH") {
        text.push(' ');
    }
    let non_text = NON_TEXT_ELEMENTS
        .iter()
        .find(|name| name.eq_ignore_ascii_case(tag.name));
    match non_text {
        Some(name) if !tag.closing => end_of_element(from, tag.len, name),
        _ => tag.len,
    }
}

/// Begins a line, or two after a paragraph. Nested blocks begin the same line.
fn break_line(tag: &Tag<'_>, text: &mut String) {
    let is = |name: &str| tag.name.eq_ignore_ascii_case(name);
    let line_has_begun = !text.trim_end_matches(' ').ends_with('\n');
    if line_has_begun || is("br") {
        text.push('\n');
    }
    if tag.closing && is("p") {
        text.push('\n');
    }
}

/// The end of a silent element's closing tag, or of the text.
fn end_of_element(from: &str, begin: usize, name: &str) -> usize {
    let content = &from[begin..];
    let closing = content.match_indices("</").find_map(|(at, _)| {
        let tag = tag(content.get(at..)?)?;
        tag.name
            .eq_ignore_ascii_case(name)
            .then_some(begin + at + tag.len)
    });
    closing.unwrap_or(from.len())
}

/// The tag at the start of a text. Declarations and processing instructions have no name.
fn tag(from: &str) -> Option<Tag<'_>> {
    let inner = from.strip_prefix('<')?;
    let closing = inner.starts_with('/');
    let named = inner.strip_prefix('/').unwrap_or(inner);
    let end = named
        .find(|letter: char| {
            !letter.is_ascii_alphanumeric() && !matches!(letter, ':' | '-' | '!' | '?')
        })
        .unwrap_or(named.len());
    let name = named.get(..end)?;
    if !name.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '!' | '?'))
    {
        return None;
    }
    let len = 1 + tag_end(inner)? + 1;
    Some(Tag { name, closing, len })
}

/// The position of the closing bracket: outside quotes, or anywhere if the quotes do not match.
fn tag_end(inner: &str) -> Option<usize> {
    let mut quote = None;
    let mut inside_quotes = None;
    for (at, byte) in inner.bytes().enumerate().take(TAG_BYTES_MAX) {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'>', Some(_)) => inside_quotes = inside_quotes.or(Some(at)),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    inside_quotes
}

/// Whether this is an HTML tag, and whether it begins a new line.
fn lookup_tag(name: &str) -> Option<bool> {
    if name.starts_with(['!', '?']) {
        return Some(false);
    }
    let mut tags = TAGS.iter();
    tags.find(|(tag, _)| tag.eq_ignore_ascii_case(name))
        .map(|(_, block)| *block)
}

/// Decodes every character reference once.
pub(crate) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        decoded.push_str(before);
        let consumed = match entity(from) {
            Some((letters, len)) => {
                decoded.push_str(&letters);
                len
            }
            None => {
                decoded.push('&');
                1
            }
        };
        rest = &from[consumed..];
    }
    decoded.push_str(rest);
    decoded
}

/// The character reference at the start of a text: its meaning and length. Only complete ones
/// count: in text, `&copy=1` is not a reference.
fn entity(from: &str) -> Option<(String, usize)> {
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let inner = from.as_bytes().iter().skip(1).take(ENTITY_BYTES_MAX);
    let len = 1 + inner.take_while(|byte| named(byte)).count();
    let whole = from.get(..=len).filter(|whole| whole.ends_with(';'))?;
    let letters = htmlize::unescape(whole);
    // A name that HTML knows only in part, such as `&notit;`, is not one either.
    (letters != whole && !letters.ends_with(';')).then(|| (letters.into_owned(), whole.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_html_knows_is_markup() {
        for text in [
            "<b>",
            "a<br/>",
            "</P>",
            "<!-- x",
            "<a href='>'>",
            "<!DOCTYPE html>",
            "<?xml?>",
        ] {
            assert!(has_tag(text), "{text}");
        }
        for text in [
            "5 < 6 > 4",
            "<3",
            "<Deluxe>",
            "a<b",
            "< b>",
            "<>",
            "<b",
            "<é>",
        ] {
            assert!(!has_tag(text), "{text}");
        }
        for text in ["&amp;", "&#39;", "&#x27;", "&nbsp;", "&hellip;"] {
            assert!(has_entity(text), "{text}");
        }
        for text in [
            "&",
            "&amp",
            "a & b;",
            "&nosuchname;",
            "&;",
            "&#;",
            "&notit;",
            "&é;",
        ] {
            assert!(!has_entity(text), "{text}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_hides_no_text() {
        assert_eq!(to_text("<a href=\"x>text</a>", false), "text");
        assert_eq!(to_text("<script>never closed", false), "");
        assert_eq!(to_text("a < b", false), "a < b");
    }

    #[test]
    fn the_known_tags_are_in_order() {
        assert!(TAGS.is_sorted());
    }
}
