//! Pages of partners, their endpoints and their keys.

use actix_web::{Route, web};

use super::{change, read};
use crate::http::access::auth::Access;
use crate::http::console::partners as partner_pages;
use crate::http::routes::{RouteEntry, get_or_head};

/// All of them.
pub(super) fn pages() -> Vec<RouteEntry> {
    let groups = [partners(), partner_endpoints(), partner_keys()];
    groups.into_iter().flatten().collect()
}

fn partners() -> Vec<RouteEntry> {
    use Access::{AnyPartner, Operator, PlatformOrAnyPartner, PlatformOrOwnPartner};
    use partner_pages::{audit, callbacks, list, settings, show, suspension};
    const PARTNER: &str = "/console/partners/{slug}";
    const SETTINGS: &str = "/console/partners/{slug}/settings";
    let by_operator = |path, handler: fn() -> Route| change(path, Operator, handler);
    vec![
        read("/console/partners", PlatformOrAnyPartner, || {
            get_or_head().to(list::list)
        }),
        read(PARTNER, PlatformOrOwnPartner, || {
            get_or_head().to(show::show)
        }),
        read("/console/partners/{slug}/suspension", Operator, || {
            get_or_head().to(suspension::confirm)
        }),
        by_operator("/console/partners/{slug}/suspend", || {
            web::post().to(suspension::suspend)
        }),
        by_operator("/console/partners/{slug}/activate", || {
            web::post().to(suspension::activate)
        }),
        read(SETTINGS, Operator, || get_or_head().to(settings::edit_form)),
        by_operator("/console/partners/{slug}/settings/preview", || {
            web::post().to(settings::preview)
        }),
        by_operator("/console/partners/{slug}/settings/save", || {
            web::post().to(settings::save)
        }),
        read("/console/audit", Operator, || get_or_head().to(audit::list)),
        read("/console/callbacks", AnyPartner, || {
            get_or_head().to(callbacks::list)
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
            get_or_head().to(endpoint_forms::create_form)
        }),
        act("/console/partners/{slug}/endpoints/create", || {
            web::post().to(endpoint_forms::create)
        }),
        page(ONE, || get_or_head().to(endpoint::show)),
        page("/console/partners/{slug}/endpoints/{id}/edit", || {
            get_or_head().to(endpoint_forms::edit_form)
        }),
        act("/console/partners/{slug}/endpoints/{id}/preview", || {
            web::post().to(endpoint_forms::preview)
        }),
        act("/console/partners/{slug}/endpoints/{id}/save", || {
            web::post().to(endpoint_forms::save)
        }),
        page("/console/partners/{slug}/endpoints/{id}/confirm", || {
            get_or_head().to(endpoint_acts::confirm)
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
        read("/console/keys", Operator, || get_or_head().to(keys::list)),
        change("/console/keys/issue", Operator, || {
            web::post().to(keys::issue)
        }),
        read("/console/keys/{id}/confirm", Operator, || {
            get_or_head().to(key_revocation::confirm)
        }),
        change("/console/keys/{id}/revoke", Operator, || {
            web::post().to(key_revocation::revoke)
        }),
        read("/console/partners/{slug}/keys", OwnPartner, || {
            get_or_head().to(keys::list_of_partner)
        }),
        change("/console/partners/{slug}/keys/issue", OwnPartner, || {
            web::post().to(keys::issue_for_partner)
        }),
        read(
            "/console/partners/{slug}/keys/{id}/confirm",
            OwnPartner,
            || get_or_head().to(key_revocation::confirm_of_partner),
        ),
        change(
            "/console/partners/{slug}/keys/{id}/revoke",
            OwnPartner,
            || web::post().to(key_revocation::revoke_of_partner),
        ),
    ]
}
