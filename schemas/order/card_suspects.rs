//! Values for which the card-number rule would refuse an order, but which a catalog may know as an item's own.
//!
//! An item in a partner's catalog can be ordered whatever its id and title look like.

use crate::{
    json::Json,
    problem::{BodyError, FieldError},
};

/// A line that seems to contain a card number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSuspect {
    /// The line's index in the body.
    line: usize,
    /// The partner that the line names.
    pub partner: String,
    /// The item id that the line names.
    pub item_id: String,
    /// The title that the line gives.
    pub title: String,
}

impl CardSuspect {
    /// Pointers to the values that are not card numbers if the catalog contains the item, and if it
    /// contains it under that title.
    #[must_use]
    pub fn exempt_pointers(&self, title: &str) -> Vec<String> {
        let line = self.line;
        let mut pointers = vec![format!("/lines/{line}/item_id")];
        pointers.extend((self.title == title).then(|| format!("/lines/{line}/title")));
        pointers
    }
}

/// The lines of a refused body whose items should be looked up in a catalog. Empty if the body
/// was refused for another reason too.
#[must_use]
pub fn card_suspects(body: &[u8], refused: &BodyError) -> Vec<CardSuspect> {
    let BodyError::Invalid(problems) = refused else {
        return Vec::new();
    };
    let lines: Option<Vec<usize>> = problems.iter().map(suspect_line).collect();
    let (Some(mut lines), Ok(document)) = (lines, Json::parse(body)) else {
        return Vec::new();
    };
    lines.sort_unstable();
    lines.dedup();
    let all = member(&document.json, "lines");
    let suspects = lines.into_iter().filter_map(|line| {
        let Some(Json::List(all)) = all else {
            return None;
        };
        let text = |name| match member(all.get(line)?, name)? {
            Json::String(text) => Some(text.trim().to_owned()),
            _ => None,
        };
        Some(CardSuspect {
            line,
            partner: text("partner")?,
            item_id: text("item_id")?,
            title: text("title")?,
        })
    });
    suspects.collect()
}

/// The line of a problem that a catalog could resolve.
fn suspect_line(problem: &FieldError) -> Option<usize> {
    let path = problem.pointer.strip_prefix("/lines/")?;
    let (line, field) = path.split_once('/')?;
    let is_exemptable = problem.code == "card_number" && matches!(field, "item_id" | "title");
    line.parse().ok().filter(|_| is_exemptable)
}

fn member<'a, 'b>(value: &'b Json<'a>, name: &str) -> Option<&'b Json<'a>> {
    let Json::Object(members) = value else {
        return None;
    };
    let found = members.iter().find(|(existing, _)| existing == name);
    found.map(|(_, value)| value)
}
