//! What templates may do, what they may not, and that values stay values.

#![allow(clippy::too_many_lines, reason = "one table")]

use minijinja::value::Value;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NAMES: &[&str] = &["data", "values"];

fn context(data: serde_json::Value) -> Value {
    let data: Value = serde_json::from_value(data).unwrap();
    Value::from_pairs([("data", data)])
}

fn compiled(text: &str, escape: Escape) -> Template {
    Template::compile(text, escape, NAMES)
        .unwrap_or_else(|fault| panic!("{text}: {}", fault.detail))
}

fn rendered(text: &str, data: serde_json::Value) -> String {
    let body = compiled(text, Escape::Plain).render(&context(data));
    String::from_utf8(body.unwrap_or_else(|failure| panic!("{text}: {failure}"))).unwrap()
}

fn stopped(text: &str, data: serde_json::Value) -> TemplateErrorKind {
    compiled(text, Escape::Plain)
        .render(&context(data))
        .unwrap_err()
        .kind()
}

#[test]
fn filters_say_what_partners_ask_for() {
    let data = json!({
        "total": 5912, "yen": 980, "small": 7, "back": -1250, "currency": "USD", "jpy": "JPY", "kwd": "KWD",
        "at": "2026-11-20T10:00:01Z", "name": "Zo\u{eb}", "none": null, "flag": true,
        "list": ["a", "b"], "lines": [{"n": 2}, {"n": 3}], "object": {"k": "v", "l": 1},
    });
    for (text, expected) in [
        ("{{ data.total | decimal(data.currency) }}", "59.12"),
        ("{{ data.yen | decimal(data.jpy) }}", "980"),
        ("{{ data.small | decimal(data.kwd) }}", "0.007"),
        ("{{ data.back | decimal(\"USD\") }}", "-12.50"),
        ("{{ data.at | date(\"unix\") }}", "1795168801"),
        ("{{ data.at | date(\"unix_ms\") }}", "1795168801000"),
        (
            "{{ data.at | date(\"rfc2822\") }}",
            "Fri, 20 Nov 2026 10:00:01 +0000",
        ),
        (
            "{{ data.at | date(\"[day].[month].[year]\") }}",
            "20.11.2026",
        ),
        (
            "{{ \"ACME-\" | append(data.total, data.none, \"!\") }}",
            "ACME-5912!",
        ),
        (
            "{{ data.none | default(\"-\") }}{{ data.absent | default(1) }}",
            "-1",
        ),
        ("{{ data.list | join(\", \") }}", "a, b"),
        ("{{ data.lines | sum(\"n\") }}", "5"),
        ("{{ data.total | times(2) | plus(1) }}", "11825"),
        (
            "{{ data.total - 12 }} {{ data.total // 100 }} {{ data.total % 100 }}",
            "5900 59 12",
        ),
        (
            "{{ data.name | upper }}{{ data.name | lower }}",
            "ZO\u{cb}zo\u{eb}",
        ),
        ("{{ \" x \" | trim }}|{{ data.name | cut(2) }}", "x|Zo"),
        ("{{ data.name | urlencode }}", "Zo%C3%AB"),
        ("{{ \"<a&b>\" | xml }}", "&lt;a&amp;b&gt;"),
        ("{{ data.lines | json }}", r#"[{"n":2},{"n":3}]"#),
        (
            "{{ data.list | length }}{{ data.flag }}{{ data.none }}",
            "2true",
        ),
        (
            "{% for k, v in data.object | items %}{{ k }}={{ v }};{% endfor %}",
            "k=v;l=1;",
        ),
        (
            "{% for l in data.lines %}{{ l.n }}{{ \",\" if not loop.last }}{% endfor %}",
            "2,3",
        ),
        (
            "{% if data.currency in [\"USD\", \"EUR\", -1, none] %}yes{% else %}no{% endif %}",
            "yes",
        ),
        (
            "{% set o = data.object %}{{ o.k }}{{ 1 if o.x is defined else 2 }}",
            "v2",
        ),
        (
            "{% if data.none is none and data.flag %}{# nothing #}ok{% endif %}",
            "ok",
        ),
    ] {
        assert_eq!(rendered(text, data.clone()), expected, "{text}");
    }
}

#[test]
fn what_could_grow_call_or_reach_out_is_refused_with_its_line() {
    for (text, says) in [
        ("{{ data.a ~ data.b }}", "filter `append`"),
        ("{% set x = \"x\" %}\n{% set x = x + x %}", "line 2: "),
        ("{{ \"x\" * 1000000000 }}", "filter `times`"),
        ("{{ [[\"x\" * 99999999]] }}", "filter `times`"),
        ("{{ 9 ** 9 ** 9 }}", "filter `times`"),
        ("{{ [data.a, data.a] }}", "a list or an object of variables"),
        ("{{ {\"a\": data.a} }}", "a list or an object of variables"),
        ("{{ (data.a, data.a) }}", "a list or an object of variables"),
        (
            "{% for i in range(9) %}{% endfor %}",
            "functions cannot be called",
        ),
        ("{{ data.items() }}", "functions cannot be called"),
        ("{{ loop() }}", "functions cannot be called"),
        (
            "{% for x in data recursive %}{{ loop(x) }}{% endfor %}",
            "a loop cannot call itself",
        ),
        (
            "{% for x in data.l if x %}{% endfor %}",
            "a loop cannot filter",
        ),
        (
            "{% macro m() %}{{ m() }}{% endmacro %}",
            "unknown statement",
        ),
        ("{% include \"secret\" %}", "unknown statement"),
        ("{% extends \"secret\" %}", "unknown statement"),
        ("{% import \"secret\" as s %}", "unknown statement"),
        ("{% block b %}{% endblock %}", "unknown statement"),
        (
            "{% set x %}{{ data.a }}{% endset %}",
            "a block cannot be captured",
        ),
        (
            "{% filter upper %}{{ data.a }}{% endfilter %}",
            "a block cannot be captured",
        ),
        (
            "{% autoescape false %}{{ data.a }}{% endautoescape %}",
            "follows from `content_type`",
        ),
        ("{{ data.a[1:] }}", "filter `cut`"),
        ("{{ data.a | safe }}", "filter `safe` does not exist"),
        ("{{ data.a | attr(\"b\") }}", "filter `attr` does not exist"),
        ("{{ data.a | upper.a }}", "has no dot"),
        ("{{ 1 if data.a is not not }}", "test `not` does not exist"),
        ("{{ [-none] }}", "a list or an object of variables"),
        ("{{ 1 if data.a is safe }}", "test `safe` does not exist"),
        ("{{ data.a | append(x=data.b) }}", "no named arguments"),
        (
            "x\n{{ env.HOME }}",
            "line 2: `env` does not exist; a template can read",
        ),
        ("{{ endpoint }}{{ secret }}", "`endpoint` does not exist"),
        ("a\n{{ data.", "line 2: unexpected end"),
        ("{% if data %}", "line 1: unexpected end"),
    ] {
        let refused = Template::compile(text, Escape::Plain, NAMES);
        let detail = refused
            .err()
            .unwrap_or_else(|| panic!("{text} passed"))
            .detail;
        assert!(detail.contains(says), "{text}: {detail}");
    }
}

#[test]
fn in_json_no_value_may_stand_inside_quotes() {
    for text in [
        r#"{"a": "{{ data.a }}"}"#,
        r#"{"a": "x{% if data.a %}y{% endif %}"}"#,
        r#"["{# note #}"]"#,
        r#"["\"{{ data.a }}"]"#,
    ] {
        let error = Template::compile(text, Escape::Json, NAMES).err().unwrap();
        assert_eq!(error.code, "template_quotes", "{text}");
    }
    assert!(Template::compile(r#"{"a\"": {{ data.a }}, "b": ""}"#, Escape::Json, NAMES).is_ok());
}

#[test]
fn what_loops_explodes_or_reads_what_is_not_there_stops() {
    let many = json!({"l": vec![1; 400], "big": "x".repeat(200_000)});
    let nested = "{% for a in data.l %}{% for b in data.l %}{% for c in data.l %}{% endfor %}{% endfor %}{% endfor %}";
    assert_eq!(stopped(nested, many.clone()), TemplateErrorKind::OutOfFuel);
    let output = "{% for a in data.l %}{{ data.big }}{% endfor %}";
    assert_eq!(stopped(output, many.clone()), TemplateErrorKind::TooLarge);
    let work = "{% for a in data.l %}{% if data.big | upper == \"\" %}{% endif %}{% endfor %}";
    assert_eq!(stopped(work, many.clone()), TemplateErrorKind::WorkLimit);
    let doubling = "{% set x = data.big | append(data.big) %}{{ x }}";
    assert_eq!(stopped(doubling, many), TemplateErrorKind::TextTooLong);
    let data = json!({"ship_to": null, "name": "x", "list": [1]});
    for text in [
        "{{ data.absent }}",
        "{{ data.ship_to.city }}",
        "{{ data.list[3] }}",
        "{{ loop.index }}",
        "{{ self.x }}",
    ] {
        assert_eq!(
            stopped(text, data.clone()),
            TemplateErrorKind::Undefined,
            "{text}"
        );
    }
    assert_eq!(
        stopped("{{ data.list }}", data.clone()),
        TemplateErrorKind::NotScalar
    );
    assert_eq!(
        stopped("{{ data.name | times(2) }}", data.clone()),
        TemplateErrorKind::TypeMismatch
    );
    assert_eq!(
        stopped("{{ data.name - 1 }}", data.clone()),
        TemplateErrorKind::TypeMismatch
    );
    assert_eq!(
        stopped("{{ \"no\" | refuse }}", data),
        TemplateErrorKind::Refused
    );
}

#[test]
fn a_failure_names_its_line_and_no_value() {
    let template = compiled("a\nb {{ data.name | decimal(\"USD\") }}", Escape::Plain);
    let failure = template
        .render(&context(json!({"name": "Ada"})))
        .unwrap_err();
    assert_eq!(
        failure.to_string(),
        "line 2: a value has the wrong type for its filter or operator"
    );
}

#[test]
fn what_is_not_well_formed_does_not_leave() {
    let kind = |text: &str, escape| {
        compiled(text, escape)
            .render(&context(json!({"a": "x y"})))
            .unwrap_err()
            .kind()
    };
    for text in ["{{ data.a }},", "{\"a\": {{ data.a }}", ""] {
        assert_eq!(
            kind(text, Escape::Json),
            TemplateErrorKind::InvalidJson,
            "{text}"
        );
    }
    for text in [
        "<a>{{ data.a }}</b>",
        "<a/><a/>",
        "<a x={{ data.a }}/>",
        "<a>",
        "{{ data.a }}",
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///x\">]><a/>",
        "<a x=\"1\" x=\"2\"/>",
    ] {
        assert_eq!(
            kind(text, Escape::Xml),
            TemplateErrorKind::InvalidXml,
            "{text}"
        );
    }
    assert_eq!(
        kind("a=\u{eb}&b={{ data.a }}", Escape::Form),
        TemplateErrorKind::InvalidForm
    );
}

/// A person's text: anything but what orders refuse, rich in what means something somewhere.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        r#"["'\\<>&=\[\]{}%;:,+ \n\ta-c]{0,40}"#,
        prop::sample::select(vec![
            "\",\"admin\":true,\"x\":\"".to_owned(),
            "]]></a><b/>".to_owned(),
            "&total=0".to_owned(),
            "\\\"".to_owned(),
            "{{ data.b }}".to_owned(),
        ]),
    ]
}

proptest! {
    #[test]
    fn a_hostile_text_stays_one_json_value(text in hostile()) {
        let template = compiled(r#"{"a": {{ data.a }}, "b": [{{ data.b }}, {{ "x" | append(data.a) }}]}"#, Escape::Json);
        let body = template.render(&context(json!({"a": text, "b": 1}))).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        prop_assert_eq!(read, json!({"a": text, "b": [1, format!("x{text}")]}));
    }

    #[test]
    fn a_hostile_text_stays_one_form_value(text in hostile()) {
        let template = compiled("a={{ data.a }}\n  &b[c]={{ data.b }}\n", Escape::Form);
        let body = template.render(&context(json!({"a": text, "b": 1}))).unwrap();
        let read: Vec<_> = url::form_urlencoded::parse(&body).into_owned().collect();
        prop_assert_eq!(read, [("a".to_owned(), text), ("b[c]".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn a_hostile_text_stays_one_xml_value(text in hostile()) {
        let template = compiled("<o a=\"{{ data.a }}\"><b>{{ data.a }}</b><c>{{ data.b }}</c></o>", Escape::Xml);
        let body = template.render(&context(json!({"a": text, "b": 1}))).unwrap();
        let body = String::from_utf8(body).unwrap();
        let mut reader = quick_xml::Reader::from_str(&body);
        let mut names = Vec::new();
        let mut content = String::new();
        loop {
            use quick_xml::events::Event;
            match reader.read_event().unwrap() {
                Event::Start(element) => {
                    names.push(format!("{:?}", element.name()));
                    for attribute in element.attributes() {
                        let attribute = attribute.unwrap();
                        let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
                        prop_assert_eq!(&value, &text);
                    }
                }
                Event::Text(piece) => content.push_str(&piece),
                Event::GeneralRef(entity) => {
                    content.push('&');
                    content.push_str(&entity);
                    content.push(';');
                }
                Event::Eof => break,
                _ => {}
            }
        }
        prop_assert_eq!(names.len(), 3);
        prop_assert_eq!(quick_xml::escape::unescape(&content).unwrap().into_owned(), format!("{text}1"));
    }

    #[test]
    fn no_text_of_a_template_panics(text in "[a-z {}%|.\"()\\[\\]~*#\\-\n0-9]{0,60}") {
        for escape in [Escape::Json, Escape::Xml, Escape::Form, Escape::Plain] {
            if let Ok(template) = Template::compile(&text, escape, NAMES) {
                let _ = template.render(&context(json!({"a": 1})));
            }
        }
    }
}
