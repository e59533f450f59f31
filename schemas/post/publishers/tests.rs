//! One suite over every publisher.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

use std::collections::BTreeSet;

use time::macros::datetime;

use super::super::{PublicationState, State};
use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn live() -> Post {
    serde_json::from_str(include_str!("../../examples/valid/post/live.json")).unwrap()
}

fn with_state(state: State) -> Post {
    Post { state, ..live() }
}

#[test]
fn each_has_a_name_of_its_own_by_which_it_is_found() {
    let names: BTreeSet<_> = ALL.iter().map(|one| one.name()).collect();
    assert_eq!(names.len(), ALL.len());
    for one in ALL {
        assert_eq!(find(one.name()).map(Publisher::name), Ok(one.name()));
        let word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        // The table joins names by commas.
        assert!(one.name().bytes().all(word), "{}", one.name());
    }
    let Err(flaw) = find("pigeon") else {
        panic!("found")
    };
    assert!(flaw.detail.contains("platform, web_intent"), "{flaw}");
}

#[test]
fn each_does_what_it_says_it_can() {
    for one in ALL {
        let capabilities = one.capabilities();
        let first = one.publication(&live(), None, NOW).unwrap();
        assert_eq!((first.publisher.as_str(), first.at), (one.name(), NOW));
        assert_eq!(first.url.is_some(), capabilities.url, "{}", one.name());
        let by_hand = first.state == PublicationState::Ready;
        assert_eq!(by_hand, capabilities.by_hand, "{}", one.name());
        // Nothing leaves before the post is published and its sale has started.
        for state in [State::Draft, State::Scheduled, State::Withdrawn] {
            assert_eq!(
                one.publication(&with_state(state), None, NOW),
                None,
                "{}",
                one.name()
            );
        }
        // It is published once, however often it is settled.
        let later = NOW + time::Duration::HOUR;
        let again = one.publication(&live(), Some(&first), later).unwrap();
        assert_eq!(again, first, "{}", one.name());
        // A receiver of changes also receives the end.
        let over = one.publication(&with_state(State::Ended), Some(&first), later);
        assert_eq!(over.is_some(), capabilities.updates, "{}", one.name());
    }
}

#[test]
fn an_intent_carries_text_and_link_whatever_they_hold() {
    let intent = find("web_intent").unwrap();
    let url = |text: &str| {
        let post = Post {
            text: text.to_owned(),
            url: "https://b.example/b/x".to_owned(),
            ..live()
        };
        intent.publication(&post, None, NOW).unwrap().url.unwrap()
    };
    let link = "&url=https%3A%2F%2Fb.example%2Fb%2Fx";
    let form = "https://x.com/intent/tweet?text=";
    assert_eq!(
        url("a b\nhttps://b.example/b/x"),
        format!("{form}a%20b{link}")
    );
    assert_eq!(
        url("50% & é#+"),
        format!("{form}50%25%20%26%20%C3%A9%23%2B{link}")
    );
    let amid = "https%3A%2F%2Fb.example%2Fb%2Fx%20now";
    assert_eq!(url("https://b.example/b/x now"), format!("{form}{amid}"));
}

#[test]
fn an_intent_leaves_room_for_its_link() {
    let intent = find("web_intent").unwrap();
    let post = |letters: usize| Post {
        text: "x".repeat(letters),
        url: "https://buy.example.com/b/x".to_owned(),
        ..live()
    };
    assert_eq!(intent.check(&post(256)), Ok(()));
    assert_eq!(intent.check(&post(257)).unwrap_err().code, "text_too_long");
}
