//! Form-encoded parameters with brackets, `line_items[0][price_data][currency]=eur`, as a tree.
//!
//! Promises: bounded in pairs and depth; the same parameters in another order give the same tree. All values are
//! texts: what they must be is `shape`'s business.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ApiError;

/// A hundred lines with some ten parameters each.
const PAIRS_MAX: usize = 2_000;
/// One more than Stripe's deepest parameter.
const DEPTH_MAX: usize = 8;

#[derive(Debug)]
enum Node {
    Text(String),
    Branch(BTreeMap<String, Node>),
}

/// Reads a body or a query.
pub(crate) fn parse(text: &str) -> Result<Value, ApiError> {
    let mut root = BTreeMap::new();
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    for (count, pair) in pairs.enumerate() {
        if count >= PAIRS_MAX {
            let message = format!("At most {PAIRS_MAX} parameters are allowed.");
            return Err(ApiError::request(message));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(name), decode(value)) else {
            return Err(ApiError::request("The parameters are not valid UTF-8."));
        };
        insert(&mut root, &segments(&name)?, value)?;
    }
    Ok(tree(root))
}

/// `a[b][]` has the segments `a`, `b` and an empty one.
fn segments(name: &str) -> Result<Vec<&str>, ApiError> {
    let malformed = || ApiError::request("A parameter's name has brackets that do not fit.");
    let (first, mut rest) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let mut segments = vec![first];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(malformed)?;
        let (segment, after) = inner.split_once(']').ok_or_else(malformed)?;
        if segments.len() >= DEPTH_MAX || segment.contains('[') {
            return Err(malformed());
        }
        segments.push(segment);
        rest = after;
    }
    match first.is_empty() {
        true => Err(malformed()),
        false => Ok(segments),
    }
}

fn insert(
    branch: &mut BTreeMap<String, Node>,
    segments: &[&str],
    value: String,
) -> Result<(), ApiError> {
    let conflict = || ApiError::request("A parameter is given twice, or as a value and an object.");
    let Some((first, rest)) = segments.split_first() else {
        return Ok(());
    };
    // `[]` appends; a list's keys sort as numbers in `tree`.
    let key = match *first {
        "" => branch.len().to_string(),
        key => key.to_owned(),
    };
    if rest.is_empty() {
        return match branch.insert(key, Node::Text(value)) {
            None => Ok(()),
            Some(_) => Err(conflict()),
        };
    }
    let next = branch.entry(key);
    match next.or_insert_with(|| Node::Branch(BTreeMap::new())) {
        Node::Branch(inner) => insert(inner, rest, value),
        Node::Text(_) => Err(conflict()),
    }
}

/// A branch whose keys are all numbers is a list.
fn tree(branch: BTreeMap<String, Node>) -> Value {
    let value = |node| match node {
        Node::Text(text) => Value::String(text),
        Node::Branch(branch) => tree(branch),
    };
    let is_list = !branch.is_empty() && branch.keys().all(|key| index(key).is_some());
    if !is_list {
        let members = branch.into_iter().map(|(key, node)| (key, value(node)));
        return Value::Object(members.collect::<Map<_, _>>());
    }
    let numbered = branch.into_iter().map(|(key, node)| (index(&key), node));
    let sorted: BTreeMap<_, _> = numbered.collect();
    Value::Array(sorted.into_values().map(value).collect())
}

fn index(key: &str) -> Option<u32> {
    let is_number = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| key.parse().ok()).flatten()
}

/// Undoes `application/x-www-form-urlencoded`.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_become_objects_and_lists() {
        let text = "mode=payment&line_items[1][quantity]=2&line_items[0][quantity]=1&expand[]=a&expand[]=b\
                    &metadata%5Border%5D=K%C3%B6ln+5%25";
        let expected = json!({
            "mode": "payment",
            "line_items": [{"quantity": "1"}, {"quantity": "2"}],
            "expand": ["a", "b"],
            "metadata": {"order": "Köln 5%"},
        });
        assert_eq!(parse(text).unwrap(), expected);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for text in [
            "a=1&a=2",
            "a=1&a[b]=2",
            "a[b=1",
            "[a]=1",
            "a[b]c=1",
            "a=%zz",
            "a=%ff",
            "a[b[c]]=1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("a{}=1", "[b]".repeat(8))).is_err());
        assert!(parse(&"a[]=1&".repeat(PAIRS_MAX + 1)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(text in "[a-z0-9\\[\\]=&%+]{0,80}") {
            let _ = parse(&text);
        }
    }
}
