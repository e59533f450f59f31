//! The posts' service: created, changed, published, read.

use buywire_schemas::ids::PostId;
use buywire_schemas::post::{Post, PostCard, ProductRef, SettledPost, State, publishers};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::tweet::{WEIGHT_MAX, compose, measure};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::requests::{NewPost, PostPatch};
use crate::db::{DatabaseError, Tx};
use crate::notifier::Notifier;
use crate::store::Store;
use crate::store::audit::{self, Actor, NewAuditEntry as Audited};
use crate::store::events::EmittedDelivery;
use crate::store::posts::{self, PostProduct, ProductSnapshot};

/// Letters of a slug: no two that look alike (Crockford's base 32).
pub(super) const LETTERS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j',
    'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
];
/// Fifty bits: with a million posts, a thousand million guesses find one.
pub(super) const SLUG_LETTERS: usize = 10;
/// Two in a row that are taken are as good as impossible.
pub(super) const SLUG_TRIES_MAX: usize = 3;

/// The front of the room.
#[derive(Debug, Clone)]
pub struct Posts {
    pub(super) store: Store,
    pub(super) notifier: Notifier,
    /// What begins every address of this gateway.
    pub(super) public_url: String,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// There is no such post.
    #[error("no such post")]
    NotFound,
    /// The body.
    #[error(transparent)]
    Refused(#[from] BodyError),
    /// Not in this state.
    #[error("{0}")]
    InvalidState(&'static str),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Posts {
    /// Open the room.
    #[must_use]
    pub fn open(store: Store, notifier: Notifier, public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self {
            store,
            notifier,
            public_url,
        }
    }

    /// Makes a draft.
    ///
    /// # Errors
    /// The body, or a product that cannot be sold so.
    pub async fn create(&self, actor: &Actor, body: &[u8]) -> Result<Post, PostError> {
        let request = NewPost::parse(body)?;
        for _ in 0..SLUG_TRIES_MAX {
            let mut conn = self.store.general().await?;
            let tx = conn.begin().await?;
            let product = posts::hold_product(&tx, &request.product).await?;
            let product = product.ok_or_else(|| refused("/product", unknown_product()))?;
            let new = self.draft(&product, &request, OffsetDateTime::now_utc())?;
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
            tx.commit().await?;
            return Ok(new.post);
        }
        Err(DatabaseError::Misuse("no slug is free".into()).into())
    }

    /// The draft that this would be. Nothing is written.
    ///
    /// # Errors
    /// Text, product or window.
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
            template,
        }
    }

    /// Changes a post.
    ///
    /// # Errors
    /// The body, or the post is withdrawn.
    pub async fn change(&self, actor: &Actor, id: PostId, body: &[u8]) -> Result<Post, PostError> {
        let change = PostPatch::parse(body)?;
        let details = json!({"changed": change.changed_fields()});
        self.update_post(actor, "post.update", id, details, |post, _, _| {
            // One that rests for its text waits for this.
            if post.state == State::Withdrawn && !post.needs_review() {
                return Err(PostError::InvalidState(
                    "It is withdrawn: publish it again first.",
                ));
            }
            Ok(Some(change.apply_to(post)?))
        })
        .await
    }

    /// Publishes a draft, or a withdrawn post again. One that is published stays as it is.
    ///
    /// # Errors
    /// Its time is over, or its product cannot be sold so.
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
                        "Its time is over: give it a later end first.",
                    )),
                    _ if snapshot.state.gone => Err(PostError::InvalidState(
                        "Its product is gone from the catalog.",
                    )),
                    _ if !snapshot.item.is_public() => {
                        Err(PostError::InvalidState("Its product is for adults only."))
                    }
                    _ => Ok(Some(published(post, now))),
                }
            },
        )
        .await
    }

    /// Takes a post back.
    ///
    /// # Errors
    /// There is no such post.
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

    /// Does with one post what somebody wants; nothing, where that is how it is already.
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
        let now = OffsetDateTime::now_utc();
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
        notify_due(&self.notifier, &emitted);
        Ok(settled.post)
    }
}

/// A post as it is wanted when it is published: how it stands then follows from its product and the time.
pub(super) fn published(post: &Post, now: OffsetDateTime) -> Post {
    Post {
        state: State::Scheduled,
        reason: None,
        published_at: Some(buywire_schemas::post::truncate_to_micros(now)),
        ..post.clone()
    }
}

/// Wakes those who deliver what was written.
pub(super) fn notify_due(notifier: &Notifier, emitted: &[EmittedDelivery]) {
    notifier.notify_due(emitted);
}

/// Whether the text can be posted, and carried by those who publish it.
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
    let random: [u8; SLUG_LETTERS] = rand::random();
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied();
    random.into_iter().filter_map(letter).collect()
}
