//! One checkout.

use actix_web::web::{Data, Path};
use buywire_checkout::machine::State as CheckoutState;
use buywire_schemas::ids::CheckoutId;

use super::checkouts::{channel, shown_state, titles, total};
use super::parts::parse;
use super::situation::sentence;
use super::timeline::steps;
use crate::ambient;
use crate::console::Moment;
use crate::console::buying::checkout::{CheckoutPage, LineRow};
use crate::console::confirmation::Fact;
use crate::console::format::grouped;
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::store::checkouts::StoredCheckout;

/// `GET /console/checkouts/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    let now = ambient::now();
    let id: CheckoutId = parse(&id)?;
    let found = state.store.checkout(id).await?;
    let found = found.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let payments = state.store.payments_of(id).await?;
    let effects = state.store.open_effects(id).await?;
    let is_open = !matches!(
        found.machine.state(),
        CheckoutState::Captured { .. }
            | CheckoutState::Expired { .. }
            | CheckoutState::Cancelled { .. }
    );
    let frame = match is_open {
        true => visitor.live_frame(&state, Section::Checkouts),
        false => visitor.frame(&state, Section::Checkouts),
    };
    let expires_at = found.machine.expires_at();
    let can_expire = matches!(
        found.machine.state(),
        CheckoutState::Open | CheckoutState::Priced { .. } | CheckoutState::Paying { .. }
    );
    page(&CheckoutPage {
        frame,
        id: id.to_string(),
        title: titles(&found),
        state: shown_state(&found),
        sentence: sentence(&found.machine).to_owned(),
        is_test: found.test,
        facts: facts(&found),
        links: links(&state, &visitor, &found).await?,
        expires_at: can_expire.then(|| Moment::new(expires_at, now)),
        steps: steps(&found, &payments, &effects, now),
        lines: lines(&found),
        total: total(&found),
    })
}

fn facts(found: &StoredCheckout) -> Vec<Fact> {
    vec![
        Fact::text("By", channel(found.channel)),
        Fact::text("Language", &*found.language),
        Fact::text("Attempts to pay", found.machine.attempts().to_string()),
    ]
}

/// Its post's page, and its order.
async fn links(
    state: &AppState,
    visitor: &Visitor,
    found: &StoredCheckout,
) -> Result<Vec<(&'static str, String, String)>, ApiError> {
    let mut links = Vec::new();
    if let Some(post) = found.post
        && let Some(post) = state.store.post(post).await?
    {
        links.push(("Post", post.card.title, format!("/b/{}", post.slug)));
    }
    let mut sections = visitor.menu.iter().flatten();
    let has_orders = sections.any(|entry| entry.section == Section::Orders);
    let order = found.order.filter(|_| has_orders);
    if let Some(order) = order {
        links.push(("Order", order.to_string(), format!("{BASE}/orders/{order}")));
    }
    Ok(links)
}

fn lines(found: &StoredCheckout) -> Vec<LineRow> {
    let currency = found.cart.currency;
    let lines = found.cart.lines.iter().map(|line| LineRow {
        title: line.title.clone(),
        partner: line.partner.to_string(),
        item_id: line.item_id.clone(),
        quantity: grouped(line.quantity),
        unit_price: currency.format_amount(line.unit_price),
    });
    lines.collect()
}
