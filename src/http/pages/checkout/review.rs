//! The review of a checkout, with what stops it.

use actix_web::http::StatusCode;
use buywire_checkout::machine::PageSituation;
use buywire_checkout::pricing::{Pricing, PricingProblem};
use buywire_checkout::tables::DeliveryOption;

use super::answer::{CheckoutPageError, CheckoutReply};
use super::offer::{Offer, legal_notices};
use crate::checkout::{CheckoutView, SetbackDetail};
use crate::http::AppState;
use crate::pages::attributed;
use crate::pages::checkout::{
    BuyProblem, CheckoutItem, CheckoutLinks, LegalNotices, Review, Totals,
};

/// How buyers read a processor's name.
fn processor_name(state: &AppState) -> &'static str {
    match state
        .checkouts
        .processors
        .hosted()
        .map(|open| open.kind.name())
    {
        Some("stripe") => "Stripe",
        _ => "Buywire Sandbox",
    }
}

/// Whether the button was pressed already: then the order page says how it stands.
pub(super) fn is_beyond(view: &CheckoutView) -> bool {
    !matches!(
        view.situation(),
        PageSituation::Incomplete
            | PageSituation::Ready
            | PageSituation::SoldOut
            | PageSituation::PaymentUnavailable
            | PageSituation::Stopped
    )
}

/// The review. One without a total is priced again first: the seller may answer now.
pub(super) async fn show(
    state: &AppState,
    links: CheckoutLinks<'_>,
    offer: &Offer,
    view: CheckoutView,
) -> Result<CheckoutReply, CheckoutPageError> {
    let view = match &view.stored.pricing {
        Some(Pricing::Quoted { .. }) => view,
        _ => state.checkouts.reprice(&view).await?,
    };
    let problem = problem(&view);
    render(
        state,
        links,
        offer,
        &view,
        StatusCode::OK,
        problem.as_ref(),
        None,
    )
}

pub(super) fn render(
    state: &AppState,
    links: CheckoutLinks<'_>,
    offer: &Offer,
    view: &CheckoutView,
    status: StatusCode,
    problem: Option<&BuyProblem>,
    method: Option<&str>,
) -> Result<CheckoutReply, CheckoutPageError> {
    let line = view
        .stored
        .cart
        .lines
        .first()
        .ok_or(CheckoutPageError::NOT_FOUND)?;
    let buyer = view.buyer.as_ref().ok_or(CheckoutPageError::NOT_FOUND)?;
    let item = CheckoutItem::of_line(line, &offer.seller, None);
    let address = buyer.ship_to.as_ref();
    let country = address.map_or("", |address| &address.country);
    let (deliveries, chosen) = deliveries(view);
    let quote = view.stored.pricing.as_ref().and_then(Pricing::quote);
    let legal = legal(offer, view);
    let variant = offer
        .variants
        .iter()
        .find(|one| one.item_id == line.item_id);
    let url = variant.map(|variant| variant.listing.item.url.as_str());
    let seller_url = url.and_then(|url| attributed(url, offer.post.id));
    let currency = view.stored.cart.currency;
    let methods = state.checkouts.payment_methods(&offer.policy, currency);
    let review = Review {
        links,
        checkout: view.token.as_str(),
        item: &item,
        quantity: line.quantity,
        email: &buyer.email,
        address,
        country,
        deliveries,
        delivery: chosen,
        totals: quote.map(|quote| Totals::of(quote, Some(country))),
        quote: &quote
            .map(|quote| quote.digest().to_string())
            .unwrap_or_default(),
        legal: &legal,
        methods: &methods,
        method,
        processor: processor_name(state),
        problem,
        seller_url: seller_url.as_deref(),
    };
    Ok(CheckoutReply::page(
        status,
        review.render()?,
        item.has_http_image(),
    ))
}

/// What the law makes the seller say about this purchase.
pub(super) fn legal(offer: &Offer, view: &CheckoutView) -> LegalNotices {
    let line = view.stored.cart.lines.first();
    let address = view.buyer.as_ref().and_then(|buyer| buyer.ship_to.as_ref());
    // Where nothing is shipped, the seller's own country decides.
    let seller = offer
        .policy
        .seller
        .as_ref()
        .map(|seller| seller.country.as_str());
    let country = address.map(|address| address.country.as_str()).or(seller);
    legal_notices(
        &offer.policy,
        line.map_or("", |line| &line.item_id),
        line.and_then(|line| line.category.as_deref()),
        country.unwrap_or_default(),
    )
}

/// What can be chosen, and the id of what is.
pub(super) fn deliveries(view: &CheckoutView) -> (&[DeliveryOption], Option<&str>) {
    match &view.stored.pricing {
        Some(Pricing::Quoted { deliveries, .. }) => match deliveries.first() {
            Some(delivery) => (&delivery.options, Some(&delivery.chosen)),
            None => (&[], None),
        },
        _ => (&[], None),
    }
}

/// What stops a checkout, as it is stored.
pub(super) fn problem(view: &CheckoutView) -> Option<BuyProblem> {
    if let Some(Pricing::Blocked { problem }) = &view.stored.pricing {
        return Some(match problem {
            PricingProblem::NotDelivered { .. } => BuyProblem::NotDelivered,
            PricingProblem::TaxUnknown { .. } => BuyProblem::TaxUnknown,
            PricingProblem::Refused { refusal, .. } => BuyProblem::Refused {
                reason: refusal.reason,
                text: refusal.text.clone(),
            },
            PricingProblem::Unavailable { .. } => BuyProblem::SellerUnreachable,
            PricingProblem::MixedTaxes | PricingProblem::TooLarge => BuyProblem::Stopped,
        });
    }
    match (view.situation(), &view.setback) {
        (PageSituation::SoldOut, Some(SetbackDetail::LimitReached { max: Some(max), .. })) => {
            Some(BuyProblem::BuyerLimit {
                units_max: max.unsigned_abs(),
            })
        }
        (PageSituation::SoldOut, Some(SetbackDetail::SoldOut { left, .. })) => {
            let left = left.max(&0).unsigned_abs();
            Some(BuyProblem::SoldOut { left })
        }
        (PageSituation::SoldOut, _) => Some(BuyProblem::SoldOut { left: 0 }),
        (PageSituation::PaymentUnavailable, _) => Some(BuyProblem::PaymentUnavailable),
        (PageSituation::Stopped, _) => Some(BuyProblem::Stopped),
        _ => None,
    }
}
