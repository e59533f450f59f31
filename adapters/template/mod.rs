//! The dialect of every partner without an adapter: all of it data, in the partner's settings.
//!
//! `settings.rs` reads them, `order.rs` renders, `reply.rs` judges, and `templating` keeps templates
//! within their bounds. With empty settings it speaks as `standard`. Must not know any partner.

mod order;
mod reply;
mod settings;

use std::sync::{Arc, LazyLock};

use buywire_schemas::problem::{Flaw, Refused};
use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::{Adapter, Profile, Unrenderable};
use crate::examples::{Example, examples};
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
        try_out(&Settings::parse(settings)?, settings)
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

/// What a template does wrong, it should do now and not with the first order. It stops at the first
/// fault: a template that takes all the time it may would take it once an example.
fn try_out(settings: &Settings, given: &Value) -> Result<(), Refused> {
    let endpoint = "https://partner.example/"
        .parse()
        .map_err(|_| Refused::because("", Flaw::new("internal", "the example endpoint")))?;
    let examples = examples().into_iter();
    for example in examples.filter(|example| settings.has_words_for(example.event.kind)) {
        let delivery = Delivery {
            id: "dlv_019aa0f0d20070008000000000000002",
            event: &example.event,
            settings: given,
            endpoint: &endpoint,
            public_url: "https://buywire.example",
        };
        match order::parts(settings, &delivery) {
            // It says itself that it will not take such an order.
            Err((_, failure)) if failure.why() == Why::Refused => {}
            Err((at, failure)) => {
                let detail = trial_detail(&failure, &example);
                return Err(Refused::because(
                    &at,
                    Flaw::new("template_trial_failed", detail),
                ));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

fn trial_detail(failure: &Failure, example: &Example) -> String {
    let kind = example.event.kind;
    format!(
        "{failure}: so it was with the example `{kind}`, {}; a preview without settings shows what is there, and \
         what may be absent is asked for by `{{% if %}}` or the filter `default`",
        example.about
    )
}

#[cfg(test)]
mod tests;
