//! The settings that a benchmark's partner has in its dialect.
//!
//! The gateway's side and the receiver both read them here, so that the receiver expects what the gateway signs.

use anyhow::Context;
use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::dialects;
use serde_json::{Value, json};

/// An order as a shop's own API takes it, signed with an HMAC over time and body.
const TEMPLATE: &str = include_str!("template.json");

pub(crate) fn settings(adapter: &str) -> anyhow::Result<Value> {
    match adapter {
        "template" => Ok(serde_json::from_str(TEMPLATE)?),
        _ => Ok(json!({})),
    }
}

/// The dialect with those settings.
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
