//! The board of posts.

use std::collections::BTreeMap;

use actix_web::web::{Data, Query};
use buywire_checkout::switches::SwitchScope;
use buywire_schemas::ids::ProductId;
use buywire_schemas::post::{Post, State as PostState};
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::parse_cursor;
use super::scope::switch_link;
use super::words::{post_reason, post_state};
use crate::ambient;
use crate::console::Moment;
use crate::console::buying::posts::{PostRow, PostsPage};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::lists::{ListUrl, cut, partner_scope};
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::problem::ApiError;
use crate::store::posts::PostFilter;

/// A row holds a text and forms: with more of them a page is larger than 60 kB.
const ROWS: usize = 25;
const STATES: [(&str, &str); 7] = [
    ("", "All"),
    ("live", "Live"),
    ("scheduled", "Scheduled"),
    ("sold_out", "Sold out"),
    ("draft", "Drafts"),
    ("withdrawn", "Withdrawn"),
    ("ended", "Ended"),
];
const DONE: [(&str, &str, &str); 6] = [
    ("published", "ok", "The post is published."),
    (
        "withdrawn",
        "ok",
        "The post is withdrawn: its page does not sell any more.",
    ),
    (
        "stale",
        "warn",
        "Nothing was changed: the post has changed meanwhile. Look at it again.",
    ),
    (
        "refused",
        "bad",
        "The post cannot be published: its sale has ended, or its product is gone or for adults only.",
    ),
    ("stopped", "ok", "The sale is stopped."),
    ("resumed", "ok", "The sale goes on."),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct PostsQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    partner: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    cursor: String,
    done: Option<String>,
}

/// `GET /console/posts`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<PostsQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let url = ListUrl::new(
        "/console/posts",
        vec![
            ("state", &query.state),
            ("partner", &query.partner),
            ("product", &query.product),
        ],
    );
    let (mut rows, mut next, mut error) = (Vec::new(), None, None);
    match filter(&state, &visitor, &query).await? {
        Ok(filter) => {
            let found = state.store.posts(&filter).await?;
            (rows, next) = cut(found, ROWS, |post| post.id.to_string());
        }
        Err(fault) => error = Some(fault.to_owned()),
    }
    let off = switched_off(&state).await?;
    let may_switch = visitor.caller.is_operator();
    let mut frame = visitor.frame(&state, Section::Posts);
    frame.flash = flash(query.done.as_deref(), &DONE);
    page(&PostsPage {
        frame,
        chips: url.chips("state", &STATES),
        state: query.state.clone(),
        partner: query.partner.clone(),
        product: query.product.clone(),
        error,
        pager: url.pager(
            rows.len(),
            ("post", "posts"),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows
            .into_iter()
            .map(|post| row(post, &off, may_switch, now))
            .collect(),
        is_filtered: url.is_filtered(),
    })
}

async fn filter(
    state: &AppState,
    visitor: &Visitor,
    query: &PostsQuery,
) -> Result<Result<PostFilter, &'static str>, ApiError> {
    let parsed = match query.state.as_str() {
        "" => None,
        text => match PostState::parse(text) {
            Some(state) => Some(state),
            None => return Ok(Err("There is no such state of a post. Choose one above.")),
        },
    };
    let product: Option<ProductId> = match query.product.trim() {
        "" => None,
        text => match text.parse() {
            Ok(product) => Some(product),
            Err(_) => return Ok(Err("A product's id begins with prd_.")),
        },
    };
    let scope = partner_scope(state, visitor, &query.partner).await?;
    let after = parse_cursor(&query.cursor)?;
    Ok(scope.map(|scope| PostFilter {
        after,
        state: parsed,
        partner: scope.id(),
        product,
        limit: i64::try_from(ROWS + 1).unwrap_or(i64::MAX),
    }))
}

/// The switches that are off, with their reasons.
pub(super) async fn switched_off(
    state: &AppState,
) -> Result<BTreeMap<SwitchScope, String>, ApiError> {
    let all = state.store.switches().await?;
    let off = all.into_iter().filter(|switch| !switch.enabled);
    let off = off.filter_map(|switch| Some((switch.scope.parse().ok()?, switch.reason)));
    Ok(off.collect())
}

fn row(
    post: Post,
    off: &BTreeMap<SwitchScope, String>,
    may_switch: bool,
    now: OffsetDateTime,
) -> PostRow {
    let scope = SwitchScope::Post(post.id);
    let stopped = off.get(&scope);
    let price = post.card.price;
    let is_public = matches!(
        post.state,
        PostState::Scheduled | PostState::Live | PostState::SoldOut
    );
    PostRow {
        state: post_state(post.state),
        reason: match stopped {
            Some(reason) => Some(format!("Sale stopped: {reason}")),
            None => post_reason(&post),
        },
        title: post.card.title.clone(),
        product: post.product.id.to_string(),
        partner: post.product.partner.clone(),
        price: price.currency.format_amount(price.amount),
        page: format!("/b/{}", post.slug),
        embed: format!("/embed/{}", post.slug),
        updated_at: Moment::new(post.updated_at, now),
        version: post.version,
        may_publish: matches!(post.state, PostState::Draft | PostState::Withdrawn),
        may_withdraw: is_public,
        switch: (may_switch && (is_public || stopped.is_some()))
            .then(|| switch_link(&scope, stopped.is_none(), &post.card.title)),
        id: post.id.to_string(),
        text: post.text,
    }
}
