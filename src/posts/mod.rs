//! The room of buyable tweets: made of products, published, taken back, shown to those who may buy.
//!
//! Promises: a refused body leaves nothing behind; what was changed is audited, and told to the platform in
//! the same transaction; asking twice is the same as asking once. How a post stands is not decided here but
//! in [`Post::settle`]; this room says what somebody wants. Must not know HTTP or SQL.

mod asked;
mod bulk;
pub mod clock;
mod rules;
mod terms;
mod timeline;

use buywire_schemas::ids::PostId;
use buywire_schemas::post::{Card, Post, ProductRef, Settled, State, publishers};
use buywire_schemas::problem::{Flaw, Refused};
use buywire_schemas::tweet::{WEIGHT_MAX, compose, measure};
use serde_json::{Value, json};
use time::OffsetDateTime;

pub use self::asked::{Change, NewPost};
pub use self::bulk::Outcome;
pub use self::rules::Document as RuleDocument;
pub use self::timeline::{Place, Timeline};
use crate::store::audit::{self, Author, Change as Audited};
use crate::store::bell::Bell;
use crate::store::events::Emitted;
use crate::store::posts::{self, Goods, Known};
use crate::store::{Store, StoreError, Tx};

/// Letters of a slug: no two that look alike (Crockford's base 32).
const LETTERS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j',
    'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
];
/// Fifty bits: with a million posts, a thousand million guesses find one.
const SLUG_LETTERS: usize = 10;
/// Two in a row that are taken are as good as impossible.
const SLUG_TRIES_MAX: usize = 3;

/// The front of the room.
#[derive(Debug, Clone)]
pub struct Posts {
    store: Store,
    bell: Bell,
    /// What begins every address of this gateway.
    public_url: String,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// There is no such post.
    #[error("no such post")]
    NotFound,
    /// The body.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Not in this state.
    #[error("{0}")]
    State(&'static str),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Posts {
    /// Open the room.
    #[must_use]
    pub fn open(store: Store, bell: Bell, public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self {
            store,
            bell,
            public_url,
        }
    }

    /// Makes a draft.
    ///
    /// # Errors
    /// The body, or a product that cannot be sold so.
    pub async fn create(&self, who: &Author, body: &[u8]) -> Result<Post, PostError> {
        let asked = NewPost::parse(body)?;
        for _ in 0..SLUG_TRIES_MAX {
            let mut conn = self.store.general().await?;
            let tx = conn.begin().await?;
            let goods = posts::goods(&tx, &asked.product).await?;
            let goods = goods.ok_or_else(|| refused("/product", unknown()))?;
            let new = self.draft(&goods, &asked, OffsetDateTime::now_utc())?;
            if !posts::add(&tx, goods.owner, None, &new).await? {
                continue;
            }
            audited(
                &tx,
                who,
                "post.create",
                &new.post,
                json!({"product": goods.id}),
            )
            .await?;
            tx.commit().await?;
            return Ok(new.post);
        }
        Err(StoreError::Misuse("no slug is free".into()).into())
    }

    /// The draft that this would be. Nothing is written.
    ///
    /// # Errors
    /// Text, product or window.
    pub fn draft(
        &self,
        goods: &Goods,
        asked: &NewPost,
        now: OffsetDateTime,
    ) -> Result<Settled, Refused> {
        if goods.known.standing.gone {
            return Err(refused("/product", unknown()));
        }
        if !goods.known.item.is_public() {
            let flaw = Flaw::new("adults_only", "is for adults only: choose another product");
            return Err(refused("/product", flaw));
        }
        if asked.window.ends_at.is_some_and(|end| end <= now) {
            let flaw = Flaw::new("time_past", "must lie ahead");
            return Err(refused("/ends_at", flaw));
        }
        let post = self.blank(goods, asked, now);
        let mut settled = post.settle(post.clone(), &goods.known.sold(), now);
        settled.post.version = 1;
        check(&settled.post)?;
        Ok(settled)
    }

    fn blank(&self, goods: &Goods, asked: &NewPost, now: OffsetDateTime) -> Post {
        let now = buywire_schemas::post::micros(now);
        let slug = slug();
        let template = asked.template.clone();
        let template =
            template.or_else(|| asked.text.is_none().then(|| compose::DEFAULT.to_owned()));
        let text = asked.text.clone().unwrap_or_default();
        Post {
            id: PostId::generate(),
            url: format!("{}/b/{slug}", self.public_url),
            slug,
            state: State::Draft,
            reason: None,
            weighted_length: measure(&text).weight,
            text,
            card: Card::of(&goods.known.sold(), now),
            product: ProductRef {
                id: goods.id,
                partner: goods.known.merchant.slug.clone(),
                item_id: goods.item_id.clone(),
            },
            starts_at: asked.window.starts_at,
            ends_at: asked.window.ends_at,
            rollout: asked.rollout.clone(),
            publish: asked.publish.clone(),
            publications: Vec::new(),
            version: 1,
            created_at: now,
            published_at: None,
            changed_at: now,
            template,
        }
    }

    /// Changes a post.
    ///
    /// # Errors
    /// The body, or the post is withdrawn.
    pub async fn change(&self, who: &Author, id: PostId, body: &[u8]) -> Result<Post, PostError> {
        let change = Change::parse(body)?;
        let details = json!({"changed": change.names()});
        self.decide(who, "post.update", id, details, |post, _, _| {
            // One that rests for its text waits for this.
            if post.state == State::Withdrawn && !post.rests() {
                return Err(PostError::State("It is withdrawn: publish it again first."));
            }
            Ok(Some(change.applied_to(post)?))
        })
        .await
    }

    /// Publishes a draft, or a withdrawn post again. One that is published stays as it is.
    ///
    /// # Errors
    /// Its time is over, or its product cannot be sold so.
    pub async fn publish(&self, who: &Author, id: PostId) -> Result<Post, PostError> {
        self.decide(who, "post.publish", id, json!({}), |post, known, now| {
            let is_over = post.ends_at.is_some_and(|end| end <= now);
            match post.state {
                State::Scheduled | State::Live | State::SoldOut => Ok(None),
                _ if is_over => Err(PostError::State(
                    "Its time is over: give it a later end first.",
                )),
                _ if known.standing.gone => {
                    Err(PostError::State("Its product is gone from the catalog."))
                }
                _ if !known.item.is_public() => {
                    Err(PostError::State("Its product is for adults only."))
                }
                _ => Ok(Some(published(post, now))),
            }
        })
        .await
    }

    /// Takes a post back.
    ///
    /// # Errors
    /// There is no such post.
    pub async fn withdraw(&self, who: &Author, id: PostId) -> Result<Post, PostError> {
        self.decide(who, "post.withdraw", id, json!({}), |post, _, _| {
            let withdrawn = || Post {
                state: State::Withdrawn,
                reason: Some(buywire_schemas::post::Reason::Requested),
                ..post.clone()
            };
            Ok((post.state != State::Withdrawn).then(withdrawn))
        })
        .await
    }

    /// Does with one post what somebody wants; nothing, where that is how it is already.
    async fn decide(
        &self,
        who: &Author,
        action: &'static str,
        id: PostId,
        details: Value,
        want: impl FnOnce(&Post, &Known, OffsetDateTime) -> Result<Option<Post>, PostError>,
    ) -> Result<Post, PostError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let (post, known) = posts::lock(&tx, id).await?.ok_or(PostError::NotFound)?;
        let now = OffsetDateTime::now_utc();
        let Some(asked) = want(&post, &known, now)? else {
            return Ok(post);
        };
        let speaks_anew = (&asked.text, &asked.template, &asked.publish)
            != (&post.text, &post.template, &post.publish);
        let settled = post.settle(asked, &known.sold(), now);
        if speaks_anew {
            check(&settled.post)?;
        }
        let emitted = posts::save(&tx, &settled).await?;
        audited(&tx, who, action, &settled.post, details).await?;
        tx.commit().await?;
        ring(&self.bell, &emitted);
        Ok(settled.post)
    }
}

