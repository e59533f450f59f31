//! Prefixes that a feed uses without declaring them. We understand the names, but other readers reject them.

use std::collections::{BTreeSet, VecDeque};

use buywire_schemas::catalog::issue::{Code, Issue};

use crate::read::{DocumentKind, Element, Parsed};

/// Characters reported of a prefix.
const PREFIX_CHARS_MAX: usize = 50;

/// One finding for each prefix that the first records use without a declaration.
pub(super) fn undeclared(kind: &DocumentKind, lookahead: &VecDeque<(u64, Vec<u8>)>) -> Vec<Issue> {
    let DocumentKind::Xml { prefixes, .. } = kind else {
        return Vec::new();
    };
    let mut reported = BTreeSet::new();
    let mut issues = Vec::new();
    for (row, raw) in lookahead {
        let Ok(Parsed::Element(record)) = kind.parse(raw) else {
            continue;
        };
        let mut declared = prefixes.clone();
        let mut used = BTreeSet::new();
        collect_prefixes(&record, &mut declared, &mut used);
        for prefix in used {
            let is_declared = prefix == "xml" || declared.contains(&prefix);
            if !is_declared && reported.insert(prefix.clone()) {
                issues.push(Issue {
                    attribute: Some(prefix),
                    row: Some(*row),
                    ..Issue::new(Code::NamespaceUndeclared)
                });
            }
        }
    }
    issues
}

fn collect_prefixes(element: &Element, declared: &mut Vec<String>, used: &mut BTreeSet<String>) {
    for (name, _) in &element.attributes {
        if let Some(prefix) = name.strip_prefix("xmlns:") {
            declared.push(prefix.to_owned());
        }
    }
    if let Some((prefix, _)) = element.name.split_once(':') {
        used.insert(prefix.chars().take(PREFIX_CHARS_MAX).collect());
    }
    element
        .children
        .iter()
        .for_each(|child| collect_prefixes(child, declared, used));
}
