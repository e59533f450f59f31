//! The console's templates hold what its policy allows, and every form that changes something carries the session's token.

use super::tidy::{SourceFile, assert_none, files};

const FOLDER: &str = "src/console/templates";
/// Somebody without a session sends it.
const WITHOUT_SESSION: &str = "sign_in.html";

fn breaches(fault: impl Fn(&SourceFile) -> Option<String>) -> Vec<String> {
    let templates = files(&[FOLDER], ".html");
    let found = templates.iter();
    found
        .filter_map(|file| fault(file).map(|fault| format!("{}: {fault}", file.path)))
        .collect()
}

/// The names of all attributes in a template.
fn attributes(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').flat_map(|tag| {
        let inside = tag.split('>').next().unwrap_or_default();
        inside
            .split(char::is_whitespace)
            .filter_map(|word| word.split_once('='))
            .map(|(name, _)| name)
    })
}

#[test]
fn nothing_is_inline_that_the_policy_would_stop() {
    let all = breaches(|file| {
        let text = &file.text;
        let is_refused = |name: &str| {
            name == "style"
                || name.starts_with("on")
                || name.starts_with("hx-on")
                || name.starts_with("hx-vals")
        };
        if let Some(name) = attributes(text).find(|name| is_refused(name)) {
            return Some(format!("attribute {name}"));
        }
        let parts = [
            "<style",
            "<script>",
            "javascript:",
            "js:",
            "hx-trigger=\"[",
            "|safe",
        ];
        parts
            .iter()
            .find(|part| text.contains(*part))
            .map(|part| format!("contains {part}"))
    });
    assert_none(&all);
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    let all = breaches(|file| {
        if file.path.ends_with(WITHOUT_SESSION) {
            return None;
        }
        let forms = file.text.split("<form").skip(1);
        let mut changing = forms.filter(|form| {
            let head = form.split('>').next().unwrap_or_default();
            head.contains("method=\"post\"")
        });
        changing
            .any(|form| {
                let body = form.split("</form>").next().unwrap_or_default();
                !body.contains("parts::token(frame.token)")
            })
            .then(|| "a form without `parts::token(frame.token)`".to_owned())
    });
    assert_none(&all);
}

#[test]
fn a_table_has_a_caption_and_its_heads_a_scope() {
    let all = breaches(|file| {
        let tables = file.text.matches("<table").count();
        if file.text.matches("<caption").count() < tables {
            return Some("a table without a caption".to_owned());
        }
        let heads = file.text.matches("<th>").count() + file.text.matches("<th class").count();
        (heads > 0).then(|| "a <th> whose first attribute is not scope".to_owned())
    });
    assert_none(&all);
}
