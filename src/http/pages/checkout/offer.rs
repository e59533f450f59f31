//! What a post sells, as its form and review need it.
//!
//! Promises: only what is on sale here now, for this viewer, is offered. Must not hold units.

use buywire_checkout::policy::{
    EEA_COUNTRIES, ExceptionReason, SellingPolicy, has_withdrawal_right,
};
use buywire_schemas::catalog::{Item, NotBuyable};
use buywire_schemas::ids::PartnerId;
use buywire_schemas::post::{Post, State, ViewerDetails};
use buywire_schemas::text::Slug;
use time::OffsetDateTime;

use super::answer::CheckoutPageError;
use crate::checkout::CheckoutError;
use crate::http::AppState;
use crate::pages::checkout::{
    AddressNeed, BuyProblem, CheckoutItem, DurabilityGuarantee, LegalNotices, OptionChoice,
    SellerPages, WithdrawalException, WithdrawalRight,
};
use crate::pages::{self, ProductListing, attributed};
use crate::store::catalog::Product;

/// Units that are offered where neither seller nor stock names a limit.
const QUANTITY_MAX: i64 = 10;
const MONTHS_PER_YEAR: u16 = 12;
/// From so many years on a producer's guarantee has a label: the law's own has two.
const DURABILITY_YEARS_MIN: u8 = 3;

/// A variant that is shown.
pub(super) struct Variant {
    pub(super) item_id: String,
    pub(super) listing: ProductListing,
}

/// What a post sells here.
pub(super) struct Offer {
    pub(super) post: Post,
    pub(super) partner: Slug,
    pub(super) policy: SellingPolicy,
    pub(super) seller: String,
    /// The item's group in the catalog's order, the post's own item among them.
    pub(super) variants: Vec<Variant>,
    owner: Option<PartnerId>,
}

/// What was found of a post.
pub(super) enum FoundOffer {
    Here(Box<Offer>),
    /// There is such a post, and it is not sold here: its page says what is true.
    Elsewhere,
}

impl Offer {
    pub(super) async fn find(
        state: &AppState,
        slug: &str,
        now: OffsetDateTime,
    ) -> Result<FoundOffer, CheckoutPageError> {
        let found = match pages::is_slug(slug) {
            true => state.store.post_by_slug(slug).await?,
            false => None,
        };
        let (post, snapshot) = found.ok_or(CheckoutPageError::NOT_FOUND)?;
        let partner =
            Slug::parse(&post.product.partner).map_err(|_| CheckoutPageError::NOT_FOUND)?;
        let terms = state.checkouts.quotes.terms(&partner).await?;
        let is_shown =
            post.state != State::Draft && snapshot.item.is_public() && !snapshot.state.suspended;
        let terms = terms.filter(|terms| is_shown && terms.sells_here(post.sells_here));
        let Some(terms) = terms else {
            return Ok(FoundOffer::Elsewhere);
        };
        let (products, _) = match snapshot.item.group.is_some() {
            true => {
                state
                    .store
                    .variants(post.product.id, pages::VARIANTS_MAX)
                    .await?
            }
            false => (Vec::new(), 0),
        };
        let owner = state.store.partner_id(&partner).await?;
        let own = Variant {
            item_id: post.product.item_id.clone(),
            listing: ProductListing::at(snapshot.item, snapshot.state, now),
        };
        let listed = products.into_iter();
        let mut variants: Vec<_> = listed.filter_map(|product| variant(product, now)).collect();
        // A group may be longer than what is listed of it.
        if !variants.iter().any(|one| one.item_id == own.item_id) {
            variants.insert(0, own);
        }
        let seller = terms
            .policy
            .seller
            .as_ref()
            .map(|seller| seller.name.clone());
        Ok(FoundOffer::Here(Box::new(Self {
            seller: seller.unwrap_or(snapshot.merchant.name),
            policy: terms.policy,
            post,
            partner,
            variants,
            owner,
        })))
    }

