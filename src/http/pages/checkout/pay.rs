//! `POST /b/{slug}/pay`: the button was pressed.
//!
//! Promises: what is paid is what was shown, or it is shown again; who may not buy any more reads the post's page; a buyer
//! is sent to the processor's own hosts only.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use buywire_checkout::machine::Rejected;
use buywire_checkout::pricing::Pricing;

use super::answer::{
    CheckoutPageError, CheckoutReply, accepted, language, links, or_offer, read_form, respond,
    viewer,
};
use super::buy::choose_delivery;
use super::offer::{FoundOffer, Offer};
use super::review;
use crate::ambient;
use crate::checkout::{CheckoutError, CheckoutToken, CheckoutView, PayOutcome};
use crate::http::AppState;
use crate::pages::checkout::{BuyProblem, CheckoutLinks, PayInput};

/// `POST /b/{slug}/pay`
pub(in crate::http) async fn pay(
    state: Data<AppState>,
    slug: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let form = read_form(payload).await.map(PayInput::read);
    let given = form.as_ref().ok().and_then(|input| input.language);
    let language = given.unwrap_or_else(|| language(&request, None));
    let viewer = viewer(&request, given);
    let links = links(&state, &slug, language, viewer.viewer()).for_reader(accepted(&request));
    let page = match form {
        Ok(input) => pay_page(&state, links, &input).await,
        Err(error) => Err(error),
    };
    respond(&state, language, or_offer(links, page))
}

async fn pay_page(
    state: &AppState,
    links: CheckoutLinks<'_>,
    input: &PayInput,
) -> Result<CheckoutReply, CheckoutPageError> {
    let token = input.checkout.as_deref().and_then(CheckoutToken::parse);
    let token = token.ok_or(CheckoutPageError::NOT_FOUND)?;
    let view = state.checkouts.read(&token).await?;
    let to_order = || Ok(CheckoutReply::SeeOther(links.order(token.as_str())));
    if review::is_beyond(&view) {
        return match state.checkouts.hosted_page(&view).await {
            Some(url) => Ok(CheckoutReply::SeeOther(url)),
            None => to_order(),
        };
    }
    let FoundOffer::Here(offer) = Offer::find(state, links.slug, ambient::now()).await? else {
        return Ok(CheckoutReply::SeeOther(links.offer()));
    };
    let shown = Shown {
        state,
        links,
        offer: &offer,
        input,
    };
    if review::legal(&offer, &view).needs_consent() && !input.has_consent {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return shown.again(&view, status, Some(BuyProblem::ConsentMissing));
    }
    let (_, chosen) = review::deliveries(&view);
    if input.delivery.is_some() && input.delivery.as_deref() != chosen {
        let view = choose_delivery(state, &offer, &view, input.delivery.as_deref()).await?;
        return shown.changed(&view);
    }
    let quote = input.quote.as_deref().unwrap_or_default();
    match state
        .checkouts
        .pay(&token, quote, input.method.as_deref())
        .await
    {
        Ok(PayOutcome::Redirect(url)) => Ok(CheckoutReply::SeeOther(url)),
        Ok(PayOutcome::Unchanged(view)) if review::is_beyond(&view) => to_order(),
        Ok(PayOutcome::Unchanged(view)) => {
            shown.again(&view, StatusCode::CONFLICT, review::problem(&view))
        }
        Err(error) => shown.refused(error, &token).await,
    }
}

/// The review that the button was on.
struct Shown<'a> {
    state: &'a AppState,
    links: CheckoutLinks<'a>,
    offer: &'a Offer,
    input: &'a PayInput,
}

impl Shown<'_> {
    fn again(
        &self,
        view: &CheckoutView,
        status: StatusCode,
        problem: Option<BuyProblem>,
    ) -> Result<CheckoutReply, CheckoutPageError> {
        review::render(
            self.state,
            self.links,
            self.offer,
            view,
            status,
            problem.as_ref(),
            self.input.method.as_deref(),
        )
    }

    /// The review with another total, or with what stops the purchase now.
    fn changed(&self, view: &CheckoutView) -> Result<CheckoutReply, CheckoutPageError> {
        let quote = view.stored.pricing.as_ref().and_then(Pricing::quote);
        let problem = match quote {
            None => review::problem(view),
            Some(quote) => Some(BuyProblem::QuoteChanged {
                before: self.input.shown_total.unwrap_or_else(|| quote.total()),
                after: quote.total(),
                currency: quote.currency(),
            }),
        };
        self.again(view, StatusCode::CONFLICT, problem)
    }

    async fn refused(
        &self,
        error: CheckoutError,
        token: &CheckoutToken,
    ) -> Result<CheckoutReply, CheckoutPageError> {
        let problem = match error {
            CheckoutError::QuoteChanged | CheckoutError::Rejected(Rejected::NotPriced) => {
                return self.changed(&self.state.checkouts.read(token).await?);
            }
            CheckoutError::NotBuyable { .. } | CheckoutError::ItemUnknown { .. } => {
                BuyProblem::SoldOut { left: 0 }
            }
            CheckoutError::TooMany { max, .. } => BuyProblem::BuyerLimit {
                units_max: max.unsigned_abs(),
            },
            CheckoutError::SwitchedOff | CheckoutError::Rejected(Rejected::Stopped) => {
                BuyProblem::Stopped
            }
            CheckoutError::MethodUnavailable => BuyProblem::MethodUnavailable,
            CheckoutError::Busy | CheckoutError::Rejected(Rejected::NothingToPay) => {
                BuyProblem::PaymentUnavailable
            }
            CheckoutError::Rejected(_) => {
                return Ok(CheckoutReply::SeeOther(self.links.order(token.as_str())));
            }
            error => return Err(error.into()),
        };
        let view = self.state.checkouts.read(token).await?;
        self.again(&view, StatusCode::CONFLICT, Some(problem))
    }
}
