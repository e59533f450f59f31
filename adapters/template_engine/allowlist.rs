//! What a template may use, checked before it is compiled and before it runs.
//!
//! Promises: a template that passes cannot make a value grow beyond what a filter allows, call anything but filters, or
//! change how values are escaped; in JSON, it cannot put a value inside the quotes of a text. Everything that is not on the
//! list is refused, so that a new version of the engine brings no new holes.

use minijinja::machinery::{Instruction, Instructions, Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::error::CompileError;
use super::escape::Escape;
use super::filters;

/// Recursive loops (`{% for … recursive %}`).
const LOOP_RECURSIVE: u8 = 2;

/// Checks the tokens, before the engine computes constants: `"x" * 1e8` would already be large.
pub(super) fn check_tokens(text: &str, escape: Escape) -> Result<(), CompileError> {
    for token in tokenize(text, false, SyntaxConfig::default()) {
        let (token, span) = token.map_err(|error| CompileError::syntax(&error))?;
        let line = Some(usize::from(span.start_line));
        let advice = match token {
            Token::Tilde => "`~`, use the filter `append`",
            Token::Plus => "`+`, use the filter `plus` for numbers and `append` for texts",
            Token::Mul => "`*`, use the filter `times`",
            Token::Pow => "`**`, use the filter `times`",
            Token::TemplateData(raw) if escape == Escape::Json && !has_balanced_quotes(raw) => {
                let detail = "in JSON a value has its own quotes: write \"name\": {{ data.buyer.name }} \
                              and join texts by the filter `append`; no `{{`, `{%` or `{#` may stand \
                              inside quotes";
                return Err(CompileError::at(line, "template_quotes", detail));
            }
            _ => continue,
        };
        let detail = format!("values could grow without bound. Instead of {advice}");
        return Err(CompileError::at(line, "template_not_allowed", &detail));
    }
    Ok(())
}

/// Whether every JSON string that begins in this text also ends in it.
fn has_balanced_quotes(raw: &str) -> bool {
    let (mut inside, mut escaped) = (false, false);
    for byte in raw.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ => {}
        }
    }
    !inside
}

/// Checks the compiled instructions.
pub(super) fn check_instructions(instructions: &Instructions<'_>) -> Result<(), CompileError> {
    for (number, step) in (0..).map_while(|number| Some((number, instructions.get(number)?))) {
        if let Some(detail) = refusal(step) {
            let line = instructions.get_line(number);
            return Err(CompileError::at(line, "template_not_allowed", &detail));
        }
    }
    Ok(())
}

/// Instructions that read, compare, branch and write, and never make a larger value.
fn is_allowed(step: &Instruction<'_>) -> bool {
    use Instruction as I;
    match step {
        I::PushLoop(flags) => flags & LOOP_RECURSIVE == 0,
        I::ApplyFilter(name, ..) => filters::FILTERS.contains(name),
        I::PerformTest(name, ..) => filters::TESTS.contains(name),
        _ => matches!(
            step,
            I::EmitRaw(_)
                | I::Emit
                | I::StoreLocal(_)
                | I::Lookup(_)
                | I::GetAttr(_)
                | I::GetItem
                | I::LoadConst(_)
                | I::UnpackList(_)
                | I::Sub
                | I::Div
                | I::IntDiv
                | I::Rem
                | I::Neg
                | I::Eq
                | I::Ne
                | I::Gt
                | I::Gte
                | I::Lt
                | I::Lte
                | I::Not
                | I::In
                | I::CompareAndPreserve(_)
                | I::PushWith
                | I::Iterate(_)
                | I::PushDidNotIterate
                | I::PopFrame
                | I::PopLoopFrame
                | I::Jump(_)
                | I::JumpIfFalse(_)
                | I::JumpIfFalseOrPop(_)
                | I::JumpIfTrueOrPop(_)
                | I::DupTop
                | I::DiscardTop
                | I::Swap
        ),
    }
}

/// Why this instruction is refused, or `None` if it is allowed.
fn refusal(step: &Instruction<'_>) -> Option<String> {
    use Instruction as I;
    if is_allowed(step) {
        return None;
    }
    let detail = match step {
        I::ApplyFilter(name, ..) => {
            let allowed = filters::FILTERS.join("`, `");
            format!("filter `{name}` does not exist. Use one of `{allowed}`")
        }
        I::PerformTest(name, ..) => {
            let allowed = filters::TESTS.join("`, `");
            format!("test `{name}` does not exist. Use one of `{allowed}`")
        }
        I::PushLoop(_) => "a loop cannot call itself".to_owned(),
        I::CallFunction(..) | I::CallMethod(..) | I::CallObject(_) | I::FastRecurse => {
            "functions cannot be called. Use filters, such as `{{ data.total | decimal(data.currency) }}`".to_owned()
        }
        I::BuildList(_) | I::BuildTuple(_) | I::BuildMap(_) | I::UnpackLists(_) => {
            "a list or an object of variables is not allowed: write it out, with `{{ }}` for each value"
                .to_owned()
        }
        I::BuildKwargs(_) | I::MergeKwargs(_) => {
            "filters take no named arguments".to_owned()
        }
        I::Slice => "slices are not allowed: use the filter `cut`".to_owned(),
        I::BeginCapture(_) | I::EndCapture => {
            "a block cannot be captured or filtered: give `set` a value, as in `{% set to = data.ship_to %}`"
                .to_owned()
        }
        I::PushAutoEscape | I::PopAutoEscape => {
            "how values are escaped follows from `content_type` and cannot be changed".to_owned()
        }
        _ => "this is not allowed: a template can use `for`, `if`, `set` and filters".to_owned(),
    };
    Some(detail)
}
