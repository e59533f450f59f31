//! The routes of the console. They are pages for people, so `/openapi.json` does not describe them.

mod buying;
mod catalog;
mod partners;

use actix_web::http::Method;
use actix_web::{Route, web};

use super::{RouteEntry, entry, get_or_head};
use crate::http::access::auth::Access;
use crate::http::console;
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::PageAccess;

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
    all.push(read(
        "/console/search",
        Access::PlatformOrAnyPartner,
        || get_or_head().to(console::search),
    ));
    all.extend(buying::pages());
    all.extend(catalog::pages());
    all.extend(partners::pages());
    all
}

fn signing_in() -> Vec<RouteEntry> {
    use Access::{Open, PlatformOrAnyPartner};
    const SIGN_IN: &str = "/console/sign-in";
    vec![
        read("/console/assets/{name}", Open, || {
            get_or_head().to(console::asset)
        }),
        read(SIGN_IN, Open, || get_or_head().to(console::sign_in_form)),
        change(SIGN_IN, Open, || web::post().to(console::sign_in)),
        change("/console/sign-out", PlatformOrAnyPartner, || {
            web::post().to(console::sign_out)
        }),
        read("/console/sessions", PlatformOrAnyPartner, || {
            get_or_head().to(console::list_sessions)
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
            get_or_head().to(console::show_now)
        }),
        read("/console/failures", AnyPartner, || {
            get_or_head().to(console::list_failures)
        }),
        read("/console/failures/{id}", AnyPartner, || {
            get_or_head().to(console::show_failure)
        }),
    ]
}

fn deliveries() -> Vec<RouteEntry> {
    use Access::PlatformOrAnyPartner;
    vec![
        read("/console/deliveries", PlatformOrAnyPartner, || {
            get_or_head().to(console::list_deliveries)
        }),
        read("/console/deliveries/{id}", PlatformOrAnyPartner, || {
            get_or_head().to(console::show_delivery)
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
        read(ALL, AnyPartner, || get_or_head().to(console::list_replays)),
        change(ALL, AnyPartner, || web::post().to(console::create_replay)),
        read("/console/replays/new", AnyPartner, || {
            get_or_head().to(console::new_replay)
        }),
        read("/console/replays/{id}", AnyPartner, || {
            get_or_head().to(console::show_replay)
        }),
        change("/console/replays/{id}/pause", AnyPartner, || {
            web::post().to(console::pause_replay)
        }),
        change("/console/replays/{id}/resume", AnyPartner, || {
            web::post().to(console::resume_replay)
        }),
        read(CANCEL, AnyPartner, || {
            get_or_head().to(console::confirm_cancel_replay)
        }),
        change(CANCEL, AnyPartner, || {
            web::post().to(console::cancel_replay)
        }),
    ]
}
