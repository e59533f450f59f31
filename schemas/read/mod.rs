//! Reads a JSON body and collects everything that is wrong with it.
//!
//! Unknown members are rejected by name, every problem has a pointer,
//! and a card number anywhere rejects the body. No problem repeats a value of the body.
//! [`Reader::tolerant`] reads bodies that must not be rejected for harmless text.
//!
//! ```
//! use buywire_schemas::{problem::BodyError, read::{Reader, string, text}, text::Slug};
//!
//! struct NewPartner { slug: Slug, name: Option<String> }
//!
//! fn parse(body: &[u8]) -> Result<NewPartner, BodyError> {
//!     let mut body = Reader::object(body)?;
//!     let slug = body.required("slug", string(Slug::parse));
//!     let name = body.optional("name", text(1..=200));
//!     body.finish(|| Some(NewPartner { slug: slug?, name }))
//! }
//!
//! assert!(parse(br#"{"slug":"acme"}"#).is_ok());
//! let Err(BodyError::Invalid(problems)) = parse(br#"{"slug":"Acme","nam":1}"#) else { panic!() };
//! assert_eq!(problems.len(), 2);
//! ```

mod lenient;
mod normalize;
mod parts;
mod scan;

use std::{collections::BTreeMap, mem, ops::RangeInclusive};

pub use self::parts::{
    amount, any_json, choice, flag, integer, name, prose, string, text, timestamp,
};
use crate::{
    json::{Document, Json, Members},
    problem::{BodyError, FieldError, PROBLEMS_MAX, Violation, pointer},
};

/// An object being read. Members that were read are removed; what remains at the end is unknown.
///
/// A reading method returns `None` for absent and invalid members. It also records what is invalid, so
/// that [`Reader::finish`] never builds a value from it.
#[derive(Debug)]
pub struct Reader<'a> {
    /// Members that were not read yet.
    members: Members<'a>,
    /// The pointer to this object in the body.
    pointer: String,
    /// The problems so far, in the whole body.
    problems: Vec<FieldError>,
    /// The warnings so far, in the whole body.
    warnings: Vec<FieldError>,
    /// Whether an empty string counts as absent.
    is_tolerant: bool,
}

impl<'a> Reader<'a> {
    /// Reads a body that must be an object.
    pub fn object(bytes: &'a [u8]) -> Result<Self, BodyError> {
        Self::object_exempting(bytes, &[])
    }

    /// The same, if the values at these pointers are known not to be card numbers.
    pub fn object_exempting(bytes: &'a [u8], exempt: &[String]) -> Result<Self, BodyError> {
        let mut body = Self::begin(bytes, exempt, |json| json)?;
        // A strict reader has no warnings to report replacements.
        for warning in mem::take(&mut body.warnings) {
            body.problems.push(warning);
        }
        Ok(body)
    }

    fn begin(
        bytes: &'a [u8],
        exempt: &[String],
        clean: impl FnOnce(Json<'a>) -> Json<'a>,
    ) -> Result<Self, BodyError> {
        let Document { json, replaced } =
            Json::parse(bytes).map_err(|error| BodyError::NotJson(error.to_string()))?;
        let problems = scan::card_numbers(&json, exempt);
        let halves = replaced.into_iter().take(PROBLEMS_MAX);
        let warnings = halves.map(|slot| FieldError::at(slot, normalize::lone_surrogate()));
        let warnings = warnings.collect();
        match clean(json) {
            Json::Object(members) => Ok(Self {
                members,
                pointer: String::new(),
                problems,
                warnings,
                is_tolerant: false,
            }),
            _ => Err(BodyError::single("", expected("a JSON object"))),
        }
    }

    /// A required member.
    pub fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Json<'a>) -> Result<T, Violation>,
    ) -> Option<T> {
        let value = self.take_required(name)?;
        self.parsed(name, parse(value))
    }

