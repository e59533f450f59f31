//! Every route, and who may use it. The one table: what is served, checked and documented comes from here.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{Resource, Route, web};
use std::collections::BTreeMap;

use super::auth::{Access, gate};
use super::{openapi, operations, orders, problem};

/// One route.
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    handler: fn() -> Route,
}

const fn entry(
    method: Method,
    path: &'static str,
    access: Access,
    handler: fn() -> Route,
) -> Entry {
    Entry {
        method,
        path,
        access,
        handler,
    }
}

/// All routes.
pub fn table() -> Vec<Entry> {
    use Access::{Open, Platform};
    vec![
        entry(Method::GET, "/healthz", Open, || {
            web::get().to(operations::alive)
        }),
        entry(Method::GET, "/readyz", Open, || {
            web::get().to(operations::ready)
        }),
        entry(Method::GET, "/metrics", Access::Metrics, || {
            web::get().to(operations::metrics)
        }),
        entry(Method::GET, "/openapi.json", Open, || {
            web::get().to(openapi::document)
        }),
        entry(Method::GET, "/schemas/{name}", Open, || {
            web::get().to(openapi::schema)
        }),
        entry(Method::POST, "/v1/orders", Platform, || {
            web::post().to(orders::accept)
        }),
        entry(Method::POST, "/v1/orders/batch", Platform, || {
            web::post().to(orders::accept_batch)
        }),
        entry(Method::POST, "/v1/orders/{id}/cancel", Platform, || {
            web::post().to(orders::cancel)
        }),
        entry(Method::POST, "/v1/orders/{id}/refunds", Platform, || {
            web::post().to(orders::refund)
        }),
        entry(Method::POST, "/v1/orders/{id}/redact", Platform, || {
            web::post().to(orders::redact)
        }),
    ]
}

/// Register them all; another method on a known path is 405, with the methods that there are.
pub fn register(config: &mut web::ServiceConfig) {
    let mut resources: BTreeMap<&'static str, (Resource, Vec<Method>)> = BTreeMap::new();
    for Entry {
        method,
        path,
        access,
        handler,
    } in table()
    {
        let (resource, mut methods) = resources
            .remove(path)
            .unwrap_or_else(|| (web::resource(path), Vec::new()));
        let resource = resource
            .route(handler().wrap(from_fn(move |request, next| gate(access, request, next))));
        methods.push(method);
        resources.insert(path, (resource, methods));
    }
    for (_, (resource, methods)) in resources {
        config.service(
            resource.default_service(web::to(move || problem::no_such_method(methods.clone()))),
        );
    }
}
