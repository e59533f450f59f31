//! Settings with secrets: the values of `headers` are sealed, their names are shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::master_key::{MasterKeys, SealContext, SealError};

/// The member of settings whose values are secrets.
const HEADERS: &str = "headers";

/// Opened header values by name.
pub(crate) type HeaderValues = BTreeMap<String, String>;

/// Takes the header values out of new settings; what is left may be shown. A name with null keeps its stored value.
///
/// # Errors
/// The name of a header that has no stored value.
pub(crate) fn split(settings: &mut Value, stored: &HeaderValues) -> Result<HeaderValues, String> {
    let mut values = HeaderValues::new();
    let Some(headers) = settings.get_mut(HEADERS).and_then(Value::as_object_mut) else {
        return Ok(values);
    };
    for (name, value) in headers {
        match value.take() {
            Value::String(text) => {
                values.insert(name.clone(), text);
            }
            Value::Null => {
                let current = stored.get(name).ok_or_else(|| name.clone())?;
                values.insert(name.clone(), current.clone());
            }
            // Not a header value: it stays, and is refused later.
            other => *value = other,
        }
    }
    Ok(values)
}

/// The settings as the dialect reads them.
#[must_use]
pub(crate) fn join(mut settings: Value, values: &HeaderValues) -> Value {
    if !values.is_empty()
        && let Some(headers) = settings.get_mut(HEADERS).and_then(Value::as_object_mut)
    {
        let values = values
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)));
        headers.extend(values.collect::<Map<_, _>>());
    }
    settings
}

/// Seals header values for the partner's row.
///
/// # Errors
/// As [`MasterKeys::seal`].
pub(crate) fn seal(
    master: &MasterKeys,
    partner: &str,
    values: &HeaderValues,
) -> Result<Option<Vec<u8>>, SealError> {
    if values.is_empty() {
        return Ok(None);
    }
    let plain = json!(values).to_string();
    master.seal(context(partner), plain.as_bytes()).map(Some)
}

/// Opens the header values of the partner's row.
///
/// # Errors
/// As [`MasterKeys::open`].
pub(crate) fn open(
    master: &MasterKeys,
    partner: &str,
    sealed: Option<&[u8]>,
) -> Result<HeaderValues, SealError> {
    let Some(sealed) = sealed else {
        return Ok(HeaderValues::new());
    };
    let plain = master.open(context(partner), sealed)?;
    serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)
}

fn context(partner: &str) -> SealContext<'_> {
    SealContext {
        table: "partners",
        row: partner,
        column: "sealed_settings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_leave_the_settings_and_come_back() {
        let given =
            json!({"body": "x", "headers": {"authorization": "Bearer s3cret", "x-shop": "a"}});
        let mut shown = given.clone();
        let values = split(&mut shown, &HeaderValues::new()).unwrap();
        assert_eq!(
            shown,
            json!({"body": "x", "headers": {"authorization": null, "x-shop": null}})
        );
        assert_eq!(join(shown.clone(), &values), given);
        // What was shown can be sent back.
        assert_eq!(split(&mut shown.clone(), &values), Ok(values.clone()));
        assert_eq!(
            split(&mut shown, &HeaderValues::new()),
            Err("authorization".to_owned())
        );
        let mut none = json!({"headers": {"x": 5}});
        assert_eq!(
            split(&mut none, &HeaderValues::new()),
            Ok(HeaderValues::new())
        );
        assert_eq!(none, json!({"headers": {"x": 5}}));
    }
}