/// A post as it is wanted when it is published: how it stands then follows from its product and the time.
fn published(post: &Post, now: OffsetDateTime) -> Post {
    Post {
        state: State::Scheduled,
        reason: None,
        published_at: Some(buywire_schemas::post::micros(now)),
        ..post.clone()
    }
}

/// Wakes those who deliver what was written.
fn ring(bell: &Bell, emitted: &[Emitted]) {
    bell.ring_due(emitted);
}

/// Whether the text can be posted, and carried by those who publish it.
fn check(post: &Post) -> Result<(), Refused> {
    if post.text.is_empty() {
        let flaw = Flaw::new(
            "template_too_long",
            "leaves no room for the link: shorten it",
        );
        return Err(refused("/template", flaw));
    }
    let measured = measure(&post.text);
    if measured.weight > WEIGHT_MAX {
        let detail = format!("weighs {}, at most {WEIGHT_MAX} fit", measured.weight);
        return Err(refused("/text", Flaw::new("text_too_long", detail)));
    }
    if !measured.valid {
        let detail = "holds a character that no post may hold";
        return Err(refused("/text", Flaw::new("text_invalid", detail)));
    }
    for name in &post.publish {
        let checked = publishers::find(name).and_then(|publisher| publisher.check(post));
        checked.map_err(|flaw| refused("/text", flaw))?;
    }
    Ok(())
}

async fn audited(
    tx: &Tx<'_>,
    who: &Author,
    action: &'static str,
    post: &Post,
    details: Value,
) -> Result<(), StoreError> {
    let change = Audited {
        who,
        action,
        subject: &post.id.to_string(),
        details,
    };
    audit::record(tx, change).await
}

fn refused(pointer: &str, flaw: Flaw) -> Refused {
    Refused::because(pointer, flaw)
}

fn unknown() -> Flaw {
    Flaw::new(
        "product_unknown",
        "must name a product that is in the catalog",
    )
}

fn slug() -> String {
    let dice: [u8; SLUG_LETTERS] = rand::random();
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied();
    dice.into_iter().filter_map(letter).collect()
}
