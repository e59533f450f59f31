//! The routes by which the platform posts and changes orders.

use actix_web::http::Method;
use actix_web::web;

use super::{RouteEntry, entry};
use crate::http::access::auth::Access::{Operator, Platform};
use crate::http::orders::{self, redactions};

/// Orders, and the redactions that operators confirm.
pub(super) fn table() -> Vec<RouteEntry> {
    vec![
        entry(Method::POST, "/v1/orders", Platform, || {
            web::post().to(orders::accept)
        })
        .creates(201),
        entry(Method::POST, "/v1/orders/batch", Platform, || {
            web::post().to(orders::accept_batch)
        })
        .creates(200),
        entry(Method::POST, "/v1/orders/{id}/cancel", Platform, || {
            web::post().to(orders::cancel)
        }),
        entry(Method::POST, "/v1/orders/{id}/refunds", Platform, || {
            web::post().to(orders::refund)
        })
        .creates(201),
        entry(Method::POST, "/v1/orders/{id}/redact", Platform, || {
            web::post().to(orders::redact)
        }),
        entry(Method::GET, "/v1/redactions", Operator, || {
            web::get().to(redactions::list)
        }),
        entry(
            Method::POST,
            "/v1/redactions/{event}/confirm",
            Operator,
            || web::post().to(redactions::mark_notified),
        ),
        entry(Method::GET, "/v1/orders", Platform, || {
            web::get().to(orders::list::list)
        }),
        entry(Method::GET, "/v1/orders/{id}", Platform, || {
            web::get().to(orders::timeline::show)
        }),
    ]
}
