//! The partner's settings: read whole, so that no delivery meets a setting that cannot work.
//!
//! NOTES.md is the manual; the names here are the names there. Promises: every flaw at once, each with its
//! pointer; templates are compiled, so that rendering parses nothing.

use buywire_schemas::event::{EventType, Pattern};
use buywire_schemas::json::Json;
use buywire_schemas::problem::{Flaw, Refused};
use buywire_schemas::read::{Reader, flag, free, string};
use minijinja::value::Value as Read;
use serde_json::Value;

use super::order::NAMES;
use super::reply::{Condition, Names, Statuses, Success};
use crate::request::{is_forbidden_header, is_header_value, is_own_header};
use crate::signing::{Scheme, Schemes};
use crate::templating::{Escape, Fault, Template};

/// The bounds of lists and texts: each far above what a partner needs.
const EVENTS_MAX: usize = 20;
const HEADERS_MAX: usize = 20;
const STATUSES_MAX: usize = 20;
const CONDITIONS_MAX: usize = 8;
const TEXT_CHARS_MAX: usize = 256;

/// What a body of one's own has words for, unless told otherwise: whatever is about an order.
const EVENTS_OF_ORDERS: &[&str] = &["order.*", "refund.updated", "buyer.redacted"];

const CONTENT_TYPE: &str = "application/json";

pub(super) struct Settings {
    events: Vec<Pattern>,
    pub(super) content_type: String,
    pub(super) escape: Escape,
    pub(super) body: Option<Template>,
    pub(super) test_body: Option<Template>,
    /// Names in lower case.
    pub(super) headers: Vec<(String, Template)>,
    pub(super) values: Read,
    pub(super) schemes: Schemes,
    pub(super) success: Success,
    pub(super) acknowledgement: Names,
}

