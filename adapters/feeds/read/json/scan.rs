//! Finds the end of a JSON value.

use memchr::memchr2;

/// As deep as the parser goes.
const DEPTH_MAX: u32 = 128;

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueEnd {
    /// Before this byte.
    End(usize),
    /// Not in these bytes.
    Incomplete,
    /// It has no end, because of the byte at this position.
    Invalid { at: usize, reason: &'static str },
}

/// The end of the value that begins with the first byte. `ended`: no bytes follow.
pub(super) fn value_end(bytes: &[u8], ended: bool) -> ValueEnd {
    match bytes.first() {
        Some(b'{' | b'[') => bracket_end(bytes),
        Some(b'"') => string_end(bytes, 0).map_or(ValueEnd::Incomplete, ValueEnd::End),
        _ => word_end(bytes, ended),
    }
}

/// Numbers, `true`, `false`, `null`, and anything else that is not a string or bracket.
fn word_end(bytes: &[u8], ended: bool) -> ValueEnd {
    let stops = |byte: &u8| {
        matches!(byte, b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']') || byte.is_ascii_whitespace()
    };
    match bytes.iter().position(stops) {
        Some(0) => ValueEnd::Invalid {
            at: 0,
            reason: "expected a value",
        },
        Some(at) => ValueEnd::End(at),
        None if ended && !bytes.is_empty() => ValueEnd::End(bytes.len()),
        None => ValueEnd::Incomplete,
    }
}

/// The position after the closing quote of the string whose opening quote is at `from`.
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut from = from + 1;
    loop {
        let at = from + memchr2(b'"', b'\\', bytes.get(from..)?)?;
        match bytes.get(at) {
            Some(b'"') => return Some(at + 1),
            _ => from = at + 2,
        }
    }
}

fn bracket_end(bytes: &[u8]) -> ValueEnd {
    // One bit for each open bracket: 1 is an object. The newest is the lowest.
    let mut kinds = 0_u128;
    let mut depth = 0;
    let mut from = 0;
    loop {
        let rest = &bytes[from..];
        let Some(found) = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
        else {
            return ValueEnd::Incomplete;
        };
        let at = from + found;
        from = at + 1;
        match bytes.get(at) {
            Some(b'"') => match string_end(bytes, at) {
                Some(end) => from = end,
                None => return ValueEnd::Incomplete,
            },
            Some(open @ (b'{' | b'[')) => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return ValueEnd::Invalid {
                        at,
                        reason: "values are nested deeper than 128",
                    };
                }
                kinds = kinds << 1 | u128::from(*open == b'{');
            }
            close => {
                if (kinds & 1 == 1) != (close == Some(&b'}')) {
                    return ValueEnd::Invalid {
                        at,
                        reason: "a bracket is closed by another kind",
                    };
                }
                kinds >>= 1;
                depth -= 1;
                if depth == 0 {
                    return ValueEnd::End(from);
                }
            }
        }
    }
}
