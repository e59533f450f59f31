//! JSON as text, without parsing it.

/// Removes the white space between JSON tokens. Strings stay as they are.
pub(crate) fn minify_json(json: &[u8]) -> Vec<u8> {
    let mut in_string = false;
    let mut escaped = false;
    json.iter()
        .copied()
        .filter(|byte| {
            let is_kept = in_string || !byte.is_ascii_whitespace();
            if *byte == b'"' && !escaped {
                in_string = !in_string;
            }
            escaped = in_string && *byte == b'\\' && !escaped;
            is_kept
        })
        .collect()
}
