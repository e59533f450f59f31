//! The tolerant side of [`Reader`], for bodies that must not be rejected for harmless text.

use std::mem;

use super::{Reader, normalize};
use crate::{
    json::Json,
    problem::{BodyError, FieldError, PROBLEMS_MAX, Violation, pointer},
};

impl<'a> Reader<'a> {
    /// Reads a body that must not be rejected for harmless text: line ends become line feeds,
    /// other control characters and surrounding whitespace are removed, an empty string counts as absent, and
    /// half a surrogate pair becomes U+FFFD with a warning. End with [`Reader::finish_with_warnings`].
    pub fn tolerant(bytes: &'a [u8], exempt: &[String]) -> Result<Self, BodyError> {
        let mut body = Self::begin(bytes, exempt, normalize::normalized)?;
        body.is_tolerant = true;
        Ok(body)
    }

    /// A member that may be absent or null, and that is ignored with a warning if it is
    /// invalid.
    pub fn lenient<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Json<'a>) -> Result<T, Violation>,
    ) -> Option<T> {
        let value = self.take_filled(name)?;
        match parse(value) {
            Ok(value) => Some(value),
            Err(flaw) => {
                let detail = format!("{}; the value was ignored", flaw.detail);
                self.warn(name, Violation::new(flaw.code, detail));
                None
            }
        }
    }

    /// Like [`Reader::finish`], with warnings about what was normalised or ignored.
    pub fn finish_with_warnings<T>(
        mut self,
        build: impl FnOnce() -> Option<T>,
    ) -> Result<(T, Vec<FieldError>), BodyError> {
        let warnings = mem::take(&mut self.warnings);
        self.finish(build).map(|value| (value, warnings))
    }

    /// Adds a warning about a member of this object.
    pub fn warn(&mut self, name: &str, flaw: Violation) {
        if self.warnings.len() < PROBLEMS_MAX {
            let location = pointer(&self.pointer, name);
            self.warnings.push(FieldError::at(location, flaw));
        }
    }
}
