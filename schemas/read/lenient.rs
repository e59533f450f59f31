//! How a [`Reader`] reads what must not be refused for the harmless text in it.

use std::mem;

use super::{Reader, normalize};
use crate::{
    json::Json,
    problem::{BodyError, FieldError, PROBLEMS_MAX, Violation, pointer},
};

impl<'a> Reader<'a> {
    /// Begins with a body that must not be refused for harmless text: line ends become line feeds,
    /// other control characters and surrounding blanks go, an empty string is an absent value, and
    /// half a surrogate pair becomes U+FFFD with a warning. Ends with [`Reader::finish_with_warnings`].
    pub fn tolerant(bytes: &'a [u8], exempt: &[String]) -> Result<Self, BodyError> {
        let mut body = Self::begin(bytes, exempt, normalize::normalized)?;
        body.is_tolerant = true;
        Ok(body)
    }

    /// A member that may be absent or null, and that is left out with a warning when it cannot be
    /// read.
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

    /// As [`Reader::finish`], with what was mended or left out.
    pub fn finish_with_warnings<T>(
        mut self,
        build: impl FnOnce() -> Option<T>,
    ) -> Result<(T, Vec<FieldError>), BodyError> {
        let warnings = mem::take(&mut self.warnings);
        self.finish(build).map(|value| (value, warnings))
    }

    /// Notes what was mended or left out, at a member of this object.
    pub fn warn(&mut self, name: &str, flaw: Violation) {
        if self.warnings.len() < PROBLEMS_MAX {
            let location = pointer(&self.pointer, name);
            self.warnings.push(FieldError::at(location, flaw));
        }
    }
}
