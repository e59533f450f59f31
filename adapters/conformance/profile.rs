//! Words: what the profile says, what it has words for, and strange input.

use buywire_schemas::event::{EventPattern, EventType};
use serde_json::json;

use super::{Fixture, Report};
use crate::contract::Adapter;
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
    ensure(!profile.title.is_empty(), "no title; is it readable?");
    ensure(profile.summary.ends_with('.'), "the summary is no sentence");
    ensure(
        profile.summary.len() <= 100,
        "the summary is longer than a line",
    );
    let documented = profile.documentation.starts_with("https://");
    ensure(documented, "the documentation is no https address");
    ensure(!profile.events.is_empty(), "no events");
    for pattern in &profile.events {
        let is_pattern = EventPattern::parse(pattern).is_ok();
        ensure(is_pattern, &format!("`{pattern}` is no pattern of events"));
    }
}

/// It words the events of its profile and refuses the others as unknown.
fn check_events(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    let profile = adapter.profile();
    for kind in EventType::ALL {
        let declared = profile.events.iter().any(|pattern| kind.matches(pattern));
        // About no order: a dialect that needs one may call it unreadable.
        let event = fixture.event(*kind, "{}");
        let outcome = fixture.render_checked(report, adapter, &fixture.delivery(&event));
        let unknown = outcome == Err(RenderError::UnsupportedEvent(*kind));
        report.ensure(unknown != declared, || {
            let declares = if declared { "has" } else { "has no" };
            format!("the profile {declares} `{kind}`, and the code says otherwise")
        });
    }
}

/// Strange settings and strange data are refused or worded, never a panic.
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
                // A panic is caught by nobody: it ends the test or the command.
                if let Ok(rendered) = adapter.render(&delivery) {
                    let signed = fixture.sign(adapter, settings, rendered);
                    report.ensure(!signed.headers().is_empty(), || {
                        format!("{kind} leaves without a signature under {settings}")
                    });
                }
            }
        }
    }
}
