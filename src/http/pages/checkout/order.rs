//! `/o/{token}`: the order page, where a buyer returns to, and what can be done there.
//!
//! Promises: an action leads back to the page, which says what came of it; what cannot be undone is asked about first.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use buywire_checkout::cart::CartLine;
use buywire_checkout::limits::HoldCountdown;
use buywire_checkout::machine::{CancelRequest, PageSituation, State};
use buywire_checkout::pricing::Pricing;
use buywire_schemas::rollout::Viewer;
use serde::Deserialize;

use super::after_order;
use super::answer::{
    CheckoutPage, CheckoutPageError, CheckoutReply, accepted, language, links, read_form, respond,
};
use crate::ambient;
use crate::checkout::{CheckoutError, CheckoutToken, CheckoutView};
use crate::http::AppState;
use crate::pages::checkout::{
    CheckoutItem, CheckoutLinks, InvoiceToPay, Language, OrderAction, OrderCancel, OrderCancelPage,
    OrderHold, OrderInput, OrderPage, OrderQuestion, PaidWith, PlacedOrder, ReceivedWithdrawal,
    Totals, WithdrawalWindow,
};
use crate::store::payments::StoredPayment;

/// The parameters of the order page. Processors add others to the address that they return to.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct OrderQuery {
    ask: Option<String>,
    checks: Option<String>,
    lang: Option<String>,
}

/// `GET /o/{token}`
pub(in crate::http) async fn follow(
    state: Data<AppState>,
    token: Path<String>,
    query: Query<OrderQuery>,
    request: HttpRequest,
) -> HttpResponse {
    let (found, stored) = match find(&state, &token).await {
        Ok(view) => {
            let stored = Language::from_tag(&view.stored.language);
            (Ok(view), stored)
        }
        Err(error) => (Err(error), None),
    };
    let chosen = query
        .lang
        .as_deref()
        .and_then(Language::from_tag)
        .or(stored);
    let language = chosen.unwrap_or_else(|| language(&request, None));
    let page = match found {
        Ok(view) => order_page(&state, &view, language, &query, &request).await,
        Err(error) => Err(error),
    };
    respond(&state, language, page)
}

/// `POST /o/{token}/extend`
pub(in crate::http) async fn extend(
    state: Data<AppState>,
    token: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    act(&state, &token, &request, payload, OrderAction::Extend).await
}

/// `POST /o/{token}/cancel-payment`
pub(in crate::http) async fn cancel_payment(
    state: Data<AppState>,
    token: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    act(
        &state,
        &token,
        &request,
        payload,
        OrderAction::CancelPayment,
    )
    .await
}

/// `POST /o/{token}/cancel`
pub(in crate::http) async fn cancel(
    state: Data<AppState>,
    token: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    act(&state, &token, &request, payload, OrderAction::Cancel).await
}

async fn act(
    state: &AppState,
    token: &str,
    request: &HttpRequest,
    payload: Payload,
    action: OrderAction,
) -> HttpResponse {
    let page =
        async |input: &OrderInput, language| act_page(state, token, action, input, language).await;
    answer_form(state, request, payload, page).await
}

/// Reads a form of the order page and answers in its language.
pub(super) async fn answer_form(
    state: &AppState,
    request: &HttpRequest,
    payload: Payload,
    page: impl AsyncFnOnce(&OrderInput, Language) -> Result<CheckoutReply, CheckoutPageError>,
) -> HttpResponse {
    let form = read_form(payload).await.map(OrderInput::read);
    let given = form.as_ref().ok().and_then(|input| input.language);
    let language = given.unwrap_or_else(|| language(request, None));
    let page = match form {
        Ok(input) => page(&input, language).await,
        Err(error) => Err(error),
    };
    respond(state, language, page)
}

