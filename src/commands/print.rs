//! Answers for people: short tables and lists of fields. Machines ask for `--json`.

use serde_json::Value;

/// Between two columns.
const GAP: &str = "  ";

/// Print the document alone, or what people make of it.
pub fn answer(json: bool, document: &Value, for_people: impl FnOnce(&Value) -> String) {
    if json {
        println!("{document:#}");
    } else {
        println!("{}", for_people(document).trim_end());
    }
}

/// Tell people something beside the answer, on stderr.
pub fn note(sentence: &str) {
    eprintln!("{sentence}");
}

/// The rows of a list's `data`, one line each under the names of the fields.
pub fn table(list: &Value, fields: &[&str]) -> String {
    let rows = field(list, "data")
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return "none".to_owned();
    }
    let heads = fields.iter().map(|name| name.to_uppercase()).collect();
    let mut lines: Vec<Vec<String>> = vec![heads];
    for row in rows {
        lines.push(fields.iter().map(|name| text(field(row, name))).collect());
    }
    aligned(&lines)
}

/// The fields of one document, one line each.
pub fn fields(document: &Value) -> String {
    let members = document.as_object().into_iter().flatten();
    let lines: Vec<_> = members
        .map(|(name, value)| vec![name.clone(), text(value)])
        .collect();
    aligned(&lines)
}

/// A member of a document; null when it is not there.
pub fn field<'a>(document: &'a Value, name: &str) -> &'a Value {
    document.get(name).unwrap_or(&Value::Null)
}

/// A value as people read it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(members) if members.is_empty() => "-".to_owned(),
        other => other.to_string(),
    }
}

fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<_> = (0..columns)
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths);
        let padded: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        out.push_str(padded.join(GAP).trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_is_aligned_and_says_when_it_is_empty() {
        let list = json!({"data": [{"slug": "acme", "name": null}, {"slug": "b", "name": "Bée"}]});
        assert_eq!(
            table(&list, &["slug", "name"]),
            "SLUG  NAME\nacme  -\nb     Bée\n"
        );
        assert_eq!(table(&json!({"data": []}), &["slug"]), "none");
    }

    #[test]
    fn fields_are_read_by_people() {
        let document = json!({"types": ["a", "b"], "headers": {}, "rate": 2.5});
        assert_eq!(
            fields(&document),
            "headers  -\nrate     2.5\ntypes    a,b\n"
        );
    }
}
