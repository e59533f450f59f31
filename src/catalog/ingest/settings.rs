//! Reads the feed settings of a partner. Unknown members belong to others; an invalid one is rejected by name, so
//! that a mistake never passes as a default.

use buywire_feeds::formats::FormatRules;
use buywire_feeds::validate::{DecimalSign, Rules, SignProofs};
use buywire_feeds::{ReaderSettings, formats};
use buywire_schemas::catalog::Availability;
use buywire_schemas::money::Currency;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::catalog::runs::gate::GateLimits;
use crate::temp_file;

/// Domains that one partner may declare.
const DOMAINS_MAX: usize = 100;

/// What a run needs from the settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeedSettings {
    pub feed: ReaderSettings,
    pub limits: GateLimits,
    pub charset: Option<String>,
    pub delimiter: Option<u8>,
    pub quoting: Option<bool>,
}

/// Parses the settings; fails with the name of the first invalid one.
pub(crate) fn parse(settings: &Value) -> Result<FeedSettings, &'static str> {
    let domains: Vec<String> = member(settings, "domains")?.unwrap_or_default();
    if domains.len() > DOMAINS_MAX {
        return Err("domains");
    }
    let currency = member::<String>(settings, "default_currency")?;
    let currency = currency
        .map(|code| Currency::parse(&code))
        .transpose()
        .map_err(|_| "default_currency")?;
    let decimal = match member::<String>(settings, "decimal")?.as_deref() {
        None | Some("auto") => DecimalSign::Auto,
        Some("point") => DecimalSign::Point,
        Some("comma") => DecimalSign::Comma,
        Some(_) => return Err("decimal"),
    };
    let time_zone = member::<String>(settings, "time_zone")?;
    let time_zone = time_zone.map(|name| TimeZone::get(&name)).transpose();
    let format = member::<String>(settings, "feed_format")?;
    if format
        .as_deref()
        .is_some_and(|name| formats::by_name(name).is_none())
    {
        return Err("feed_format");
    }
    let delimiter = member::<String>(settings, "delimiter")?;
    let delimiter = delimiter.map(|text| match text.as_bytes() {
        [one] => Ok(*one),
        _ => Err("delimiter"),
    });
    Ok(FeedSettings {
        feed: ReaderSettings {
            format,
            format_rules: FormatRules {
                shop_url: member(settings, "shop_url")?,
                default_currency: currency.map(|currency| currency.code().to_owned()),
                partial: false,
            },
            rules: Rules {
                default_currency: currency,
                decimal,
                proofs: SignProofs::default(),
                time_zone: time_zone.map_err(|_| "time_zone")?,
                private: Vec::new(),
                domains: domains
                    .iter()
                    .map(|domain| domain.to_ascii_lowercase())
                    .collect(),
                default_availability: member::<Availability>(settings, "default_availability")?,
                zero_price_allowed: member(settings, "zero_price_allowed")?.unwrap_or_default(),
                brand_expected: false,
            },
            scratch: Some(|| Ok(Box::new(temp_file::create()?))),
        },
        limits: limits(settings)?,
        charset: member(settings, "charset")?,
        delimiter: delimiter.transpose()?,
        quoting: member(settings, "quoting")?,
    })
}

/// Reads the gate's limits. Only operators change them, so any percentage up to 100 is allowed.
fn limits(settings: &Value) -> Result<GateLimits, &'static str> {
    let Some(gate) = settings.get("gate") else {
        return Ok(GateLimits::default());
    };
    let percent = |name: &'static str, default: u64| {
        let percent = member::<u64>(gate, name)
            .map_err(|_| "gate")?
            .unwrap_or(default);
        (percent <= 100).then_some(percent).ok_or("gate")
    };
    let limits = GateLimits::default();
    Ok(GateLimits {
        removed_percent: percent("removed_percent", limits.removed_percent)?,
        invalid_percent: percent("invalid_percent", limits.invalid_percent)?,
        repriced_percent: percent("repriced_percent", limits.repriced_percent)?,
        stopped_percent: percent("stopped_percent", limits.stopped_percent)?,
        renamed_percent: percent("renamed_percent", limits.renamed_percent)?,
        moved_percent: percent("moved_percent", limits.moved_percent)?,
    })
}

fn member<T: DeserializeOwned>(
    settings: &Value,
    name: &'static str,
) -> Result<Option<T>, &'static str> {
    let value = settings.get(name).filter(|value| !value.is_null());
    value
        .map(|value| T::deserialize(value).map_err(|_| name))
        .transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_of_others_are_left_alone_and_ours_are_read() {
        let settings = json!({
            "shop": "acme", "domains": ["Shop.Example"], "default_currency": "EUR", "decimal": "comma",
            "delimiter": ";", "gate": {"removed_percent": 50}, "time_zone": "Europe/Berlin"
        });
        let parsed = parse(&settings).unwrap();
        assert_eq!(
            parsed.feed.rules.time_zone,
            TimeZone::get("Europe/Berlin").ok()
        );
        assert_eq!(parsed.feed.rules.domains, ["shop.example"]);
        assert_eq!(parsed.feed.rules.decimal, DecimalSign::Comma);
        assert_eq!(
            (parsed.delimiter, parsed.limits.removed_percent),
            (Some(b';'), 50)
        );
        assert_eq!(parsed.limits.invalid_percent, 10);
        assert_eq!(parse(&json!({})).unwrap().limits, GateLimits::default());
    }

    #[test]
    fn a_slip_is_told_by_its_name() {
        for (settings, name) in [
            (json!({"domains": "shop.example"}), "domains"),
            (json!({"default_currency": "EURO"}), "default_currency"),
            (json!({"decimal": ","}), "decimal"),
            (json!({"delimiter": "tab"}), "delimiter"),
            (json!({"time_zone": "Berlin"}), "time_zone"),
            (json!({"time_zone": "CEST"}), "time_zone"),
            (json!({"feed_format": "cobol"}), "feed_format"),
            (json!({"gate": {"removed_percent": 101}}), "gate"),
            (json!({"zero_price_allowed": "yes"}), "zero_price_allowed"),
        ] {
            assert_eq!(parse(&settings).err(), Some(name));
        }
    }
}
