//! Reports the columns that a table's header lacks, repeats or adds.

use buywire_schemas::catalog::issue::{Code, Issue};

use super::super::map_output::{excerpt, unknown_name};
use super::aliases::Field;
use super::names::{Name, Names};
use super::vocabulary::{Lexicon, Meaning};

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
    let lexicon = &names.lexicon;
    for word in required {
        if has_field_of(&columns, lexicon, word) {
            continue;
        }
        let unaliased = columns.iter().filter(|name| !name.has_alias);
        let unknown_columns = unaliased.map(|name| (name.plain.as_str(), &*name.spelling));
        issues.push(missing_column(
            &lexicon.names_of_field(word),
            unknown_columns,
        ));
    }
    issues.extend(net_price(&columns));
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

fn has_field_of(columns: &[&Name], lexicon: &Lexicon, word: &str) -> bool {
    let Some(Meaning { field, .. }) = lexicon.find(word) else {
        return false;
    };
    let stands_in = match field {
        Field::Image => Field::MoreImages,
        // Reported by itself: only the taxed items lack a price.
        Field::Price => Field::NetPrice,
        field => field,
    };
    let is_same_field = |name: &&Name| name.field == field || name.field == stands_in;
    columns.iter().any(is_same_field)
}

/// The finding for prices without tax where the table has no others.
fn net_price(columns: &[&Name]) -> Option<Issue> {
    let find = |field| columns.iter().find(|name| name.field == field);
    let net = find(Field::NetPrice).filter(|_| find(Field::Price).is_none())?;
    Some(Issue {
        attribute: Some(excerpt(&net.spelling)),
        ..Issue::new(Code::PriceWithoutTax)
    })
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
