//! The names of the house: retired words stay retired, and tables stand in the glossary.

use std::collections::BTreeSet;
use std::fs;

use super::tidy::{assert_none, files, repository_root, rust_files};

/// Private coinages that once named things here. `docs/GLOSSARY.md` has the terms that replaced them.
const RETIRED: [&str; 69] = [
    "Asked",
    "Told",
    "Place",
    "Bell",
    "Call",
    "Desk",
    "Said",
    "Known",
    "Wanted",
    "Want",
    "Seen",
    "Brought",
    "About",
    "Goods",
    "Standing",
    "Showing",
    "Way",
    "Manners",
    "News",
    "Ending",
    "Finish",
    "Marks",
    "Weights",
    "Turn",
    "Door",
    "Aside",
    "Cue",
    "Audience",
    "Shelf",
    "Telling",
    "Flaw",
    "Voice",
    "Tone",
    "asked",
    "told",
    "tell",
    "tells",
    "bell",
    "rope",
    "desk",
    "said",
    "judge",
    "judged",
    "judgement",
    "hungry",
    "unhalt",
    "news",
    "brought",
    "wanted",
    "known",
    "seen",
    "place",
    "turn",
    "way",
    "manners",
    "mood",
    "moment",
    "hear",
    "heard",
    "stranger",
    "strange",
    "line_up",
    "hand_in",
    "bury",
    "dice",
    "theirs",
    "who",
    "why",
    "goods",
];

/// The source without comments and texts: each becomes a blank.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['/', '"']) {
        let (before, from) = rest.split_at(start);
        code.push_str(before);
        let hashes = before.len() - before.trim_end_matches('#').len();
        let is_raw = before.trim_end_matches('#').ends_with('r');
        let end = match from.as_bytes() {
            [b'/', b'/', ..] => from.find('\n'),
            [b'"', ..] if is_raw => {
                let closing = format!("\"{}", "#".repeat(hashes));
                from[1..].find(&closing).map(|end| end + 1 + closing.len())
            }
            [b'"', ..] if before.ends_with('\'') => Some(1),
            [b'"', ..] => closing_quote(&from[1..]).map(|end| end + 2),
            _ => Some(1),
        };
        code.push(' ');
        rest = &from[end.unwrap_or(from.len())..];
    }
    code.push_str(rest);
    code
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.find(|c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })
}

fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

#[test]
fn texts_and_comments_name_nothing() {
    let text = "let a = \"told \\\" told\"; // told\nlet b = r#\"told \" told\"#; let c = '\"'; asked(1 / 2)";
    let code = code(text);
    let found: Vec<_> = identifiers(&code)
        .filter(|name| RETIRED.contains(name))
        .collect();
    assert_eq!(found, ["asked"]);
}

#[test]
fn retired_words_do_not_come_back_as_identifiers() {
    let mut breaches = Vec::new();
    for file in rust_files() {
        let code = code(&file.text);
        let retired = identifiers(&code).filter(|name| RETIRED.contains(name));
        let mut retired: Vec<_> = retired.collect();
        retired.sort_unstable();
        retired.dedup();
        breaches.extend(retired.iter().map(|name| format!("{}: {name}", file.path)));
    }
    assert_none(&breaches);
}

#[test]
fn every_table_stands_in_the_glossary() {
    let glossary = fs::read_to_string(repository_root().join("docs/GLOSSARY.md")).unwrap();
    let mut breaches = Vec::new();
    for file in files(&["migrations"], ".sql") {
        let tables = file
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("CREATE TABLE "));
        let names = tables.filter_map(|rest| rest.split([' ', '(']).next());
        let missing = names.filter(|name| !glossary.contains(&format!("| `{name}` |")));
        breaches.extend(missing.map(|name| format!("docs/GLOSSARY.md: no line for `{name}`")));
    }
    assert_none(&breaches);
}

/// A type's name is made of words of the glossary and of plain words: one of them at least is a term.
#[test]
fn every_public_type_of_the_vocabulary_names_a_term() {
    let glossary = fs::read_to_string(repository_root().join("docs/GLOSSARY.md")).unwrap();
    let terms = terms(&glossary);
    let mut breaches = Vec::new();
    for file in files(&["schemas", "adapters", "checkout"], ".rs") {
        let types = file.text.lines().filter_map(|line| {
            let rest = ["pub struct ", "pub enum ", "pub trait "];
            rest.iter().find_map(|start| line.strip_prefix(start))
        });
        let names = types.filter_map(|rest| rest.split([' ', '(', '<', '{', ';', ':']).next());
        // A dialect's type has the partner's name.
        let names = names.filter(|_| !file.path.starts_with("adapters/dialects/"));
        let unknown = names.filter(|name| !words(name).iter().any(|word| is_term(&terms, word)));
        breaches.extend(unknown.map(|name| format!("{}: {name} names no term", file.path)));
    }
    assert_none(&breaches);
}

#[test]
fn a_term_has_one_meaning() {
    let glossary = fs::read_to_string(repository_root().join("docs/GLOSSARY.md")).unwrap();
    let rows = glossary.lines().filter_map(|line| line.strip_prefix("| "));
    let terms = rows.filter_map(|row| row.split(" | ").next());
    let mut unique = BTreeSet::new();
    let twice = terms.filter(|term| !["term", "table"].contains(term) && !unique.insert(*term));
    let breaches: Vec<_> = twice
        .map(|term| format!("docs/GLOSSARY.md: `{term}` stands there twice"))
        .collect();
    assert_none(&breaches);
}

/// The words of the glossary's first columns, and not those that explain them.
fn terms(glossary: &str) -> BTreeSet<String> {
    let cells = glossary
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let words = cells.flat_map(|cell| cell.split(|c: char| !c.is_ascii_alphanumeric()));
    words
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty())
        .collect()
}

fn is_term(terms: &BTreeSet<String>, word: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    [word, singular, &format!("{word}s")]
        .iter()
        .any(|form| terms.contains(*form))
}

#[test]
fn a_word_that_only_explains_is_no_term() {
    let terms = terms("| image check | Whether a picture exists. |");
    assert!(is_term(&terms, "images") && is_term(&terms, "check"));
    assert!(!is_term(&terms, "picture") && !is_term(&terms, "i"));
}

/// `ShipmentEvent` has the words `shipment` and `event`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_ascii_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    words
}
