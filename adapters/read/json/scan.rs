//! Where a JSON value ends.

use memchr::memchr2;

/// As deep as the parser goes.
const DEPTH_MAX: u32 = 128;

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Before this byte.
    End(usize),
    /// Not in these bytes.
    More,
    /// It has no end, because of the byte at this place.
    Bad { at: usize, reason: &'static str },
}

/// The end of the value that begins with the first byte. `ended`: nothing comes after these bytes.
pub(super) fn value_end(bytes: &[u8], ended: bool) -> Cut {
    match bytes.first() {
        Some(b'{' | b'[') => bracket_end(bytes),
        Some(b'"') => string_end(bytes, 0).map_or(Cut::More, Cut::End),
        _ => word_end(bytes, ended),
    }
}

/// Numbers, `true`, `false`, `null`, and whatever else is no string and no bracket.
fn word_end(bytes: &[u8], ended: bool) -> Cut {
    let stops = |byte: &u8| {
        matches!(byte, b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']') || byte.is_ascii_whitespace()
    };
    match bytes.iter().position(stops) {
        Some(0) => Cut::Bad {
            at: 0,
            reason: "expected a value",
        },
        Some(at) => Cut::End(at),
        None if ended && !bytes.is_empty() => Cut::End(bytes.len()),
        None => Cut::More,
    }
}

/// Behind the closing quote of the string whose opening quote stands at `from`.
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

fn bracket_end(bytes: &[u8]) -> Cut {
    // One bit for each open bracket: 1 is an object. The newest is the lowest.
    let mut kinds = 0_u128;
    let mut depth = 0;
    let mut from = 0;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(found) = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
        else {
            return Cut::More;
        };
        let at = from + found;
        from = at + 1;
        match bytes.get(at) {
            Some(b'"') => match string_end(bytes, at) {
                Some(end) => from = end,
                None => return Cut::More,
            },
            Some(open @ (b'{' | b'[')) => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Cut::Bad {
                        at,
                        reason: "values are nested deeper than 128",
                    };
                }
                kinds = kinds << 1 | u128::from(*open == b'{');
            }
            close => {
                if (kinds & 1 == 1) != (close == Some(&b'}')) {
                    return Cut::Bad {
                        at,
                        reason: "a bracket is closed by another kind",
                    };
                }
                kinds >>= 1;
                depth -= 1;
                if depth == 0 {
                    return Cut::End(from);
                }
            }
        }
    }
}
