//! The dialect of every partner without an adapter: all of it data, in the partner's settings.
//!
//! `settings.rs` reads them, `order.rs` renders, `reply.rs` judges, and `templating` keeps templates
//! within their bounds. With empty settings it speaks as `standard`. Must not know any partner.

mod order;
mod reply;
mod settings;

use std::sync::{Arc, LazyLock};

use buywire_schemas::event::EventType;
use buywire_schemas::problem::{FieldError, Flaw, Refused};
use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::{Adapter, Profile, Unrenderable};
use crate::examples::examples;
use crate::reply::{Acknowledgement, Reply, Verdict};
use crate::request::{Delivery, Rendered};
use crate::signing::{Scheme, Schemes};
use crate::templating::{Failure, Why};
use settings::Settings;

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

/// The adapter `template`, before it has read a partner's settings.
#[derive(Debug)]
pub struct Template;

/// One partner's templates, compiled.
struct Prepared(Settings);

impl Adapter for Template {
    fn name(&self) -> &'static str {
        "template"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn prepared(&self, settings: &Value) -> Result<Option<Arc<dyn Adapter>>, Refused> {
        Ok(Some(Arc::new(Prepared(Settings::parse(settings)?))))
    }

    /// Also renders every example of every event that it has words for.
    fn check_settings(&self, settings: &Value) -> Result<(), Refused> {
        try_out(Settings::parse(settings)?, settings)
    }

    /// Compiles the templates each time: whoever sends prepares once.
    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        let settings = Settings::parse(delivery.settings);
        let settings = settings.map_err(|_| Failure::from(Why::BadSettings))?;
        Prepared(settings).render(delivery)
    }

    fn signature(&self, settings: &Value) -> Schemes {
        match Settings::parse(settings) {
            Ok(settings) => settings.schemes,
            Err(_) => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ALONE),
        }
    }
}

impl Adapter for Prepared {
    fn name(&self) -> &'static str {
        Template.name()
    }

    fn profile(&self) -> &'static Profile {
        Template.profile()
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        order::render(&self.0, delivery)
    }

    fn signature(&self, _settings: &Value) -> Schemes {
        self.0.schemes.clone()
    }

    fn judge(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        self.0.success.judge(reply, now)
    }

    fn acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        self.0.acknowledgement.read(reply)
    }
}

/// What a template does wrong, it should do now and not with the first order.
fn try_out(settings: Settings, given: &Value) -> Result<(), Refused> {
    let endpoint = "https://partner.example/"
        .parse()
        .map_err(|_| Refused::because("", Flaw::new("internal", "the example endpoint")))?;
    let mut faults = Vec::new();
    for example in examples() {
        if !settings.has_words_for(example.event.kind) {
            continue;
        }
        let delivery = Delivery {
            id: "dlv_019aa0f0d20070008000000000000002",
            event: &example.event,
            settings: given,
            endpoint: &endpoint,
        };
        if let Err((at, failure)) = order::parts(&settings, &delivery) {
            // It says itself that it will not take such an order.
            if failure.why() == Why::Refused
                || faults.iter().any(|fault: &FieldError| fault.pointer == at)
            {
                continue;
            }
            let detail = trial_detail(&failure.to_string(), example.event.kind, example.about);
            faults.push(FieldError::at(
                at,
                Flaw::new("template_trial_failed", detail),
            ));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Refused::Invalid(faults))
}

fn trial_detail(failure: &str, kind: EventType, about: &str) -> String {
    format!(
        "{failure}: so it was with the example `{kind}`, {about}; see what is there by a preview without settings, \
         and ask for what may be absent by `{{% if %}}` or the filter `default`"
    )
}

#[cfg(test)]
mod tests;
