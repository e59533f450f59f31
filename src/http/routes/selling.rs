//! The routes by which a partner lets Buywire sell for it.

use actix_web::http::Method;
use actix_web::{Route, web};

use super::{RouteEntry, entry};
use crate::http::access::auth::Access;
use crate::http::partners::selling;

/// Shipping table, tax table, policy and decision hook.
pub(super) fn table() -> Vec<RouteEntry> {
    const SHIPPING: &str = "/v1/partners/{slug}/shipping";
    const TAXES: &str = "/v1/partners/{slug}/taxes";
    const POLICY: &str = "/v1/partners/{slug}/policy";
    const HOOK: &str = "/v1/partners/{slug}/decision-hook";
    const ROTATE: &str = "/v1/partners/{slug}/decision-hook/rotate-secret";
    let own =
        |method, path, handler: fn() -> Route| entry(method, path, Access::OwnPartner, handler);
    let put = |path, handler: fn() -> Route| own(Method::PUT, path, handler);
    let get = |path, handler: fn() -> Route| own(Method::GET, path, handler);
    let delete = |path, handler: fn() -> Route| own(Method::DELETE, path, handler);
    vec![
        put(SHIPPING, || web::put().to(selling::set_shipping)),
        get(SHIPPING, || web::get().to(selling::shipping)),
        delete(SHIPPING, || web::delete().to(selling::delete_shipping)),
        put(TAXES, || web::put().to(selling::set_taxes)),
        get(TAXES, || web::get().to(selling::taxes)),
        delete(TAXES, || web::delete().to(selling::delete_taxes)),
        put(POLICY, || web::put().to(selling::set_policy)),
        get(POLICY, || web::get().to(selling::policy)),
        delete(POLICY, || web::delete().to(selling::delete_policy)),
        put(HOOK, || web::put().to(selling::set_hook)),
        get(HOOK, || web::get().to(selling::hook)),
        delete(HOOK, || web::delete().to(selling::delete_hook)),
        own(Method::POST, ROTATE, || {
            web::post().to(selling::rotate_hook_secret)
        })
        .creates(200),
    ]
}
