//! The routes of the console. They are pages for people, so `/openapi.json` does not describe them.

use actix_web::http::Method;
use actix_web::{Route, web};

use super::{RouteEntry, entry};
use crate::http::access::auth::Access;
use crate::http::console;
use crate::http::console::links::BASE;
use crate::http::console::visitor::PageAccess;

/// Whether a route needs a session instead of a key.
pub(super) fn has_session(path: &str, access: Access) -> bool {
    is_console(path) && access != Access::Open
}

/// Whether a path is one of the console's.
pub(in crate::http) fn is_console(path: &str) -> bool {
    path.starts_with(BASE)
}

/// Who may read each page.
pub(super) fn page_access() -> PageAccess {
    let pages = pages().into_iter();
    let read = pages.filter(|route| route.method == Method::GET);
    PageAccess(read.map(|route| (route.path, route.access)).collect())
}

fn read(path: &'static str, access: Access, handler: fn() -> Route) -> RouteEntry {
    entry(Method::GET, path, access, handler)
}

fn change(path: &'static str, access: Access, handler: fn() -> Route) -> RouteEntry {
    entry(Method::POST, path, access, handler)
}

/// All pages, and what their forms do.
pub(super) fn pages() -> Vec<RouteEntry> {
    let mut all = signing_in();
    all.extend(deliveries());
    all.extend(catalog());
    all.extend(posts_and_stock());
    all.extend(checkouts_and_payments());
    all
}

fn signing_in() -> Vec<RouteEntry> {
    use Access::{Open, PlatformOrAnyPartner};
    const SIGN_IN: &str = "/console/sign-in";
    vec![
        read("/console/assets/{name}", Open, || {
            super::get_or_head().to(console::asset)
        }),
        read(SIGN_IN, Open, || {
            super::get_or_head().to(console::sign_in_form)
        }),
        change(SIGN_IN, Open, || web::post().to(console::sign_in)),
        change("/console/sign-out", PlatformOrAnyPartner, || {
            web::post().to(console::sign_out)
        }),
        read("/console/sessions", PlatformOrAnyPartner, || {
            super::get_or_head().to(console::list_sessions)
        }),
        change("/console/sessions/{id}/end", PlatformOrAnyPartner, || {
            web::post().to(console::end_session)
        }),
        read("/console/live", PlatformOrAnyPartner, || {
            web::get().to(console::follow)
        }),
    ]
}

fn deliveries() -> Vec<RouteEntry> {
    use Access::PlatformOrAnyPartner;
    vec![
        read("/console/deliveries", PlatformOrAnyPartner, || {
            super::get_or_head().to(console::list_deliveries)
        }),
        read("/console/deliveries/{id}", PlatformOrAnyPartner, || {
            super::get_or_head().to(console::show_delivery)
        }),
        change(
            "/console/deliveries/{id}/replay",
            PlatformOrAnyPartner,
            || web::post().to(console::replay_delivery),
        ),
    ]
}

fn catalog() -> Vec<RouteEntry> {
    use Access::{AnyPartner, OwnPartner, PlatformOrAnyPartner};
    use console::catalog as pages;
    const RUN: &str = "/console/catalog/runs/{id}";
    vec![
        // The platform is sent on to the products, which are all that it may read.
        read("/console/catalog", PlatformOrAnyPartner, || {
            super::get_or_head().to(pages::list_runs)
        }),
        read(RUN, AnyPartner, || super::get_or_head().to(pages::show_run)),
        read("/console/catalog/runs/{id}/confirm", AnyPartner, || {
            super::get_or_head().to(pages::confirm)
        }),
        change("/console/catalog/runs/{id}/approve", AnyPartner, || {
            web::post().to(pages::approve)
        }),
        change("/console/catalog/runs/{id}/discard", AnyPartner, || {
            web::post().to(pages::discard)
        }),
        read("/console/catalog/products", PlatformOrAnyPartner, || {
            super::get_or_head().to(pages::list_products)
        }),
        read(
            "/console/catalog/products/{id}",
            PlatformOrAnyPartner,
            || super::get_or_head().to(pages::show_product),
        ),
        read("/console/catalog/sources", AnyPartner, || {
            super::get_or_head().to(pages::list_sources)
        }),
        change("/console/catalog/sources/{slug}/pull", OwnPartner, || {
            web::post().to(pages::pull)
        }),
        read("/console/catalog/images", AnyPartner, || {
            super::get_or_head().to(pages::list_images)
        }),
    ]
}

fn posts_and_stock() -> Vec<RouteEntry> {
    use Access::{Operator, Platform, PlatformOrAnyPartner};
    use console::buying as pages;
    vec![
        read("/console/posts", Platform, || {
            super::get_or_head().to(pages::list_posts)
        }),
        read("/console/posts/{id}/confirm", Platform, || {
            super::get_or_head().to(pages::confirm_withdrawal)
        }),
        change("/console/posts/{id}/publish", Platform, || {
            web::post().to(pages::publish)
        }),
        change("/console/posts/{id}/withdraw", Platform, || {
            web::post().to(pages::withdraw)
        }),
        // The platform is sent on to the switches, which are all that it may read.
        read("/console/stock", PlatformOrAnyPartner, || {
            super::get_or_head().to(pages::list_stock)
        }),
        read("/console/stock/switches", Platform, || {
            super::get_or_head().to(pages::list_switches)
        }),
        read("/console/stock/switches/confirm", Operator, || {
            super::get_or_head().to(pages::confirm_switch)
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
            super::get_or_head().to(pages::list_checkouts)
        }),
        read("/console/checkouts/{id}", Platform, || {
            super::get_or_head().to(pages::show_checkout)
        }),
        read("/console/payments", Platform, || {
            super::get_or_head().to(pages::list_payments)
        }),
        read("/console/payments/{id}", Platform, || {
            super::get_or_head().to(pages::show_payment)
        }),
        read("/console/payments/{id}/refund", Platform, || {
            super::get_or_head().to(pages::confirm_refund)
        }),
        change("/console/payments/{id}/refunds", Platform, || {
            web::post().to(pages::refund)
        }),
        read("/console/payments/{id}/confirm", Operator, || {
            super::get_or_head().to(pages::confirm_mark)
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
