//! One product.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::catalog::{Item, NotBuyable, Offer};
use buywire_schemas::ids::ProductId;
use serde::Deserialize;
use time::OffsetDateTime;

use super::history::history;
use super::products::row;
use super::words::{amount, availability, image_finding, image_state, money};
use crate::ambient;
use crate::console::Moment;
use crate::console::catalog::product::{PictureRow, ProductPage};
use crate::console::confirmation::Fact;
use crate::console::frame::Section;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::catalog::products::stored_item;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::{BASE, link};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::store::catalog::Product;
use crate::store::images::ListedImage;

/// Variants on the page: a group may have hundreds.
const VARIANTS: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ProductQuery {
    /// The page of its history begins before this change.
    #[serde(default)]
    before: String,
}

/// `GET /console/catalog/products/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ProductQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let id: ProductId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let own = visitor.caller.partner().map(|(id, _)| id);
    let found = state.store.product(id, own).await?;
    let (product, variants) = found.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let checked = state.store.image_of_product(id).await?;
    let item = stored_item(&product)?;
    let offer = item.offer(product.state, now);
    let others = variants.iter().filter(|other| other.id != id);
    let others: Result<_, _> = others.take(VARIANTS).map(|one| row(one, now)).collect();
    let partner = product.partner.as_str();
    let stock = [("partner", partner), ("item", &product.item_id)];
    page(&ProductPage {
        frame: visitor.frame(&state, Section::Catalog),
        id: id.to_string(),
        partner: product.partner.clone(),
        title: item.title.clone(),
        state: availability(offer.availability, offer.not_buyable),
        sentence: sentence(&offer),
        advice: offer.not_buyable.and_then(advice).map(str::to_owned),
        facts: facts(&product, &item, &offer, now),
        link: item.url.clone(),
        created_at: Moment::new(product.created_at, now),
        updated_at: Moment::new(product.updated_at, now),
        description: Some(item.description.clone()).filter(|text| !text.is_empty()),
        pictures: pictures(&item, checked.as_ref()),
        variants: others?,
        history: history(&state, id, &query.before, now).await?,
        posts: own.is_none().then(|| format!("{BASE}/posts?product={id}")),
        stock: (!visitor.caller.is_platform())
            .then(|| link(&format!("{BASE}/stock"), stock.into_iter())),
    })
}

fn sentence(offer: &Offer) -> String {
    let price = money(offer.price);
    match (offer.not_buyable, offer.was) {
        (None, None) => format!("can be bought for {price}."),
        (None, Some(was)) => format!(
            "can be bought for {price}, reduced from {}.",
            amount(offer.price.currency, was)
        ),
        (Some(reason), _) => format!("cannot be bought: {reason}."),
    }
}

/// What makes it buyable again, where somebody can do something.
const fn advice(reason: NotBuyable) -> Option<&'static str> {
    match reason {
        NotBuyable::Blocked => Some(
            "The findings of the last run say what is wrong. The last valid data is kept until a feed has better.",
        ),
        NotBuyable::Missing => Some("It is for sale again as soon as a full feed has it."),
        NotBuyable::ImageRefused => Some(
            "Two checks found no picture that can be shown. The partner corrects the picture, or names another in the feed.",
        ),
        NotBuyable::NoImage => Some("The partner adds a picture to the feed."),
        NotBuyable::PriceZero => Some("The partner corrects the price in the feed."),
        NotBuyable::OutOfStock => {
            Some("It is for sale again as soon as the feed or the partner's stock has units.")
        }
        NotBuyable::Suspended => Some("An operator has suspended its partner."),
        NotBuyable::NotForSale
        | NotBuyable::Expired
        | NotBuyable::Discontinued
        | NotBuyable::Gone => None,
    }
}

fn facts(product: &Product, item: &Item, offer: &Offer, now: OffsetDateTime) -> Vec<Fact> {
    let absolute = |at| Moment::new(at, now).absolute;
    let joined = |texts: &[String]| (!texts.is_empty()).then(|| texts.join(", "));
    let options: Vec<_> = item
        .options
        .iter()
        .map(|option| format!("{}: {}", option.name, option.value))
        .collect();
    let categories: Vec<_> = item
        .categories
        .iter()
        .map(|one| one.value.clone())
        .collect();
    let sale = item.sale.as_ref().map(|sale| {
        let end = sale.ends_at.map(|end| format!(", until {}", absolute(end)));
        amount(item.price.currency, sale.amount) + &end.unwrap_or_default()
    });
    let optional = [
        ("Group", product.group.clone()),
        ("Price", Some(money(item.price))),
        ("Sale price", sale),
        ("Offered for", offer.was.map(|_| money(offer.price))),
        (
            "Availability",
            Some(item.availability.as_str().replace('_', " ")),
        ),
        ("Available from", item.available_from.map(absolute)),
        ("Offer ends", item.expires_at.map(absolute)),
        (
            "Units in the feed",
            item.quantity.map(|units| units.to_string()),
        ),
        (
            "Most per order",
            item.max_per_order.map(|units| units.to_string()),
        ),
        ("Options", joined(&options)),
        ("Brand", item.brand.clone()),
        ("GTIN", joined(&item.gtins)),
        ("Part number", item.mpn.clone()),
        ("SKU", item.sku.clone()),
        ("Categories", joined(&categories)),
    ];
    let optional = optional.into_iter();
    let optional = optional.filter_map(|(name, value)| Some(Fact::text(name, value?)));
    [Fact::text("Partner's item", &*product.item_id)]
        .into_iter()
        .chain(optional)
        .chain([Fact::text("Version", product.version.to_string())])
        .collect()
}

fn pictures(item: &Item, checked: Option<&ListedImage>) -> Vec<PictureRow> {
    let rows = item.images.iter().enumerate().map(|(at, image)| {
        let check = checked.filter(|check| at == 0 && check.url == image.url);
        match check {
            Some(check) => PictureRow {
                url: image.url.clone(),
                state: image_state(check.status),
                finding: image_finding(
                    check.status,
                    check.reason.as_deref(),
                    check.kind.as_deref(),
                    check.width.zip(check.height),
                ),
            },
            None => PictureRow {
                url: image.url.clone(),
                state: State::idle("Unchecked"),
                finding: match at {
                    0 => "Its check is still to come. Until then it counts as good.".to_owned(),
                    _ => "Only the first picture is checked.".to_owned(),
                },
            },
        }
    });
    rows.collect()
}
