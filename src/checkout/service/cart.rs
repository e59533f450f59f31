//! The cart: what the catalog says of what is about to be bought.

use std::collections::BTreeMap;

use buywire_checkout::cart::{Cart, CartLine};
use buywire_schemas::catalog::{Item, NotBuyable};
use buywire_schemas::ids::ProductId;
use buywire_schemas::money::Currency;
use buywire_schemas::text::Slug;
use time::OffsetDateTime;

use crate::checkout::buyer::Buyer;
use crate::checkout::draft::{CheckoutDraft, DraftLine, PurchaseOrigin};
use crate::checkout::shared::CheckoutError;
use crate::checkout::shared::Checkouts;
use crate::store::catalog::Product;

impl Checkouts {
    /// Reads the lines from the catalog, or says why the first of them cannot be bought. What is sold out because this buyer
    /// holds it can be: taking the units again replaces that hold.
    pub(super) async fn cart(
        &self,
        draft: &CheckoutDraft,
        now: OffsetDateTime,
    ) -> Result<Cart, CheckoutError> {
        let (lines, buyer) = (draft.lines.as_slice(), draft.buyer.as_ref());
        let read = self.read_lines(lines, draft.origin(), buyer, now).await?;
        match read.refused.into_iter().next() {
            Some(refused) => Err(refused.error),
            None => read.cart.ok_or(CheckoutError::Empty),
        }
    }

    /// Reads the lines from the catalog, and whether their posts offer them. Lines of one item are summed first: a limit is
    /// never evaded by splitting a line.
    pub(crate) async fn read_cart(
        &self,
        lines: &[DraftLine],
        origin: PurchaseOrigin<'_>,
        now: OffsetDateTime,
    ) -> Result<CartReading, CheckoutError> {
        self.read_lines(lines, origin, None, now).await
    }

    /// The same; what the buyer holds is not sold out for the buyer.
    async fn read_lines(
        &self,
        lines: &[DraftLine],
        origin: PurchaseOrigin<'_>,
        buyer: Option<&Buyer>,
        now: OffsetDateTime,
    ) -> Result<CartReading, CheckoutError> {
        let sums = summed(lines);
        let items: Vec<_> = sums.keys().copied().collect();
        let found = self.store.checkout_items(&items).await?;
        let products: Vec<_> = found.iter().map(|(product, _)| product.id).collect();
        let not_offered = self.not_offered(origin, &products, now).await?;
        let held = self.held_by(buyer, &found).await?;
        let mut read = CartReading::default();
        for ((slug, item_id), quantity) in sums {
            let product = found.iter().find(|(product, _)| {
                product.partner == slug.as_str() && product.item_id == item_id
            });
            let line = match product {
                // As if it were switched off: the same answer wherever it is asked.
                Some((product, _)) if product.state.suspended => Err(CheckoutError::SwitchedOff),
                Some((product, _)) if not_offered.contains(&product.id) => {
                    Err(CheckoutError::NotOffered {
                        item_id: item_id.to_owned(),
                    })
                }
                Some((product, seller)) => {
                    let is_held = held.contains(&product.id);
                    let line = cart_line(slug, (product, seller), quantity, is_held, now);
                    line.and_then(|line| offered_in(line, origin.viewer.country.as_deref()))
                }
                None => Err(CheckoutError::ItemUnknown {
                    item_id: item_id.to_owned(),
                }),
            };
            if let Err(error) = line.and_then(|line| read.add(line)) {
                read.refused.push(RefusedLine {
                    partner: slug.clone(),
                    item_id: item_id.to_owned(),
                    error,
                });
            }
        }
        Ok(read)
    }

    /// Those of the sold out products of which this buyer holds units.
    async fn held_by(
        &self,
        buyer: Option<&Buyer>,
        found: &[(Product, String)],
    ) -> Result<Vec<ProductId>, CheckoutError> {
        let sold_out = found.iter().map(|(product, _)| product);
        let sold_out = sold_out.filter(|product| product.state.sold_out);
        let sold_out: Vec<_> = sold_out.map(|product| product.id).collect();
        let Some(buyer) = buyer.filter(|_| !sold_out.is_empty()) else {
            return Ok(Vec::new());
        };
        let buyer = self.fingerprint_key().await?.of_buyer(buyer);
        Ok(self.store.held_by_buyer(&sold_out, &buyer).await?)
    }
}

/// What the catalog says of some lines.
#[derive(Debug, Default)]
pub(crate) struct CartReading {
    /// What can be bought. `None`: nothing.
    pub(crate) cart: Option<Cart>,
    pub(crate) refused: Vec<RefusedLine>,
}

/// A line that cannot be bought.
#[derive(Debug)]
pub(crate) struct RefusedLine {
    pub(crate) partner: Slug,
    pub(crate) item_id: String,
    pub(crate) error: CheckoutError,
}

impl CartReading {
    fn add(&mut self, (line, currency): (CartLine, Currency)) -> Result<(), CheckoutError> {
        let cart = self.cart.get_or_insert(Cart {
            currency,
            lines: Vec::new(),
        });
        if cart.currency != currency {
            return Err(CheckoutError::MixedCurrencies);
        }
        cart.lines.push(line);
        Ok(())
    }
}

fn summed(lines: &[DraftLine]) -> BTreeMap<(&Slug, &str), i64> {
    let mut sums: BTreeMap<(&Slug, &str), i64> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry((&line.partner, &line.item_id)).or_default();
        *sum = sum.saturating_add(line.quantity.max(1));
    }
    sums
}

fn cart_line(
    slug: &Slug,
    (product, seller): (&Product, &str),
    quantity: i64,
    is_held: bool,
    now: OffsetDateTime,
) -> Result<(CartLine, Currency), CheckoutError> {
    let item_id = || product.item_id.clone();
    let item: Item = serde_json::from_str(&product.item)
        .map_err(|_| CheckoutError::ItemUnknown { item_id: item_id() })?;
    let offer = item.offer(product.state, now);
    let refused = match offer.not_buyable {
        None if !item.is_public() => Some(NotBuyable::NotForSale),
        Some(NotBuyable::OutOfStock) if is_held => None,
        other => other,
    };
    if let Some(reason) = refused {
        return Err(CheckoutError::NotBuyable {
            item_id: item_id(),
            reason,
        });
    }
    let max = item.max_per_order.map(i64::from);
    if let Some(max) = max.filter(|max| quantity > *max) {
        return Err(CheckoutError::TooMany {
            item_id: item_id(),
            max,
        });
    }
    let options = item.options.iter();
    let options = options.map(|option| (option.name.clone(), option.value.clone()));
    let line = CartLine {
        partner: slug.clone(),
        partner_id: product.owner,
        seller: seller.to_owned(),
        product: product.id,
        item_id: item_id(),
        title: item.title.clone(),
        options: options.collect(),
        image: item.images.first().map(|image| image.url.clone()),
        quantity,
        unit_price: offer.price.amount,
        category: item.categories.first().map(|one| one.value.clone()),
        is_digital: item.digital,
        countries: item.countries_of_sale(),
    };
    Ok((line, offer.price.currency))
}

/// What is not sold in the viewer's country is not offered there.
fn offered_in(
    (line, currency): (CartLine, Currency),
    country: Option<&str>,
) -> Result<(CartLine, Currency), CheckoutError> {
    match line.countries.is_open_to(country) {
        true => Ok((line, currency)),
        false => Err(CheckoutError::NotOffered {
            item_id: line.item_id,
        }),
    }
}
