//! What a table's header lacks, doubles or has in excess.

use buywire_schemas::catalog::issue::{Code, Issue};

use super::super::harvest::{excerpt, unknown};
use super::aliases::{self, Field};
use super::names::{Name, Names};

/// Unknown columns that are reported: who has more of them has another kind of document.
const UNKNOWN_MAX: usize = 50;

/// Judges the columns of a table, which are numbers of names.
pub(super) fn judge(
    names: &Names,
    columns: &[usize],
    required: &[&'static str],
    issues: &mut Vec<Issue>,
) {
    let columns: Vec<_> = columns.iter().filter_map(|at| names.get(*at)).collect();
    for word in required.iter().filter(|word| !has(&columns, word)) {
        let strangers = columns.iter().filter(|name| !name.is_known);
        let strangers = strangers.map(|name| (name.plain.as_str(), &*name.said));
        issues.push(missing(&same_field(word), strangers));
    }
    let mut unknowns = 0;
    for (at, name) in columns.iter().enumerate() {
        let before = columns.iter().take(at);
        let is_double = before.clone().any(|other| other.plain == name.plain);
        if is_double && !name.field.repeats() {
            issues.push(Issue {
                attribute: Some(excerpt(&name.said)),
                ..Issue::new(Code::HeaderDuplicate)
            });
        }
        let is_named = !name.plain.is_empty();
        if !name.is_known && is_named && !is_double && unknowns < UNKNOWN_MAX {
            unknowns += 1;
            issues.push(unknown(&name.said));
        }
    }
}

fn has(columns: &[&Name], word: &str) -> bool {
    let Some((field, _)) = aliases::find(word) else {
        return false;
    };
    let stands_in = |name: &&Name| {
        name.field == field || (field == Field::Image && name.field == Field::MoreImages)
    };
    columns.iter().any(stands_in)
}

/// The names that would do, the one that was asked for first.
fn same_field(word: &'static str) -> Vec<&'static str> {
    let field = aliases::find(word).map(|(field, _)| field);
    let words = aliases::names().filter(|(_, other)| Some(*other) == field);
    let others = words.map(|(word, _)| word).filter(|other| *other != word);
    std::iter::once(word).chain(others).collect()
}

/// The finding for a column that is missing under all its names, of which the first is told, with
/// the column whose name (plain, and as it is spelled) comes near one of them.
pub(in super::super) fn missing<'a>(
    names: &[&str],
    columns: impl Iterator<Item = (&'a str, &'a str)>,
) -> Issue {
    let near = columns.filter_map(|(plain, said)| {
        let distance = |name: &&str| strsim::osa_distance(name, plain);
        let nearest = names.iter().map(distance).min()?;
        (nearest <= 2 && nearest * 2 < plain.chars().count()).then_some((nearest, said))
    });
    let nearest = near.min_by_key(|(distance, _)| *distance);
    Issue {
        attribute: names.first().map(|name| (*name).to_owned()),
        value: nearest.map(|(_, said)| excerpt(said)),
        ..Issue::new(Code::HeaderMissingRequired)
    }
}
