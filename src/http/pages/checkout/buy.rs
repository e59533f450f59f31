//! `/b/{slug}/buy`: the form, what is submitted with it, and the review.
//!
//! Promises: without errors the answer to a form is another page, so that loading it again submits nothing; who may not
//! buy now reads the post's own page. A link may fill in the form, and never submits it.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use buywire_schemas::post::ViewerDetails;
use serde::Deserialize;
use url::form_urlencoded;

use super::answer::{
    CheckoutPageError, CheckoutReply, accepted, language, links, or_offer, read_form, respond,
    viewer,
};
use super::offer::{FoundOffer, Offer, Variant};
use super::review;
use crate::ambient;
use crate::checkout::{
    Buyer, CheckoutDraft, CheckoutError, CheckoutToken, CheckoutView, DraftLine,
};
use crate::http::AppState;
use crate::pages::checkout::{
    BuyAction, BuyDetails, BuyField, BuyForm, BuyInput, BuyProblem, BuyRules, CheckoutLinks,
    FieldError, Language, guess_country,
};
use crate::store::checkouts::Channel;

/// The parameters of `/b/{slug}/buy`. Networks add others to links.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct BuyQuery {
    checkout: Option<String>,
    edit: Option<String>,
    lang: Option<String>,
}

/// `GET /b/{slug}/buy`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    slug: Path<String>,
    query: Query<BuyQuery>,
    request: HttpRequest,
) -> HttpResponse {
    let language = language(&request, query.lang.as_deref());
    let viewer = viewer(&request, None);
    let links = links(&state, &slug, language, viewer.viewer()).for_reader(accepted(&request));
    let page = show_page(&state, links, &viewer, &query, &request).await;
    respond(&state, language, or_offer(links, page))
}

/// `POST /b/{slug}/buy`
pub(in crate::http) async fn submit(
    state: Data<AppState>,
    slug: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let form = read_form(payload).await.map(BuyInput::read);
    let given = form.as_ref().ok().and_then(|input| input.language);
    let language = given.unwrap_or_else(|| language(&request, None));
    let viewer = viewer(&request, given);
    let links = links(&state, &slug, language, viewer.viewer()).for_reader(accepted(&request));
    let page = match form {
        Ok(input) => submit_page(&state, links, &viewer, &input).await,
        Err(error) => Err(error),
    };
    respond(&state, language, or_offer(links, page))
}

async fn show_page(
    state: &AppState,
    links: CheckoutLinks<'_>,
    viewer: &ViewerDetails,
    query: &BuyQuery,
    request: &HttpRequest,
) -> Result<CheckoutReply, CheckoutPageError> {
    let token = query.checkout.as_deref();
    if let Some(token) = token {
        let token = CheckoutToken::parse(token).ok_or(CheckoutPageError::NOT_FOUND)?;
        return show_checkout(state, links, viewer, &token, query.edit.is_some()).await;
    }
    let FoundOffer::Here(offer) = Offer::find(state, links.slug, ambient::now()).await? else {
        return Ok(CheckoutReply::SeeOther(links.offer()));
    };
    let form = FormRequest {
        state,
        links,
        viewer,
        offer: &offer,
    };
    let input = form.first_input(request);
    let problem = offer.problem(form.variant(&input)?);
    form.render(StatusCode::OK, None, &input, &[], problem.as_ref())
        .await
}

/// The review of a checkout, or its form. Its own viewer counts, whatever the URL says.
async fn show_checkout(
    state: &AppState,
    links: CheckoutLinks<'_>,
    given: &ViewerDetails,
    token: &CheckoutToken,
    is_edited: bool,
) -> Result<CheckoutReply, CheckoutPageError> {
    let view = state.checkouts.read(token).await?;
    if review::is_beyond(&view) {
        return Ok(CheckoutReply::SeeOther(links.order(token.as_str())));
    }
    let FoundOffer::Here(offer) = Offer::find(state, links.slug, ambient::now()).await? else {
        return Ok(CheckoutReply::SeeOther(links.offer()));
    };
    let own = view.buyer.as_ref().map(|buyer| buyer.viewer.clone());
    let viewer = &own.unwrap_or_else(|| given.clone());
    let links = links.for_viewer(viewer.viewer());
    if is_edited || view.buyer.is_none() {
        let input = filled(&view, links.language);
        let form = FormRequest {
            state,
            links,
            viewer,
            offer: &offer,
        };
        return form
            .render(StatusCode::OK, Some(token), &input, &[], None)
            .await;
    }
    match offer.is_stopped(state, viewer, ambient::now()).await? {
        true => {
            let problem = Some(&BuyProblem::Stopped);
            review::render(state, links, &offer, &view, StatusCode::OK, problem, None)
        }
        false => review::show(state, links, &offer, view).await,
    }
}

