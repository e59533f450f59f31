//! Reports the columns that a table's header lacks, repeats or adds.

use buywire_schemas::catalog::issue::{Code, Issue};

use super::super::map_output::{excerpt, unknown_name};
use super::aliases::{self, Field};
use super::names::{Name, Names};

/// Unknown columns reported. A table with more of them is another kind of document.
const UNKNOWN_MAX: usize = 50;

/// Checks the columns of a table, given as numbers of names.
pub(super) fn check_header(
    names: &Names,
    columns: &[usize],
    required: &[&'static str],
    issues: &mut Vec<Issue>,
) {
    let columns: Vec<_> = columns.iter().filter_map(|at| names.get(*at)).collect();
    for word in required.iter().filter(|word| !has_field_of(&columns, word)) {
        let unaliased = columns.iter().filter(|name| !name.has_alias);
        let unknown_columns = unaliased.map(|name| (name.plain.as_str(), &*name.spelling));
        issues.push(missing_column(&names_of_field(word), unknown_columns));
    }
    let mut unknown_count = 0;
    for (at, name) in columns.iter().enumerate() {
        let before = columns.iter().take(at);
        let is_double = before.clone().any(|other| other.plain == name.plain);
        if is_double && !name.field.repeats() {
            issues.push(Issue {
                attribute: Some(excerpt(&name.spelling)),
                ..Issue::new(Code::HeaderDuplicate)
            });
        }
        let is_named = !name.plain.is_empty();
        if !name.has_alias && is_named && !is_double && unknown_count < UNKNOWN_MAX {
            unknown_count += 1;
            issues.push(unknown_name(&name.spelling));
        }
    }
}

fn has_field_of(columns: &[&Name], word: &str) -> bool {
    let Some((field, _)) = aliases::find(word) else {
        return false;
    };
    let is_same_field = |name: &&Name| {
        name.field == field || (field == Field::Image && name.field == Field::MoreImages)
    };
    columns.iter().any(is_same_field)
}

/// The accepted names, the required one first.
fn names_of_field(word: &'static str) -> Vec<&'static str> {
    let field = aliases::find(word).map(|(field, _)| field);
    let words = aliases::all_names().filter(|(_, other)| Some(*other) == field);
    let others = words.map(|(word, _)| word).filter(|other| *other != word);
    std::iter::once(word).chain(others).collect()
}

/// The finding for a column that is missing under all its names. It reports the first name and
/// the column with the most similar name.
pub(crate) fn missing_column<'a>(
    names: &[&str],
    columns: impl Iterator<Item = (&'a str, &'a str)>,
) -> Issue {
    let candidates = columns.filter_map(|(plain, spelling)| {
        let distance = |name: &&str| strsim::osa_distance(name, plain);
        let nearest = names.iter().map(distance).min()?;
        (nearest <= 2 && nearest * 2 < plain.chars().count()).then_some((nearest, spelling))
    });
    let nearest = candidates.min_by_key(|(distance, _)| *distance);
    Issue {
        attribute: names.first().map(|name| (*name).to_owned()),
        value: nearest.map(|(_, raw)| excerpt(raw)),
        ..Issue::new(Code::HeaderMissingRequired)
    }
}
