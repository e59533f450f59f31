//! The routes of feeds, products and posts.

use actix_web::http::Method;
use actix_web::{Route, web};

use super::{RouteEntry, entry};
use crate::http::access::auth::Access;
use crate::http::catalog::{images, issues, products, runs, sources};
use crate::http::posts::{self, rules};

/// Feeds and products of partners; posts and their rules.
pub(super) fn table() -> Vec<RouteEntry> {
    let mut all = feeds_and_products();
    all.extend(posts_and_timeline());
    all.extend(bulk_posts());
    all
}

fn bulk_posts() -> Vec<RouteEntry> {
    const RULES: &str = "/v1/post-rules";
    const RULE: &str = "/v1/post-rules/{id}";
    let platform =
        |method, path, handler: fn() -> Route| entry(method, path, Access::Platform, handler);
    vec![
        platform(Method::POST, "/v1/posts/bulk", || {
            web::post().to(rules::bulk)
        })
        .creates(200),
        platform(Method::POST, RULES, || web::post().to(rules::create)).creates(201),
        platform(Method::GET, RULES, || web::get().to(rules::list)),
        platform(Method::GET, RULE, || web::get().to(rules::show)),
        platform(Method::PATCH, RULE, || web::patch().to(rules::change)),
        platform(Method::DELETE, RULE, || web::delete().to(rules::delete)),
    ]
}

fn feeds_and_products() -> Vec<RouteEntry> {
    use Access::PlatformOrAnyPartner;
    const SOURCE: &str = "/v1/partners/{slug}/feed/source";
    const PULL: &str = "/v1/partners/{slug}/feed/source/pull";
    const RUNS: &str = "/v1/partners/{slug}/feed/runs";
    const RUN: &str = "/v1/partners/{slug}/feed/runs/{id}";
    const ISSUES: &str = "/v1/partners/{slug}/feed/runs/{id}/issues";
    const IMAGES: &str = "/v1/partners/{slug}/feed/images";
    const APPROVE: &str = "/v1/partners/{slug}/feed/runs/{id}/approve";
    const DISCARD: &str = "/v1/partners/{slug}/feed/runs/{id}/discard";
    let own =
        |method, path, handler: fn() -> Route| entry(method, path, Access::OwnPartner, handler);
    vec![
        own(Method::PUT, "/v1/partners/{slug}/feed", || {
            web::put().to(runs::push)
        }),
        own(Method::PATCH, "/v1/partners/{slug}/items", || {
            web::patch().to(runs::change_items)
        }),
        own(Method::PUT, SOURCE, || web::put().to(sources::save)),
        own(Method::GET, SOURCE, || web::get().to(sources::show)),
        own(Method::DELETE, SOURCE, || web::delete().to(sources::delete)),
        own(Method::POST, PULL, || web::post().to(sources::pull)),
        own(Method::GET, RUNS, || web::get().to(runs::runs)),
        own(Method::GET, RUN, || web::get().to(runs::run)),
        own(Method::GET, ISSUES, || web::get().to(issues::list)),
        own(Method::GET, IMAGES, || web::get().to(images::list)),
        own(Method::POST, APPROVE, || web::post().to(runs::approve)),
        own(Method::POST, DISCARD, || web::post().to(runs::discard)),
        entry(Method::GET, "/v1/products", PlatformOrAnyPartner, || {
            web::get().to(products::list)
        }),
        entry(
            Method::GET,
            "/v1/products/{id}",
            PlatformOrAnyPartner,
            || web::get().to(products::show),
        ),
    ]
}

fn posts_and_timeline() -> Vec<RouteEntry> {
    const ALL: &str = "/v1/posts";
    const ONE: &str = "/v1/posts/{id}";
    const PUBLISH: &str = "/v1/posts/{id}/publish";
    const WITHDRAW: &str = "/v1/posts/{id}/withdraw";
    let platform =
        |method, path, handler: fn() -> Route| entry(method, path, Access::Platform, handler);
    vec![
        platform(Method::POST, ALL, || web::post().to(posts::create)).creates(201),
        platform(Method::GET, ALL, || web::get().to(posts::list)),
        platform(Method::GET, ONE, || web::get().to(posts::show)),
        platform(Method::PATCH, ONE, || web::patch().to(posts::change)),
        platform(Method::POST, PUBLISH, || web::post().to(posts::publish)),
        platform(Method::POST, WITHDRAW, || web::post().to(posts::withdraw)),
        platform(Method::GET, "/v1/timeline", || {
            web::get().to(posts::timeline)
        }),
    ]
}
