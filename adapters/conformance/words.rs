//! Words: what the profile says, what it has words for, and strange input.

use buywire_schemas::event::{EventType, Pattern};
use serde_json::json;

use super::{Report, Stage};
use crate::contract::{Adapter, Unrenderable};
use crate::request::Delivery;

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, stage: &Stage) {
    profile(report, adapter);
    events(report, adapter, stage);
    strange(report, adapter, stage);
}

fn profile(report: &mut Report, adapter: &dyn Adapter) {
    let profile = adapter.profile();
    let mut say = |holds, fault: &str| report.hold(holds, || format!("profile.json: {fault}"));
    say(!profile.title.is_empty(), "no title; is it readable?");
    say(profile.summary.ends_with('.'), "the summary is no sentence");
    say(
        profile.summary.len() <= 100,
        "the summary is longer than a line",
    );
    let documented = profile.documentation.starts_with("https://");
    say(documented, "the documentation is no https address");
    say(!profile.events.is_empty(), "no events");
    for pattern in &profile.events {
        let known = Pattern::parse(pattern).is_ok();
        say(known, &format!("`{pattern}` is no pattern of events"));
    }
}

/// It words the events of its profile and refuses the others as unknown.
fn events(report: &mut Report, adapter: &dyn Adapter, stage: &Stage) {
    let profile = adapter.profile();
    for kind in EventType::ALL {
        let declared = profile.events.iter().any(|pattern| kind.matches(pattern));
        // About no order: a dialect that needs one may call it unreadable.
        let event = stage.event(*kind, "{}");
        let outcome = stage.rendered(report, adapter, &stage.delivery(&event));
        let unknown = outcome == Err(Unrenderable::UnknownEvent(*kind));
        report.hold(unknown != declared, || {
            let declares = if declared { "has" } else { "has no" };
            format!("the profile {declares} `{kind}`, and the code says otherwise")
        });
    }
}

/// Strange settings and strange data are refused or worded, never a panic.
fn strange(report: &mut Report, adapter: &dyn Adapter, stage: &Stage) {
    let strange = [json!(null), json!([]), json!("x"), json!({"a": {"b": 1}})];
    for settings in &strange {
        for data in ["", "{", "[]", "null", "{}", r#"{"order_id":7}"#] {
            for kind in EventType::ALL {
                let event = stage.event(*kind, data);
                let delivery = Delivery {
                    settings,
                    ..stage.delivery(&event)
                };
                // A panic is caught by nobody: it ends the test or the command.
                if let Ok(rendered) = adapter.render(&delivery) {
                    let signed = stage.signed(adapter, settings, rendered);
                    report.hold(!signed.headers().is_empty(), || {
                        format!("{kind} leaves without a signature under {settings}")
                    });
                }
            }
        }
    }
}
