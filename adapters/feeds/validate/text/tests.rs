//! How text is cleaned, and what is reported.

use proptest::prelude::*;

use super::*;

fn cleaned(text: &str, form: TextRules, is_html: bool) -> (String, Vec<Code>) {
    let mut findings = FindingsBuilder::for_row(1);
    let text = clean_text("text", text.to_owned(), form, is_html, &mut findings);
    let issues = findings.into_issues(None);
    (text, issues.into_iter().map(|issue| issue.code).collect())
}

#[test]
fn clean_text_stays_as_it_is() {
    for text in [
        "Shirt",
        "Salt & Pepper",
        "5 < 6",
        "a <3 b",
        "Ünïcode",
        "日本語",
        "👩‍👩‍👧 family",
        "AT&T;",
        "Title <Deluxe Edition>",
        "",
    ] {
        assert_eq!(
            cleaned(text, TextRules::TITLE, false),
            (text.to_owned(), vec![])
        );
    }
    let lines = "First.\n\nSecond.\nThird.";
    assert_eq!(
        cleaned(lines, TextRules::DESCRIPTION, false),
        (lines.to_owned(), vec![])
    );
}

#[test]
fn what_is_taken_off_is_said() {
    for (text, left, codes) in [
        ("  a \t b\nc ", "a b c", vec![]),
        ("a\u{0}b\u{7f}", "ab", vec![Code::ControlCharsRemoved]),
        ("\u{feff}a\u{202e}b", "ab", vec![Code::ControlCharsRemoved]),
        ("e\u{301}", "é", vec![]),
        ("<b>Bold</b> shirt", "Bold shirt", vec![Code::HtmlInText]),
        ("a &amp; b", "a & b", vec![Code::EntityInText]),
        ("a &amp;amp; b", "a & b", vec![Code::EntityInText]),
        (
            "&lt;b&gt;x&lt;/b&gt;",
            "x",
            vec![Code::EntityInText, Code::HtmlInText],
        ),
        (
            "<\u{0}b>x",
            "x",
            vec![Code::ControlCharsRemoved, Code::HtmlInText],
        ),
        (
            "&#1;x",
            "x",
            vec![Code::EntityInText, Code::ControlCharsRemoved],
        ),
    ] {
        assert_eq!(
            cleaned(text, TextRules::TITLE, false),
            (left.to_owned(), codes),
            "{text:?}"
        );
    }
}

#[test]
fn html_that_is_meant_becomes_text_without_a_word() {
    for (html, text) in [
        (
            "<p>One\ntwo</p><p>Three<br>four</p>",
            "One two\n\nThree\nfour",
        ),
        ("Salt &amp; <i>Pepper</i>", "Salt & Pepper"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<script>alert('<b>')</script>x<style>b{}</style>", "x"),
        ("a<!-- <b>hidden</b> -->b", "ab"),
        ("<img alt='>' src=x>y", "y"),
        ("&eacute;&#233;&#xe9;&nbsp;!", "ééé !"),
        ("plain", "plain"),
    ] {
        assert_eq!(
            cleaned(html, TextRules::DESCRIPTION, true),
            (text.to_owned(), vec![]),
            "{html}"
        );
    }
}

#[test]
fn no_depth_of_escaping_smuggles_markup_in() {
    let mut text = "<script>x</script>".to_owned();
    for _ in 0..10 {
        text = text.replace('&', "&amp;").replace('<', "&lt;");
    }
    let (left, _) = cleaned(&text, TextRules::DESCRIPTION, false);
    assert!(!html::has_tag(&left) && !html::has_entity(&left), "{left}");
}

#[test]
fn a_cut_keeps_words_and_what_is_seen_as_one() {
    let form = TextRules::line(10);
    for (text, left) in [
        ("0123456789", "0123456789"),
        ("01234567890", "0123456789"),
        ("01234567 90", "01234567"),
        ("0123456789 x", "0123456789"),
        ("0 234567890123", "0 23456789"),
        ("012345678👩‍👩‍👧", "012345678"),
        ("éééééééééé", "éééééééééé"),
        ("ééééééééééé", "éééééééééé"),
    ] {
        let (cut, codes) = cleaned(text, form, false);
        assert_eq!(cut, left, "{text}");
        assert_eq!(codes.is_empty(), cut == text, "{text}");
    }
    let zalgo = format!("a{}", "\u{301}".repeat(40));
    assert!(cleaned(&zalgo, form, false).0.chars().count() <= 10);
}

#[test]
fn a_huge_text_is_cut_before_it_costs_anything() {
    let huge = "<p>".repeat(1_000_000);
    assert_eq!(
        cleaned(&huge, TextRules::DESCRIPTION, true).1,
        [Code::DescriptionTruncated]
    );
}

proptest! {
    #[test]
    fn letters_of_one_byte_are_judged_as_all_others(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "Z", "9", " ", "  ", "\n", "\t", "\r", "\u{7f}", "\0", "<", "<b>", "&", "&amp;", ".", "~",
        ]), 0..12),
    ) {
        let text = parts.concat();
        for form in [TextRules::TITLE, TextRules::DESCRIPTION] {
            prop_assert_eq!(is_clean_ascii(&text, form), is_clean_any(&text, form), "{:?}", text);
        }
    }
}
