//! The posts' service: creates, changes, publishes and withdraws posts.

use buywire_schemas::ids::PostId;
use buywire_schemas::post::{Post, PostCard, ProductRef, SettledPost, State, publishers};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::tweet::{WEIGHT_MAX, compose, measure};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::requests::{NewPost, PostPatch};
use crate::ambient;
use crate::db::{DatabaseError, Tx};
use crate::idempotency::{AnswerSlot, IdempotencyError};
use crate::notifier::Notifier;
use crate::store::Store;
use crate::store::audit::{self, Actor, NewAuditEntry as Audited};
use crate::store::posts::{self, PostProduct, ProductSnapshot};

/// The letters of a slug: Crockford's base 32, in which no two look alike.
pub(super) const LETTERS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j',
    'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
];
/// Fifty bits: with a million posts, it takes about a billion guesses to find one.
pub(super) const SLUG_LETTERS: usize = 10;
/// Two taken slugs in a row are practically impossible.
pub(super) const SLUG_TRIES_MAX: usize = 3;

/// The entry point of the posts room.
#[derive(Debug, Clone)]
pub struct Posts {
    pub(super) store: Store,
    pub(super) notifier: Notifier,
    /// The base URL of this gateway, without a trailing slash.
    pub(super) public_url: String,
}

