//! Weighted lengths of well-known texts. `tests/foreign` compares others with the published library.

use super::*;

#[track_caller]
fn weighs(text: &str, weight: usize) {
    assert_eq!(measure(text).weight, weight, "{text:?}");
}

#[test]
fn letters_count_one_and_ideographs_two() {
    weighs("", 0);
    weighs("Hello, world", 12);
    weighs("Zoë", 3);
    weighs("Zoe\u{308}", 3);
    weighs("東京", 4);
    weighs("“quoted” – …", 13);
}

#[test]
fn an_emoji_counts_two_whatever_it_is_made_of() {
    for emoji in ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇫🇷", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "👩🏾‍🚀", "©️"]
    {
        weighs(emoji, 2);
    }
    weighs("©", 1);
    // Asked to be shown as text, it is two wide characters.
    weighs("☺︎", 4);
    // Younger than the table: its parts.
    weighs("🫠", 2);
    weighs("🧑‍🚀", 5);
}

#[test]
fn an_address_counts_23_with_or_without_its_protocol() {
    for address in [
        "https://example.com",
        "http://example.com/a/very/long/path/that/goes/on?and=on#and-on",
        "example.com",
        "example.com/path",
        "https://日本語.jp/",
        "https://en.wikipedia.org/wiki/Twitter_(company)",
    ] {
        weighs(address, 23);
    }
    weighs("see example.com.", 4 + 23 + 1);
    weighs("e.g.this", 8);
    weighs("me@example.com", 14);
    weighs(&format!("https://{}.com", "a".repeat(64)), 8 + 64 + 4);
}

#[test]
fn the_limit_is_exact() {
    assert!(measure(&"a".repeat(280)).valid);
    assert!(!measure(&"a".repeat(281)).valid);
    assert_eq!(measure(&"a".repeat(300)).valid_end, 279);
    assert!(!measure("").valid);
    assert!(!measure("a\u{feff}").valid);
}
