//! The partner's settings of a run: what the dialect would have for a real partner.
//!
//! Both processes ask here, so that the receiver expects what the gateway signs.

use anyhow::Context;
use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::dialects;
use serde_json::{Value, json};

/// An order as a shop's own interface takes it, signed by HMAC over time and body.
const TEMPLATE: &str = include_str!("template.json");

/// The settings that the bench gives a partner of this dialect.
pub(crate) fn settings(adapter: &str) -> anyhow::Result<Value> {
    match adapter {
        "template" => Ok(serde_json::from_str(TEMPLATE)?),
        _ => Ok(json!({})),
    }
}

/// The dialect with these settings.
pub(crate) fn dialect(adapter: &str) -> anyhow::Result<ConfiguredAdapter> {
    let settings = settings(adapter)?;
    let adapter =
        dialects::by_name(adapter).with_context(|| format!("there is no adapter `{adapter}`"))?;
    Ok(ConfiguredAdapter::new(adapter, &settings)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_takes_the_settings_that_it_is_measured_with() {
        for adapter in dialects::all() {
            let settings = settings(adapter.name()).unwrap();
            assert_eq!(
                adapter.check_settings(&settings),
                Ok(()),
                "{}",
                adapter.name()
            );
        }
    }
}
