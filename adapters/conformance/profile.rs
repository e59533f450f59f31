//! The profile, the events that the dialect supports, and malformed input.

use std::collections::BTreeSet;

use buywire_schemas::event::{EventPattern, EventType};
use serde_json::json;

use super::{Fixture, Report};
use crate::contract::Adapter;
use crate::contract::profile::SettingKind;
use crate::contract::request::Delivery;
use crate::contract::request::RenderError;

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    check_profile(report, adapter);
    check_events(report, adapter, fixture);
    check_malformed_input(report, adapter, fixture);
}

fn check_profile(report: &mut Report, adapter: &dyn Adapter) {
    let profile = adapter.profile();
    let mut ensure =
        |passed, fault: &str| report.ensure(passed, || format!("profile.json: {fault}"));
    ensure(
        !profile.title.is_empty(),
        "the title is missing, or the file does not parse",
    );
    ensure(
        profile.summary.ends_with('.'),
        "the summary does not end with a full stop",
    );
    ensure(
        profile.summary.len() <= 100,
        "the summary exceeds 100 bytes",
    );
    let documented = profile.documentation.starts_with("https://");
    ensure(documented, "the documentation is not an https URL");
    ensure(!profile.events.is_empty(), "the list of events is empty");
    let mut names = BTreeSet::new();
    for setting in &profile.settings {
        let name = &setting.name;
        ensure(
            names.insert(name),
            &format!("the setting `{name}` is listed twice"),
        );
        ensure(
            !setting.label.is_empty() && setting.help.ends_with('.'),
            &format!(
                "the setting `{name}` has no label, or its help does not end with a full stop"
            ),
        );
        ensure(
            setting.choices.is_empty() == (setting.kind != SettingKind::Choice),
            &format!("the setting `{name}` has choices and is none, or has none and is one"),
        );
    }
    for pattern in &profile.events {
        let is_pattern = EventPattern::parse(pattern).is_ok();
        ensure(is_pattern, &format!("`{pattern}` is not an event pattern"));
    }
}

/// It renders the events of its profile and refuses the others as unsupported.
fn check_events(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    let profile = adapter.profile();
    for kind in EventType::ALL {
        let declared = profile.events.iter().any(|pattern| kind.matches(pattern));
        // Without an order. A dialect that needs one may refuse it as unreadable.
        let event = fixture.event(*kind, "{}");
        let outcome = fixture.render_checked(report, adapter, &fixture.delivery(&event));
        let unknown = outcome == Err(RenderError::UnsupportedEvent(*kind));
        report.ensure(unknown != declared, || {
            let declares = if declared {
                "declares"
            } else {
                "does not declare"
            };
            format!("profile.json {declares} `{kind}`, but the code says otherwise")
        });
    }
}

/// Malformed settings and data are refused or rendered, and never cause a panic.
fn check_malformed_input(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    let malformed = [json!(null), json!([]), json!("x"), json!({"a": {"b": 1}})];
    for settings in &malformed {
        for data in ["", "{", "[]", "null", "{}", r#"{"order_id":7}"#] {
            for kind in EventType::ALL {
                let event = fixture.event(*kind, data);
                let delivery = Delivery {
                    settings,
                    ..fixture.delivery(&event)
                };
                // Nothing catches a panic: it ends the test or the command.
                if let Ok(rendered) = adapter.render(&delivery) {
                    let signed = fixture.sign(adapter, settings, rendered);
                    report.ensure(!signed.headers().is_empty(), || {
                        format!("{kind} is sent without a signature with the settings {settings}")
                    });
                }
            }
        }
    }
}
