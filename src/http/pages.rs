//! The shop window: pages for buyers and what networks read of them. Open to everybody.
//!
//! Promises: whoever looks gets a page, also when there is nothing to show; no page runs a script, sets a
//! cookie, may be framed (the card to embed excepted) or is kept for longer than it is true.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use buywire_schemas::catalog::Item;
use buywire_schemas::post::{Post, State};
use buywire_schemas::rollout::Viewer;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::Desk;
use super::problem::{ApiError, Kind};
use super::ucp::{is_known, tag_of};
use crate::pages::{self, Notice, OEmbed, STYLE, Showing, Site, Size, Sold, Stage};
use crate::store::catalog::Product;
use crate::store::posts::Known;

/// Seconds for which a copy is true enough: stock and price may move at any time.
const KEPT_S: i64 = 10;

/// Our styles are the only ones, by their hash, and there are no scripts at all.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'")
});

/// Who may show it inside of their own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frames {
    Nobody,
    Anybody,
}

/// A page that is there.
struct Page {
    html: String,
    /// A merchant's picture has no TLS.
    is_plain: bool,
    frames: Frames,
    kept_s: i64,
}

/// A page about a page.
struct Missing(StatusCode, Notice);

impl Missing {
    const UNKNOWN: Self = Self(StatusCode::NOT_FOUND, Notice::UNKNOWN);
    const WITHDRAWN: Self = Self(StatusCode::GONE, Notice::WITHDRAWN);
}

/// Whoever fails behind the counter is told to the log; the buyer is asked to come back.
impl<E: Into<ApiError>> From<E> for Missing {
    fn from(error: E) -> Self {
        let status = actix_web::ResponseError::status_code(&error.into());
        match status.is_server_error() {
            true => Self(status, Notice::LATER),
            false => Self::UNKNOWN,
        }
    }
}

/// What can be asked of `/oembed`; consumers add names of their own.
#[derive(Debug, Deserialize)]
pub struct Described {
    url: String,
    maxwidth: Option<u32>,
    maxheight: Option<u32>,
    format: Option<String>,
}

/// `GET /b/{slug}`
pub async fn post(desk: Data<Desk>, slug: Path<String>, request: HttpRequest) -> HttpResponse {
    let page = shown(&desk, &slug, Frames::Nobody).await;
    answer(&request, page)
}

/// `GET /embed/{slug}`
pub async fn embed(desk: Data<Desk>, slug: Path<String>, request: HttpRequest) -> HttpResponse {
    let page = shown(&desk, &slug, Frames::Anybody).await;
    answer(&request, page)
}

/// `GET /shop/{slug}`
pub async fn shop(desk: Data<Desk>, slug: Path<String>, request: HttpRequest) -> HttpResponse {
    answer(&request, shop_of(&desk, &slug).await)
}

/// `GET /oembed?url=`
pub async fn oembed(desk: Data<Desk>, asked: Query<Described>) -> Result<HttpResponse, ApiError> {
    if asked
        .format
        .as_deref()
        .is_some_and(|format| format != "json")
    {
        return Err(ApiError::new(Kind::FormatUnsupported));
    }
    let site = Site(&desk.public_url);
    let slug = site.post_at(&asked.url).ok_or_else(|| {
        ApiError::detailed(
            Kind::QueryInvalid,
            "Give as `url` the address of a post's page here.",
        )
    })?;
    let found = desk.store.post_named(&slug).await?;
    let (post, known) = found
        .filter(|(post, known)| !post.state.is_decided() && known.item.is_public())
        .ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let room = Size {
        width_max: asked.maxwidth,
        height_max: asked.maxheight,
    };
    let now = OffsetDateTime::now_utc();
    let told = OEmbed::of(site, &showing(&post, known, (Vec::new(), 0), now), room);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        // Pages of others may ask from within a browser; nothing here is anybody's own.
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(told.map_err(|_| ApiError::new(Kind::Internal))?))
}

