//! Stripe's request bodies: a JSON document as a form with brackets, `line_items[0][quantity]=1`.

use serde_json::Value;
use url::form_urlencoded::Serializer;

/// Members without a value are left out; Stripe reads an empty text as "unset".
pub(super) fn encode(document: &Value) -> String {
    let mut form = Serializer::new(String::new());
    append(&mut form, String::new(), document);
    form.finish()
}

fn append(form: &mut Serializer<'_, String>, name: String, value: &Value) {
    let nested = |inner: &str| match name.is_empty() {
        true => inner.to_owned(),
        false => format!("{name}[{inner}]"),
    };
    match value {
        Value::Null => {}
        Value::Bool(flag) => {
            form.append_pair(&name, if *flag { "true" } else { "false" });
        }
        Value::Number(number) => {
            form.append_pair(&name, &number.to_string());
        }
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => {
            form.append_pair(&name, text);
        }
        Value::Array(members) => {
            for (index, member) in members.iter().enumerate() {
                append(form, nested(&index.to_string()), member);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                append(form, nested(key), member);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn decoded(form: &str) -> Vec<(String, String)> {
        let pairs = url::form_urlencoded::parse(form.as_bytes());
        pairs
            .map(|(key, value)| (key.into(), value.into()))
            .collect()
    }

    #[test]
    fn a_document_becomes_a_form_with_brackets() {
        let document = json!({
            "mode": "payment", "empty": "", "none": null, "flag": false,
            "lines": [{"name": "A & B = ü[0]", "quantity": 2}, {"quantity": -1}],
            "a": {"b": {"c": 9_007_199_254_740_991_i64}},
        });
        let mut pairs = decoded(&encode(&document));
        pairs.sort();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("a[b][c]", "9007199254740991"),
                ("flag", "false"),
                ("lines[0][name]", "A & B = ü[0]"),
                ("lines[0][quantity]", "2"),
                ("lines[1][quantity]", "-1"),
                ("mode", "payment"),
            ]
        );
    }

    proptest! {
        /// Whatever a text holds, it stays one value of one name.
        #[test]
        fn no_text_leaves_its_value(texts in prop::collection::btree_map("[a-z]{1,6}", ".{1,40}", 0..8)) {
            let form = encode(&json!({"metadata": texts}));
            prop_assert!(form.is_ascii());
            let expected: BTreeMap<_, _> =
                texts.into_iter().map(|(key, text)| (format!("metadata[{key}]"), text)).collect();
            prop_assert_eq!(decoded(&form).into_iter().collect::<BTreeMap<_, _>>(), expected);
        }
    }
}
