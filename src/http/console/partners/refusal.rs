//! What a person can correct in a form, from the problem that the API would answer.

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;

use crate::console::partners::form::Field;
use crate::http::console::answer::ConsoleError;
use crate::http::problem::ApiError;

/// Why a form was refused.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Of the form as a whole.
    pub error: Option<String>,
    /// By JSON pointer.
    faults: Vec<(String, String)>,
}

impl Refusal {
    /// The refusal in an error.
    ///
    /// # Errors
    /// The error itself, if nobody can correct it in a form.
    pub(super) fn of(error: impl Into<ApiError>) -> Result<Self, ConsoleError> {
        let error = error.into();
        let status = error.status_code();
        if status.is_server_error() || status == StatusCode::NOT_FOUND {
            return Err(error.into());
        }
        let problem = error.problem();
        let faults = problem.errors.into_iter();
        let faults: Vec<_> = faults.map(|fault| (fault.pointer, fault.detail)).collect();
        Ok(Self {
            error: faults.is_empty().then_some(problem.detail),
            faults,
        })
    }

    /// Marks the fields that it is about. `prefix` is the pointer of the object that holds them.
    pub(super) fn mark(mut self, fields: &mut [Field], prefix: &str) -> Option<String> {
        for (pointer, detail) in &self.faults {
            let rest = pointer.strip_prefix(prefix).unwrap_or(pointer);
            let mut parts = rest.trim_start_matches('/').splitn(2, '/');
            let name = parts.next().unwrap_or_default();
            let text = match parts.next() {
                Some(inner) => format!("{} {detail}.", inner.replace('/', ", ")),
                None => sentence(detail),
            };
            match fields.iter_mut().find(|field| field.name == name) {
                Some(field) => {
                    let error = field.error.get_or_insert_default();
                    if !error.is_empty() {
                        error.push(' ');
                    }
                    error.push_str(&text);
                }
                None => self.error = Some(format!("{name}: {detail}.")),
            }
        }
        self.error
    }
}

/// A fault's detail as a sentence: `must be a number` → `Must be a number.`
fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
