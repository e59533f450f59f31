//! What must not be found, and where it is looked for: card numbers and a person's details, in any spelling.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::Deployment;
use crate::support::api::OPERATOR;
use crate::support::node::Node;

/// Published test numbers of six brands.
pub(super) const CARDS: [&str; 6] = [
    "4242424242424242",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "4000056655665556",
];

/// A card number as people type it, another for each number.
pub(super) fn typed_card(number: usize) -> String {
    let digits = CARDS[number % CARDS.len()];
    let groups = || match digits.len() {
        15 => vec![&digits[..4], &digits[4..10], &digits[10..]],
        _ => vec![&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]],
    };
    match number % 3 {
        0 => digits.to_owned(),
        1 => groups().join(" "),
        _ => groups().join("-"),
    }
}

/// Every way to put a card number into a document: for each text, instead of it; as a number; as a name; beside the rest.
pub(super) fn with_card_anywhere(document: &Value) -> Vec<Value> {
    let mut made = Vec::new();
    let texts = paths_of_texts(document);
    for (number, pointer) in texts.iter().enumerate() {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).unwrap() = typed_card(number).into();
        made.push(changed);
    }
    for member in ["note", "card_number", &typed_card(0)] {
        let mut changed = document.clone();
        changed[member] = typed_card(made.len()).into();
        made.push(changed);
    }
    let mut changed = document.clone();
    changed["metadata"] = serde_json::json!({"n": 4_242_424_242_424_242_u64, "a": [typed_card(1)]});
    made.push(changed);
    made
}

fn paths_of_texts(document: &Value) -> Vec<String> {
    match document {
        Value::String(_) => vec![String::new()],
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(n, item)| below(&n.to_string(), item))
                .collect()
        }
        Value::Object(members) => {
            let members = members.iter();
            members
                .flat_map(|(name, member)| below(name, member))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn below(name: &str, member: &Value) -> Vec<String> {
    let paths = paths_of_texts(member).into_iter();
    paths.map(|path| format!("/{name}{path}")).collect()
}

/// The card numbers in a text: written in one, in groups, or as the bytes of a binary column.
pub(super) fn cards_in(text: &str) -> Vec<&'static str> {
    let joined = without_breaks(text);
    let is_there = |card: &&'static str| joined.contains(*card) || text.contains(&hex(card));
    CARDS.into_iter().filter(is_there).collect()
}

/// Without single spaces and dashes between digits.
fn without_breaks(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let digit = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    let is_break =
        |at: usize| " -".contains(letters[at]) && digit(at.checked_sub(1)) && digit(Some(at + 1));
    (0..letters.len())
        .filter(|at| !is_break(*at))
        .map(|at| letters[at])
        .collect()
}

/// Those of a person's details that are in a text.
pub(super) fn details_in<'d>(text: &str, details: &[&'d str]) -> Vec<&'d str> {
    let lower = text.to_lowercase();
    let is_there = |detail: &&&str| {
        let same_case = text.contains(&hex(detail));
        let detail = detail.to_lowercase();
        same_case || lower.contains(&detail) || lower.contains(&hex(&detail))
    };
    details.iter().filter(is_there).copied().collect()
}

pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Deployment {
    /// What `pg_dump` writes of the database.
    pub(super) fn dump(&self) -> String {
        let dump = Command::new("pg_dump")
            .arg(&self.database.url)
            .output()
            .unwrap();
        assert!(
            dump.status.success(),
            "{}",
            String::from_utf8_lossy(&dump.stderr)
        );
        let text = String::from_utf8(dump.stdout).unwrap();
        assert!(
            text.contains("COPY public.checkouts "),
            "a dump has its rows"
        );
        text
    }

    pub(super) async fn metrics(&self) -> String {
        let metrics = self.api.get("/metrics", OPERATOR).await;
        assert_eq!(metrics.status, 200, "{metrics:?}");
        metrics.body()
    }

    pub(super) async fn logs(&self) -> String {
        let nodes = self.nodes.lock().await;
        nodes.iter().map(Node::log_text).collect()
    }
}

/// The tables of a dump in which any of these details stands.
pub(super) fn tables_with<'t>(dump: &'t str, details: &[&str]) -> BTreeSet<&'t str> {
    let mut table = "";
    let mut found = BTreeSet::new();
    for line in dump.lines() {
        if let Some(rest) = line.strip_prefix("COPY public.") {
            table = rest.split(' ').next().unwrap();
        }
        if !details_in(line, details).is_empty() {
            found.insert(table);
        }
    }
    found
}

#[test]
fn what_is_looked_for_would_be_found() {
    for number in 0..CARDS.len() * 3 {
        let typed = typed_card(number);
        assert_eq!(
            cards_in(&format!("a {typed}.")),
            [CARDS[number % CARDS.len()]]
        );
    }
    assert_eq!(cards_in(&format!("\\\\x{}", hex(CARDS[1]))), [CARDS[1]]);
    assert!(cards_in("2026-11-30 4242-4242 4242").is_empty());
    assert_eq!(details_in("Rue KANARI 7", &["kanari", "other"]), ["kanari"]);
    assert_eq!(details_in(&hex("Kanari"), &["Kanari"]), ["Kanari"]);
    let dump =
        "COPY public.orders (a) FROM stdin;\nKanari\n\\.\nCOPY public.events (a) FROM stdin;\n1\n";
    assert_eq!(Vec::from_iter(tables_with(dump, &["kanari"])), ["orders"]);
    let made = with_card_anywhere(&serde_json::json!({"a": "x", "b": [{"c": "y"}], "d": 1}));
    assert_eq!(made.len(), 2 + 4);
    assert!(
        made.iter()
            .all(|one| !cards_in(&one.to_string()).is_empty())
    );
}
