//! Renders events with the partner's templates.
//!
//! Promises: a template sees the event, the delivery's id and the settings' `values`, and nothing else. An endpoint test
//! can always be rendered: without a template for it, the event is sent as it is.

use buywire_schemas::event::EventType;
use buywire_schemas::json::{Json, Number, exact};
use minijinja::value::Value;

use super::settings::Settings;
use crate::contract::request::{Delivery, RenderError, Rendered, is_header_value};
use crate::dialects::standard;
use crate::template_engine::{Escape, TemplateError, TemplateErrorKind};
use crate::toolkit::order_math::format_rfc3339;

/// The variables that a template may read.
pub(super) const VARIABLES: &[&str] = &["type", "id", "timestamp", "data", "delivery_id", "values"];

/// More than any known receiver reads.
const HEADER_BYTES_MAX: usize = 2048;

/// The headers and the body.
type Parts = (Vec<(String, String)>, Vec<u8>);

/// A pointer into the settings to the template that failed, and why.
type LocatedError = (String, TemplateError);

pub(super) fn render(
    settings: &Settings,
    delivery: &Delivery<'_>,
) -> Result<Rendered, RenderError> {
    let kind = delivery.event.kind;
    if !settings.supports(kind) {
        return Err(RenderError::UnsupportedEvent(kind));
    }
    let (headers, body) = render_parts(settings, delivery).map_err(|(_, failure)| failure)?;
    let rendered = Rendered::new(settings.content_type.clone(), body)?;
    Ok(headers
        .into_iter()
        .fold(rendered, |rendered, (name, value)| {
            rendered.with_header(name, value)
        }))
}

/// Renders every template that the event needs.
pub(super) fn render_parts(
    settings: &Settings,
    delivery: &Delivery<'_>,
) -> Result<Parts, LocatedError> {
    let in_body = |failure: TemplateError| ("/body".to_owned(), failure);
    // The event as it is needs no parsing.
    if settings.headers.is_empty() && settings.body.is_none() && settings.test_body.is_none() {
        return Ok((
            Vec::new(),
            default_body(settings, delivery).map_err(in_body)?,
        ));
    }
    let context = context(settings, delivery).map_err(in_body)?;
    let mut headers = Vec::with_capacity(settings.headers.len());
    for (name, template) in &settings.headers {
        let value = template.render(&context).and_then(header_text);
        let value = value.map_err(|failure| (format!("/headers/{name}"), failure))?;
        headers.push((name.clone(), value));
    }
    let (at, template) = match delivery.event.kind {
        EventType::EndpointTest => ("/test_body", &settings.test_body),
        _ => ("/body", &settings.body),
    };
    let body = match template {
        Some(template) => template.render(&context),
        None => default_body(settings, delivery),
    };
    Ok((headers, body.map_err(|failure| (at.to_owned(), failure))?))
}

fn context(settings: &Settings, delivery: &Delivery<'_>) -> Result<Value, TemplateError> {
    let event = delivery.event;
    let data = Json::parse(event.data.as_bytes()).map_err(|_| TemplateErrorKind::Undefined)?;
    let timestamp = format_rfc3339(event.occurred_at).map_err(|_| TemplateErrorKind::Undefined)?;
    Ok(Value::from_pairs([
        ("type", Value::from(event.kind.as_str())),
        ("id", event.id.to_string().into()),
        ("timestamp", timestamp.into()),
        ("data", template_value(data.json)),
        ("delivery_id", delivery.id.into()),
        ("values", settings.values.clone()),
    ]))
}

/// A value as templates see it. A number that 64 bits would round becomes text, so that it keeps its digits.
fn template_value(json: Json<'_>) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(flag) => flag.into(),
        Json::Number(number) => plain_number(&number),
        Json::Decimal(text) => match exact(&text) {
            Some(number) => plain_number(&number),
            None => text.as_ref().into(),
        },
        Json::String(text) => text.as_ref().into(),
        Json::List(items) => items.into_iter().map(template_value).collect(),
        Json::Object(members) => {
            let members = members.into_iter();
            Value::from_pairs(
                members.map(|(name, member)| (name.into_owned(), template_value(member))),
            )
        }
    }
}

fn plain_number(number: &Number) -> Value {
    match (number.as_i64(), number.as_u64()) {
        (Some(number), _) => number.into(),
        (None, Some(number)) => number.into(),
        (None, None) => number.as_f64().unwrap_or_default().into(),
    }
}

fn header_text(value: Vec<u8>) -> Result<String, TemplateError> {
    let value = String::from_utf8(value).ok();
    let is_sendable = |value: &String| value.len() <= HEADER_BYTES_MAX && is_header_value(value);
    Ok(value
        .filter(is_sendable)
        .ok_or(TemplateErrorKind::InvalidHeader)?)
}

/// The body without a template: the whole event as JSON, or its type, id and time in other formats.
fn default_body(settings: &Settings, delivery: &Delivery<'_>) -> Result<Vec<u8>, TemplateError> {
    let event = delivery.event;
    let (kind, id) = (event.kind.as_str(), event.id);
    let timestamp = format_rfc3339(event.occurred_at).map_err(|_| TemplateErrorKind::Undefined)?;
    Ok(match settings.escape {
        Escape::Json => standard::body(event).map_err(|_| TemplateErrorKind::Undefined)?,
        Escape::Xml => {
            format!(r#"<event type="{kind}" id="{id}" timestamp="{timestamp}"/>"#)
        }
        // RFC 3339 has colons, which forms write as `%3A`.
        Escape::Form => {
            let timestamp = timestamp.replace(':', "%3A");
            format!("type={kind}&id={id}&timestamp={timestamp}")
        }
        Escape::Plain => format!("{kind} {id} {timestamp}"),
    }
    .into_bytes())
}
