//! What a template may use, decided by its tokens before the engine sees them.
//!
//! Promises: a template that passes cannot make a value grow beyond what a filter allows, call anything but filters, or
//! change how values are escaped; in JSON, it cannot put a value inside the quotes of a text. Tags, filters and tests that
//! are not listed are refused, so that a new version of the engine brings no new holes. Must not decide what is valid
//! syntax: the engine does, afterwards.

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::error::CompileError;
use super::escape::Escape;
use super::filters;

const TAGS: &[&str] = &[
    "for", "else", "endfor", "if", "elif", "endif", "set", "with", "endwith",
];

const STATEMENTS: &str =
    "a template can use `for`, `if`, `set` and `with`, and can neither include nor define others";
const LIST: &str =
    "a list or an object of variables is not allowed: write it out, with `{{ }}` for each value";
const CALL: &str =
    "functions cannot be called. Use filters, such as `{{ data.total | decimal(data.currency) }}`";
const CAPTURE: &str = "a block cannot be captured or filtered: give `set` a value, as in `{% set to = data.ship_to %}`";
const AUTOESCAPE: &str = "how values are escaped follows from `content_type` and cannot be changed";
const QUOTES: &str = "in JSON a value has its own quotes: write \"name\": {{ data.buyer.name }} and join texts by the \
                      filter `append`; no `{{`, `{%` or `{#` may stand inside quotes";

/// Checks all tokens. The engine computes constants when it compiles: `"x" * 1e8` would already be large.
pub(super) fn check_tokens(text: &str, escape: Escape) -> Result<(), CompileError> {
    let mut reader = TokenReader::default();
    for token in tokenize(text, false, SyntaxConfig::default()) {
        let (token, span) = token.map_err(|error| CompileError::syntax(&error))?;
        let line = Some(usize::from(span.start_line));
        if let Token::TemplateData(raw) = token
            && escape == Escape::Json
            && !has_balanced_quotes(raw)
        {
            return Err(CompileError::at(line, "template_quotes", QUOTES));
        }
        reader
            .accept(&token)
            .map_err(|refusal| CompileError::at(line, refusal.code, &refusal.detail))?;
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

/// Why a token is refused.
struct Refusal {
    code: &'static str,
    detail: String,
}

impl<T: Into<String>> From<T> for Refusal {
    fn from(detail: T) -> Self {
        let detail = detail.into();
        Self {
            code: "template_not_allowed",
            detail,
        }
    }
}

/// What the last token means for the next one.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Last {
    /// An operator, or the beginning of an expression: a value follows.
    #[default]
    Operator,
    /// As an operator; in a list of constants only a number can follow.
    Minus,
    /// A value has ended: `(` would call it, `[` reads a member of it.
    Value,
    Dot,
    Pipe,
    Is,
    IsNot,
    /// A filter or a test: `(` begins its arguments.
    Filter,
    /// `{%`: the tag's name follows.
    Tag,
}

/// What a bracket that is open contains.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Group,
    Arguments,
    Constants,
    Member,
}

/// The tag between `{%` and `%}`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Tag {
    /// A tag of which nothing more needs to be known, or none: `{{ }}`.
    #[default]
    Other,
    /// `for`, before its `in`: several names may stand there.
    ForNames,
    For,
    /// `set`, before its `=`.
    SetName,
    With,
}

/// Reads a template's tokens one by one, and says why one is refused.
#[derive(Default)]
struct TokenReader {
    last: Last,
    open: Vec<Open>,
    tag: Tag,
}

