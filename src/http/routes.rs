//! The table of all routes, with who may use each. Serving, authorisation and the tests of the OpenAPI document use it.

mod agents;
mod buying;
mod catalog;
pub(in crate::http) mod console;
mod orders;
mod selling;

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{Resource, Route, guard, web};
use std::collections::BTreeMap;

use super::access::auth::{Access, require_access};
use super::access::idempotency::carry_out_once;
use super::access::{audit, keys, limits};
use super::console::require_session;
use super::delivery::{deliveries, endpoints, events, failures, replays, stats};
use super::pages;
use super::partners::{self, callbacks, shops, stock};
use super::{openapi, operations, problem, query};

/// One route.
pub struct RouteEntry {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// The status of the answer, if the route creates something: then it takes `Idempotency-Key`.
    pub creates: Option<u16>,
    handler: fn() -> Route,
}

impl RouteEntry {
    /// It creates something and answers with this status.
    fn creates(self, status: u16) -> Self {
        Self {
            creates: Some(status),
            ..self
        }
    }
}

const fn entry(
    method: Method,
    path: &'static str,
    access: Access,
    handler: fn() -> Route,
) -> RouteEntry {
    RouteEntry {
        method,
        path,
        access,
        creates: None,
        handler,
    }
}

/// All routes.
pub fn table() -> Vec<RouteEntry> {
    use Access::Open;
    let mut all = vec![
        entry(Method::GET, "/healthz", Open, || {
            get_or_head().to(operations::live)
        }),
        entry(Method::GET, "/readyz", Open, || {
            get_or_head().to(operations::ready)
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
    ];
    all.extend(orders::table());
    all.extend(api_keys());
    all.extend(partner_keys());
    all.extend(all_partners());
    all.extend(partner_endpoints());
    all.extend(deliveries_and_replays());
    all.extend(catalog::table());
    all.extend(partner_shops());
    all.extend(partner_stock());
    all.extend(selling::table());
    all.extend(buying::table());
    all.extend(agents::table());
    all.extend(public_pages());
    all.extend(buying::pages());
    all.extend(console::pages());
    all
}

/// Pages for browsers and metadata for other sites.
fn public_pages() -> Vec<RouteEntry> {
    let open = |path, handler: fn() -> Route| entry(Method::GET, path, Access::Open, handler);
    vec![
        open("/", || get_or_head().to(pages::home)),
        open("/b/{slug}", || get_or_head().to(pages::post)),
        open("/embed/{slug}", || get_or_head().to(pages::embed)),
        open("/shop/{slug}", || get_or_head().to(pages::shop)),
        open("/oembed", || get_or_head().to(pages::oembed)),
    ]
}

/// GET, and HEAD, which is GET without a body.
fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn partner_shops() -> Vec<RouteEntry> {
    const SETTING: &str = "/v1/partners/{slug}/shop";
    vec![
        entry(Method::PUT, SETTING, Access::OwnPartner, || {
            web::put().to(shops::set)
        }),
        entry(Method::GET, SETTING, Access::OwnPartner, || {
            web::get().to(shops::setting)
        }),
        entry(
            Method::GET,
            "/v1/shops/{slug}",
            Access::PlatformOrOwnPartner,
            || web::get().to(shops::show),
        ),
    ]
}

fn partner_stock() -> Vec<RouteEntry> {
    const ITEM: &str = "/v1/partners/{slug}/stock/{item_id}";
    let own =
        |method, path, handler: fn() -> Route| entry(method, path, Access::OwnPartner, handler);
    vec![
        own(Method::GET, "/v1/partners/{slug}/stock", || {
            web::get().to(stock::list)
        }),
        own(Method::PUT, ITEM, || web::put().to(stock::set)),
        own(Method::GET, ITEM, || web::get().to(stock::show)),
    ]
}

fn api_keys() -> Vec<RouteEntry> {
    use Access::Operator;
    const KEYS: &str = "/v1/keys";
    vec![
        entry(Method::POST, KEYS, Operator, || web::post().to(keys::issue)).creates(201),
        entry(Method::GET, KEYS, Operator, || web::get().to(keys::list)),
        entry(Method::GET, "/v1/keys/signing", Operator, || {
            web::get().to(keys::list_signing)
        }),
        entry(Method::POST, "/v1/keys/signing/rotate", Operator, || {
            web::post().to(keys::rotate_signing)
        })
        .creates(200),
        entry(Method::PATCH, "/v1/keys/{id}", Operator, || {
            web::patch().to(keys::change)
        }),
        entry(Method::DELETE, "/v1/keys/{id}", Operator, || {
            web::delete().to(keys::revoke)
        }),
    ]
}

fn all_partners() -> Vec<RouteEntry> {
    use Access::{Operator, OwnPartner};
    const PARTNERS: &str = "/v1/partners";
    const PARTNER: &str = "/v1/partners/{slug}";
    vec![
        entry(Method::POST, PARTNERS, Operator, || {
            web::post().to(partners::create)
        })
        .creates(201),
        entry(Method::GET, PARTNERS, Access::Platform, || {
            web::get().to(partners::list)
        }),
        entry(
            Method::POST,
            "/v1/partners/{slug}/callbacks",
            Access::Open,
            || web::post().to(callbacks::receive),
        ),
        entry(
            Method::POST,
            "/v1/partners/{slug}/callbacks/{token}",
            Access::Open,
            || web::post().to(callbacks::receive_unsigned),
        ),
        entry(Method::GET, PARTNER, Access::PlatformOrOwnPartner, || {
            web::get().to(partners::show)
        }),
        entry(Method::PATCH, PARTNER, OwnPartner, || {
            web::patch().to(partners::change)
        }),
        entry(
            Method::POST,
            "/v1/partners/{slug}/preview",
            Operator,
            || web::post().to(partners::preview),
        ),
    ]
}

fn partner_keys() -> Vec<RouteEntry> {
    use Access::OwnPartner;
    const PARTNER_KEYS: &str = "/v1/partners/{slug}/keys";
    vec![
        entry(Method::POST, PARTNER_KEYS, OwnPartner, || {
            web::post().to(keys::issue_for_partner)
        })
        .creates(201),
        entry(Method::GET, PARTNER_KEYS, OwnPartner, || {
            web::get().to(keys::list_of_partner)
        }),
        entry(
            Method::DELETE,
            "/v1/partners/{slug}/keys/{id}",
            OwnPartner,
            || web::delete().to(keys::revoke_of_partner),
        ),
    ]
}

fn partner_endpoints() -> Vec<RouteEntry> {
    const ALL: &str = "/v1/partners/{slug}/endpoints";
    const ONE: &str = "/v1/partners/{slug}/endpoints/{id}";
    const ENABLE: &str = "/v1/partners/{slug}/endpoints/{id}/enable";
    const DISABLE: &str = "/v1/partners/{slug}/endpoints/{id}/disable";
    const TEST: &str = "/v1/partners/{slug}/endpoints/{id}/test";
    const ROTATE: &str = "/v1/partners/{slug}/endpoints/{id}/rotate-secret";
    let own =
        |method, path, handler: fn() -> Route| entry(method, path, Access::OwnEndpoints, handler);
    vec![
        own(Method::POST, ALL, || web::post().to(endpoints::create)).creates(201),
        own(Method::GET, ALL, || web::get().to(endpoints::list)),
        own(Method::GET, ONE, || web::get().to(endpoints::show)),
        own(Method::PATCH, ONE, || web::patch().to(endpoints::change)),
        own(Method::DELETE, ONE, || web::delete().to(endpoints::delete)),
        own(Method::POST, ENABLE, || web::post().to(endpoints::enable)),
        own(Method::POST, DISABLE, || web::post().to(endpoints::disable)),
        own(Method::POST, TEST, || web::post().to(endpoints::test)).creates(202),
        own(Method::POST, ROTATE, || web::post().to(endpoints::rotate)).creates(200),
    ]
}

fn deliveries_and_replays() -> Vec<RouteEntry> {
    use Access::{AnyPartner, OwnPartner, PlatformOrAnyPartner};
    const REPLAYS: &str = "/v1/replays";
    let post = |path, handler: fn() -> Route| entry(Method::POST, path, AnyPartner, handler);
    vec![
        entry(Method::GET, "/v1/audit", Access::Operator, || {
            web::get().to(audit::list)
        }),
        entry(
            Method::GET,
            "/v1/partners/{slug}/events",
            OwnPartner,
            || web::get().to(events::list),
        ),
        entry(Method::GET, "/v1/deliveries", PlatformOrAnyPartner, || {
            web::get().to(deliveries::list)
        }),
        entry(
            Method::GET,
            "/v1/deliveries/{id}",
            PlatformOrAnyPartner,
            || web::get().to(deliveries::show),
        ),
        entry(
            Method::POST,
            "/v1/deliveries/{id}/replay",
            PlatformOrAnyPartner,
            || web::post().to(deliveries::replay),
        )
        .creates(202),
        entry(Method::GET, "/v1/failures", AnyPartner, || {
            web::get().to(failures::list)
        }),
        entry(Method::GET, "/v1/stats", AnyPartner, || {
            web::get().to(stats::list)
        }),
        post(REPLAYS, || web::post().to(replays::create)).creates(202),
        entry(Method::GET, REPLAYS, AnyPartner, || {
            web::get().to(replays::list)
        }),
        entry(Method::GET, "/v1/replays/{id}", AnyPartner, || {
            web::get().to(replays::show)
        }),
        post("/v1/replays/{id}/pause", || web::post().to(replays::pause)),
        post("/v1/replays/{id}/resume", || {
            web::post().to(replays::resume)
        }),
        post("/v1/replays/{id}/cancel", || {
            web::post().to(replays::cancel)
        }),
    ]
}

/// Register all routes. Another method on a known path is 405, with `Allow`.
pub(crate) fn register(config: &mut web::ServiceConfig) {
    config.app_data(web::QueryConfig::default().error_handler(query::refuse));
    config.app_data(web::Data::new(console::page_access()));
    let mut resources: BTreeMap<&'static str, (Resource, Vec<Method>)> = BTreeMap::new();
    for RouteEntry {
        method,
        path,
        access,
        creates,
        handler,
    } in table()
    {
        let (resource, mut methods) = resources
            .remove(path)
            .unwrap_or_else(|| (web::resource(path), Vec::new()));
        let is_limited = limits::is_limited(&method, path);
        let route = match creates {
            Some(status) => handler().wrap(from_fn(move |request, next| {
                carry_out_once(status, request, next)
            })),
            None => handler(),
        };
        let resource = resource.route(match console::has_session(path, access) {
            true => route.wrap(from_fn(move |request, next| {
                require_session(access, request, next)
            })),
            false => route.wrap(from_fn(move |request, next| {
                require_access(access, is_limited, request, next)
            })),
        });
        methods.push(method);
        resources.insert(path, (resource, methods));
    }
    // Paths are matched one after the other: those without parameters are cheapest and come first.
    let (plain, with_parameters): (Vec<_>, Vec<_>) = resources
        .into_iter()
        .partition(|(path, _)| !path.contains('{'));
    for (_, (resource, methods)) in plain.into_iter().chain(with_parameters) {
        config.service(resource.default_service(web::to(move || {
            problem::method_not_allowed(methods.clone())
        })));
    }
}