    /// A member that may be absent or null.
    pub fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Json<'a>) -> Result<T, Violation>,
    ) -> Option<T> {
        let value = self.take_filled(name)?;
        self.parsed(name, parse(value))
    }

    /// A required object.
    pub fn nested<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let value = self.take_required(name)?;
        self.read_inner(value, pointer(&self.pointer, name), read)
    }

    /// An object that may be absent or null.
    pub fn optional_nested<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        self.read_inner(value, pointer(&self.pointer, name), read)
    }

    /// A required list of objects.
    pub fn list<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.take_required(name)?;
        self.items(name, value, count, read)
    }

    /// A list of objects that may be absent or null.
    pub fn optional_list<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.take(name)?;
        self.items(name, value, count, read)
    }

    /// A list of plain values that may be absent or null.
    pub fn optional_values<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        mut parse: impl FnMut(Json<'a>) -> Result<T, Violation>,
    ) -> Option<Vec<T>> {
        let value = self.take(name)?;
        let location = pointer(&self.pointer, name);
        let items = self.counted(&location, value, count)?;
        let mut values = Vec::with_capacity(items.len());
        let mut is_complete = true;
        for (index, item) in items.into_iter().enumerate() {
            match parse(item) {
                Ok(value) => values.push(value),
                Err(flaw) => {
                    is_complete = false;
                    self.add_problem(format!("{location}/{index}"), flaw);
                }
            }
        }
        is_complete.then_some(values)
    }

    /// A map of free-form names. An absent map is empty, and null values count as absent.
    pub fn map<T>(
        &mut self,
        name: &str,
        entries_max: usize,
        check_name: impl Fn(&str) -> Result<(), Violation>,
        mut parse: impl FnMut(Json<'a>) -> Result<T, Violation>,
    ) -> BTreeMap<String, T> {
        let mut map = BTreeMap::new();
        let Some(value) = self.take(name) else {
            return map;
        };
        let location = pointer(&self.pointer, name);
        let Json::Object(members) = value else {
            self.add_problem(location, expected("an object"));
            return map;
        };
        if members.len() > entries_max {
            let detail = format!("must have at most {entries_max} entries");
            self.add_problem(location, Violation::new("too_many", detail));
            return map;
        }
        for (name, value) in members {
            if value == Json::Null {
                continue;
            }
            match check_name(&name).and_then(|()| parse(value)) {
                Err(flaw) => self.add_problem(pointer(&location, &name), flaw),
                Ok(_) if map.contains_key(&*name) => {
                    self.add_problem(pointer(&location, &name), duplicate_key())
                }
                Ok(value) => drop(map.insert(name.into_owned(), value)),
            }
        }
        map
    }

    /// Whether the member is present and a list. Does not read it.
    #[must_use]
    pub fn is_list(&self, name: &str) -> bool {
        self.members
            .iter()
            .any(|(existing, value)| existing == name && matches!(value, Json::List(_)))
    }

    /// Whether the member is present, even if null: in a change, null resets a value, while an
    /// absent member leaves it unchanged.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(existing, _)| existing == name)
    }

    /// Adds a problem that concerns several members together. `location` is a pointer relative
    /// to this object, such as `/total`.
    pub fn refuse(&mut self, location: &str, flaw: Violation) {
        self.add_problem(format!("{}{location}", self.pointer), flaw);
    }

    /// Rejects unknown members, then builds the value if there are no problems.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, BodyError> {
        self.refuse_leftovers();
        if !self.problems.is_empty() {
            return Err(BodyError::Invalid(self.problems));
        }
        // A builder that lacks a part without a recorded problem is our mistake. Even then,
        // the body is rejected rather than partly accepted.
        build().ok_or_else(|| {
            BodyError::single("", Violation::new("incomplete", "a member is missing"))
        })
    }

    /// Removes and returns a member. Null counts as absent, and so does an empty string if tolerant.
    fn take_filled(&mut self, name: &str) -> Option<Json<'a>> {
        let value = self.take(name)?;
        let empty = self.is_tolerant && matches!(&value, Json::String(text) if text.is_empty());
        (!empty).then_some(value)
    }

    /// Removes and returns a member. Null counts as absent.
    fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self
            .members
            .iter()
            .position(|(existing, _)| existing == name)?;
        let (_, value) = self.members.remove(at);
        if self.members.iter().any(|(existing, _)| existing == name) {
            self.members.retain(|(existing, _)| existing != name);
            self.add_problem(pointer(&self.pointer, name), duplicate_key());
        }
        (value != Json::Null).then_some(value)
    }

    fn take_required(&mut self, name: &str) -> Option<Json<'a>> {
        let value = self.take(name);
        if value.is_none() {
            self.add_problem(
                pointer(&self.pointer, name),
                Violation::new("missing", "is required"),
            );
        }
        value
    }

    fn parsed<T>(&mut self, name: &str, parsed: Result<T, Violation>) -> Option<T> {
        parsed
            .map_err(|flaw| self.add_problem(pointer(&self.pointer, name), flaw))
            .ok()
    }

    fn items<T>(
        &mut self,
        name: &str,
        value: Json<'a>,
        count: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let location = pointer(&self.pointer, name);
        let items = self.counted(&location, value, count)?;
        let expected_count = items.len();
        let mut values = Vec::with_capacity(expected_count);
        for (index, item) in items.into_iter().enumerate() {
            values.extend(self.read_inner(item, format!("{location}/{index}"), &mut read));
        }
        (values.len() == expected_count).then_some(values)
    }

    fn counted(
        &mut self,
        location: &str,
        value: Json<'a>,
        count: RangeInclusive<usize>,
    ) -> Option<Vec<Json<'a>>> {
        match value {
            Json::List(items) if count.contains(&items.len()) => return Some(items),
            Json::List(_) => {
                let (least, most) = count.into_inner();
                let detail = format!("must have {least} to {most} entries");
                self.add_problem(location.to_owned(), Violation::new("wrong_count", detail));
            }
            _ => self.add_problem(location.to_owned(), expected("a list")),
        }
        None
    }

    /// Reads an object inside this one, collecting into the same lists.
    fn read_inner<T>(
        &mut self,
        value: Json<'a>,
        pointer: String,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let Json::Object(members) = value else {
            self.add_problem(pointer, expected("an object"));
            return None;
        };
        let mut inner = Self {
            members,
            pointer,
            problems: mem::take(&mut self.problems),
            warnings: mem::take(&mut self.warnings),
            is_tolerant: self.is_tolerant,
        };
        let value = read(&mut inner);
        inner.refuse_leftovers();
        self.problems = inner.problems;
        self.warnings = inner.warnings;
        value
    }

    fn refuse_leftovers(&mut self) {
        for (name, _) in mem::take(&mut self.members) {
            let flaw = Violation::new("unknown_field", "is not a field of this object: remove it");
            self.add_problem(pointer(&self.pointer, &name), flaw);
        }
    }

    fn add_problem(&mut self, pointer: String, flaw: Violation) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(FieldError::at(pointer, flaw));
        }
    }
}

fn expected(what: &str) -> Violation {
    Violation::new("wrong_type", format!("must be {what}"))
}

fn duplicate_key() -> Violation {
    Violation::new("duplicate_key", "must occur only once in its object")
}

#[cfg(test)]
mod tests;
