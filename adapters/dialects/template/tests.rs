//! Settings that are refused, each with its message.

#![allow(clippy::too_many_lines, reason = "one table")]

use buywire_schemas::event::EventType;
use buywire_schemas::problem::FieldError;
use serde_json::json;

use super::*;
use crate::conformance::example_events::example;
use crate::contract::configured::ConfiguredAdapter;
use crate::dialects::by_name;

fn faults(settings: Value) -> Vec<FieldError> {
    match Template.check_settings(&settings) {
        Ok(()) => Vec::new(),
        Err(BodyError::Invalid(faults)) => faults,
        Err(BodyError::NotJson(at)) => panic!("{at}"),
    }
}

#[test]
fn settings_are_refused_with_pointer_code_and_advice() {
    let described = |changes: Value| {
        let mut described = json!({
            "algorithm": "hmac-sha256", "content": "{body}", "encoding": "hex",
            "headers": {"x-signature": "{signatures}"},
        });
        for (name, value) in changes.as_object().unwrap() {
            described[name] = value.clone();
        }
        described
    };
    for (settings, pointer, code, says) in [
        (json!({"bdy": ""}), "/bdy", "unknown_field", "remove it"),
        (json!({"body": 7}), "/body", "wrong_type", "a string"),
        (
            json!({"body": "{\n\"a\": {{ data.x"}),
            "/body",
            "template_syntax",
            "line 2",
        ),
        (
            json!({"body": "[{{ data.total * 2 }}]"}),
            "/body",
            "template_not_allowed",
            "`times`",
        ),
        (
            json!({"body": "[\"{{ type }}\"]"}),
            "/body",
            "template_quotes",
            "has its own quotes",
        ),
        (
            json!({"body": "{{ secret }}"}),
            "/body",
            "template_unknown_name",
            "`data`",
        ),
        (
            json!({"body": "{{ data.ship_to.city }}"}),
            "/body",
            "template_trial_failed",
            "a digital order in yen",
        ),
        (
            json!({"body": "{{ data.buyer.name | upper | date(\"unix\") }}"}),
            "/body",
            "template_trial_failed",
            "wrong type",
        ),
        (
            json!({"body": "{\"a\": }"}),
            "/body",
            "template_trial_failed",
            "not valid JSON",
        ),
        (
            json!({"content_type": "text/xml", "body": "<a b={{ id }}/>"}),
            "/body",
            "template_trial_failed",
            "not well-formed XML",
        ),
        (
            json!({"test_body": "{{ data.order_id }}"}),
            "/test_body",
            "template_trial_failed",
            "endpoint.test",
        ),
        (
            json!({"content_type": "json"}),
            "/content_type",
            "content_type_malformed",
            "media type",
        ),
        (
            json!({"content_type": "text/plain\r\nx: 1"}),
            "/content_type",
            "content_type_malformed",
            "media type",
        ),
        (
            json!({"events": ["parcel.*"]}),
            "/events/0",
            "event_type_unknown",
            "order.confirmed",
        ),
        (
            json!({"headers": {"Host": "x"}}),
            "/headers/Host",
            "header_name_invalid",
            "lower case",
        ),
        (
            json!({"headers": {"content-type": "x"}}),
            "/headers/content-type",
            "header_name_invalid",
            "content_type",
        ),
        (
            json!({"headers": {"webhook-id": "x"}}),
            "/headers/webhook-id",
            "header_name_invalid",
            "signature",
        ),
        (
            json!({"headers": {"proxy-authorization": "x"}}),
            "/headers/proxy-authorization",
            "header_name_invalid",
            "sender",
        ),
        (
            json!({"headers": {"x-a": "{{ x }}"}}),
            "/headers/x-a",
            "template_unknown_name",
            "`x`",
        ),
        (
            json!({"headers": {"x-a": "a\r\nx-b: 1"}}),
            "/headers/x-a",
            "template_trial_failed",
            "printable ASCII",
        ),
        (
            json!({"events": ["order.*"], "headers": {"x-a": "{{ data.note }}"}}),
            "/headers/x-a",
            "template_trial_failed",
            "`urlencode`",
        ),
        (
            json!({"signature": described(json!({"algorithm": "md5"}))}),
            "/signature",
            "signature_invalid",
            "md5",
        ),
        (
            json!({"signature": described(json!({"content": "{id}"}))}),
            "/signature",
            "signature_invalid",
            "{body}",
        ),
        (
            json!({"signature": described(json!({})), "headers": {"x-signature": "x"}}),
            "/headers/x-signature",
            "header_taken",
            "signature",
        ),
        (json!({"values": [1]}), "/values", "wrong_type", "object"),
        (
            json!({"success": {"statuses": [99]}}),
            "/success/statuses/0",
            "status_unknown",
            "2xx",
        ),
        (
            json!({"success": {"gone": [500]}}),
            "/success/gone/0",
            "status_unknown",
            "400 to 499",
        ),
        (
            json!({"success": {"body": [{"pointer": "/a"}]}}),
            "/success/body/0",
            "condition_unclear",
            "`is`",
        ),
        (
            json!({"success": {"body": [{"text": "a", "is": 1}]}}),
            "/success/body/0",
            "condition_unclear",
            "alone",
        ),
        (
            json!({"acknowledgement": {"number": "no"}}),
            "/acknowledgement/number",
            "pointer_malformed",
            "RFC 6901",
        ),
    ] {
        let found = faults(settings.clone());
        let [fault] = found.as_slice() else {
            panic!("{settings}: {found:?}");
        };
        assert_eq!(
            (fault.pointer.as_str(), fault.code),
            (pointer, code),
            "{settings}: {}",
            fault.detail
        );
        assert!(fault.detail.contains(says), "{settings}: {}", fault.detail);
    }
}

