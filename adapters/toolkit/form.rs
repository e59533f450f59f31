//! Forms: `application/x-www-form-urlencoded`, with nested names in brackets.
//!
//! Promises: the same fields give the same bytes, and no name or value can break out of its field. Must not know any
//! dialect's fields.

use url::form_urlencoded;

/// Builds a form as Ruby's clients do: everything except letters, digits and `-._~` becomes `%XX`, including spaces and
/// brackets.
#[derive(Debug, Default)]
pub(crate) struct Form(String);

impl Form {
    /// Adds a field: `["variants", "size"]` is `variants[size]`. Brackets within a name are escaped twice, so that they
    /// cannot nest.
    pub(crate) fn put(&mut self, path: &[&str], value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        for (depth, name) in path.iter().enumerate() {
            self.push_name(name, depth > 0);
        }
        self.0.push('=');
        self.push_escaped(value);
    }

    /// Adds a field if there is a value.
    pub(crate) fn put_some(&mut self, path: &[&str], value: Option<&str>) {
        if let Some(value) = value {
            self.put(path, value);
        }
    }

    /// Adds a field with a whole number.
    pub(crate) fn put_number(&mut self, path: &[&str], value: i64) {
        self.put(path, &value.to_string());
    }

    pub(crate) fn into_body(self) -> String {
        self.0
    }

    fn push_name(&mut self, name: &str, nested: bool) {
        if nested {
            self.0.push_str("%5B");
        }
        for piece in name.split_inclusive(['[', ']']) {
            let unbracketed = piece.trim_end_matches(['[', ']']);
            self.push_escaped(unbracketed);
            match piece.strip_prefix(unbracketed) {
                Some("[") => self.0.push_str("%255B"),
                Some("]") => self.0.push_str("%255D"),
                _ => {}
            }
        }
        if nested {
            self.0.push_str("%5D");
        }
    }

    fn push_escaped(&mut self, text: &str) {
        const HEX: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
        ];
        let hex = |half: u8| HEX.get(usize::from(half)).copied().unwrap_or_default();
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.0.push(char::from(byte));
                }
                _ => self.0.extend(['%', hex(byte >> 4), hex(byte & 15)]),
            }
        }
    }
}

/// The value of a field that occurs once. A field that occurs twice is ambiguous.
pub(crate) fn read_field(body: &[u8], name: &str) -> FieldValue {
    let mut values = form_urlencoded::parse(body).filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (None, _) => FieldValue::Absent,
        (Some((_, value)), None) => FieldValue::Once(value.into_owned()),
        (Some(_), Some(_)) => FieldValue::Ambiguous,
    }
}

/// A form's value for one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldValue {
    Absent,
    Once(String),
    Ambiguous,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(path: &[&str], value: &str) -> String {
        let mut form = Form::default();
        form.put(path, value);
        form.into_body()
    }

    #[test]
    fn names_nest_in_escaped_brackets() {
        assert_eq!(
            body(&["line_items", "0", "variants", "Größe & Co"], "1 + 1"),
            "line_items%5B0%5D%5Bvariants%5D%5BGr%C3%B6%C3%9Fe%20%26%20Co%5D=1%20%2B%201"
        );
    }

    #[test]
    fn brackets_in_a_name_do_not_nest() {
        assert_eq!(
            body(&["variants", "a][b"], "x"),
            "variants%5Ba%255D%255Bb%5D=x"
        );
        assert_eq!(body(&["[[]"], ""), "%255B%255B%255D=");
    }

    #[test]
    fn what_is_written_is_read() {
        let mut form = Form::default();
        form.put(&["a"], "=&%+ \n\u{1f381}~");
        form.put(&["b"], "1");
        form.put(&["b"], "2");
        let body = form.into_body();
        let read = |name| read_field(body.as_bytes(), name);
        assert_eq!(read("a"), FieldValue::Once("=&%+ \n\u{1f381}~".to_owned()));
        assert_eq!(read("b"), FieldValue::Ambiguous);
        assert_eq!(read("c"), FieldValue::Absent);
    }
}