async fn submit_page(
    state: &AppState,
    links: CheckoutLinks<'_>,
    viewer: &ViewerDetails,
    input: &BuyInput,
) -> Result<CheckoutReply, CheckoutPageError> {
    let FoundOffer::Here(offer) = Offer::find(state, links.slug, ambient::now()).await? else {
        return Ok(CheckoutReply::SeeOther(links.offer()));
    };
    // One that has expired is begun anew with what was typed.
    let token = input.checkout.as_deref().and_then(CheckoutToken::parse);
    let form = FormRequest {
        state,
        links,
        viewer,
        offer: &offer,
    };
    match input.action {
        BuyAction::ChangeCountry => {
            return form
                .render(StatusCode::OK, token.as_ref(), input, &[], None)
                .await;
        }
        BuyAction::UpdateDelivery => {
            let token = token.ok_or(CheckoutPageError::NOT_FOUND)?;
            let view = state.checkouts.read(&token).await?;
            choose_delivery(state, &offer, &view, input.delivery.as_deref()).await?;
            return Ok(CheckoutReply::SeeOther(links.review(token.as_str())));
        }
        BuyAction::Continue => {}
    }
    let conflict = async |problem: BuyProblem| {
        let status = StatusCode::CONFLICT;
        form.render(status, token.as_ref(), input, &[], Some(&problem))
            .await
    };
    let problem = match form.problem() {
        // It may be held by this very buyer: saving it tells.
        Some(problem) if problem.is_sold_out() => Some(problem),
        Some(problem) => return conflict(problem).await,
        None => None,
    };
    match (form.parse(input).await?, problem) {
        (Ok(details), _) => form.save(token.as_ref(), input, &details).await,
        (Err(_), Some(sold_out)) => conflict(sold_out).await,
        (Err(errors), None) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form.render(status, token.as_ref(), input, &errors, None)
                .await
        }
    }
}

/// A request for the form of an offer.
struct FormRequest<'a> {
    state: &'a AppState,
    links: CheckoutLinks<'a>,
    viewer: &'a ViewerDetails,
    offer: &'a Offer,
}

