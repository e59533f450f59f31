//! What a template may be made of: looked at before it is compiled, and before it ever runs.
//!
//! Promises: nothing in a template that passes can make a value grow beyond what a filter allows, call
//! what is not a filter, or change how values are escaped; and in JSON no value can stand inside a
//! text's quotes. Whatever is not on the list is refused, so that a new engine brings no new holes.

use minijinja::machinery::{Instruction, Instructions, Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::error::CompileError;
use super::escape::Escape;
use super::filters;

/// Recursive loops (`{% for … recursive %}`).
const LOOP_RECURSIVE: u8 = 2;

/// Looks at the words, before constants are worked out: `"x" * 1e8` is a large constant already.
pub(super) fn check_tokens(text: &str, escape: Escape) -> Result<(), CompileError> {
    for token in tokenize(text, false, SyntaxConfig::default()) {
        let (token, span) = token.map_err(|error| CompileError::syntax(&error))?;
        let line = Some(usize::from(span.start_line));
        let advice = match token {
            Token::Tilde => "`~`: write the filter `append`",
            Token::Plus => "`+`: write the filter `plus` for numbers and `append` for texts",
            Token::Mul => "`*`: write the filter `times`",
            Token::Pow => "`**`: write the filter `times`",
            Token::TemplateData(raw) if escape == Escape::Json && !has_balanced_quotes(raw) => {
                let detail = "in JSON a value brings its own quotes: write \"name\": {{ data.buyer.name }} \
                              and join texts by the filter `append`; no `{{`, `{%` or `{#` may stand \
                              inside quotes";
                return Err(CompileError::at(line, "template_quotes", detail));
            }
            _ => continue,
        };
        let detail = format!("values could grow without bound by {advice}");
        return Err(CompileError::at(line, "template_not_allowed", &detail));
    }
    Ok(())
}

/// Whether every JSON text that begins in this piece ends in it.
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

/// Looks at the steps that the template would take.
pub(super) fn check_instructions(instructions: &Instructions<'_>) -> Result<(), CompileError> {
    for (number, step) in (0..).map_while(|number| Some((number, instructions.get(number)?))) {
        if let Some(detail) = refusal(step) {
            let line = instructions.get_line(number);
            return Err(CompileError::at(line, "template_not_allowed", &detail));
        }
    }
    Ok(())
}

/// Steps that read, compare, choose and write, and never make a larger value.
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

/// Why this step is refused; none where it may be taken.
fn refusal(step: &Instruction<'_>) -> Option<String> {
    use Instruction as I;
    if is_allowed(step) {
        return None;
    }
    let detail = match step {
        I::ApplyFilter(name, ..) => {
            let allowed = filters::FILTERS.join("`, `");
            format!("there is no filter `{name}`: there are `{allowed}`")
        }
        I::PerformTest(name, ..) => {
            let allowed = filters::TESTS.join("`, `");
            format!("there is no test `{name}`: there are `{allowed}`")
        }
        I::PushLoop(_) => "a loop cannot call itself".to_owned(),
        I::CallFunction(..) | I::CallMethod(..) | I::CallObject(_) | I::FastRecurse => {
            "nothing can be called: a template has filters, such as `{{ data.total | decimal(data.currency) }}`".to_owned()
        }
        I::BuildList(_) | I::BuildTuple(_) | I::BuildMap(_) | I::UnpackLists(_) => {
            "a list or an object of variables cannot be made: write it out, with `{{ }}` for each value"
                .to_owned()
        }
        I::BuildKwargs(_) | I::MergeKwargs(_) => {
            "filters take their arguments without names".to_owned()
        }
        I::Slice => "cut a text by the filter `cut`".to_owned(),
        I::BeginCapture(_) | I::EndCapture => {
            "a block cannot be kept or filtered: `set` takes a value, as in `{% set to = data.ship_to %}`"
                .to_owned()
        }
        I::PushAutoEscape | I::PopAutoEscape => {
            "how values are escaped follows from `content_type` and cannot be changed".to_owned()
        }
        _ => "this is not offered: a template has `for`, `if`, `set` and filters".to_owned(),
    };
    Some(detail)
}
