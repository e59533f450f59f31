//! The routes of the console. They are pages for people, so `/openapi.json` does not describe them.

use actix_web::http::Method;
use actix_web::{Route, web};

use super::{RouteEntry, entry};
use crate::http::access::auth::Access;
use crate::http::console;
use crate::http::console::links::BASE;
use crate::http::console::partners as partner_pages;
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
    all.extend(overview());
    all.extend(deliveries());
    all.extend(replays());
    all.extend(orders());
    all.push(read(
        "/console/search",
        Access::PlatformOrAnyPartner,
        || super::get_or_head().to(console::search),
    ));
    all.extend(partners());
    all.extend(partner_endpoints());
    all.extend(partner_keys());
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

fn overview() -> Vec<RouteEntry> {
    use Access::{AnyPartner, PlatformOrAnyPartner};
    vec![
        read("/console", PlatformOrAnyPartner, || {
            super::get_or_head().to(console::show_now)
        }),
        read("/console/failures", AnyPartner, || {
            super::get_or_head().to(console::list_failures)
        }),
        read("/console/failures/{id}", AnyPartner, || {
            super::get_or_head().to(console::show_failure)
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

fn replays() -> Vec<RouteEntry> {
    use Access::AnyPartner;
    const ALL: &str = "/console/replays";
    const CANCEL: &str = "/console/replays/{id}/cancel";
    vec![
        read(ALL, AnyPartner, || {
            super::get_or_head().to(console::list_replays)
        }),
        change(ALL, AnyPartner, || web::post().to(console::create_replay)),
        read("/console/replays/new", AnyPartner, || {
            super::get_or_head().to(console::new_replay)
        }),
        read("/console/replays/{id}", AnyPartner, || {
            super::get_or_head().to(console::show_replay)
        }),
        change("/console/replays/{id}/pause", AnyPartner, || {
            web::post().to(console::pause_replay)
        }),
        change("/console/replays/{id}/resume", AnyPartner, || {
            web::post().to(console::resume_replay)
        }),
        read(CANCEL, AnyPartner, || {
            super::get_or_head().to(console::confirm_cancel_replay)
        }),
        change(CANCEL, AnyPartner, || {
            web::post().to(console::cancel_replay)
        }),
    ]
}

fn orders() -> Vec<RouteEntry> {
    use Access::Platform;
    const CANCEL: &str = "/console/orders/{id}/cancel";
    const REDACT: &str = "/console/orders/{id}/redact";
    const REFUND: &str = "/console/orders/{id}/refund";
    vec![
        read("/console/orders", Platform, || {
            super::get_or_head().to(console::list_orders)
        }),
        read("/console/orders/{id}", Platform, || {
            super::get_or_head().to(console::show_order)
        }),
        read(CANCEL, Platform, || {
            super::get_or_head().to(console::confirm_cancel_order)
        }),
        change(CANCEL, Platform, || web::post().to(console::cancel_order)),
        read(REDACT, Platform, || {
            super::get_or_head().to(console::confirm_redact_order)
        }),
        change(REDACT, Platform, || web::post().to(console::redact_order)),
        read(REFUND, Platform, || {
            super::get_or_head().to(console::refund_form)
        }),
        change(REFUND, Platform, || web::post().to(console::refund_order)),
    ]
}

fn partners() -> Vec<RouteEntry> {
    use Access::{AnyPartner, Operator, PlatformOrAnyPartner, PlatformOrOwnPartner};
    use partner_pages::{audit, callbacks, list, settings, show, suspension};
    const PARTNER: &str = "/console/partners/{slug}";
    const SETTINGS: &str = "/console/partners/{slug}/settings";
    let by_operator = |path, handler: fn() -> Route| change(path, Operator, handler);
    vec![
        read("/console/partners", PlatformOrAnyPartner, || {
            super::get_or_head().to(list::list)
        }),
        read(PARTNER, PlatformOrOwnPartner, || {
            super::get_or_head().to(show::show)
        }),
        read("/console/partners/{slug}/suspension", Operator, || {
            super::get_or_head().to(suspension::confirm)
        }),
        by_operator("/console/partners/{slug}/suspend", || {
            web::post().to(suspension::suspend)
        }),
        by_operator("/console/partners/{slug}/activate", || {
            web::post().to(suspension::activate)
        }),
        read(SETTINGS, Operator, || {
            super::get_or_head().to(settings::edit_form)
        }),
        by_operator("/console/partners/{slug}/settings/preview", || {
            web::post().to(settings::preview)
        }),
        by_operator("/console/partners/{slug}/settings/save", || {
            web::post().to(settings::save)
        }),
        read("/console/audit", Operator, || {
            super::get_or_head().to(audit::list)
        }),
        read("/console/callbacks", AnyPartner, || {
            super::get_or_head().to(callbacks::list)
        }),
    ]
}

fn partner_endpoints() -> Vec<RouteEntry> {
    use Access::OwnEndpoints;
    use partner_pages::{endpoint, endpoint_acts, endpoint_forms};
    const ONE: &str = "/console/partners/{slug}/endpoints/{id}";
    let page = |path, handler: fn() -> Route| read(path, OwnEndpoints, handler);
    let act = |path, handler: fn() -> Route| change(path, OwnEndpoints, handler);
    vec![
        page("/console/partners/{slug}/endpoints/new", || {
            super::get_or_head().to(endpoint_forms::create_form)
        }),
        act("/console/partners/{slug}/endpoints/create", || {
            web::post().to(endpoint_forms::create)
        }),
        page(ONE, || super::get_or_head().to(endpoint::show)),
        page("/console/partners/{slug}/endpoints/{id}/edit", || {
            super::get_or_head().to(endpoint_forms::edit_form)
        }),
        act("/console/partners/{slug}/endpoints/{id}/preview", || {
            web::post().to(endpoint_forms::preview)
        }),
        act("/console/partners/{slug}/endpoints/{id}/save", || {
            web::post().to(endpoint_forms::save)
        }),
        page("/console/partners/{slug}/endpoints/{id}/confirm", || {
            super::get_or_head().to(endpoint_acts::confirm)
        }),
        act("/console/partners/{slug}/endpoints/{id}/enable", || {
            web::post().to(endpoint_acts::enable)
        }),
        act("/console/partners/{slug}/endpoints/{id}/disable", || {
            web::post().to(endpoint_acts::disable)
        }),
        act("/console/partners/{slug}/endpoints/{id}/delete", || {
            web::post().to(endpoint_acts::delete)
        }),
        act("/console/partners/{slug}/endpoints/{id}/rotate", || {
            web::post().to(endpoint_acts::rotate)
        }),
        act("/console/partners/{slug}/endpoints/{id}/test", || {
            web::post().to(endpoint::test)
        }),
    ]
}

fn partner_keys() -> Vec<RouteEntry> {
    use Access::{Operator, OwnPartner};
    use partner_pages::{key_revocation, keys};
    vec![
        read("/console/keys", Operator, || {
            super::get_or_head().to(keys::list)
        }),
        change("/console/keys/issue", Operator, || {
            web::post().to(keys::issue)
        }),
        read("/console/keys/{id}/confirm", Operator, || {
            super::get_or_head().to(key_revocation::confirm)
        }),
        change("/console/keys/{id}/revoke", Operator, || {
            web::post().to(key_revocation::revoke)
        }),
        read("/console/partners/{slug}/keys", OwnPartner, || {
            super::get_or_head().to(keys::list_of_partner)
        }),
        change("/console/partners/{slug}/keys/issue", OwnPartner, || {
            web::post().to(keys::issue_for_partner)
        }),
        read(
            "/console/partners/{slug}/keys/{id}/confirm",
            OwnPartner,
            || super::get_or_head().to(key_revocation::confirm_of_partner),
        ),
        change(
            "/console/partners/{slug}/keys/{id}/revoke",
            OwnPartner,
            || web::post().to(key_revocation::revoke_of_partner),
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
