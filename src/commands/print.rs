//! Output for people: short tables and lists of fields. Machines use `--json`.
//!
//! Promises: the most important field comes first; a table fits the terminal, and is complete in a pipe; times are
//! relative, beside the exact ones where there is room.

use buywire_schemas::text::{is_bidi_control, is_invisible};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ambient;
use crate::output;

/// Between two columns.
const GAP: &str = "  ";
/// The narrowest column of a table.
const CELL_CHARS_MIN: usize = 8;
/// Members by importance; the others follow by name, and times come last.
const FIELD_ORDER: [&str; 24] = [
    "id",
    "key",
    "secret",
    "slug",
    "name",
    "title",
    "label",
    "role",
    "status",
    "state",
    "reason",
    "status_reason",
    "waiting_for",
    "last_error",
    "circuit",
    "failing_since",
    "event_type",
    "order_id",
    "partner",
    "endpoint",
    "url",
    "text",
    "adapter",
    "attempt_count",
];

/// Print the document as JSON, or as text for people.
pub(crate) fn print_document(json: bool, document: &Value, to_text: impl FnOnce(&Value) -> String) {
    if json {
        output::line(format_args!("{document:#}"));
    } else {
        output::line(to_text(document).trim_end());
    }
}

/// Print a note for people on standard error.
pub(crate) fn note(sentence: &str) {
    output::note(sentence);
}

/// The rows of a list's `data` as a table.
pub(crate) fn table(list: &Value, fields: &[&str]) -> String {
    let now = ambient::now();
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    table_at(list, fields, now, width)
}

fn table_at(list: &Value, fields: &[&str], now: OffsetDateTime, width: Option<usize>) -> String {
    let rows = field(list, "data")
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return "none".to_owned();
    }
    let heads = fields.iter().map(|name| name.to_uppercase()).collect();
    let mut lines: Vec<Vec<String>> = vec![heads];
    for row in rows {
        let cells = fields.iter().map(|name| {
            let value = field(row, name);
            time_member(name, value).map_or_else(|| text(value), |at| relative_time(at, now))
        });
        lines.push(cells.collect());
    }
    align_columns(&fit_to_width(lines, width))
}

/// The fields of a document, one per line.
pub(crate) fn fields(document: &Value) -> String {
    fields_at(document, ambient::now())
}

fn fields_at(document: &Value, now: OffsetDateTime) -> String {
    let members = document.as_object().into_iter().flatten();
    let mut members: Vec<_> = members.collect();
    members.sort_by_key(|(name, value)| {
        let rank = FIELD_ORDER.iter().position(|first| first == name);
        let is_time = time_member(name, value).is_some();
        let is_late = is_time && rank.is_none();
        (rank.unwrap_or(FIELD_ORDER.len()), is_late, name.as_str())
    });
    let lines: Vec<_> = members
        .into_iter()
        .map(|(name, value)| {
            let with_age = time_member(name, value)
                .map(|at| format!("{} ({})", text(value), relative_time(at, now)));
            vec![name.clone(), with_age.unwrap_or_else(|| text(value))]
        })
        .collect();
    align_columns(&lines)
}

/// A member of a document; null when it is not there.
pub(crate) fn field<'a>(document: &'a Value, name: &str) -> &'a Value {
    document.get(name).unwrap_or(&Value::Null)
}

/// A value as text.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => visible(text),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(members) if members.is_empty() => "-".to_owned(),
        other => other.to_string(),
    }
}

/// The time in a member, if its name marks it as one.
fn time_member(name: &str, value: &Value) -> Option<OffsetDateTime> {
    let is_time = name == "at"
        || ["_at", "_since", "_until"]
            .iter()
            .any(|end| name.ends_with(end));
    let text = value.as_str().filter(|_| is_time)?;
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// A relative time, in the largest unit that fits at least twice.
fn relative_time(at: OffsetDateTime, now: OffsetDateTime) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = (now - at).whole_seconds();
    let count = seconds.unsigned_abs();
    let (unit, name) = UNITS
        .into_iter()
        .map(|(unit, name)| (unit.unsigned_abs(), name))
        .find(|(unit, _)| count >= 2 * unit)
        .unwrap_or((1, "s"));
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("{} {name} ago", count / unit),
        _ => format!("in {} {name}", count / unit),
    }
}

