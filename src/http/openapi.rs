//! The OpenAPI document and the JSON Schemas.
//!
//! Promises: it describes exactly the routes that are served, with who may use each and its errors (tests
//! compare both); it refers to no other document. Must not be generated from code: it is the contract that
//! the code keeps.

mod embed;

use std::sync::LazyLock;

use actix_web::web::Path;
use actix_web::{HttpResponse, Responder};
use serde_json::Value;

use super::problem::{ApiError, Kind};

/// As served: with the published schemas embedded.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| build_document().unwrap_or_default());
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());
const SOURCE: &str = include_str!("openapi.json");
/// Per operation the body of a request and of its answer; and examples of parameters.
const EXAMPLES: &str = include_str!("openapi/examples.json");

/// `GET /openapi.json`
pub(super) async fn document() -> impl Responder {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(TEXT.as_str())
}

/// `GET /schemas/{name}`
pub(super) async fn schema(name: Path<String>) -> Result<impl Responder, ApiError> {
    let schema = buywire_schemas::schema(&name).ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type("application/schema+json")
        .body(schema))
}

/// The document's entries for an operation's query parameters.
pub(super) fn query_parameters(method: &str, path: &str) -> Vec<&'static Value> {
    let method = match method {
        "HEAD" => "get".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    let operation = DOCUMENT
        .get("paths")
        .and_then(|paths| paths.get(path)?.get(method));
    let parameters = operation.and_then(|operation| operation.get("parameters")?.as_array());
    let resolved = parameters.into_iter().flatten().filter_map(|parameter| {
        match parameter.get("$ref").and_then(Value::as_str) {
            Some(target) => DOCUMENT.pointer(target.strip_prefix('#')?),
            None => Some(parameter),
        }
    });
    let is_in_query =
        |parameter: &&Value| parameter.get("in").and_then(Value::as_str) == Some("query");
    resolved.filter(is_in_query).collect()
}