impl Settings {
    pub(super) fn parse(settings: &Value) -> Result<Self, Refused> {
        let text = settings.to_string();
        let mut given = Reader::object(text.as_bytes())?;
        let events = given.optional_values("events", 1..=EVENTS_MAX, string(Pattern::parse));
        let content_type = given.optional("content_type", string(content_type));
        let content_type = content_type.unwrap_or_else(|| CONTENT_TYPE.to_owned());
        let escape = Escape::of(&content_type);
        let body = given.optional("body", template(escape));
        let test_body = given.optional("test_body", template(escape));
        let headers = given.map("headers", HEADERS_MAX, header_name, template(Escape::Plain));
        let values = given.optional("values", values);
        let scheme = given.optional("signature", |value| {
            Scheme::described(&free(value)?)
                .map_err(|fault| Flaw::new("signature_invalid", fault.to_string()))
        });
        let success = given.optional_nested("success", |given| Some(success(given)));
        let acknowledgement = given.optional_nested("acknowledgement", |given| Some(names(given)));
        let schemes = match scheme {
            Some(scheme) => Schemes::Owned(vec![scheme]),
            None => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ALONE),
        };
        let signed = |name: &&String| schemes.iter().any(|scheme| scheme.adds_header(name));
        if let Some(name) = headers.keys().find(signed) {
            let flaw = Flaw::new("header_taken", "the signature writes this header itself");
            given.refuse(&format!("/headers/{name}"), flaw);
        }
        let events = events.unwrap_or_else(|| match body {
            Some(_) => patterns(EVENTS_OF_ORDERS),
            None => patterns(&["*"]),
        });
        given.finish(|| {
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

    /// A trial of the endpoint always has words.
    pub(super) fn has_words_for(&self, kind: EventType) -> bool {
        let mut patterns = self.events.iter();
        kind == EventType::EndpointTest || patterns.any(|pattern| kind.matches(pattern.as_str()))
    }
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    let parsed = texts.iter().map(|text| Pattern::parse(text));
    parsed.filter_map(Result::ok).collect()
}

fn template(escape: Escape) -> impl Fn(Json<'_>) -> Result<Template, Flaw> {
    string(move |text| {
        Template::compile(text, escape, NAMES)
            .map_err(|Fault { code, detail }| Flaw::new(code, detail))
    })
}

fn content_type(text: &str) -> Result<String, Flaw> {
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
    Err(Flaw::new("content_type_malformed", detail))
}

fn is_token(text: &str) -> bool {
    let byte = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || b"!#$&^_.+-".contains(&byte);
    !text.is_empty() && text.bytes().all(byte)
}

fn header_name(name: &str) -> Result<(), Flaw> {
    if is_own_header(name) && !is_forbidden_header(name) {
        return Ok(());
    }
    let detail = "must be a header's name in lower case, and none that belongs to the sender or to a signature, such as \
                  `host` or `webhook-id` (the setting `content_type` gives the content type, `signature` its headers)";
    Err(Flaw::new("header_name_invalid", detail))
}

fn values(value: Json<'_>) -> Result<Read, Flaw> {
    match free(value)? {
        object @ Value::Object(_) => {
            serde_json::from_value(object).map_err(|_| Flaw::new("wrong_type", "must be an object"))
        }
        _ => Err(Flaw::new("wrong_type", "must be an object")),
    }
}

fn success(given: &mut Reader<'_>) -> Success {
    let default = Success::default();
    let statuses = given.optional_values("statuses", 1..=STATUSES_MAX, statuses);
    let gone = given.optional_values("gone", 0..=STATUSES_MAX, statuses_of_end);
    let body = given.optional_list("body", 1..=CONDITIONS_MAX, condition);
    Success {
        statuses: statuses.unwrap_or(default.statuses),
        gone: gone.unwrap_or(default.gone),
        body: body.unwrap_or_default(),
    }
}

fn statuses(value: Json<'_>) -> Result<Statuses, Flaw> {
    let known = match &value {
        Json::Number(number) => number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok())
            .filter(|number| (200..=599).contains(number))
            .map(Statuses::One),
        Json::String(text) => ["2xx", "3xx", "4xx", "5xx"]
            .iter()
            .zip(2..)
            .find_map(|(name, hundred)| (name == text).then_some(Statuses::Hundred(hundred))),
        _ => None,
    };
    let detail = "must be a status from 200 to 599, or one of 2xx, 3xx, 4xx, 5xx";
    known.ok_or(Flaw::new("status_unknown", detail))
}

/// An endpoint is never given up for success, nor for a failure of a moment.
fn statuses_of_end(value: Json<'_>) -> Result<Statuses, Flaw> {
    match statuses(value)? {
        Statuses::One(status @ (400..=428 | 430..=499)) => Ok(Statuses::One(status)),
        _ => Err(Flaw::new(
            "status_unknown",
            "must be a status from 400 to 499 other than 429: it disables the endpoint",
        )),
    }
}

fn condition(given: &mut Reader<'_>) -> Option<Condition> {
    let asks = ["is", "is_not", "present", "text", "no_text"];
    let asked = asks.iter().filter(|name| given.has(name)).count();
    let needs_pointer = !given.has("text") && !given.has("no_text");
    let (is, is_not) = (given.has("is"), given.has("is_not"));
    let at = given.optional("pointer", string(pointer));
    let value = given.optional("is", free);
    let other = given.optional("is_not", free);
    let present = given.optional("present", flag);
    let text = given.optional("text", string(piece));
    let no_text = given.optional("no_text", string(piece));
    if asked != 1 || needs_pointer != at.is_some() {
        let detail = "must hold `pointer` and one of `is`, `is_not`, `present`; or `text` or `no_text` alone";
        given.refuse("", Flaw::new("condition_unclear", detail));
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

fn names(given: &mut Reader<'_>) -> Names {
    Names {
        order_id: given.optional("order_id", string(pointer)),
        number: given.optional("number", string(pointer)),
        permalink: given.optional("permalink", string(pointer)),
    }
}

fn pointer(text: &str) -> Result<String, Flaw> {
    let escaped = |rest: &str| rest.starts_with('0') || rest.starts_with('1');
    let fits = text.starts_with('/')
        && text.len() <= TEXT_CHARS_MAX
        && text.split('~').skip(1).all(escaped);
    let detail = "must be a JSON pointer (RFC 6901) such as /order/id";
    fits.then(|| text.to_owned())
        .ok_or(Flaw::new("pointer_malformed", detail))
}

fn piece(text: &str) -> Result<String, Flaw> {
    let fits = !text.is_empty() && text.len() <= TEXT_CHARS_MAX;
    let detail = format!("must have 1 to {TEXT_CHARS_MAX} bytes");
    fits.then(|| text.to_owned())
        .ok_or(Flaw::new("wrong_length", detail))
}