impl FormRequest<'_> {
    /// The form of a first visit, with what its link fills in.
    fn first_input(&self, request: &HttpRequest) -> BuyInput {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let guess = guess_country(self.links.language, accepted(request));
        BuyInput::of_link(pairs, &self.offer.post.product.item_id, &guess)
    }

    /// What stops the purchase where there is nothing else to choose.
    fn problem(&self) -> Option<BuyProblem> {
        match self.offer.variants.as_slice() {
            [only] => self.offer.problem(only),
            _ => None,
        }
    }

    fn variant(&self, input: &BuyInput) -> Result<&Variant, CheckoutPageError> {
        let variant = self.offer.variant(input.shown(BuyField::Option));
        variant.ok_or(CheckoutPageError::NOT_FOUND)
    }

    async fn parse(
        &self,
        input: &BuyInput,
    ) -> Result<Result<BuyDetails, Vec<FieldError>>, CheckoutPageError> {
        let variant = self.variant(input)?;
        let (_, quantity_max) = self.offer.stock(self.state, variant).await?;
        let variants = self.offer.variants.iter();
        let buyable = variants.filter(|one| {
            let problem = self.offer.problem(one);
            problem.is_none_or(|problem| problem.is_sold_out())
        });
        let options: Vec<_> = buyable.map(|one| one.item_id.as_str()).collect();
        let rules = BuyRules {
            options: &options,
            quantity_max,
            address: self.offer.address_need(),
            needs_phone: self.offer.policy.requires_phone,
        };
        Ok(input.parse(&rules))
    }

    async fn render(
        &self,
        status: StatusCode,
        token: Option<&CheckoutToken>,
        input: &BuyInput,
        errors: &[FieldError],
        problem: Option<&BuyProblem>,
    ) -> Result<CheckoutReply, CheckoutPageError> {
        let now = ambient::now();
        let is_stopped = self.offer.is_stopped(self.state, self.viewer, now).await?;
        let problem = match is_stopped {
            true => Some(&BuyProblem::Stopped),
            false => problem,
        };
        let variant = self.variant(input)?;
        let (left, quantity_max) = self.offer.stock(self.state, variant).await?;
        let item = self.offer.item(variant, left);
        let options = self.offer.choices();
        let seller_url = self.offer.seller_url(variant);
        let form = BuyForm {
            links: self.links,
            checkout: token.map(CheckoutToken::as_str),
            item: &item,
            option_name: self.offer.option_name(),
            options: &options,
            quantity_max,
            address: self.offer.address_need(),
            needs_phone: self.offer.policy.requires_phone,
            countries: None,
            input,
            errors,
            problem,
            seller_url: seller_url.as_deref(),
        };
        Ok(CheckoutReply::page(
            status,
            form.render()?,
            item.has_http_image(),
        ))
    }

    /// Saves what was typed, and leads on to the review.
    async fn save(
        &self,
        token: Option<&CheckoutToken>,
        input: &BuyInput,
        details: &BuyDetails,
    ) -> Result<CheckoutReply, CheckoutPageError> {
        let draft = self.draft(details)?;
        let checkouts = &self.state.checkouts;
        let saved = match checkouts.save(token, draft.clone()).await {
            Err(CheckoutError::NotFound) => checkouts.save(None, draft).await,
            other => other,
        };
        let problem = match (saved, token) {
            (Ok(view), _) => {
                return Ok(CheckoutReply::SeeOther(
                    self.links.review(view.token.as_str()),
                ));
            }
            // It is being paid, or was: its own page says so.
            (Err(CheckoutError::Rejected(_)), Some(token)) => {
                return Ok(CheckoutReply::SeeOther(self.links.order(token.as_str())));
            }
            (Err(CheckoutError::NotBuyable { .. } | CheckoutError::ItemUnknown { .. }), _) => {
                BuyProblem::SoldOut { left: 0 }
            }
            (Err(CheckoutError::TooMany { max, .. }), _) => BuyProblem::BuyerLimit {
                units_max: max.unsigned_abs(),
            },
            (Err(CheckoutError::SwitchedOff), _) => BuyProblem::Stopped,
            (Err(error), _) => return Err(error.into()),
        };
        self.render(StatusCode::CONFLICT, token, input, &[], Some(&problem))
            .await
    }

    fn draft(&self, details: &BuyDetails) -> Result<CheckoutDraft, CheckoutPageError> {
        let variant = self.offer.variant(&details.option);
        let variant = variant.ok_or(CheckoutPageError::NOT_FOUND)?;
        Ok(CheckoutDraft {
            channel: Channel::Page,
            agent: None,
            post: Some(self.offer.post.id),
            language: self.links.language.tag().to_owned(),
            lines: vec![DraftLine {
                partner: self.offer.partner.clone(),
                item_id: variant.item_id.clone(),
                quantity: details.quantity,
            }],
            buyer: Some(Buyer {
                email: details.email.clone(),
                name: details.name.clone(),
                phone: details.phone.clone(),
                ship_to: details.address.clone(),
                country: details
                    .country
                    .clone()
                    .filter(|_| details.address.is_none()),
                viewer: self.viewer.clone(),
            }),
            delivery: BTreeMap::new(),
        })
    }
}

/// The form of a checkout, to change it.
fn filled(view: &CheckoutView, language: Language) -> BuyInput {
    let line = view.stored.cart.lines.first();
    let option = line.map_or("", |line| &line.item_id).to_owned();
    let quantity = line.map_or(1, |line| line.quantity);
    let Some(buyer) = &view.buyer else {
        return BuyInput::default()
            .with(BuyField::Option, &option)
            .with(BuyField::COUNTRY, &guess_country(language, None));
    };
    BuyInput::of(&BuyDetails {
        option,
        quantity,
        email: buyer.email.clone(),
        name: buyer.name.clone(),
        phone: buyer.phone.clone(),
        country: buyer.country().map(str::to_owned),
        address: buyer.ship_to.clone(),
    })
}

/// Saves a checkout with another delivery option.
pub(super) async fn choose_delivery(
    state: &AppState,
    offer: &Offer,
    view: &CheckoutView,
    delivery: Option<&str>,
) -> Result<CheckoutView, CheckoutPageError> {
    let lines = view.stored.cart.lines.iter().map(|line| DraftLine {
        partner: line.partner.clone(),
        item_id: line.item_id.clone(),
        quantity: line.quantity,
    });
    let chosen = delivery.map(|id| (offer.partner.clone(), id.to_owned()));
    let draft = CheckoutDraft {
        channel: view.stored.channel,
        agent: view.stored.agent,
        post: view.stored.post,
        language: view.stored.language.clone(),
        lines: lines.collect(),
        buyer: view.buyer.clone(),
        delivery: chosen.into_iter().collect(),
    };
    Ok(state.checkouts.save(Some(&view.token), draft).await?)
}
