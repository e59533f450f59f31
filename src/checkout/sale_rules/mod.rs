//! Whether something may be sold to a viewer now: kill switches, then the post's state, sale window and rollout.
//!
//! Promises: the page, the quote, the payment and the agent ask here, so that they answer the same; what is not known of a
//! viewer counts against it. Must not stop a payment in progress: nobody asks here about one.

mod switches;

use buywire_checkout::switches::SaleContext;
use buywire_schemas::ids::ProductId;
use buywire_schemas::post::sale::may_buy_from_any;
use buywire_schemas::post::{PostSale, ViewerDetails};
use buywire_schemas::text::Slug;
use time::OffsetDateTime;

pub(crate) use self::switches::SwitchChange;
pub(super) use self::switches::sale;
use super::draft::PurchaseOrigin;
use super::shared::{CheckoutError, Checkouts};
use crate::db::DatabaseError;
use crate::store::checkouts::Channel;

impl Checkouts {
    /// Refuses a post of which this viewer can buy nothing now, before anything is typed.
    pub(crate) async fn check_post(
        &self,
        post: &PostSale,
        (partner, item_id): (&Slug, &str),
        viewer: &ViewerDetails,
        now: OffsetDateTime,
    ) -> Result<(), CheckoutError> {
        if !post.may_buy(&viewer.viewer(), now) {
            return Err(CheckoutError::NotOffered {
                item_id: item_id.to_owned(),
            });
        }
        let sale = SaleContext {
            channel: Channel::Page.as_str(),
            processor: None,
            post: Some(post.id),
            items: vec![(partner, item_id)],
        };
        self.check_switches(&sale).await
    }

    /// Those of some products that nobody offers this viewer now.
    pub(super) async fn not_offered(
        &self,
        origin: PurchaseOrigin<'_>,
        products: &[ProductId],
        now: OffsetDateTime,
    ) -> Result<Vec<ProductId>, DatabaseError> {
        let viewer = origin.viewer.viewer();
        if let Some(id) = origin.post {
            let post = self.store.post_sale(id).await?;
            let may_buy = post.is_some_and(|post| post.may_buy(&viewer, now));
            return Ok(if may_buy {
                Vec::new()
            } else {
                products.to_vec()
            });
        }
        let posts = self.store.post_sales_of(products).await?;
        let refused = products.iter().copied().filter(|product| {
            let own: Vec<_> = posts.iter().filter(|one| one.product == *product).collect();
            !may_buy_from_any(&own, &viewer, now)
        });
        Ok(refused.collect())
    }
}
