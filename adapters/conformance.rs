//! One suite over every adapter: what `contract` asks for, tried on each.
//!
//! An adapter is found by its folder, so that one that was never registered
//! fails too. Must not know any dialect: what a partner wants stands in its
//! golden files.

mod callbacks;
mod folders;
mod golden;
mod orders;
mod privacy;

use std::sync::LazyLock;

use buywire_schemas::event::{Event, EventType, Pattern};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

use crate::contract::{Adapter, Unrenderable, all};
use crate::request::{Delivery, Rendered};
use crate::signing::{Attempt, Signed, SigningKey, sign};

const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// Headers that belong to the sender, whatever the dialect.
const RESERVED: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "transfer-encoding",
    "user-agent",
];

static NO_SETTINGS: LazyLock<Value> = LazyLock::new(|| json!({}));

static ENDPOINT: LazyLock<Url> = LazyLock::new(|| {
    "https://shop.example/hooks?token=unsaidtoken"
        .parse()
        .unwrap()
});

const DELIVERY_ID: &str = "dlv_019aa0f0d20070008000000000000002";

/// A delivery of this event without settings.
fn delivery(event: &Event) -> Delivery<'_> {
    Delivery {
        id: DELIVERY_ID,
        event,
        settings: &NO_SETTINGS,
        endpoint: &ENDPOINT,
    }
}

/// What leaves for a rendered request, signed with this key.
fn signed(adapter: &dyn Adapter, key: &SigningKey, rendered: Rendered) -> Signed {
    let attempt = Attempt {
        webhook_id: DELIVERY_ID,
        timestamp_s: NOW.unix_timestamp(),
        method: "POST",
        endpoint: &ENDPOINT,
        turn: 0,
    };
    let schemes = adapter.signature(&NO_SETTINGS);
    sign(&schemes, std::slice::from_ref(key), &attempt, rendered)
}

fn event(kind: EventType, data: &str) -> Event {
    Event {
        id: "evt_019aa0f0d20070008000000000000001".parse().unwrap(),
        kind,
        occurred_at: NOW,
        data: data.into(),
    }
}

/// Renders, and holds what came out to the promises that need no golden file.
fn rendered(adapter: &dyn Adapter, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
    let once = adapter.render(delivery);
    let twice = adapter.render(delivery);
    assert_eq!(once, twice, "the same event gives the same bytes");
    if let Ok(rendered) = &once {
        let content_type = rendered.content_type();
        assert_eq!(content_type, adapter.profile().content_type);
        assert_headers_are_its_own(adapter, rendered);
    }
    once
}

/// Every header can be sent, and none collides with the signer's or the sender's.
fn assert_headers_are_its_own(adapter: &dyn Adapter, rendered: &Rendered) {
    let key = SigningKey::fresh(&[7; 32]);
    let signed = signed(adapter, &key, rendered.clone());
    let mut names: Vec<_> = signed.headers().iter().map(|(name, _)| name).collect();
    for (name, value) in signed.headers() {
        assert!(!RESERVED.contains(&name.as_ref()), "{name} is the sender's");
        assert!(
            http::HeaderName::from_lowercase(name.as_bytes()).is_ok(),
            "{name}"
        );
        assert!(
            http::HeaderValue::from_str(value).is_ok(),
            "{name}: {value}"
        );
    }
    names.sort_unstable();
    assert!(
        names.is_sorted_by(|a, b| a < b),
        "a header twice: {names:?}"
    );
}

#[test]
fn it_words_the_events_of_its_profile_and_refuses_the_others() {
    for adapter in all() {
        let profile = adapter.profile();
        for kind in EventType::ALL {
            let declared = profile.events.iter().any(|pattern| kind.matches(pattern));
            // About no order: a dialect that needs one may call it unreadable.
            let outcome = rendered(*adapter, &delivery(&event(*kind, "{}")));
            let unknown = outcome == Err(Unrenderable::UnknownEvent(*kind));
            assert_eq!(unknown, !declared, "{} on {kind}", adapter.name());
        }
    }
}

#[test]
fn strange_settings_and_strange_data_never_panic() {
    for adapter in all() {
        for settings in [json!(null), json!([]), json!("x"), json!({"a": {"b": 1}})] {
            for data in ["", "{", "[]", "null", "{}", r#"{"order_id":7}"#] {
                for kind in EventType::ALL {
                    let event = event(*kind, data);
                    let settings = &settings;
                    let _ = adapter.render(&Delivery {
                        settings,
                        ..delivery(&event)
                    });
                    let _ = adapter.signature(settings);
                }
            }
        }
    }
}

#[test]
fn its_profile_says_enough() {
    for adapter in all() {
        let name = adapter.name();
        let profile = adapter.profile();
        assert!(
            !profile.title.is_empty(),
            "{name}: is profile.json readable?"
        );
        assert!(profile.summary.ends_with('.'), "{name}: a sentence");
        assert!(profile.summary.len() <= 100, "{name}: one line");
        assert!(profile.documentation.starts_with("https://"), "{name}");
        assert!(!profile.events.is_empty(), "{name}");
        for pattern in &profile.events {
            assert!(Pattern::parse(pattern).is_ok(), "{name}: {pattern}");
        }
    }
}
