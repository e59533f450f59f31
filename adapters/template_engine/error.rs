//! Faults of a template: when it is saved, and when it runs.
//!
//! Promises: no error text holds a value that a template read.

use std::fmt;

use minijinja::{Error, ErrorKind};
use thiserror::Error as ThisError;

use super::WORK_BYTES_MAX;
use crate::contract::request::BODY_BYTES_MAX;

/// Why a template is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompileError {
    /// Stable name.
    pub(crate) code: &'static str,
    /// Where the fault is, what it is, and what to do.
    pub(crate) detail: String,
}

impl CompileError {
    pub(super) fn at(line: Option<usize>, code: &'static str, detail: &str) -> Self {
        let detail = match line {
            Some(line) => format!("line {line}: {detail}"),
            None => detail.to_owned(),
        };
        Self { code, detail }
    }

    /// The engine's own message, which quotes only the template.
    pub(super) fn syntax(error: &Error) -> Self {
        let message = error.detail().unwrap_or("it cannot be parsed");
        Self::at(error.line(), "template_syntax", message)
    }

    pub(super) fn unknown_variable(text: &str, name: &str, names: &[&str]) -> Self {
        let mentions_name = |line: &str| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            line.split(|c| !is_name(c)).any(|word| word == name)
        };
        let line = text
            .lines()
            .position(mentions_name)
            .map(|before| before + 1);
        let listed = names.join("`, `");
        let detail = format!("`{name}` does not exist; a template can read `{listed}`");
        Self::at(line, "template_unknown_name", &detail)
    }
}

/// Why a rendering stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// The template's line, if known.
    line: Option<usize>,
    kind: TemplateErrorKind,
}

/// Why a rendering stopped, without values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[allow(missing_docs, reason = "each variant's sentence is its documentation")]
pub enum TemplateErrorKind {
    #[error("it reads a value that does not exist")]
    Undefined,
    #[error("it takes too many steps")]
    OutOfFuel,
    #[error("its filters and values process more than {WORK_BYTES_MAX} bytes")]
    WorkLimit,
    #[error("it writes more than {BODY_BYTES_MAX} bytes")]
    TooLarge,
    #[error("a filter makes a text that is too long")]
    TextTooLong,
    #[error("the template refuses this event")]
    Refused,
    #[error("it writes a list or an object where only a text, a number or a boolean is allowed")]
    NotScalar,
    #[error("a value has the wrong type for its filter or operator")]
    TypeMismatch,
    #[error("its output is not valid JSON")]
    InvalidJson,
    #[error("its output is not well-formed XML")]
    InvalidXml,
    #[error("its output is not a valid form: names and values must be percent-encoded")]
    InvalidForm,
    #[error(
        "a header can carry at most 2,048 bytes of printable ASCII (the filter `urlencode` produces that)"
    )]
    InvalidHeader,
    #[error("its settings are not valid in this version")]
    InvalidSettings,
}

impl TemplateError {
    /// The reason.
    #[must_use]
    pub fn kind(&self) -> TemplateErrorKind {
        self.kind
    }
}

impl From<TemplateErrorKind> for TemplateError {
    fn from(kind: TemplateErrorKind) -> Self {
        Self { line: None, kind }
    }
}

impl From<TemplateErrorKind> for Error {
    /// For filters: the engine adds the line.
    fn from(kind: TemplateErrorKind) -> Self {
        Self::from(ErrorKind::InvalidOperation).with_source(kind)
    }
}

impl From<Error> for TemplateError {
    /// Keeps the line and drops the engine's message, which may quote a value.
    fn from(error: Error) -> Self {
        let source_kind = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<TemplateErrorKind>());
        let kind = match (source_kind, error.kind()) {
            (Some(kind), _) => *kind,
            (None, ErrorKind::OutOfFuel) => TemplateErrorKind::OutOfFuel,
            (None, ErrorKind::UndefinedError) => TemplateErrorKind::Undefined,
            (None, ErrorKind::WriteFailure) => TemplateErrorKind::TooLarge,
            (None, _) => TemplateErrorKind::TypeMismatch,
        };
        let line = error.line().filter(|line| *line > 0);
        Self { line, kind }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}
