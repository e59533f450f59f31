//! The routes for agents, and where they find us.

use actix_web::http::Method;
use actix_web::{Route, web};

use super::{RouteEntry, entry};
use crate::http::access::auth::Access;
use crate::http::agents::{acp, ucp};
use crate::http::pages::ucp as profiles;

/// Sessions by ACP and UCP.
pub(super) fn table() -> Vec<RouteEntry> {
    const SESSIONS: &str = "/acp/checkout_sessions";
    const SESSION: &str = "/acp/checkout_sessions/{id}";
    const COMPLETE: &str = "/acp/checkout_sessions/{id}/complete";
    const CANCEL: &str = "/acp/checkout_sessions/{id}/cancel";
    const CHECKOUTS: &str = "/ucp/checkout-sessions";
    const CHECKOUT: &str = "/ucp/checkout-sessions/{id}";
    const UCP_COMPLETE: &str = "/ucp/checkout-sessions/{id}/complete";
    const UCP_CANCEL: &str = "/ucp/checkout-sessions/{id}/cancel";
    let ucp = |method, path, handler: fn() -> Route| entry(method, path, Access::Ucp, handler);
    let acp = |method, path, handler: fn() -> Route| entry(method, path, Access::Acp, handler);
    vec![
        acp(Method::POST, SESSIONS, || web::post().to(acp::create)),
        acp(Method::GET, SESSION, || web::get().to(acp::show)),
        acp(Method::POST, SESSION, || web::post().to(acp::update)),
        acp(Method::POST, COMPLETE, || web::post().to(acp::complete)),
        acp(Method::POST, CANCEL, || web::post().to(acp::cancel)),
        ucp(Method::POST, CHECKOUTS, || web::post().to(ucp::create)),
        ucp(Method::GET, CHECKOUT, || web::get().to(ucp::show)),
        ucp(Method::PUT, CHECKOUT, || web::put().to(ucp::update)),
        ucp(Method::GET, "/ucp/orders/{id}", || {
            web::get().to(ucp::show_order)
        }),
        ucp(Method::POST, UCP_COMPLETE, || web::post().to(ucp::complete)),
        entry(Method::GET, "/.well-known/ucp", Access::Open, || {
            web::get().to(profiles::profile)
        }),
        entry(Method::GET, "/.well-known/acp.json", Access::Open, || {
            web::get().to(profiles::acp_discovery)
        }),
        ucp(Method::POST, UCP_CANCEL, || web::post().to(ucp::cancel)),
    ]
}
