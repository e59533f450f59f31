//! A second opinion on the allowlist, from the engine itself: what its tokens let pass compiles only to instructions that
//! read, compare, branch and write.

use minijinja::machinery::{Instruction, get_compiled_template};
use proptest::prelude::*;

use super::*;

const NAMES: &[&str] = &["data"];

/// Recursive loops (`{% for … recursive %}`).
const LOOP_RECURSIVE: u8 = 2;

/// Whether the instruction only reads, compares, branches or writes, and never makes a larger value. What the tokens
/// let pass compiles to nothing else: a second opinion, from the engine itself.
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

/// The first instruction of a compiled template that could make a value grow, call or change the escaping.
fn dangerous(template: &Template) -> Option<String> {
    let template = template.environment.get_template(NAME).unwrap();
    let instructions = &get_compiled_template(&template).instructions;
    (0..)
        .map_while(|number| instructions.get(number))
        .find(|step| !is_allowed(step))
        .map(|step| format!("{step:?}"))
}

/// Pieces that make up most of what the engine can parse, allowed and not.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{{",
        "}}",
        "{%",
        "%}",
        " for ",
        " in ",
        " if ",
        " else ",
        " set ",
        " with ",
        " endif ",
        " endfor ",
        " endset ",
        " endwith ",
        " recursive ",
        " is ",
        " not ",
        " and ",
        " or ",
        " defined ",
        " none ",
        " true ",
        "data",
        "loop",
        " x ",
        " y ",
        ".a",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ",",
        ":",
        "=",
        "==",
        "<",
        "|",
        "upper",
        "join",
        "append",
        "~",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "1",
        "\"s\"",
        " filter ",
        " do ",
        " autoescape ",
        "text",
    ]);
    prop::collection::vec(piece, 1..16).prop_map(|pieces| pieces.concat())
}

/// One expression or tag around pieces, so that many compile.
fn closed_pieces() -> impl Strategy<Value = String> {
    (pieces(), 0..6_u8).prop_map(|(inner, form)| match form {
        0 => format!("{{{{ {inner} }}}}"),
        1 => format!("{{% set x = {inner} %}}{{{{ x }}}}"),
        2 => format!("{{% for x in {inner} %}}{{% endfor %}}"),
        3 => format!("{{% if {inner} %}}{{% endif %}}"),
        4 => format!("{{% with x = {inner} %}}{{% endwith %}}"),
        _ => inner,
    })
}

#[test]
fn the_second_opinion_knows_what_is_dangerous() {
    for text in [
        "{{ [data.a] }}",
        "{{ data.a ~ 1 }}",
        "{{ data.f() }}",
        "{{ data.a[1:] }}",
        "{% set x %}{% endset %}",
    ] {
        let mut environment = BASE.clone();
        environment
            .add_template_owned(NAME, text.to_owned())
            .unwrap();
        let template = Template {
            environment,
            escape: Escape::Plain,
        };
        assert!(dangerous(&template).is_some(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_passes_the_tokens_compiles_to_nothing_dangerous(text in closed_pieces()) {
        if let Ok(template) = Template::compile(&text, Escape::Plain, NAMES) {
            prop_assert_eq!(dangerous(&template), None, "{}", text);
        }
    }
}
