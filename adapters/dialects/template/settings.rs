//! The partner's settings, read and checked completely before any delivery uses them.
//!
//! NOTES.md is their manual and uses the same names. Promises: reports every fault at once, each with its pointer; compiles
//! templates, so that rendering parses nothing.

use buywire_schemas::event::{EventPattern, EventType};
use buywire_schemas::json::Json;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, any_json, flag, string};
use minijinja::value::Value as Read;
use serde_json::Value;

use super::order::VARIABLES;
use super::reply::{Condition, ReferencePointers, StatusPattern, SuccessRule};
use crate::contract::request::{is_dialect_header, is_forbidden_header, is_header_value};
use crate::signing::{Scheme, Schemes};
use crate::template_engine::{CompileError, Escape, Template};

/// Bounds of lists and texts, each far above what a partner needs.
const EVENTS_MAX: usize = 20;
const HEADERS_MAX: usize = 20;
const STATUSES_MAX: usize = 20;
const CONDITIONS_MAX: usize = 8;
const TEXT_CHARS_MAX: usize = 256;

/// The events that a custom body renders unless `events` says otherwise: all events with an order.
const ORDER_EVENTS: &[&str] = &["order.*", "refund.updated", "buyer.redacted"];

const CONTENT_TYPE: &str = "application/json";

pub(super) struct Settings {
    events: Vec<EventPattern>,
    pub(super) content_type: String,
    pub(super) escape: Escape,
    pub(super) body: Option<Template>,
    pub(super) test_body: Option<Template>,
    /// Their names are in lower case.
    pub(super) headers: Vec<(String, Template)>,
    pub(super) values: Read,
    pub(super) schemes: Schemes,
    pub(super) success: SuccessRule,
    pub(super) acknowledgement: ReferencePointers,
}

impl Settings {
    pub(super) fn parse(settings: &Value) -> Result<Self, BodyError> {
        let text = settings.to_string();
        let mut reader = Reader::object(text.as_bytes())?;
        let events = reader.optional_values("events", 1..=EVENTS_MAX, string(EventPattern::parse));
        let content_type = reader.optional("content_type", string(content_type));
        let content_type = content_type.unwrap_or_else(|| CONTENT_TYPE.to_owned());
        let escape = Escape::of(&content_type);
        let body = reader.optional("body", template(escape));
        let test_body = reader.optional("test_body", template(escape));
        let headers = reader.map("headers", HEADERS_MAX, header_name, template(Escape::Plain));
        let values = reader.optional("values", values);
        let scheme = reader.optional("signature", |value| {
            Scheme::from_description(&any_json(value)?)
                .map_err(|fault| Violation::new("signature_invalid", fault.to_string()))
        });
        let success = reader.optional_nested("success", |reader| Some(success(reader)));
        let acknowledgement =
            reader.optional_nested("acknowledgement", |reader| Some(reference_pointers(reader)));
        let schemes = match scheme {
            Some(scheme) => Schemes::Owned(vec![scheme]),
            None => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ONLY),
        };
        let signed = |name: &&String| schemes.iter().any(|scheme| scheme.adds_header(name));
        if let Some(name) = headers.keys().find(signed) {
            let flaw = Violation::new("header_taken", "the signature sets this header");
            reader.refuse(&format!("/headers/{name}"), flaw);
        }
        let events = events.unwrap_or_else(|| match body {
            Some(_) => patterns(ORDER_EVENTS),
            None => patterns(&["*"]),
        });
        reader.finish(|| {
            Some(Self {
                events,
                content_type,
                escape,
                body,
                test_body,
                headers: headers.into_iter().collect(),
                values: values.unwrap_or_else(|| Read::from_pairs::<_, &str, Read>([])),
                schemes,
                success: success.unwrap_or_default(),
                acknowledgement: acknowledgement.unwrap_or_default(),
            })
        })
    }

    /// An endpoint test is always supported.
    pub(super) fn supports(&self, kind: EventType) -> bool {
        let mut patterns = self.events.iter();
        kind == EventType::EndpointTest || patterns.any(|pattern| kind.matches(pattern.as_str()))
    }
}

fn patterns(texts: &[&str]) -> Vec<EventPattern> {
    let parsed = texts.iter().map(|text| EventPattern::parse(text));
    parsed.filter_map(Result::ok).collect()
}

fn template(escape: Escape) -> impl Fn(Json<'_>) -> Result<Template, Violation> {
    string(move |text| {
        Template::compile(text, escape, VARIABLES)
            .map_err(|CompileError { code, detail }| Violation::new(code, detail))
    })
}

fn content_type(text: &str) -> Result<String, Violation> {
    let fits = text.len() <= TEXT_CHARS_MAX && is_header_value(text);
    let media = text.split(';').next().unwrap_or_default().trim_end();
    let two = media.split_once('/').is_some_and(|(one, other)| {
        [one, other]
            .into_iter()
            .all(|half| is_token(&half.to_ascii_lowercase()))
    });
    if fits && two {
        return Ok(text.to_owned());
    }
    let detail = "must be a media type such as application/json or text/xml; charset=utf-8";
    Err(Violation::new("content_type_malformed", detail))
}