/// The source with the published schemas and the examples embedded.
fn build_document() -> serde_json::Result<Value> {
    let mut document: Value = serde_json::from_str(SOURCE)?;
    let examples: Value = serde_json::from_str(EXAMPLES)?;
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        embed::published_schemas(schemas)?;
    }
    embed::examples(&mut document, &examples);
    Ok(document)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::routes;
    use super::*;
    use crate::http::access::auth::Access;

    const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

    fn wire_name(access: Access) -> &'static str {
        match access {
            Access::Open => "open",
            Access::Metrics => "metrics",
            Access::Platform => "platform",
            Access::OwnPartner => "own_partner",
            Access::PlatformOrOwnPartner => "platform_or_own_partner",
            Access::OwnEndpoints => "own_endpoints",
            Access::AnyPartner => "any_partner",
            Access::PlatformOrAnyPartner => "platform_or_any_partner",
            Access::Acp | Access::Ucp => "agent",
            Access::Operator => "operator",
        }
    }

    /// Method, path and description of everything in the document.
    fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
        let paths = document["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, item)| {
            let methods = METHODS
                .iter()
                .filter_map(|method| Some((method, item.get(method)?)));
            methods
                .map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
        });
        all.collect()
    }

    /// Every `$ref` below a value.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| match member {
                Value::String(target) if name == "$ref" => found.push(target),
                other => references(other, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn routes_and_description_are_the_same_list() {
        let document = build_document().unwrap();
        let served: BTreeSet<_> = routes::table()
            .iter()
            .filter(|route| !routes::console::is_console(route.path))
            .map(|route| {
                (
                    route.method.to_string(),
                    route.path.to_owned(),
                    wire_name(route.access),
                )
            })
            .collect();
        let documented: BTreeSet<_> = operations(&document)
            .into_iter()
            .map(|(method, path, operation)| {
                (
                    method,
                    path.to_owned(),
                    operation["x-access"].as_str().unwrap(),
                )
            })
            .collect();
        let undescribed: Vec<_> = served.difference(&documented).collect();
        let unserved: Vec<_> = documented.difference(&served).collect();
        assert!(
            undescribed.is_empty() && unserved.is_empty(),
            "not described as served: {undescribed:#?}\nnot served as described: {unserved:#?}"
        );
    }

    #[test]
    fn an_operation_says_which_key_it_wants_and_names_its_parameters() {
        let document = build_document().unwrap();
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations(&document) {
            let security = match operation["x-access"].as_str().unwrap() {
                "open" => Some(serde_json::json!([])),
                "metrics" => Some(serde_json::json!([{"key": []}, {}])),
                _ => None,
            };
            assert_eq!(
                operation.get("security"),
                security.as_ref(),
                "{method} {path}"
            );
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap()),
                "{method} {path}"
            );

            let in_path = path.split('/').filter_map(|part| part.strip_prefix('{'));
            let in_path: BTreeSet<_> = in_path.map(|part| part.trim_end_matches('}')).collect();
            let parameters = operation.get("parameters").and_then(Value::as_array);
            let named: BTreeSet<_> = parameters
                .into_iter()
                .flatten()
                .map(|parameter| match parameter["$ref"].as_str() {
                    Some(target) => document.pointer(&target[1..]).unwrap(),
                    None => parameter,
                })
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            assert_eq!(named, in_path, "{method} {path}");
        }
    }

    #[test]
    fn every_operation_is_described_and_has_an_example() {
        let document = build_document().unwrap();
        let examples: Value = serde_json::from_str(EXAMPLES).unwrap();
        let mut used = BTreeSet::from(["parameters"]);
        for (method, path, operation) in operations(&document) {
            let id = operation["operationId"].as_str().unwrap();
            used.insert(id);
            assert!(operation["description"].is_string(), "{method} {path}");
            let needs_no_example = path == "/openapi.json";
            let text = operation.to_string();
            let has_example = text.contains("\"example\":") || text.contains("/parameters/");
            assert!(has_example || needs_no_example, "{method} {path}");
            let request = operation["requestBody"]["content"].as_object();
            let is_shown = |content: &serde_json::Map<_, Value>| {
                content.values().any(|media| media.get("example").is_some())
            };
            assert!(
                request.is_none_or(is_shown),
                "{method} {path}: the body has no example"
            );
        }
        let example_ids: BTreeSet<_> = examples.as_object().unwrap().keys().collect();
        let unused: Vec<_> = example_ids
            .iter()
            .filter(|id| !used.contains(id.as_str()))
            .collect();
        assert!(
            unused.is_empty(),
            "no operation has these names: {unused:?}"
        );
    }

    /// Redocly refuses what a schema does not name, but only when the API description is judged as a whole.
    #[test]
    fn the_example_of_a_form_has_fields_that_the_form_has() {
        let document = build_document().unwrap();
        let mut forms = 0;
        for (method, path, operation) in operations(&document) {
            let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
            let fields = &form["schema"]["properties"];
            let Some((example, fields)) = form["example"].as_object().zip(fields.as_object())
            else {
                continue;
            };
            forms += 1;
            for field in example.keys() {
                assert!(fields.contains_key(field), "{method} {path}: {field}");
            }
        }
        assert!(forms > 5, "{forms} forms");
    }

    #[test]
    fn a_generator_finds_no_schema_with_a_root_of_its_own() {
        let text = build_document().unwrap().to_string();
        for word in ["\"$defs\"", "\"$id\"", "\"$schema\"", "\"*/*\""] {
            assert!(!text.contains(word), "{word} stands in the document");
        }
    }

    #[test]
    fn every_kind_of_problem_is_described_under_its_status() {
        let document = build_document().unwrap();
        let responses = document["components"]["responses"].as_object().unwrap();
        let documented: BTreeSet<_> = responses
            .values()
            .map(
                |response| &response["content"]["application/problem+json"]["schema"]["properties"],
            )
            .flat_map(|properties| {
                let kinds = properties["type"]["enum"].as_array().unwrap();
                kinds.iter().map(|kind| {
                    (
                        kind.as_str().unwrap(),
                        properties["status"]["const"].as_u64().unwrap(),
                    )
                })
            })
            .collect();
        let problems: Vec<_> = Kind::ALL
            .iter()
            .map(|kind| ApiError::new(*kind).problem())
            .collect();
        let kinds: BTreeSet<_> = problems
            .iter()
            .map(|problem| (problem.kind.as_ref(), u64::from(problem.status)))
            .collect();
        assert_eq!(documented, kinds);
    }

    #[test]
    fn every_reference_leads_somewhere_in_the_document_itself() {
        let document = build_document().unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        for target in found {
            let pointer = target
                .strip_prefix('#')
                .unwrap_or_else(|| panic!("{target} leads outside"));
            assert!(
                document.pointer(pointer).is_some(),
                "{target} leads nowhere"
            );
        }
    }

    #[test]
    fn every_published_schema_is_offered() {
        let document = build_document().unwrap();
        let offered =
            &document["paths"]["/schemas/{name}"]["get"]["parameters"][0]["schema"]["enum"];
        let published: Vec<_> = buywire_schemas::schema_names().collect();
        assert_eq!(*offered, serde_json::json!(published));
    }
}
