//! Pages for buyers and for other sites, open to everybody.
//!
//! Promises: every request gets a page, also when there is nothing to show; no page runs a script, sets a
//! cookie, or may be framed (except the card to embed), and none is cached for longer than it is true.

mod answer;
pub(super) mod checkout;
mod elsewhere;
mod home;
pub(super) mod permalink;
mod prefill;
pub(super) mod ucp;

use actix_web::http::header::{ACCEPT_LANGUAGE, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use buywire_checkout::address::Language;
use buywire_checkout::locale::Locale;
use buywire_schemas::catalog::Item;
use buywire_schemas::post::{Post, State, ViewerDetails};
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;
use url::form_urlencoded;

use self::answer::{FramePolicy, MAX_AGE_S, Page, PageError, is_plain_http, respond};
use super::AppState;
use super::problem::{ApiError, Kind};
use crate::ambient;
use crate::checkout::CheckoutError;
use crate::pages::{self, MaxSize, OEmbed, PostView, ProductListing, SaleWindow, Site};
use crate::store::catalog::Product;
use crate::store::partners::shops::ShownShop;
use crate::store::posts::ProductSnapshot;

pub(super) use self::elsewhere::elsewhere;
pub(super) use self::home::home;

/// The parameters of `/oembed`. Consumers add others.
#[derive(Debug, Deserialize)]
pub(super) struct OEmbedQuery {
    url: String,
    maxwidth: Option<u32>,
    maxheight: Option<u32>,
    format: Option<String>,
}

/// `GET /b/{slug}`
pub(super) async fn post(
    state: Data<AppState>,
    slug: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    let viewer = stated_viewer(&request);
    let page = post_page(&state, &slug, viewer, locale(&request), FramePolicy::Deny).await;
    respond(&request, page)
}

/// `GET /embed/{slug}`
pub(super) async fn embed(
    state: Data<AppState>,
    slug: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    // Another site's page does not know the platform's viewers.
    let viewer = ViewerDetails::UNKNOWN;
    let page = post_page(&state, &slug, viewer, locale(&request), FramePolicy::Allow).await;
    respond(&request, page)
}

/// `GET /shop/{slug}`
pub(super) async fn shop(
    state: Data<AppState>,
    slug: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    respond(&request, shop_page(&state, &slug, locale(&request)).await)
}

/// Who looks at a page, as far as its address says.
fn stated_viewer(request: &HttpRequest) -> ViewerDetails {
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    ViewerDetails::from_parameters(pairs)
}

/// How the reader of a page writes amounts.
fn locale(request: &HttpRequest) -> Locale {
    let accepted = request.headers().get(ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    Locale::choose(stated_viewer(request).language.as_deref(), accepted)
}

/// `GET /oembed?url=`
pub(super) async fn oembed(
    state: Data<AppState>,
    query: Query<OEmbedQuery>,
) -> Result<HttpResponse, ApiError> {
    if query
        .format
        .as_deref()
        .is_some_and(|format| format != "json")
    {
        return Err(ApiError::new(Kind::FormatUnsupported));
    }
    let site = Site(&state.public_url);
    let slug = site.post_at(&query.url).ok_or_else(|| {
        ApiError::with_detail(
            Kind::QueryInvalid,
            "`url` must be the URL of a post page on this gateway.",
        )
    })?;
    let found = state.store.post_by_slug(&slug).await?;
    let (post, snapshot) = found
        .filter(|(post, snapshot)| {
            !post.state.is_manual() && snapshot.item.is_public() && !snapshot.state.suspended
        })
        .ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let max_size = MaxSize {
        width_max: query.maxwidth,
        height_max: query.maxheight,
    };
    let now = ambient::now();
    let described = OEmbed::of(
        site,
        &post_view(&post, snapshot, (Vec::new(), 0), Buying::default(), now),
        max_size,
    );
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        // Other sites' pages may read it from a browser: it is public.
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(described.map_err(|_| ApiError::new(Kind::Internal))?))
}

async fn post_page(
    state: &AppState,
    slug: &str,
    viewer: ViewerDetails,
    locale: Locale,
    frame_policy: FramePolicy,
) -> Result<Page, PageError> {
    if !pages::is_slug(slug) {
        return Err(PageError::NOT_FOUND);
    }
    let Some((post, snapshot)) = state.store.post_by_slug(slug).await? else {
        return Err(PageError::NOT_FOUND);
    };
    match post.state {
        State::Draft => return Err(PageError::NOT_FOUND),
        State::Withdrawn => return Err(PageError::WITHDRAWN),
        _ if !snapshot.item.is_public() => return Err(PageError::WITHDRAWN),
        _ if snapshot.state.suspended => return Err(PageError::NOT_AVAILABLE),
        State::Scheduled | State::Live | State::SoldOut | State::Ended => {}
    }
    let now = ambient::now();
    let has_variants = frame_policy == FramePolicy::Deny && snapshot.item.group.is_some();
    let variants = match has_variants {
        true => {
            state
                .store
                .variants(post.product.id, pages::VARIANTS_MAX)
                .await?
        }
        false => (Vec::new(), 0),
    };
    let max_age_s = max_age_s(&post, &snapshot.item, now);
    let is_personal = !viewer.is_unknown();
    let buying = buying(state, &post, &snapshot.item, viewer, now).await?;
    let image_size = image_size(state, &post, &snapshot).await?;
    let view = PostView {
        locale,
        image_size,
        ..post_view(&post, snapshot, variants, buying, now)
    };
    let site = Site(&state.public_url);
    let html = match frame_policy {
        FramePolicy::Deny => pages::product(site, &view),
        FramePolicy::Allow => pages::embed(site, &view),
    };
    let mut images = view.product.item.images.iter();
    Ok(Page {
        html: html.map_err(|_| ApiError::new(Kind::Internal))?,
        has_http_image: images.any(|image| is_plain_http(&image.url)),
        frame_policy,
        max_age_s,
        is_personal,
    })
}

/// The size of the image that networks show.
async fn image_size(
    state: &AppState,
    post: &Post,
    snapshot: &ProductSnapshot,
) -> Result<Option<(i32, i32)>, PageError> {
    match snapshot.item.images.first() {
        Some(main) if !snapshot.state.image_refused => {
            Ok(state.store.image_size(post.product.id, &main.url).await?)
        }
        _ => Ok(None),
    }
}

async fn shop_page(state: &AppState, slug: &str, locale: Locale) -> Result<Page, PageError> {
    let slug = super::partners::parse_slug(slug)?;
    let now = ambient::now();
    let shop = state
        .store
        .shop(slug.as_str(), &state.public_url, now)
        .await?;
    let shop = match shop {
        ShownShop::Open(shop) => shop,
        ShownShop::Suspended => return Err(PageError::NOT_AVAILABLE),
        ShownShop::Closed => return Err(PageError::NOT_FOUND),
    };
    let cover = pages::cover(&shop).and_then(|item| Some((item.product, item.image.as_ref()?)));
    let size = match cover {
        Some((product, image)) => state.store.image_size(product, &image.url).await?,
        None => None,
    };
    let html = pages::shop(Site(&state.public_url), &shop, locale, size);
    let mut images = shop.items.iter().filter_map(|item| item.image.as_ref());
    Ok(Page {
        html: html.map_err(|_| ApiError::new(Kind::Internal))?,
        has_http_image: images.any(|image| is_plain_http(&image.url)),
        frame_policy: FramePolicy::Deny,
        max_age_s: MAX_AGE_S,
        is_personal: false,
    })
}

/// A post in its current state, whatever was last stored.
fn post_view(
    post: &Post,
    snapshot: ProductSnapshot,
    (variants, total): (Vec<Product>, i64),
    buying: Buying,
    now: OffsetDateTime,
) -> PostView {
    let listed = i64::try_from(variants.len()).unwrap_or(i64::MAX);
    let variants = variants.into_iter().filter_map(|product| {
        let item: Item = serde_json::from_str(&product.item).ok()?;
        if !item.is_public() {
            return None;
        }
        Some(ProductListing::at(item, product.state, now))
    });
    PostView {
        post: post.id,
        slug: post.slug.clone(),
        version: post.version,
        window: SaleWindow::at(post.starts_at, post.ends_at, now),
        viewer: buying.viewer,
        locale: Locale::of(Language::English),
        may_buy: buying.is_allowed,
        sells_here: buying.is_here,
        merchant: snapshot.merchant.name,
        variants: variants.collect(),
        more_variants: total.saturating_sub(listed).max(0),
        product: ProductListing::at(snapshot.item, snapshot.state, now),
        image_size: None,
    }
}

/// How a viewer can buy from a post.
#[derive(Default)]
struct Buying {
    viewer: ViewerDetails,
    is_allowed: bool,
    /// On our own page. Whom it is closed to finds the merchant's.
    is_here: bool,
}

async fn buying(
    state: &AppState,
    post: &Post,
    item: &Item,
    viewer: ViewerDetails,
    now: OffsetDateTime,
) -> Result<Buying, PageError> {
    let sale = post.sale();
    let is_sold_there = item
        .countries_of_sale()
        .is_open_to(viewer.country.as_deref());
    let partner = Slug::parse(&post.product.partner).ok();
    let partner = match sells_here(state, post).await? {
        true => partner,
        false => None,
    };
    let Some(partner) = partner else {
        return Ok(Buying {
            is_allowed: is_sold_there && sale.may_buy(&viewer.viewer(), now),
            is_here: false,
            viewer,
        });
    };
    let item = (&partner, post.product.item_id.as_str());
    let checked = state.checkouts.check_post(&sale, item, &viewer, now).await;
    let is_allowed = match checked {
        Ok(()) => is_sold_there,
        Err(CheckoutError::NotOffered { .. } | CheckoutError::SwitchedOff) => false,
        Err(error) => return Err(error.into()),
    };
    Ok(Buying {
        viewer,
        is_allowed,
        is_here: is_allowed || !sale.is_open(now),
    })
}

/// Whether a post is bought on our own page.
async fn sells_here(state: &AppState, post: &Post) -> Result<bool, PageError> {
    let Ok(partner) = Slug::parse(&post.product.partner) else {
        return Ok(false);
    };
    let terms = state.checkouts.quotes.terms(&partner).await?;
    Ok(terms.is_some_and(|terms| terms.sells_here(post.sells_here)))
}

/// Seconds until the page next changes by itself, at most `MAX_AGE_S`.
fn max_age_s(post: &Post, item: &Item, now: OffsetDateTime) -> i64 {
    let times = [post.starts_at, post.ends_at, item.next_change(now)];
    let next = times.into_iter().flatten().filter(|time| *time > now).min();
    next.map_or(MAX_AGE_S, |next| {
        (next - now).whole_seconds().clamp(0, MAX_AGE_S)
    })
}
