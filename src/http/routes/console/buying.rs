//! Pages of orders, posts, stock, checkouts and payments.

use actix_web::web;

use super::{change, read};
use crate::http::access::auth::Access;
use crate::http::console;
use crate::http::routes::{RouteEntry, get_or_head};

/// All of them.
pub(super) fn pages() -> Vec<RouteEntry> {
    let groups = [orders(), posts_and_stock(), checkouts_and_payments()];
    groups.into_iter().flatten().collect()
}

fn orders() -> Vec<RouteEntry> {
    use Access::Platform;
    const CANCEL: &str = "/console/orders/{id}/cancel";
    const REDACT: &str = "/console/orders/{id}/redact";
    const REFUND: &str = "/console/orders/{id}/refund";
    vec![
        read("/console/orders", Platform, || {
            get_or_head().to(console::list_orders)
        }),
        read("/console/orders/{id}", Platform, || {
            get_or_head().to(console::show_order)
        }),
        read(CANCEL, Platform, || {
            get_or_head().to(console::confirm_cancel_order)
        }),
        change(CANCEL, Platform, || web::post().to(console::cancel_order)),
        read(REDACT, Platform, || {
            get_or_head().to(console::confirm_redact_order)
        }),
        change(REDACT, Platform, || web::post().to(console::redact_order)),
        read(REFUND, Platform, || get_or_head().to(console::refund_form)),
        change(REFUND, Platform, || web::post().to(console::refund_order)),
    ]
}

fn posts_and_stock() -> Vec<RouteEntry> {
    use Access::{Operator, Platform, PlatformOrAnyPartner};
    use console::buying as pages;
    vec![
        read("/console/posts", Platform, || {
            get_or_head().to(pages::list_posts)
        }),
        read("/console/posts/{id}/confirm", Platform, || {
            get_or_head().to(pages::confirm_withdrawal)
        }),
        change("/console/posts/{id}/publish", Platform, || {
            web::post().to(pages::publish)
        }),
        change("/console/posts/{id}/withdraw", Platform, || {
            web::post().to(pages::withdraw)
        }),
        // The platform is sent on to the switches, which are all that it may read.
        read("/console/stock", PlatformOrAnyPartner, || {
            get_or_head().to(pages::list_stock)
        }),
        read("/console/stock/switches", Platform, || {
            get_or_head().to(pages::list_switches)
        }),
        read("/console/stock/switches/confirm", Operator, || {
            get_or_head().to(pages::confirm_switch)
        }),
        change("/console/stock/switches/set", Operator, || {
            web::post().to(pages::set_switch)
        }),
    ]
}

fn checkouts_and_payments() -> Vec<RouteEntry> {
    use Access::{Operator, Platform};
    use console::buying as pages;
    vec![
        read("/console/checkouts", Platform, || {
            get_or_head().to(pages::list_checkouts)
        }),
        read("/console/checkouts/{id}", Platform, || {
            get_or_head().to(pages::show_checkout)
        }),
        read("/console/payments", Platform, || {
            get_or_head().to(pages::list_payments)
        }),
        read("/console/payments/{id}", Platform, || {
            get_or_head().to(pages::show_payment)
        }),
        read("/console/payments/{id}/refund", Platform, || {
            get_or_head().to(pages::confirm_refund)
        }),
        change("/console/payments/{id}/refunds", Platform, || {
            web::post().to(pages::refund)
        }),
        read("/console/payments/{id}/confirm", Operator, || {
            get_or_head().to(pages::confirm_mark)
        }),
        change("/console/payments/{id}/reconcile", Operator, || {
            web::post().to(pages::reconcile)
        }),
        change("/console/payments/{id}/paid", Operator, || {
            web::post().to(pages::paid)
        }),
        change("/console/payments/{id}/void", Operator, || {
            web::post().to(pages::void)
        }),
        change("/console/payments/{id}/retry-refund", Operator, || {
            web::post().to(pages::retry_refund)
        }),
        change("/console/payments/{id}/refund-sent", Operator, || {
            web::post().to(pages::refund_sent)
        }),
        change("/console/payments/{id}/refund-failed", Operator, || {
            web::post().to(pages::refund_failed)
        }),
    ]
}