async fn act_page(
    state: &AppState,
    token: &str,
    action: OrderAction,
    input: &OrderInput,
    language: Language,
) -> Result<CheckoutReply, CheckoutPageError> {
    let token = CheckoutToken::parse(token).ok_or(CheckoutPageError::NOT_FOUND)?;
    let links = links(state, "", language, Viewer::default());
    if action == OrderAction::Cancel && !input.is_confirmed {
        let question = links.order_question(token.as_str(), OrderQuestion::Cancel);
        return Ok(CheckoutReply::SeeOther(question));
    }
    let checkouts = &state.checkouts;
    let done = match action {
        OrderAction::Extend => checkouts.extend(&token).await,
        OrderAction::CancelPayment => checkouts.cancel_payment(&token).await,
        OrderAction::Cancel => checkouts.cancel(&token).await,
        OrderAction::Withdraw | OrderAction::Forget => return Err(CheckoutPageError::NOT_FOUND),
    };
    match done {
        // A refusal is no error here: the page says how it stands.
        Ok(_) | Err(CheckoutError::Rejected(_)) => {
            Ok(CheckoutReply::SeeOther(links.order(token.as_str())))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn find(state: &AppState, token: &str) -> Result<CheckoutView, CheckoutPageError> {
    let token = CheckoutToken::parse(token).ok_or(CheckoutPageError::NOT_FOUND)?;
    match state.checkouts.follow(&token).await {
        // The processor did not answer in time: what is stored is still true.
        Err(CheckoutError::Busy) => Ok(state.checkouts.read(&token).await?),
        other => Ok(other?),
    }
}

async fn order_page(
    state: &AppState,
    view: &CheckoutView,
    language: Language,
    query: &OrderQuery,
    request: &HttpRequest,
) -> Result<CheckoutReply, CheckoutPageError> {
    let cart = &view.stored.cart;
    let line = cart.lines.first().ok_or(CheckoutPageError::NOT_FOUND)?;
    let slug = slug(state, view).await?;
    let buyer = view.buyer.as_ref();
    let viewer = buyer.map(|buyer| buyer.viewer.viewer()).unwrap_or_default();
    let links = links(state, &slug, language, viewer).for_reader(accepted(request));
    let item = CheckoutItem::of_line(line, &seller_name(state, line).await?, None);
    let question = query.ask.as_deref().and_then(OrderQuestion::from_name);
    if let Some(question) = question
        && let Some(page) = question_page(state, view, links, &item, question).await?
    {
        return Ok(page);
    }
    let withdrawal = state.checkouts.withdrawal(view.stored.id).await?;
    let address = buyer.and_then(|buyer| buyer.ship_to.as_ref());
    let country = address.map(|address| address.country.as_str());
    let quote = view.stored.pricing.as_ref().and_then(Pricing::quote);
    let order_number = view.order_number();
    let pay_url = state.checkouts.hosted_page(view).await;
    let invoice = state.checkouts.open_invoice(view).await?;
    let checks = query.checks.as_deref();
    let page = OrderPage {
        links,
        token: view.token.as_str(),
        situation: view.situation(),
        item: &item,
        quantity: line.quantity,
        totals: quote.map(|quote| Totals::of(quote, country)),
        email: buyer.map(|buyer| buyer.email.as_str()),
        address,
        checks: checks
            .and_then(|checks| checks.parse().ok())
            .unwrap_or_default(),
        pay_url: pay_url.as_deref(),
        hold: hold(state, view).await?,
        invoice: invoice.as_ref().map(|invoice| InvoiceToPay {
            reference: &order_number,
            instructions: &invoice.instructions,
            due_at: invoice.due_at,
        }),
        order: placed(view, &order_number),
        withdrawal: withdrawal
            .as_ref()
            .map(|(withdrawal, received_at)| ReceivedWithdrawal {
                received_at: *received_at,
                contact: &withdrawal.contact,
            }),
        is_forgotten: view.stored.order.is_some() && buyer.is_none(),
        seller_url: None,
    };
    Ok(CheckoutReply::Page(CheckoutPage {
        status: StatusCode::OK,
        html: page.render()?,
        has_http_image: item.has_http_image(),
        refresh: page.refresh(),
    }))
}

/// The question that a link of this page leads to. `None`: it is not for this order.
async fn question_page(
    state: &AppState,
    view: &CheckoutView,
    links: CheckoutLinks<'_>,
    item: &CheckoutItem,
    question: OrderQuestion,
) -> Result<Option<CheckoutReply>, CheckoutPageError> {
    if question == OrderQuestion::Cancel
        && let Some(question) = cancel_question(view, links, item)
    {
        let html = question.render()?;
        return Ok(Some(CheckoutReply::page(StatusCode::OK, html, false)));
    }
    after_order::question(state, view, links, question).await
}

/// The slug of the post that led here; empty for what an agent began.
async fn slug(state: &AppState, view: &CheckoutView) -> Result<String, CheckoutPageError> {
    let post = match view.stored.post {
        Some(id) => state.store.post(id).await?,
        None => None,
    };
    Ok(post.map(|post| post.slug).unwrap_or_default())
}

/// As the seller's policy has it, else as the catalog had it.
pub(super) async fn seller_name(
    state: &AppState,
    line: &CartLine,
) -> Result<String, CheckoutPageError> {
    let terms = state.checkouts.quotes.terms(&line.partner).await?;
    let seller = terms.and_then(|terms| terms.policy.seller);
    Ok(seller.map_or_else(|| line.seller.clone(), |seller| seller.name))
}

/// Whether to cancel the order, while it can be.
fn cancel_question<'a>(
    view: &'a CheckoutView,
    links: CheckoutLinks<'a>,
    item: &'a CheckoutItem,
) -> Option<OrderCancelPage<'a>> {
    let quote = view.stored.pricing.as_ref().and_then(Pricing::quote)?;
    may_cancel(view).then(|| OrderCancelPage {
        links,
        token: view.token.as_str(),
        seller: item.seller(),
        amount: quote.total(),
        currency: quote.currency(),
    })
}

async fn hold(
    state: &AppState,
    view: &CheckoutView,
) -> Result<Option<OrderHold>, CheckoutPageError> {
    let situation = view.situation();
    let is_paying = matches!(situation, PageSituation::PayNow | PageSituation::Declined);
    let Some(hold) = view.hold().filter(|_| is_paying) else {
        return Ok(None);
    };
    let is_scarce = state.checkouts.is_scarce(view).await?;
    Ok(Some(OrderHold {
        countdown: HoldCountdown::of(hold, is_scarce, ambient::now()),
        ends_at: hold.ends_at,
        is_scarce,
    }))
}

fn may_cancel(view: &CheckoutView) -> bool {
    let state = view.stored.machine.state();
    matches!(
        state,
        State::Captured {
            cancel: CancelRequest::Absent,
            ..
        }
    )
}

fn paid_with<'a>(view: &'a CheckoutView, payment: &'a StoredPayment) -> Option<PaidWith<'a>> {
    if let Some(brand) = payment.card_brand.as_deref() {
        let last4 = payment.card_last4.as_deref();
        return Some(PaidWith::Card { brand, last4 });
    }
    let method = view.stored.machine.state().payment()?.method;
    (!method.is_card()).then_some(PaidWith::Method(method))
}

fn placed<'a>(view: &'a CheckoutView, number: &'a str) -> Option<PlacedOrder<'a>> {
    let payment = view.payment.as_ref();
    let cancel = match view.stored.machine.state() {
        State::Captured {
            cancel: CancelRequest::Absent,
            ..
        } => OrderCancel::Possible,
        State::Captured {
            cancel: CancelRequest::Refused,
            ..
        } => OrderCancel::Refused,
        _ => OrderCancel::Absent,
    };
    Some(PlacedOrder {
        number,
        ordered_at: view.confirmed_at()?,
        payment: payment.and_then(|payment| paid_with(view, payment)),
        cancel,
        withdrawal: after_order::may_withdraw(view).then_some(WithdrawalWindow { until: None }),
        may_forget: view.buyer.is_some(),
    })
}