/// Truncates cells so that lines fit this width: the widest columns first, but never the first column, which names
/// the row.
fn fit_to_width(mut lines: Vec<Vec<String>>, width: Option<usize>) -> Vec<Vec<String>> {
    let Some(width) = width else {
        return lines;
    };
    let mut widths = widths(&lines);
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    loop {
        let all: usize = widths.iter().sum::<usize>() + gaps;
        let widest = widths.iter_mut().skip(1).max();
        match widest {
            Some(widest) if all > width && *widest > CELL_CHARS_MIN => *widest -= 1,
            _ => break,
        }
    }
    for line in &mut lines {
        for (cell, width) in line.iter_mut().zip(&widths).skip(1) {
            if cell.chars().count() > *width {
                let prefix: String = cell.chars().take(width.saturating_sub(1)).collect();
                *cell = format!("{prefix}…");
            }
        }
    }
    lines
}

/// The text without characters that control the terminal, reverse a line or are invisible.
fn visible(text: &str) -> String {
    let is_plain = |letter: char| {
        matches!(letter, ' ' | '\n')
            || !(letter.is_control() || is_bidi_control(letter) || is_invisible(letter))
    };
    let shown = text.chars().map(|letter| match letter {
        plain if is_plain(plain) => plain.to_string(),
        other => other.escape_unicode().to_string(),
    });
    shown.collect()
}

fn widths(lines: &[Vec<String>]) -> Vec<usize> {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

fn align_columns(lines: &[Vec<String>]) -> String {
    // One line per row, whatever its cells hold.
    let one_line = |line: &Vec<String>| {
        let cells = line.iter().map(|cell| cell.replace('\n', "\\u{a}"));
        cells.collect::<Vec<_>>()
    };
    let lines: Vec<_> = lines.iter().map(one_line).collect();
    let lines = lines.as_slice();
    let widths = widths(lines);
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
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    #[test]
    fn a_table_is_aligned_and_says_when_it_is_empty() {
        let list = json!({"data": [{"slug": "acme", "name": null}, {"slug": "b", "name": "Bée"}]});
        assert_eq!(
            table_at(&list, &["slug", "name"], NOW, None),
            "SLUG  NAME\nacme  -\nb     Bée\n"
        );
        assert_eq!(table(&json!({"data": []}), &["slug"]), "none");
    }

    #[test]
    fn nothing_that_was_typed_elsewhere_moves_the_terminal() {
        let typed = json!("a\u{1b}[2Jb\u{202e}c\u{200b}e é 山");
        assert_eq!(text(&typed), "a\\u{1b}[2Jb\\u{202e}c\\u{200b}e é 山");
        let lines = [vec!["a\nb".to_owned()]];
        assert_eq!(align_columns(&lines), "a\\u{a}b\n");
    }

    #[test]
    fn a_table_fits_and_keeps_what_names_the_row() {
        let url = "https://shop.example/a/long/hook";
        let list = json!({"data": [{"id": "ep_0123456789", "url": url, "status": "enabled"}]});
        let columns = ["id", "url", "status"];
        let fits = table_at(&list, &columns, NOW, Some(40));
        assert_eq!(
            fits,
            "ID             URL               STATUS\nep_0123456789  https://shop.ex…  enabled\n"
        );
        assert!(table_at(&list, &columns, NOW, None).contains(url));
        let narrow = table_at(&list, &columns, NOW, Some(1));
        assert!(
            narrow.contains("ep_0123456789  https:/…  enabled"),
            "{narrow}"
        );
    }

    #[test]
    fn fields_come_in_the_order_of_what_they_mean() {
        let document = json!({
            "types": ["a", "b"], "headers": {}, "rate": 2.5, "created_at": "2026-11-21T11:57:00Z",
            "status": "dead", "id": "dlv_1", "reason": "gone"
        });
        assert_eq!(
            fields_at(&document, NOW),
            "id          dlv_1\nstatus      dead\nreason      gone\nheaders     -\nrate        2.5\n\
             types       a,b\ncreated_at  2026-11-21T11:57:00Z (3 min ago)\n"
        );
    }

    #[test]
    fn a_time_is_told_in_the_largest_unit_of_which_there_are_two() {
        for (at, expected) in [
            (datetime!(2026-11-21 12:00 UTC), "now"),
            (datetime!(2026-11-21 11:58:01 UTC), "119 s ago"),
            (datetime!(2026-11-21 11:58 UTC), "2 min ago"),
            (datetime!(2026-11-21 09:00 UTC), "3 h ago"),
            (datetime!(2026-11-01 09:00 UTC), "20 d ago"),
            (datetime!(2026-11-21 12:05 UTC), "in 5 min"),
        ] {
            assert_eq!(relative_time(at, NOW), expected);
        }
        let list = json!({"data": [{"at": "2026-11-21T11:57:00Z", "text_at": "soon"}]});
        assert_eq!(
            table_at(&list, &["at", "text_at"], NOW, None),
            "AT         TEXT_AT\n3 min ago  soon\n"
        );
    }
}
