//! Stock by partner and item.

use std::collections::BTreeMap;

use actix_web::web::{Data, Query};
use buywire_checkout::switches::SwitchScope;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{FETCH_LIMIT, ROWS, StockTab, tabs};
use super::posts::switched_off;
use super::scope::switch_link;
use super::words::stock_state;
use crate::ambient;
use crate::console::Moment;
use crate::console::buying::stock::{StockPage, StockRow};
use crate::console::format::grouped;
use crate::console::frame::Section;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::{BASE, link};
use crate::http::console::lists::{ListUrl, PartnerScope, cut, partner_field, partner_scope};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;
use crate::store::stock::levels::StockLevel;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct StockQuery {
    #[serde(default)]
    partner: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    cursor: String,
}

/// An item's level with its partner's slug.
type Level = (String, StockLevel);

/// `GET /console/stock`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<StockQuery>,
) -> ConsoleResult {
    // The platform reads switches, and no stock.
    if visitor.caller.is_platform() {
        return Ok(see_other(&format!("{BASE}/stock/switches")));
    }
    let now = ambient::now();
    let url = ListUrl::new(
        "/console/stock",
        vec![("partner", &query.partner), ("item", &query.item)],
    );
    let (mut rows, mut next, mut error) = (Vec::new(), None, None);
    match levels(&state, &visitor, &query).await? {
        Ok(found) => (rows, next) = cut(found, ROWS, cursor),
        Err(fault) => error = Some(fault.to_owned()),
    }
    let off = match visitor.caller.is_operator() {
        true => Some(switched_off(&state).await?),
        false => None,
    };
    page(&StockPage {
        frame: visitor.live_frame(&state, Section::Stock),
        tabs: tabs(&visitor, StockTab::Stock),
        partner: partner_field(&visitor, &query.partner),
        item: query.item.clone(),
        error,
        pager: url.pager(
            rows.len(),
            ("item", "items"),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows
            .into_iter()
            .map(|level| row(level, off.as_ref(), now))
            .collect(),
        is_filtered: url.is_filtered(),
    })
}

/// The counted items that the filter names: of one item, also what its feed says.
async fn levels(
    state: &AppState,
    visitor: &Visitor,
    query: &StockQuery,
) -> Result<Result<Vec<Level>, &'static str>, ApiError> {
    let scope = match partner_scope(state, visitor, &query.partner).await? {
        Ok(scope) => scope,
        Err(fault) => return Ok(Err(fault)),
    };
    let item = query.item.trim();
    if item.is_empty() {
        let after = query.cursor.split_once(':');
        let found = state.store.all_stock_levels(scope.id(), after, FETCH_LIMIT);
        return Ok(Ok(found.await?));
    }
    let PartnerScope::One(partner) = scope else {
        return Ok(Err(
            "An item's id is its partner's own: enter the partner too.",
        ));
    };
    let slug = match visitor.caller.partner() {
        Some((_, own)) => own.to_string(),
        None => query.partner.trim().to_owned(),
    };
    let level = state.store.stock_level(partner, item).await?;
    Ok(Ok(level.map(|level| (slug, level)).into_iter().collect()))
}

fn cursor((partner, level): &Level) -> String {
    format!("{partner}:{}", level.item_id)
}

fn row(
    (partner, level): Level,
    off: Option<&BTreeMap<SwitchScope, String>>,
    now: OffsetDateTime,
) -> StockRow {
    let scope = Slug::parse(&partner)
        .ok()
        .map(|slug| SwitchScope::Item(slug, level.item_id.clone()));
    let switch = scope.zip(off);
    let stopped = switch.as_ref().and_then(|(scope, off)| off.get(scope));
    let units = |units: Option<i64>| units.map_or_else(|| "unlimited".to_owned(), grouped);
    let product = [("q", level.item_id.as_str()), ("partner", partner.as_str())];
    StockRow {
        product: link(&format!("{BASE}/catalog/products"), product.into_iter()),
        state: match stopped {
            Some(_) => State::bad("Sale stopped"),
            None => stock_state(&level),
        },
        note: stopped.cloned().or_else(|| {
            let reported = level.reported.map(grouped)?;
            Some(format!(
                "The partner has {reported} only: less than is held and sold."
            ))
        }),
        total: units(level.total),
        held: grouped(level.held),
        sold: grouped(level.sold),
        left: units(level.left),
        per_buyer: level
            .per_buyer_max
            .map(|units| grouped(units.into()))
            .unwrap_or_default(),
        updated_at: Moment::new(level.updated_at, now),
        switch: switch.map(|(scope, _)| switch_link(&scope, stopped.is_none(), &level.item_id)),
        item_id: level.item_id,
        partner,
    }
}
