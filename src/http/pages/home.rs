//! The page at `/`: what this server is, and where to go from here.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::answer::{FramePolicy, MAX_AGE_S, Page, PageError, respond};
use crate::http::AppState;
use crate::http::problem::{ApiError, Kind};
use crate::pages;

/// Shops that the page lists at most: it is an entrance, not a directory.
const SHOPS_MAX: i64 = 20;

/// `GET /`
pub(crate) async fn home(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    respond(&request, home_page(&state).await)
}

async fn home_page(state: &AppState) -> Result<Page, PageError> {
    let shops = state.store.open_shops(SHOPS_MAX).await?;
    let html = pages::home(&shops).map_err(|_| ApiError::new(Kind::Internal))?;
    Ok(Page {
        html,
        has_http_image: false,
        frame_policy: FramePolicy::Deny,
        max_age_s: MAX_AGE_S,
        is_personal: false,
    })
}
