//! Which source files import which, read from their `use` lines and paths.
//!
//! A path is resolved to the longest prefix that is a file. Tests and comments do not count.

use std::collections::{BTreeMap, BTreeSet};

use super::tidy::{SourceFile, without_tests_and_comments};

/// Each file of a crate with the files that it imports.
pub(super) type Graph = BTreeMap<String, BTreeSet<String>>;

/// Draws the graph of the crate whose sources lie in `root`.
pub(super) fn graph(root: &str, files: &[SourceFile]) -> Graph {
    let modules: BTreeMap<Vec<String>, &SourceFile> = files
        .iter()
        .map(|file| (module_of(root, &file.path), file))
        .collect();
    let imports = |(module, file): (&Vec<String>, &&SourceFile)| {
        let text = without_tests_and_comments(&file.text);
        let resolved = paths(&text).filter_map(|path| resolve(&modules, &absolute(module, &path)));
        let others = resolved.filter(|path| *path != file.path);
        (file.path.clone(), others.map(str::to_owned).collect())
    };
    modules.iter().map(imports).collect()
}

fn module_of(root: &str, path: &str) -> Vec<String> {
    let inside = path.strip_prefix(root).unwrap().trim_start_matches('/');
    let inside = inside.strip_suffix(".rs").unwrap();
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    let names = inside.split('/').map(str::to_owned);
    names
        .filter(|name| !["lib", "main", "mod"].contains(&name.as_str()))
        .collect()
}

fn resolve<'a>(
    modules: &BTreeMap<Vec<String>, &'a SourceFile>,
    path: &[String],
) -> Option<&'a str> {
    let prefixes = (0..=path.len()).rev();
    let mut found = prefixes.filter_map(|length| modules.get(&path[..length]));
    found.next().map(|file| file.path.as_str())
}

fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let mut base = match path.first().map(String::as_str) {
        Some("crate") => Vec::new(),
        _ => module.to_vec(),
    };
    for name in path {
        match name.as_str() {
            "crate" | "self" => {}
            "super" => drop(base.pop()),
            _ => base.push(name.clone()),
        }
    }
    base
}

/// Every path of the text that begins with `crate`, `super` or `self`, groups taken apart.
fn paths(text: &str) -> impl Iterator<Item = Vec<String>> {
    let mut found = Vec::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for root in ["crate::", "super::", "self::"] {
        for (start, _) in text.match_indices(root) {
            // How far a name is visible is no import.
            if text[..start].ends_with("pub(in ") {
                continue;
            }
            let before = text[..start].chars().next_back();
            if before.is_some_and(|c| is_name(c) || c == ':') {
                continue;
            }
            expand(&text[start..], &[], &mut found);
        }
    }
    found.into_iter()
}

/// Reads one path, or a group of paths below `prefix`; gives what stands behind it.
fn expand<'a>(mut text: &'a str, prefix: &[String], found: &mut Vec<Vec<String>>) -> &'a str {
    let mut path = prefix.to_vec();
    loop {
        text = text.trim_start();
        if let Some(mut rest) = text.strip_prefix('{') {
            loop {
                rest = expand(rest, &path, found).trim_start();
                match rest.strip_prefix(',') {
                    Some(more) => rest = more,
                    None => return rest.strip_prefix('}').unwrap_or(rest),
                }
            }
        }
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        if name.is_empty() {
            return rest;
        }
        path.push(name.to_owned());
        match rest.strip_prefix("::") {
            Some(more) => text = more,
            None => {
                found.push(path);
                let alias = rest.strip_prefix(" as ");
                return alias.map_or(rest, |alias| alias.trim_start_matches(is_word));
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Groups of files that import one another, directly or through others; the largest first.
pub(super) fn circles(graph: &Graph) -> Vec<BTreeSet<&str>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = graph
        .keys()
        .map(|file| (file.as_str(), reachable(graph, file)))
        .collect();
    let mut circles: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
    for (file, reached) in &reach {
        let mutual = reached.iter().filter(|other| reach[**other].contains(file));
        let circle: BTreeSet<&str> = mutual.copied().chain([*file]).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    let mut circles: Vec<_> = circles.into_iter().collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

fn reachable<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for next in &graph[file] {
            if found.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_circle_over_groups_and_relative_paths_is_found() {
        let files = [
            file("src/lib.rs", "pub mod a;\npub mod b;"),
            file(
                "src/a/mod.rs",
                "mod c;\nuse crate::{b::{self, X}, other::Y};",
            ),
            file("src/a/c.rs", "use super::Z;\nfn f() { crate::b::X }"),
            file("src/b.rs", "use crate::a::c::W as V;\n// use crate::b;\n"),
        ];
        let graph = graph("src", &files);
        let circles = circles(&graph);
        let expected = BTreeSet::from(["src/a/c.rs", "src/a/mod.rs", "src/b.rs"]);
        assert_eq!(circles, [expected]);
        assert!(graph["src/lib.rs"].is_empty());
    }
}