async fn shown(desk: &Desk, slug: &str, frames: Frames) -> Result<Page, Missing> {
    if !pages::is_slug(slug) {
        return Err(Missing::UNKNOWN);
    }
    let Some((post, known)) = desk.store.post_named(slug).await? else {
        return Err(Missing::UNKNOWN);
    };
    match post.state {
        State::Draft => return Err(Missing::UNKNOWN),
        State::Withdrawn => return Err(Missing::WITHDRAWN),
        _ if !known.item.is_public() => return Err(Missing::WITHDRAWN),
        State::Scheduled | State::Live | State::SoldOut | State::Ended => {}
    }
    let now = OffsetDateTime::now_utc();
    let has_variants = frames == Frames::Nobody && known.item.group.is_some();
    let variants = match has_variants {
        true => {
            desk.store
                .variants(post.product.id, pages::VARIANTS_MAX)
                .await?
        }
        false => (Vec::new(), 0),
    };
    let kept_s = kept_s(&post, &known.item, now);
    let showing = showing(&post, known, variants, now);
    let site = Site(&desk.public_url);
    let html = match frames {
        Frames::Nobody => pages::product(site, &showing),
        Frames::Anybody => pages::embed(site, &showing),
    };
    let mut images = showing.product.item.images.iter();
    Ok(Page {
        html: html.map_err(|_| ApiError::new(Kind::Internal))?,
        is_plain: images.any(|image| is_plain(&image.url)),
        frames,
        kept_s,
    })
}

async fn shop_of(desk: &Desk, slug: &str) -> Result<Page, Missing> {
    let slug = super::partners::slug(slug)?;
    let now = OffsetDateTime::now_utc();
    let shop = desk
        .store
        .shop(slug.as_str(), &desk.public_url, now)
        .await?;
    let shop = shop.ok_or(Missing::UNKNOWN)?;
    let html = pages::shop(Site(&desk.public_url), &shop);
    let mut images = shop.items.iter().filter_map(|item| item.image.as_ref());
    Ok(Page {
        html: html.map_err(|_| ApiError::new(Kind::Internal))?,
        is_plain: images.any(|image| is_plain(&image.url)),
        frames: Frames::Nobody,
        kept_s: KEPT_S,
    })
}

/// A post as it is now, whatever was last written of it.
fn showing(
    post: &Post,
    known: Known,
    (variants, total): (Vec<Product>, i64),
    now: OffsetDateTime,
) -> Showing {
    let listed = i64::try_from(variants.len()).unwrap_or(i64::MAX);
    let variants = variants.into_iter().filter_map(|product| {
        let item: Item = serde_json::from_str(&product.item).ok()?;
        if !item.is_public() {
            return None;
        }
        Some(Sold::at(item, product.standing, now))
    });
    Showing {
        post: post.id,
        slug: post.slug.clone(),
        version: post.version,
        stage: Stage::at(post.starts_at, post.ends_at, now),
        // Nothing is known of whoever looks: a browser is not asked who it is.
        may_buy: post.allows(&Viewer::default()),
        merchant: known.merchant.name,
        variants: variants.collect(),
        more_variants: total.saturating_sub(listed).max(0),
        product: Sold::at(known.item, known.standing, now),
    }
}

/// No longer than until it changes by itself.
fn kept_s(post: &Post, item: &Item, now: OffsetDateTime) -> i64 {
    let times = [post.starts_at, post.ends_at, item.changes_after(now)];
    let next = times.into_iter().flatten().filter(|time| *time > now).min();
    next.map_or(KEPT_S, |next| (next - now).whole_seconds().clamp(0, KEPT_S))
}

fn is_plain(url: &str) -> bool {
    url.starts_with("http:")
}

fn answer(request: &HttpRequest, page: Result<Page, Missing>) -> HttpResponse {
    let (status, page) = match page {
        Ok(page) => (StatusCode::OK, page),
        Err(Missing(status, notice)) => {
            let page = Page {
                html: notice.page(),
                is_plain: false,
                frames: Frames::Nobody,
                kept_s: 0,
            };
            (status, page)
        }
    };
    let tag = tag_of(&page.html);
    let is_known = status == StatusCode::OK && is_known(request, &tag);
    let mut answer = HttpResponse::build(match is_known {
        true => StatusCode::NOT_MODIFIED,
        false => status,
    });
    let cache = match page.kept_s {
        0 => "no-cache".to_owned(),
        seconds => format!("public, max-age={seconds}"),
    };
    let images = if page.is_plain {
        "https: http:"
    } else {
        "https:"
    };
    let frames = match page.frames {
        Frames::Nobody => "'none'",
        Frames::Anybody => "*",
    };
    let policy = format!("{}; img-src {images}; frame-ancestors {frames}", *POLICY);
    answer
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .insert_header((actix_web::http::header::ETAG, tag.to_string()));
    match is_known {
        true => answer.finish(),
        false => answer
            .content_type("text/html; charset=utf-8")
            .body(page.html),
    }
}