fn is_token(text: &str) -> bool {
    let byte = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || b"!#$&^_.+-".contains(&byte);
    !text.is_empty() && text.bytes().all(byte)
}

fn header_name(name: &str) -> Result<(), Violation> {
    if is_dialect_header(name) && !is_forbidden_header(name) {
        return Ok(());
    }
    let detail = "must be a header name in lower case that belongs neither to the sender nor to a signature, unlike `host` \
                  or `webhook-id` (set the content type with `content_type`, signature headers with `signature`)";
    Err(Violation::new("header_name_invalid", detail))
}

fn values(value: Json<'_>) -> Result<Read, Violation> {
    match any_json(value)? {
        object @ Value::Object(_) => serde_json::from_value(object)
            .map_err(|_| Violation::new("wrong_type", "must be an object")),
        _ => Err(Violation::new("wrong_type", "must be an object")),
    }
}

fn success(reader: &mut Reader<'_>) -> SuccessRule {
    let default = SuccessRule::default();
    let statuses = reader.optional_values("statuses", 1..=STATUSES_MAX, statuses);
    let gone = reader.optional_values("gone", 0..=STATUSES_MAX, gone_statuses);
    let body = reader.optional_list("body", 1..=CONDITIONS_MAX, condition);
    SuccessRule {
        statuses: statuses.unwrap_or(default.statuses),
        gone: gone.unwrap_or(default.gone),
        body: body.unwrap_or_default(),
    }
}

fn statuses(value: Json<'_>) -> Result<StatusPattern, Violation> {
    let status = match &value {
        Json::Number(number) => number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok())
            .filter(|number| (200..=599).contains(number))
            .map(StatusPattern::One),
        Json::String(text) => ["2xx", "3xx", "4xx", "5xx"]
            .iter()
            .zip(2..)
            .find_map(|(name, hundred)| (name == text).then_some(StatusPattern::Class(hundred))),
        _ => None,
    };
    let detail = "must be a status from 200 to 599, or one of 2xx, 3xx, 4xx, 5xx";
    status.ok_or(Violation::new("status_unknown", detail))
}

/// A success or a transient failure must never disable an endpoint.
fn gone_statuses(value: Json<'_>) -> Result<StatusPattern, Violation> {
    match statuses(value)? {
        StatusPattern::One(status @ (400..=428 | 430..=499)) => Ok(StatusPattern::One(status)),
        _ => Err(Violation::new(
            "status_unknown",
            "must be a status from 400 to 499 other than 429: it disables the endpoint",
        )),
    }
}

fn condition(reader: &mut Reader<'_>) -> Option<Condition> {
    let checks = ["is", "is_not", "present", "text", "no_text"];
    let check_count = checks.iter().filter(|name| reader.has(name)).count();
    let needs_pointer = !reader.has("text") && !reader.has("no_text");
    let (is, is_not) = (reader.has("is"), reader.has("is_not"));
    let at = reader.optional("pointer", string(pointer));
    let value = reader.optional("is", any_json);
    let other = reader.optional("is_not", any_json);
    let present = reader.optional("present", flag);
    let text = reader.optional("text", string(text_piece));
    let no_text = reader.optional("no_text", string(text_piece));
    if check_count != 1 || needs_pointer != at.is_some() {
        let detail = "must hold `pointer` and one of `is`, `is_not`, `present`; or `text` or `no_text` alone";
        reader.refuse("", Violation::new("condition_unclear", detail));
        return None;
    }
    match at {
        Some(at) if is => Some(Condition::Is(at, value.unwrap_or_default())),
        Some(at) if is_not => Some(Condition::IsNot(at, other.unwrap_or_default())),
        Some(at) if present? => Some(Condition::Present(at)),
        Some(at) => Some(Condition::Absent(at)),
        None => text.map(Condition::Text).or(no_text.map(Condition::NoText)),
    }
}

fn reference_pointers(reader: &mut Reader<'_>) -> ReferencePointers {
    ReferencePointers {
        order_id: reader.optional("order_id", string(pointer)),
        number: reader.optional("number", string(pointer)),
        permalink: reader.optional("permalink", string(pointer)),
    }
}

fn pointer(text: &str) -> Result<String, Violation> {
    let escaped = |rest: &str| rest.starts_with('0') || rest.starts_with('1');
    let fits = text.starts_with('/')
        && text.len() <= TEXT_CHARS_MAX
        && text.split('~').skip(1).all(escaped);
    let detail = "must be a JSON pointer (RFC 6901) such as /order/id";
    fits.then(|| text.to_owned())
        .ok_or(Violation::new("pointer_malformed", detail))
}

fn text_piece(text: &str) -> Result<String, Violation> {
    let fits = !text.is_empty() && text.len() <= TEXT_CHARS_MAX;
    let detail = format!("must have 1 to {TEXT_CHARS_MAX} bytes");
    fits.then(|| text.to_owned())
        .ok_or(Violation::new("wrong_length", detail))
}
