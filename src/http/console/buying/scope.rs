//! Scopes of kill switches in words and links.

use buywire_checkout::switches::SwitchScope;

use crate::console::buying::switches::SwitchLink;
use crate::http::console::links::{BASE, link};

/// What a switch is about.
pub(super) fn title(scope: &SwitchScope) -> String {
    match scope {
        SwitchScope::All => "Everything".to_owned(),
        SwitchScope::Partner(slug) => format!("Everything of {slug}"),
        SwitchScope::Post(_) => "One post".to_owned(),
        SwitchScope::Item(slug, item) => format!("Item {item} of {slug}"),
        SwitchScope::Processor(name) => format!("Payments by {}", processor(name)),
        SwitchScope::Channel(name) => format!("Purchases by {}", channel(name)),
    }
}

pub(super) fn processor(name: &str) -> &str {
    match name {
        "stripe" => "Stripe",
        "manual" => "invoice",
        "sandbox" => "the sandbox processor",
        other => other,
    }
}

pub(super) fn channel(name: &str) -> &'static str {
    match name {
        "acp" => "ACP",
        "ucp" => "UCP",
        _ => "the page",
    }
}

/// Where a switch is set the other way.
pub(super) fn switch_link(scope: &SwitchScope, is_enabled: bool, subject: &str) -> SwitchLink {
    let spelled = scope.to_string();
    let pairs = [
        ("scope", spelled.as_str()),
        ("enabled", if is_enabled { "false" } else { "true" }),
    ];
    let href = link(&format!("{BASE}/stock/switches/confirm"), pairs.into_iter());
    SwitchLink {
        text: match is_enabled {
            true => "Stop sale…",
            false => "Resume sale…",
        },
        href,
        subject: subject.to_owned(),
    }
}