impl TokenReader {
    fn accept(&mut self, token: &Token<'_>) -> Result<(), Refusal> {
        if let Some(advice) = unbounded(token) {
            return Err(format!("values could grow without bound. Instead of {advice}").into());
        }
        let innermost = self.open.last().copied();
        if innermost == Some(Open::Constants) && !self.is_constant(token) {
            return Err(LIST.into());
        }
        self.last = match token {
            Token::Ident(name) => self.name(name)?,
            Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_) => Last::Value,
            Token::ParenOpen => self.parenthesis()?,
            Token::BracketOpen => self.bracket(),
            Token::ParenClose | Token::BracketClose => {
                self.open.pop();
                Last::Value
            }
            Token::Comma => self.comma(innermost)?,
            Token::Assign => self.assign(innermost)?,
            Token::BraceOpen => return Err(LIST.into()),
            Token::Colon => return Err("slices are not allowed: use the filter `cut`".into()),
            Token::BlockEnd if self.tag == Tag::SetName => return Err(CAPTURE.into()),
            Token::BlockStart | Token::VariableStart => {
                *self = Self::default();
                if matches!(token, Token::BlockStart) {
                    Last::Tag
                } else {
                    Last::Operator
                }
            }
            // The engine would take `upper.a` for the name of one filter.
            Token::Dot if self.last == Last::Filter => {
                return Err("the name of a filter or a test has no dot".into());
            }
            Token::Dot => Last::Dot,
            Token::Pipe => Last::Pipe,
            Token::Minus => Last::Minus,
            _ => Last::Operator,
        };
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<Last, Refusal> {
        match (self.last, name) {
            (Last::Tag, _) => self.enter_tag(name),
            (Last::Dot, _) => Ok(Last::Value),
            (Last::Is, "not") => Ok(Last::IsNot),
            (Last::Pipe, _) => listed("filter", name, filters::FILTERS),
            (Last::Is | Last::IsNot, _) => listed("test", name, filters::TESTS),
            (_, "recursive") => Err("a loop cannot call itself".into()),
            (_, "if") if self.tag == Tag::For && self.open.is_empty() => {
                Err("a loop cannot filter: write `{% if %}` inside it".into())
            }
            (_, "is") => Ok(Last::Is),
            (_, "in") => {
                if self.tag == Tag::ForNames {
                    self.tag = Tag::For;
                }
                Ok(Last::Operator)
            }
            (_, "and" | "or" | "not" | "if" | "else") => Ok(Last::Operator),
            _ => Ok(Last::Value),
        }
    }

    fn enter_tag(&mut self, name: &str) -> Result<Last, Refusal> {
        self.tag = match name {
            "for" => Tag::ForNames,
            "set" => Tag::SetName,
            "with" => Tag::With,
            "filter" | "endfilter" | "endset" => return Err(CAPTURE.into()),
            "autoescape" | "endautoescape" => return Err(AUTOESCAPE.into()),
            name if TAGS.contains(&name) => Tag::Other,
            name => {
                let detail = format!("unknown statement `{name}`; {STATEMENTS}");
                return Err(Refusal {
                    code: "template_syntax",
                    detail,
                });
            }
        };
        Ok(Last::Operator)
    }

    /// What may stand in a list: it is made once, when the template is compiled.
    fn is_constant(&self, token: &Token<'_>) -> bool {
        match token {
            Token::Int(_) | Token::Int128(_) | Token::Float(_) => true,
            _ if self.last == Last::Minus => false,
            Token::Ident(name) => matches!(*name, "true" | "false" | "none"),
            _ => matches!(
                token,
                Token::Str(_)
                    | Token::String(_)
                    | Token::Minus
                    | Token::Comma
                    | Token::BracketOpen
                    | Token::BracketClose
            ),
        }
    }

    fn parenthesis(&mut self) -> Result<Last, Refusal> {
        let open = match self.last {
            Last::Filter => Open::Arguments,
            Last::Operator | Last::Minus => Open::Group,
            _ => return Err(CALL.into()),
        };
        self.open.push(open);
        Ok(Last::Operator)
    }

    fn bracket(&mut self) -> Last {
        let open = match self.last {
            Last::Value | Last::Filter => Open::Member,
            _ => Open::Constants,
        };
        self.open.push(open);
        Last::Operator
    }

    /// A comma where it does not separate arguments, constants or names makes a list.
    fn comma(&self, innermost: Option<Open>) -> Result<Last, Refusal> {
        match (innermost, self.tag) {
            (Some(Open::Arguments | Open::Constants), _) | (None, Tag::ForNames | Tag::With) => {
                Ok(Last::Operator)
            }
            _ => Err(LIST.into()),
        }
    }

    fn assign(&mut self, innermost: Option<Open>) -> Result<Last, Refusal> {
        if innermost.is_some() {
            return Err("filters take no named arguments".into());
        }
        if self.tag == Tag::SetName {
            self.tag = Tag::Other;
        }
        Ok(Last::Operator)
    }
}

/// What to use instead of an operator that makes values grow.
fn unbounded(token: &Token<'_>) -> Option<&'static str> {
    Some(match token {
        Token::Tilde => "`~`, use the filter `append`",
        Token::Plus => "`+`, use the filter `plus` for numbers and `append` for texts",
        Token::Mul => "`*`, use the filter `times`",
        Token::Pow => "`**`, use the filter `times`",
        _ => return None,
    })
}

fn listed(what: &str, name: &str, allowed: &[&str]) -> Result<Last, Refusal> {
    if allowed.contains(&name) {
        return Ok(Last::Filter);
    }
    let allowed = allowed.join("`, `");
    Err(format!("{what} `{name}` does not exist. Use one of `{allowed}`").into())
}
