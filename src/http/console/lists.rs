//! What lists share: links that keep the filter, chips, the pager, and whose things are listed.

use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;

use super::links::link;
use super::request::visitor::Visitor;
use crate::console::format::{counted, grouped};
use crate::console::lists::{Chip, Pager};
use crate::http::AppState;
use crate::http::problem::ApiError;
use crate::store::delivery::counting::MatchCount;

const NO_PARTNER: &str =
    "No partner has this name. Use the name that stands in its URLs, such as acme.";

/// A list's URL: its path, and its filter as it was typed.
#[derive(Debug, Clone)]
pub(super) struct ListUrl<'q> {
    path: String,
    pairs: Vec<(&'static str, &'q str)>,
}

impl<'q> ListUrl<'q> {
    pub(super) fn new(path: &str, pairs: Vec<(&'static str, &'q str)>) -> Self {
        Self {
            path: path.to_owned(),
            pairs,
        }
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.pairs.iter().any(|(_, value)| !value.is_empty())
    }

    /// This list with some parts of the query replaced. A new filter begins at the first page.
    pub(super) fn with(&self, changes: &[(&str, &str)]) -> String {
        let is_kept = |name: &str| !changes.iter().any(|(other, _)| *other == name);
        let kept = self.pairs.iter().filter(|pair| is_kept(pair.0));
        let kept = kept.map(|(name, value)| (*name, *value));
        link(&self.path, kept.chain(changes.iter().copied()))
    }

    /// The choices of one part of the query.
    pub(super) fn chips(&self, name: &str, choices: &[(&str, &str)]) -> Vec<Chip> {
        let current = self.pairs.iter().find(|(pair, _)| *pair == name);
        let current = current.map_or("", |(_, value)| value);
        let chip = |(value, text): &(&str, &str)| Chip {
            text: (*text).to_owned(),
            href: self.with(&[(name, value)]),
            is_current: current == *value,
        };
        choices.iter().map(chip).collect()
    }

    /// How much is shown, and where the rest is.
    pub(super) fn pager(
        &self,
        rows: usize,
        (singular, plural): (&str, &str),
        cursor: &str,
        next: Option<&str>,
    ) -> Pager {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let text = format!("{} on this page", counted(rows, singular, plural));
        self.pager_saying(text, cursor, next)
    }

    /// The same with other words.
    pub(super) fn pager_saying(&self, text: String, cursor: &str, next: Option<&str>) -> Pager {
        Pager {
            text,
            first: (!cursor.is_empty()).then(|| self.with(&[("cursor", "")])),
            next: next.map(|cursor| self.with(&[("cursor", cursor)])),
        }
    }
}

/// How many match, as far as was looked: `1,234 deliveries match`.
pub(super) fn matching(count: MatchCount, (singular, plural): (&str, &str)) -> String {
    match count.looked_at {
        None => {
            let verb = if count.matched == 1 {
                "matches"
            } else {
                "match"
            };
            format!("{} {verb}", counted(count.matched, singular, plural))
        }
        Some(looked_at) if count.matched > looked_at => {
            format!("more than {} {plural} match", grouped(looked_at))
        }
        Some(looked_at) => format!(
            "at least {} match: {} {plural} were looked through",
            grouped(count.matched),
            grouped(looked_at)
        ),
    }
}

/// Whose things are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartnerScope {
    All,
    One(PartnerId),
}

impl PartnerScope {
    pub(super) fn id(self) -> Option<PartnerId> {
        match self {
            Self::All => None,
            Self::One(id) => Some(id),
        }
    }
}

/// Whose things a filter by partner lists: a partner's own whatever it types, as far as it learns.
pub(super) async fn partner_scope(
    state: &AppState,
    visitor: &Visitor,
    given: &str,
) -> Result<Result<PartnerScope, &'static str>, ApiError> {
    let given = given.trim();
    if let Some((id, own)) = visitor.caller.partner() {
        let is_own = given.is_empty() || given == own.as_str();
        return Ok(is_own.then_some(PartnerScope::One(id)).ok_or(NO_PARTNER));
    }
    if given.is_empty() {
        return Ok(Ok(PartnerScope::All));
    }
    let Ok(slug) = Slug::parse(given) else {
        return Ok(Err(NO_PARTNER));
    };
    let found = state.store.partner_id(&slug).await?;
    Ok(found.map(PartnerScope::One).ok_or(NO_PARTNER))
}

/// A page of a list: the rows without the one that shows that there are more, and the cursor of the last.
pub(super) fn cut<T>(
    mut rows: Vec<T>,
    limit: usize,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(cursor);
    (rows, next)
}

/// What stands in the field for the partner: none for a partner, which has its own things only.
pub(super) fn partner_field(visitor: &Visitor, given: &str) -> Option<String> {
    visitor.caller.partner().is_none().then(|| given.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_in_every_link_and_a_new_one_begins_at_the_first_page() {
        let url = ListUrl::new(
            "/console/catalog",
            vec![("status", "held"), ("partner", "a&b")],
        );
        assert_eq!(
            url.with(&[("cursor", "c")]),
            "/console/catalog?status=held&partner=a%26b&cursor=c"
        );
        let chips = url.chips("status", &[("", "All"), ("held", "Held")]);
        assert_eq!(chips[0].href, "/console/catalog?partner=a%26b");
        assert!(!chips[0].is_current && chips[1].is_current);
        let pager = url.pager(1, ("run", "runs"), "", None);
        assert_eq!(
            (pager.text.as_str(), pager.first, pager.next),
            ("1 run on this page", None, None)
        );
        let pager = url.pager(1_200, ("run", "runs"), "c", Some("d"));
        assert_eq!(pager.text, "1,200 runs on this page");
        assert_eq!(
            pager.first.as_deref(),
            Some("/console/catalog?status=held&partner=a%26b")
        );
    }

    #[test]
    fn a_count_says_whether_it_is_exact() {
        let text =
            |matched, looked_at| matching(MatchCount { matched, looked_at }, ("order", "orders"));
        assert_eq!(text(1, None), "1 order matches");
        assert_eq!(text(10_000, None), "10,000 orders match");
        assert_eq!(text(10_001, Some(10_000)), "more than 10,000 orders match");
        assert_eq!(
            text(37, Some(2_000)),
            "at least 37 match: 2,000 orders were looked through"
        );
    }

    #[test]
    fn one_row_more_than_a_page_leads_to_the_next() {
        let cursor = |row: &i32| row.to_string();
        assert_eq!(
            cut(vec![3, 2, 1], 2, cursor),
            (vec![3, 2], Some("2".to_owned()))
        );
        assert_eq!(cut(vec![3, 2], 2, cursor), (vec![3, 2], None));
    }
}
