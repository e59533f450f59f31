//! Templates that operators write: compiled once, rendered often, always bounded.
//!
//! Promises: a template reads only what it is given; it ends soon, with a bounded result; the values it inserts cannot
//! change the structure around them (see [`Escape`]). An error names a line and never a value, because values are the
//! buyer's. Must not know a partner or an event.
//!
//! The bounds, and why they hold together:
//!
//! - No operator, tag or filter makes an unbounded value. [`allowlist`] refuses the tokens of those that could, before
//!   the engine sees them: `~`, `+`, `*`, `**`, calls, captured blocks, and lists and objects of variables.
//! - [`FUEL`] bounds the steps, so that nested loops end.
//! - [`WORK_BYTES_MAX`] bounds the bytes that filters and escaping process, whatever a step costs.
//! - [`BODY_BYTES_MAX`] bounds the output.

mod allowlist;
mod error;
mod escape;
mod filters;
mod writer;

use std::collections::HashSet;
use std::sync::LazyLock;

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

pub(crate) use error::CompileError;
pub use error::{TemplateError, TemplateErrorKind};
pub(crate) use escape::Escape;

use crate::contract::request::BODY_BYTES_MAX;
use writer::BoundedWriter;

/// The steps of one rendering. Enough for an order of 200 lines with ten attributes each, in a few milliseconds.
const FUEL: u64 = 100_000;

/// The bytes that filters and escaping may process in one rendering: twice the largest body.
const WORK_BYTES_MAX: usize = 2 * BODY_BYTES_MAX;

/// The depth of nested blocks. Each costs a stack frame.
const DEPTH_MAX: usize = 50;

/// The template's name in its environment, which holds no other.
const NAME: &str = "template";

/// The environment that all templates start from.
static BASE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH_MAX);
    filters::register(&mut environment);
    environment
});

/// A compiled template that passed every check of its text.
pub(crate) struct Template {
    environment: Environment<'static>,
    escape: Escape,
}

impl Template {
    /// Compiles a template. `names` are the variables that it may read.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub(crate) fn compile(
        text: &str,
        escape: Escape,
        names: &[&str],
    ) -> Result<Self, CompileError> {
        allowlist::check_tokens(text, escape)?;
        let mut environment = BASE.clone();
        environment.set_formatter(move |out, state, value| escape.write(out, state, value));
        environment
            .add_template_owned(NAME, text.to_owned())
            .map_err(|error| CompileError::syntax(&error))?;
        let template = environment
            .get_template(NAME)
            .map_err(|error| CompileError::syntax(&error))?;
        let undeclared: HashSet<_> = template.undeclared_variables(false);
        // `loop` exists within loops. Elsewhere, reading it fails when the examples are rendered.
        let is_declared = |name: &&String| names.contains(&name.as_str()) || *name == "loop";
        if let Some(name) = undeclared.iter().filter(|name| !is_declared(name)).min() {
            return Err(CompileError::unknown_variable(text, name, names));
        }
        Ok(Self {
            environment,
            escape,
        })
    }

    /// Renders, and checks that the output is valid for its content type.
    ///
    /// # Errors
    /// When the template reads an undefined value, exceeds a bound, or writes malformed output.
    pub(crate) fn render(&self, context: &Value) -> Result<Vec<u8>, TemplateError> {
        let template = self.environment.get_template(NAME)?;
        let mut out = BoundedWriter::new(BODY_BYTES_MAX);
        template.render_captured_to(context.clone(), &mut out)?;
        self.escape.check_output(out.into_bytes())
    }
}

#[cfg(test)]
mod second_opinion;
#[cfg(test)]
mod tests;
