//! Renders events as `{"type","timestamp","id","data"}`, an envelope around the stored data.
//!
//! The data was written as compact JSON when the event was committed. It is copied as it is, so that a delivery needs no
//! second parse.

use buywire_schemas::event::Event;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

use crate::contract::request::RenderError;

/// The types of the inserted texts rule out quotes and backslashes, so the assembled body is valid JSON.
pub(crate) fn body(event: &Event) -> Result<String, RenderError> {
    let timestamp = event
        .occurred_at
        .checked_to_offset(UtcOffset::UTC)
        .and_then(|utc| utc.format(&Rfc3339).ok())
        .ok_or(RenderError::NotRepresentable("occurred_at"))?;
    let id = event.id.to_string();
    Ok([
        r#"{"type":""#,
        event.kind.as_str(),
        r#"","timestamp":""#,
        &timestamp,
        r#"","id":""#,
        &id,
        r#"","data":"#,
        &event.data,
        "}",
    ]
    .concat())
}

#[cfg(test)]
mod tests {
    use buywire_schemas::event::EventType;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_that_rfc_3339_cannot_say_is_refused() {
        for occurred_at in [
            datetime!(-1-01-01 00:00 UTC),
            datetime!(9999-12-31 23:00 -5),
        ] {
            let event = Event {
                id: "evt_019aa0f0d20070008000000000000001".parse().unwrap(),
                kind: EventType::EndpointTest,
                occurred_at,
                data: "{}".into(),
            };
            assert_eq!(
                body(&event),
                Err(RenderError::NotRepresentable("occurred_at"))
            );
        }
    }
}
