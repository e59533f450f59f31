//! The routes of checkouts and payments.

use actix_web::http::Method;
use actix_web::{Route, web};

use super::{RouteEntry, entry};
use crate::http::access::auth::Access;
use crate::http::checkouts;
use crate::http::pages::{checkout as pages, permalink};

/// The pages on which buyers buy.
pub(super) fn pages() -> Vec<RouteEntry> {
    let open = |method, path, handler: fn() -> Route| entry(method, path, Access::Open, handler);
    vec![
        open(Method::GET, "/b/{slug}/buy", || {
            super::get_or_head().to(pages::show)
        }),
        open(Method::POST, "/b/{slug}/buy", || {
            web::post().to(pages::submit)
        }),
        open(Method::GET, "/buy/{items}", || {
            super::get_or_head().to(permalink::follow)
        }),
        open(Method::POST, "/b/{slug}/pay", || web::post().to(pages::pay)),
        open(Method::GET, "/o/{token}", || {
            super::get_or_head().to(pages::follow)
        }),
        open(Method::POST, "/o/{token}/extend", || {
            web::post().to(pages::extend)
        }),
        open(Method::POST, "/o/{token}/cancel-payment", || {
            web::post().to(pages::cancel_payment)
        }),
        open(Method::POST, "/o/{token}/cancel", || {
            web::post().to(pages::cancel)
        }),
        open(Method::POST, "/o/{token}/withdraw", || {
            web::post().to(pages::withdraw)
        }),
        open(Method::POST, "/o/{token}/forget", || {
            web::post().to(pages::forget)
        }),
    ]
}

/// What the platform and operators read, refunds, and the processor's webhooks.
pub(super) fn table() -> Vec<RouteEntry> {
    use Access::{Open, Operator, Platform};
    const EVENTS: &str = "/v1/payments/{processor}/events";
    const RECONCILE: &str = "/v1/payments/{id}/reconcile";
    const REFUNDS: &str = "/v1/payments/{id}/refunds";
    const RETRY: &str = "/v1/payments/{id}/refunds/{refund}/retry";
    const PAID: &str = "/v1/payments/{id}/paid";
    const VOID: &str = "/v1/payments/{id}/void";
    const SENT: &str = "/v1/payments/{id}/refunds/{refund}/sent";
    const FAILED: &str = "/v1/payments/{id}/refunds/{refund}/failed";
    const SWITCH: &str = "/v1/switches/{scope}";
    let get = |path, handler: fn() -> Route| entry(Method::GET, path, Platform, handler);
    vec![
        get("/v1/checkouts", || web::get().to(checkouts::list)),
        get("/v1/checkouts/{id}", || web::get().to(checkouts::show)),
        get("/v1/payments", || web::get().to(checkouts::list_payments)),
        get("/v1/payments/{id}", || {
            web::get().to(checkouts::show_payment)
        }),
        entry(Method::POST, REFUNDS, Platform, || {
            web::post().to(checkouts::refund)
        })
        .creates(202),
        entry(Method::POST, RETRY, Operator, || {
            web::post().to(checkouts::retry_refund)
        }),
        entry(Method::POST, PAID, Operator, || {
            web::post().to(checkouts::paid)
        }),
        entry(Method::POST, VOID, Operator, || {
            web::post().to(checkouts::void)
        }),
        entry(Method::POST, SENT, Operator, || {
            web::post().to(checkouts::refund_sent)
        }),
        entry(Method::POST, FAILED, Operator, || {
            web::post().to(checkouts::refund_failed)
        }),
        entry(Method::POST, RECONCILE, Operator, || {
            web::post().to(checkouts::reconcile)
        }),
        get("/v1/switches", || web::get().to(checkouts::switches::list)),
        entry(Method::PUT, SWITCH, Operator, || {
            web::put().to(checkouts::switches::set)
        }),
        entry(Method::POST, EVENTS, Open, || {
            web::post().to(checkouts::receive)
        }),
    ]
}