#[test]
fn an_order_that_the_template_itself_refuses_is_no_fault_of_its_settings() {
    let body =
        "{% if not data.ship_to %}{{ \"ships only\" | refuse }}{% endif %}{{ data.order_id }}";
    assert_eq!(faults(json!({ "body": body })), []);
}

#[test]
fn a_trial_of_the_endpoint_has_words_in_every_dialect() {
    let event = example(EventType::EndpointTest).unwrap().event;
    for (content_type, begins) in [
        ("application/json", r#"{"type":"endpoint.test""#),
        ("application/xml", r#"<event type="endpoint.test" id="evt_"#),
        (
            "application/x-www-form-urlencoded",
            "type=endpoint.test&id=evt_",
        ),
        ("text/plain", "endpoint.test evt_"),
    ] {
        let settings =
            json!({"content_type": content_type, "events": ["order.confirmed"], "body": "{{ 1 }}"});
        let settings = match content_type {
            "application/xml" => json!({"content_type": content_type, "body": "<a/>"}),
            _ => settings,
        };
        assert_eq!(faults(settings.clone()), []);
        let dialect = ConfiguredAdapter::new(by_name("template").unwrap(), &settings).unwrap();
        let delivery = Delivery {
            id: "dlv_1",
            event: &event,
            settings: &settings,
            endpoint: &"https://partner.example/".parse().unwrap(),
            public_url: "https://buywire.example",
        };
        let rendered = dialect.render(&delivery).unwrap();
        let body = String::from_utf8(rendered.body().to_vec()).unwrap();
        assert!(body.starts_with(begins), "{body}");
        assert_eq!(rendered.content_type(), content_type);
    }
}

#[test]
fn an_event_that_the_partner_does_not_want_is_unknown() {
    let settings = json!({"events": ["order.confirmed"], "body": "{{ id }}"});
    let event = example(EventType::OrderCancelled).unwrap().event;
    let delivery = Delivery {
        id: "dlv_1",
        event: &event,
        settings: &settings,
        endpoint: &"https://partner.example/".parse().unwrap(),
        public_url: "https://buywire.example",
    };
    let unknown = RenderError::UnsupportedEvent(EventType::OrderCancelled);
    assert_eq!(Template.render(&delivery), Err(unknown));
}

#[test]
fn the_manuals_examples_are_taken() {
    let manual = include_str!("NOTES.md");
    let examples: Vec<_> = manual.split("```json\n").skip(1).collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        let (settings, _) = example.split_once("```").unwrap();
        assert_eq!(
            faults(serde_json::from_str(settings).unwrap()),
            [],
            "{settings}"
        );
    }
}

#[test]
fn an_order_as_large_as_they_come_fits_the_bounds() {
    let mut event = example(EventType::OrderConfirmed).unwrap().event;
    let mut data: Value = serde_json::from_str(&event.data).unwrap();
    let mut line = data["lines"][0].clone();
    line["title"] = "\u{1f381}\"".repeat(250).into();
    line["attributes"] = (0..10)
        .map(|n| (format!("name {n}"), json!("v".repeat(100))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    data["lines"] = vec![line; 200].into();
    event.data = data.to_string().into();
    let settings = json!({"body": "[{% for line in data.lines %}\n\
        {\"sku\": {{ line.item_id }}, \"name\": {{ line.title }}, \"n\": {{ line.quantity }}, \n\
         \"price\": {{ line.unit_price | decimal(data.currency) }}, \"tax\": {{ line.tax | decimal(data.currency) }}, \n\
         \"options\": [{% for name, value in line.attributes | items %}{\"name\": {{ name }}, \"value\": {{ value }}}\n\
         {% if not loop.last %},{% endif %}{% endfor %}]}{% if not loop.last %},{% endif %}{% endfor %}]"});
    let delivery = Delivery {
        id: "dlv_1",
        event: &event,
        settings: &settings,
        endpoint: &"https://partner.example/".parse().unwrap(),
        public_url: "https://buywire.example",
    };
    let rendered = Template.render(&delivery).unwrap();
    let read: Value = serde_json::from_slice(rendered.body()).unwrap();
    assert_eq!(read.as_array().unwrap().len(), 200);
}
