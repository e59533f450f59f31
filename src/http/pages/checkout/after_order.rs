//! `/o/{token}/withdraw` and `/o/{token}/forget`: what a buyer may do after the order.
//!
//! Promises: a withdrawal has two steps, as the law wants it, and is acknowledged on the page with its time; nothing is
//! deleted without a second question.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use buywire_schemas::rollout::Viewer;

use super::answer::{CheckoutPageError, CheckoutReply, links};
use super::order::{answer_form, find, seller_name};
use crate::checkout::{CheckoutError, CheckoutView, Withdrawal};
use crate::http::AppState;
use crate::pages::checkout::{
    CheckoutLinks, ForgetPage, Language, OrderInput, OrderQuestion, WithdrawalPage,
    WithdrawalStatement,
};

/// `POST /o/{token}/withdraw`
pub(in crate::http) async fn withdraw(
    state: Data<AppState>,
    token: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let page =
        async |input: &OrderInput, language| withdraw_page(&state, &token, input, language).await;
    answer_form(&state, &request, payload, page).await
}

/// `POST /o/{token}/forget`
pub(in crate::http) async fn forget(
    state: Data<AppState>,
    token: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let page =
        async |input: &OrderInput, language| forget_page(&state, &token, input, language).await;
    answer_form(&state, &request, payload, page).await
}

async fn withdraw_page(
    state: &AppState,
    token: &str,
    input: &OrderInput,
    language: Language,
) -> Result<CheckoutReply, CheckoutPageError> {
    let view = find(state, token).await?;
    if !may_withdraw(&view) {
        return Err(CheckoutPageError::NOT_FOUND);
    }
    let links = links(state, "", language, Viewer::default());
    let Some(statement) = input.statement() else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return withdrawal_form(state, &view, links, input, true, status).await;
    };
    if !input.is_confirmed {
        let (seller, title) = names(state, &view).await?;
        let page = WithdrawalPage {
            links,
            token: view.token.as_str(),
            seller: &seller,
            title: &title,
            input,
        };
        let html = page.render_question(&statement)?;
        return Ok(CheckoutReply::page(StatusCode::OK, html, false));
    }
    let withdrawal = Withdrawal {
        name: statement.name,
        order: statement.order,
        contact: statement.contact,
    };
    state.checkouts.withdraw(&view.token, withdrawal).await?;
    Ok(CheckoutReply::SeeOther(links.order(view.token.as_str())))
}

async fn forget_page(
    state: &AppState,
    token: &str,
    input: &OrderInput,
    language: Language,
) -> Result<CheckoutReply, CheckoutPageError> {
    let view = find(state, token).await?;
    let links = links(state, "", language, Viewer::default());
    let token = view.token.as_str();
    if !input.is_confirmed {
        let question = links.order_question(token, OrderQuestion::Forget);
        return Ok(CheckoutReply::SeeOther(question));
    }
    match state.checkouts.forget(&view.token).await {
        // A refusal is no error here: the page says how it stands.
        Ok(()) | Err(CheckoutError::Rejected(_)) => Ok(CheckoutReply::SeeOther(links.order(token))),
        Err(error) => Err(error.into()),
    }
}

/// The question that a link of the order page leads to. `None`: it is not for this order.
pub(super) async fn question(
    state: &AppState,
    view: &CheckoutView,
    links: CheckoutLinks<'_>,
    question: OrderQuestion,
) -> Result<Option<CheckoutReply>, CheckoutPageError> {
    match question {
        OrderQuestion::Withdraw if may_withdraw(view) => {
            let input = OrderInput::of(prefilled(view));
            let form = withdrawal_form(state, view, links, &input, false, StatusCode::OK);
            form.await.map(Some)
        }
        OrderQuestion::Forget if view.buyer.is_some() => {
            let (seller, _) = names(state, view).await?;
            let page = ForgetPage {
                links,
                token: view.token.as_str(),
                seller: &seller,
            };
            let html = page.render()?;
            Ok(Some(CheckoutReply::page(StatusCode::OK, html, false)))
        }
        OrderQuestion::Withdraw | OrderQuestion::Forget | OrderQuestion::Cancel => Ok(None),
    }
}

/// Whether the contract can be withdrawn from here.
pub(super) fn may_withdraw(view: &CheckoutView) -> bool {
    view.stored.order.is_some() && view.may_withdraw()
}

async fn withdrawal_form(
    state: &AppState,
    view: &CheckoutView,
    links: CheckoutLinks<'_>,
    input: &OrderInput,
    is_sent: bool,
    status: StatusCode,
) -> Result<CheckoutReply, CheckoutPageError> {
    let (seller, title) = names(state, view).await?;
    let page = WithdrawalPage {
        links,
        token: view.token.as_str(),
        seller: &seller,
        title: &title,
        input,
    };
    Ok(CheckoutReply::page(
        status,
        page.render_form(is_sent)?,
        false,
    ))
}

/// The law lets a buyer confirm what is known already.
fn prefilled(view: &CheckoutView) -> WithdrawalStatement {
    let buyer = view.buyer.as_ref();
    WithdrawalStatement {
        name: buyer.map(|buyer| buyer.name.clone()).unwrap_or_default(),
        order: view.order_number(),
        contact: buyer.map(|buyer| buyer.email.clone()).unwrap_or_default(),
    }
}

/// Who sells, and what.
async fn names(
    state: &AppState,
    view: &CheckoutView,
) -> Result<(String, String), CheckoutPageError> {
    let line = view.stored.cart.lines.first();
    let line = line.ok_or(CheckoutPageError::NOT_FOUND)?;
    Ok((seller_name(state, line).await?, line.title.clone()))
}
