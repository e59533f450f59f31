//! Pages of catalogs.

use actix_web::web;

use super::{change, read};
use crate::http::access::auth::Access;
use crate::http::console::catalog as pages;
use crate::http::routes::{RouteEntry, get_or_head};

/// All of them.
pub(super) fn pages() -> Vec<RouteEntry> {
    use Access::{AnyPartner, OwnPartner, PlatformOrAnyPartner};
    const RUN: &str = "/console/catalog/runs/{id}";
    vec![
        // The platform is sent on to the products, which are all that it may read.
        read("/console/catalog", PlatformOrAnyPartner, || {
            get_or_head().to(pages::list_runs)
        }),
        read(RUN, AnyPartner, || get_or_head().to(pages::show_run)),
        read("/console/catalog/runs/{id}/confirm", AnyPartner, || {
            get_or_head().to(pages::confirm)
        }),
        change("/console/catalog/runs/{id}/approve", AnyPartner, || {
            web::post().to(pages::approve)
        }),
        change("/console/catalog/runs/{id}/discard", AnyPartner, || {
            web::post().to(pages::discard)
        }),
        read("/console/catalog/products", PlatformOrAnyPartner, || {
            get_or_head().to(pages::list_products)
        }),
        read(
            "/console/catalog/products/{id}",
            PlatformOrAnyPartner,
            || get_or_head().to(pages::show_product),
        ),
        read("/console/catalog/sources", AnyPartner, || {
            get_or_head().to(pages::list_sources)
        }),
        change("/console/catalog/sources/{slug}/pull", OwnPartner, || {
            web::post().to(pages::pull)
        }),
        read("/console/catalog/images", AnyPartner, || {
            get_or_head().to(pages::list_images)
        }),
    ]
}
