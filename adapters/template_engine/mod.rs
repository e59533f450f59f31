//! Templates that operators write: compiled once, rendered often, bounded always.
//!
//! Promises: a template reads what it is given and nothing else; it ends, soon, with a bounded result;
//! what it writes between its own words cannot change their meaning (see `escape.rs`). An error names a
//! line and never a value, because values are the buyer's. Must not know a partner or an event.
//!
//! The bounds, and why they hold together:
//!
//! - No operator, tag or filter makes a value larger than a bound (`allowlist.rs` refuses those that could
//!   before anything runs: `~`, `+`, `*`, `**`, macros, captured blocks, lists and objects of variables).
//! - `FUEL` bounds the steps, so that loops within loops end.
//! - `WORK_BYTES_MAX` bounds the bytes that filters and escaping touch, whatever a step costs.
//! - [`BODY_BYTES_MAX`] bounds what comes out.

mod allowlist;
mod error;
mod escape;
mod filters;
mod writer;

use std::collections::HashSet;
use std::sync::LazyLock;

use minijinja::machinery::get_compiled_template;
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

pub(crate) use error::CompileError;
pub use error::{TemplateError, TemplateErrorKind};
pub(crate) use escape::Escape;

use crate::contract::request::BODY_BYTES_MAX;
use writer::BoundedWriter;

/// Steps of one rendering. An order of 200 lines with ten attributes each fits, and all of
/// them take a few milliseconds.
const FUEL: u64 = 100_000;

/// Bytes that filters and escaping may touch in one rendering: the largest body, twice.
const WORK_BYTES_MAX: usize = 2 * BODY_BYTES_MAX;

/// Blocks within blocks; each costs a frame.
const DEPTH_MAX: usize = 50;

/// The name in the engine: every environment holds one template.
const NAME: &str = "template";

/// What all templates have in common.
static BASE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH_MAX);
    filters::register(&mut environment);
    environment
});

/// A template that has passed every look at its text.
pub(crate) struct Template {
    environment: Environment<'static>,
    escape: Escape,
}

impl Template {
    /// Compiles a text. `names` are all that it may read.
    ///
    /// # Errors
    /// The first thing that is wrong with it, with its line.
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
        allowlist::check_instructions(&get_compiled_template(&template).instructions)?;
        let undeclared: HashSet<_> = template.undeclared_variables(false);
        // `loop` exists where it is used in a loop; elsewhere reading it fails at the trial.
        let is_declared = |name: &&String| names.contains(&name.as_str()) || *name == "loop";
        if let Some(name) = undeclared.iter().filter(|name| !is_declared(name)).min() {
            return Err(CompileError::unknown_variable(text, name, names));
        }
        Ok(Self {
            environment,
            escape,
        })
    }

    /// Renders, and checks that the result is what its content type says.
    ///
    /// # Errors
    /// When it reads what is not there, meets a bound, or writes what is not well-formed.
    pub(crate) fn render(&self, context: &Value) -> Result<Vec<u8>, TemplateError> {
        let template = self.environment.get_template(NAME)?;
        let mut out = BoundedWriter::new(BODY_BYTES_MAX);
        template.render_captured_to(context.clone(), &mut out)?;
        self.escape.check_output(out.into_bytes())
    }
}

#[cfg(test)]
mod tests;
