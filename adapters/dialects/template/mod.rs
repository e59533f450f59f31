//! The dialect of every partner without an adapter: all of it data, in the partner's settings.
//!
//! `settings.rs` reads them, `order.rs` renders, `reply.rs` judges, and `templating` keeps templates
//! within their bounds. With empty settings it speaks as `standard`. Must not know any partner.

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

/// The adapter `template`, before it has read a partner's settings.
#[derive(Debug)]
pub struct Template;

/// One partner's templates, compiled.
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

    /// Also renders every example of every event that it has words for.
    fn check_settings(&self, settings: &Value) -> Result<(), BodyError> {
        check_examples(&Settings::parse(settings)?, settings)
    }

    /// Compiles the templates each time: whoever sends prepares once.
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

/// What a template does wrong, it should do now and not with the first order. It stops at the first
/// fault: a template that takes all the time it may would take it once an example.
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
            // It says itself that it will not take such an order.
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
        "{failure}: so it was with the example `{kind}`, {}; a preview without settings shows what is there, and \
         what may be absent is requested for by `{{% if %}}` or the filter `default`",
        example.description
    )
}

#[cfg(test)]
mod tests;
