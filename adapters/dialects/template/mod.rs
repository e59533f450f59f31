//! The dialect of partners without an adapter: everything about it is data in the partner's settings.
//!
//! `settings.rs` reads the settings, `order.rs` renders, `reply.rs` classifies, and `template_engine` bounds templates.
//! With empty settings it renders what `standard` does. Must not know any partner.

mod order;
mod reply;
mod settings;

use std::sync::Arc;

use buywire_schemas::problem::{BodyError, Violation};
use serde_json::Value;
use time::OffsetDateTime;

use crate::conformance::example_events::{ExampleEvent, examples};
use crate::contract::Adapter;
use crate::contract::profile::{Profile, name_and_profile};
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};
use crate::template_engine::{TemplateError, TemplateErrorKind};
use settings::Settings;

/// The adapter `template`, not yet configured.
#[derive(Debug)]
pub struct Template;

/// The adapter configured with one partner's settings, its templates compiled.
struct ConfiguredTemplate(Settings);

impl From<TemplateError> for RenderError {
    fn from(error: TemplateError) -> Self {
        Self::Template(error.to_string())
    }
}

impl Adapter for Template {
    name_and_profile!("template");

    fn with_settings(&self, settings: &Value) -> Result<Option<Arc<dyn Adapter>>, BodyError> {
        Ok(Some(Arc::new(ConfiguredTemplate(Settings::parse(
            settings,
        )?))))
    }

    /// Also renders every example of every supported event.
    fn check_settings(&self, settings: &Value) -> Result<(), BodyError> {
        check_examples(&Settings::parse(settings)?, settings)
    }

    /// Compiles the templates each time. The gateway configures the adapter once instead.
    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        let settings = Settings::parse(delivery.settings);
        let settings =
            settings.map_err(|_| TemplateError::from(TemplateErrorKind::InvalidSettings))?;
        ConfiguredTemplate(settings).render(delivery)
    }

    fn signature_schemes(&self, settings: &Value) -> Schemes {
        match Settings::parse(settings) {
            Ok(settings) => settings.schemes,
            Err(_) => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ONLY),
        }
    }
}

impl Adapter for ConfiguredTemplate {
    fn name(&self) -> &'static str {
        Template.name()
    }

    fn profile(&self) -> &'static Profile {
        Template.profile()
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        order::render(&self.0, delivery)
    }

    fn signature_schemes(&self, _settings: &Value) -> Schemes {
        self.0.schemes.clone()
    }

    fn classify(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        self.0.success.classify(reply, now)
    }

    fn read_acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        self.0.acknowledgement.read(reply)
    }
}

/// Renders the examples, so that a template fails when it is saved and not with the first order. Stops at the first fault,
/// because a template that uses its whole budget would use it once an example.
fn check_examples(settings: &Settings, raw_settings: &Value) -> Result<(), BodyError> {
    let endpoint = "https://partner.example/"
        .parse()
        .map_err(|_| BodyError::single("", Violation::new("internal", "the example endpoint")))?;
    let examples = examples().into_iter();
    for example in examples.filter(|example| settings.supports(example.event.kind)) {
        let delivery = Delivery {
            id: "dlv_019aa0f0d20070008000000000000002",
            event: &example.event,
            settings: raw_settings,
            endpoint: &endpoint,
            public_url: "https://buywire.example",
        };
        match order::render_parts(settings, &delivery) {
            // The template itself refuses such an order.
            Err((_, failure)) if failure.kind() == TemplateErrorKind::Refused => {}
            Err((at, failure)) => {
                let detail = example_failure(&failure, &example);
                return Err(BodyError::single(
                    &at,
                    Violation::new("template_trial_failed", detail),
                ));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

fn example_failure(failure: &TemplateError, example: &ExampleEvent) -> String {
    let kind = example.event.kind;
    format!(
        "{failure}. This happened with the example `{kind}`, {}. A preview without settings shows the event; guard \
         values that may be absent with `{{% if %}}` or the filter `default`",
        example.description
    )
}

#[cfg(test)]
mod tests;