    /// Whether sales are stopped for now.
    ///
    /// # Errors
    /// When the post is not open, or not for this viewer.
    pub(super) async fn is_stopped(
        &self,
        state: &AppState,
        viewer: &ViewerDetails,
        now: OffsetDateTime,
    ) -> Result<bool, CheckoutPageError> {
        let item_id = self.post.product.item_id.as_str();
        let own = self.variant(item_id).map(|one| &one.listing.item);
        let country = viewer.country.as_deref();
        if own.is_some_and(|item| !item.countries_of_sale().is_open_to(country)) {
            return Err(CheckoutPageError::NotOffered);
        }
        let item = (&self.partner, item_id);
        let sale = self.post.sale();
        match state.checkouts.check_post(&sale, item, viewer, now).await {
            Ok(()) => Ok(false),
            Err(CheckoutError::SwitchedOff) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// The variant with this item id, else the post's own item.
    pub(super) fn variant(&self, item_id: &str) -> Option<&Variant> {
        let find = |item_id: &str| self.variants.iter().find(|one| one.item_id == item_id);
        find(item_id).or_else(|| find(&self.post.product.item_id))
    }

    pub(super) fn choices(&self) -> Vec<OptionChoice> {
        self.variants.iter().map(choice).collect()
    }

    /// What distinguishes the variants, if it is one thing.
    pub(super) fn option_name(&self) -> Option<&str> {
        match self.variants.first()?.listing.item.options.as_slice() {
            [only] => Some(&only.name),
            _ => None,
        }
    }

    pub(super) fn address_need(&self) -> AddressNeed {
        let is_digital = self
            .variants
            .first()
            .is_some_and(|one| one.listing.item.digital);
        if is_digital {
            AddressNeed::CountryOnly
        } else {
            AddressNeed::Full
        }
    }

    /// Units of a variant that are left, if they are counted, and how many one buyer may have.
    pub(super) async fn stock(
        &self,
        state: &AppState,
        variant: &Variant,
    ) -> Result<(Option<u64>, i64), CheckoutPageError> {
        let level = match self.owner {
            Some(owner) => state.store.stock_level(owner, &variant.item_id).await?,
            None => None,
        };
        let item = &variant.listing.item;
        let counted = level.as_ref().map(|level| level.left);
        let left = counted.unwrap_or_else(|| item.quantity.map(i64::from));
        let limits = [
            item.max_per_order.map(i64::from),
            level.and_then(|level| level.per_buyer_max).map(i64::from),
            left,
        ];
        let max = limits.into_iter().flatten().min().unwrap_or(QUANTITY_MAX);
        let left = left.map(|left| left.max(0).unsigned_abs());
        Ok((left, max.clamp(1, QUANTITY_MAX)))
    }

    pub(super) fn item(&self, variant: &Variant, units_left: Option<u64>) -> CheckoutItem {
        CheckoutItem::of(&variant.listing, &self.seller, units_left)
    }

    /// What stops the purchase of a variant before anything is typed.
    pub(super) fn problem(&self, variant: &Variant) -> Option<BuyProblem> {
        match variant.listing.offer.not_buyable? {
            NotBuyable::OutOfStock => Some(BuyProblem::SoldOut { left: 0 }),
            _ => Some(BuyProblem::Stopped),
        }
    }

    /// The seller's page of the item.
    pub(super) fn seller_url(&self, variant: &Variant) -> Option<String> {
        attributed(&variant.listing.item.url, self.post.id)
    }
}

fn variant(product: Product, now: OffsetDateTime) -> Option<Variant> {
    let item: Item = serde_json::from_str(&product.item).ok()?;
    item.is_public().then(|| Variant {
        item_id: product.item_id,
        listing: ProductListing::at(item, product.state, now),
    })
}

fn choice(variant: &Variant) -> OptionChoice {
    let item = &variant.listing.item;
    let values: Vec<_> = item
        .options
        .iter()
        .map(|option| option.value.as_str())
        .collect();
    OptionChoice {
        value: variant.item_id.clone(),
        name: if values.is_empty() {
            item.title.clone()
        } else {
            values.join(" / ")
        },
        is_available: variant.listing.offer.not_buyable.is_none(),
    }
}

/// What the law makes the seller say to a buyer in a country about an item.
pub(super) fn legal_notices(
    policy: &SellingPolicy,
    item_id: &str,
    category: Option<&str>,
    country: &str,
) -> LegalNotices {
    let is_eea = EEA_COUNTRIES.contains(&country);
    let exception = policy
        .withdrawal
        .exception(item_id, category)
        .map(|reason| match reason {
            ExceptionReason::DatedTicket => WithdrawalException::Dated,
            ExceptionReason::SealedMedia => WithdrawalException::Sealed,
            ExceptionReason::Perishable => WithdrawalException::Perishable,
            ExceptionReason::CustomMade => WithdrawalException::CustomMade,
            ExceptionReason::DigitalAfterConsent => WithdrawalException::Digital,
        });
    let withdrawal = match exception {
        _ if !has_withdrawal_right(country) => WithdrawalRight::Absent,
        Some(exception) => WithdrawalRight::Except(exception),
        None => WithdrawalRight::Days(policy.withdrawal.days),
    };
    let years = policy
        .durability_months
        .map(|months| months / MONTHS_PER_YEAR);
    let years = years.and_then(|years| u8::try_from(years).ok());
    let years = years.filter(|years| is_eea && *years >= DURABILITY_YEARS_MIN);
    let producer = policy.seller.as_ref().map(|seller| seller.name.clone());
    LegalNotices {
        withdrawal,
        has_guarantee_notice: is_eea,
        durability: years.map(|years| DurabilityGuarantee {
            producer: producer.unwrap_or_default(),
            years,
        }),
        pages: SellerPages {
            terms: policy.links.terms_of_use.clone(),
            privacy: policy.links.privacy_policy.clone(),
            returns: policy.links.return_policy.clone(),
        },
    }
}