/// Why a request was rejected or could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The post or rule does not exist.
    #[error("not found")]
    NotFound,
    /// The body violates the contract.
    #[error(transparent)]
    Refused(#[from] BodyError),
    /// The post's state does not allow it.
    #[error("{0}")]
    InvalidState(&'static str),
    /// The answer cannot be kept.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Posts {
    #[must_use]
    pub fn open(store: Store, notifier: Notifier, public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self {
            store,
            notifier,
            public_url,
        }
    }

    /// Creates a draft.
    ///
    /// # Errors
    /// When the body is refused, or the product cannot be sold by a post.
    pub(crate) async fn create(
        &self,
        actor: &Actor,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<Post, PostError> {
        let request = NewPost::parse(body)?;
        for _ in 0..SLUG_TRIES_MAX {
            let mut conn = self.store.general().await?;
            let tx = conn.begin().await?;
            let product = posts::hold_product(&tx, &request.product).await?;
            let product = product.ok_or_else(|| refused("/product", unknown_product()))?;
            let new = self.draft(&product, &request, ambient::now())?;
            if !posts::add(&tx, product.owner, None, &new).await? {
                continue;
            }
            record_audit(
                &tx,
                actor,
                "post.create",
                &new.post,
                json!({"product": product.id}),
            )
            .await?;
            slot.keep(&tx, &new.post).await?;
            tx.commit().await?;
            return Ok(new.post);
        }
        Err(DatabaseError::Misuse("no free slug was found".into()).into())
    }

    /// Builds the draft without storing it.
    ///
    /// # Errors
    /// When the text, the product or the window is refused.
    pub fn draft(
        &self,
        product: &PostProduct,
        request: &NewPost,
        now: OffsetDateTime,
    ) -> Result<SettledPost, BodyError> {
        if product.snapshot.state.gone {
            return Err(refused("/product", unknown_product()));
        }
        if !product.snapshot.item.is_public() {
            let flaw = Violation::new("adults_only", "is for adults only: choose another product");
            return Err(refused("/product", flaw));
        }
        if request.window.ends_at.is_some_and(|end| end <= now) {
            let flaw = Violation::new("time_past", "must lie ahead");
            return Err(refused("/ends_at", flaw));
        }
        let post = self.build_post(product, request, now);
        let mut settled = post.settle(post.clone(), &product.snapshot.sold_product(), now);
        settled.post.version = 1;
        check(&settled.post)?;
        Ok(settled)
    }

    fn build_post(&self, product: &PostProduct, request: &NewPost, now: OffsetDateTime) -> Post {
        let now = buywire_schemas::post::truncate_to_micros(now);
        let slug = slug();
        let template = request.template.clone();
        let template =
            template.or_else(|| request.text.is_none().then(|| compose::DEFAULT.to_owned()));
        let text = request.text.clone().unwrap_or_default();
        Post {
            id: PostId::generate(),
            url: format!("{}/b/{slug}", self.public_url),
            slug,
            state: State::Draft,
            reason: None,
            weighted_length: measure(&text).weight,
            text,
            card: PostCard::of(&product.snapshot.sold_product(), now),
            product: ProductRef {
                id: product.id,
                partner: product.snapshot.merchant.slug.clone(),
                item_id: product.item_id.clone(),
            },
            starts_at: request.window.starts_at,
            ends_at: request.window.ends_at,
            rollout: request.rollout.clone(),
            publish: request.publish.clone(),
            publications: Vec::new(),
            version: 1,
            created_at: now,
            published_at: None,
            updated_at: now,
            sells_here: request.sells_here,
            template,
        }
    }

    /// Changes a post.
    ///
    /// # Errors
    /// When the body is refused, or the post is withdrawn.
    pub async fn change(&self, actor: &Actor, id: PostId, body: &[u8]) -> Result<Post, PostError> {
        let change = PostPatch::parse(body)?;
        let details = json!({"changed": change.changed_fields()});
        self.update_post(actor, "post.update", id, details, |post, _, _| {
            // A post that was withdrawn for its text may be changed: it waits for a new text.
            if post.state == State::Withdrawn && !post.needs_review() {
                return Err(PostError::InvalidState(
                    "The post is withdrawn: publish it again first.",
                ));
            }
            Ok(Some(change.apply_to(post)?))
        })
        .await
    }

    /// Publishes a draft or a withdrawn post. A published post stays unchanged.
    ///
    /// # Errors
    /// When the post has ended, or its product cannot be sold by a post.
    pub async fn publish(&self, actor: &Actor, id: PostId) -> Result<Post, PostError> {
        self.update_post(
            actor,
            "post.publish",
            id,
            json!({}),
            |post, snapshot, now| {
                let is_over = post.ends_at.is_some_and(|end| end <= now);
                match post.state {
                    State::Scheduled | State::Live | State::SoldOut => Ok(None),
                    _ if is_over => Err(PostError::InvalidState(
                        "The post has ended: give it a later `ends_at` first.",
                    )),
                    _ if snapshot.state.gone => Err(PostError::InvalidState(
                        "The post's product is gone from the catalog.",
                    )),
                    _ if !snapshot.item.is_public() => Err(PostError::InvalidState(
                        "The post's product is for adults only.",
                    )),
                    _ => Ok(Some(published(post, now))),
                }
            },
        )
        .await
    }

    /// Withdraws a post.
    ///
    /// # Errors
    /// When the post does not exist.
    pub async fn withdraw(&self, actor: &Actor, id: PostId) -> Result<Post, PostError> {
        self.update_post(actor, "post.withdraw", id, json!({}), |post, _, _| {
            let withdrawn = || Post {
                state: State::Withdrawn,
                reason: Some(buywire_schemas::post::PostReason::Requested),
                ..post.clone()
            };
            Ok((post.state != State::Withdrawn).then(withdrawn))
        })
        .await
    }

    /// Applies a change to one post; `None` from `change` means that nothing changes.
    async fn update_post(
        &self,
        actor: &Actor,
        action: &'static str,
        id: PostId,
        details: Value,
        change: impl FnOnce(&Post, &ProductSnapshot, OffsetDateTime) -> Result<Option<Post>, PostError>,
    ) -> Result<Post, PostError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let (post, snapshot) = posts::lock(&tx, id).await?.ok_or(PostError::NotFound)?;
        let now = ambient::now();
        let Some(updated) = change(&post, &snapshot, now)? else {
            return Ok(post);
        };
        let content_changed = (&updated.text, &updated.template, &updated.publish)
            != (&post.text, &post.template, &post.publish);
        let settled = post.settle(updated, &snapshot.sold_product(), now);
        if content_changed {
            check(&settled.post)?;
        }
        let emitted = posts::save(&tx, &settled).await?;
        record_audit(&tx, actor, action, &settled.post, details).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        Ok(settled.post)
    }
}

/// The post as requested when it is published; its actual state then follows from its product and the time.
pub(super) fn published(post: &Post, now: OffsetDateTime) -> Post {
    Post {
        state: State::Scheduled,
        reason: None,
        published_at: Some(buywire_schemas::post::truncate_to_micros(now)),
        ..post.clone()
    }
}

/// Checks that the text can be posted, and that every publisher accepts it.
pub(super) fn check(post: &Post) -> Result<(), BodyError> {
    if post.text.is_empty() {
        let flaw = Violation::new(
            "template_too_long",
            "leaves no room for the link: shorten it",
        );
        return Err(refused("/template", flaw));
    }
    let measured = measure(&post.text);
    if measured.weight > WEIGHT_MAX {
        let detail = format!("weighs {}, at most {WEIGHT_MAX} fit", measured.weight);
        return Err(refused("/text", Violation::new("text_too_long", detail)));
    }
    if !measured.valid {
        let detail = "holds a character that no post may hold";
        return Err(refused("/text", Violation::new("text_invalid", detail)));
    }
    for name in &post.publish {
        let checked = publishers::find(name).and_then(|publisher| publisher.check(post));
        checked.map_err(|flaw| refused("/text", flaw))?;
    }
    Ok(())
}

pub(super) async fn record_audit(
    tx: &Tx<'_>,
    actor: &Actor,
    action: &'static str,
    post: &Post,
    details: Value,
) -> Result<(), DatabaseError> {
    let change = Audited {
        actor,
        action,
        subject: &post.id.to_string(),
        details,
    };
    audit::record(tx, change).await
}

pub(super) fn refused(pointer: &str, flaw: Violation) -> BodyError {
    BodyError::single(pointer, flaw)
}

pub(super) fn unknown_product() -> Violation {
    Violation::new(
        "product_unknown",
        "must name a product that is in the catalog",
    )
}

pub(super) fn slug() -> String {
    let random: [u8; SLUG_LETTERS] = ambient::random();
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied();
    random.into_iter().filter_map(letter).collect()
}
