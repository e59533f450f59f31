//! Reads and writes rows of posts.

use buywire_schemas::ids::{PartnerId, PostId, ProductId};
use buywire_schemas::post::{Post, PostSale, ProductRef, SettledPost, State};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::queries::TimelineRow;
use crate::db::{DatabaseError, Tx};

/// Reads a row of `read.sql`.
pub(super) fn post(row: &Row) -> Result<Post, DatabaseError> {
    let state = State::parse(row.try_get("state")?);
    let reason: Option<&str> = row.try_get("reason")?;
    let reason = reason.map(|word| serde_json::from_value(word.into()));
    Ok(Post {
        id: PostId::from_uuid(row.try_get("id")?),
        slug: row.try_get("slug")?,
        url: row.try_get("url")?,
        state: state.ok_or_else(|| unreadable("posts.state"))?,
        reason: reason.transpose().map_err(|_| unreadable("posts.reason"))?,
        text: row.try_get("text")?,
        weighted_length: length(row)?,
        card: parsed(row.try_get("card")?, "posts.card")?,
        product: ProductRef {
            id: ProductId::from_uuid(row.try_get("product")?),
            partner: row.try_get("partner")?,
            item_id: row.try_get("item_id")?,
        },
        starts_at: row.try_get("starts_at")?,
        ends_at: row.try_get("ends_at")?,
        rollout: parsed(row.try_get("rollout")?, "posts.rollout")?,
        publish: row.try_get("publish")?,
        publications: parsed(row.try_get("publications")?, "posts.publications")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        published_at: row.try_get("published_at")?,
        updated_at: row.try_get("updated_at")?,
        sells_here: row.try_get("sells_here")?,
        template: row.try_get("template")?,
    })
}

/// Reads a row of `sale.sql` and of `sales_of_products.sql`.
pub(super) fn post_sale(row: &Row) -> Result<PostSale, DatabaseError> {
    let state = State::parse(row.try_get("state")?);
    Ok(PostSale {
        id: PostId::from_uuid(row.try_get("id")?),
        product: ProductId::from_uuid(row.try_get("product")?),
        state: state.ok_or_else(|| unreadable("posts.state"))?,
        starts_at: row.try_get("starts_at")?,
        ends_at: row.try_get("ends_at")?,
        rollout: parsed(row.try_get("rollout")?, "posts.rollout")?,
    })
}

/// Reads a row of `timeline.sql`.
pub(super) fn timeline_row(row: &Row) -> Result<TimelineRow, DatabaseError> {
    Ok(TimelineRow {
        id: PostId::from_uuid(row.try_get("id")?),
        rollout: parsed(row.try_get("rollout")?, "posts.rollout")?,
        shown_at: row.try_get("shown_at")?,
    })
}

pub(super) async fn add(
    tx: &Tx<'_>,
    owner: PartnerId,
    rule: Option<Uuid>,
    new: &SettledPost,
) -> Result<u64, DatabaseError> {
    let post = &new.post;
    tx.execute(
        include_str!("../sql/posts/add.sql"),
        &[
            &post.id.uuid(),
            &post.slug,
            &post.product.id.uuid(),
            &owner.uuid(),
            &rule,
            &post.state.as_str(),
            &reason(post)?,
            &post.text,
            &weight(post),
            &post.template,
            &post.url,
            &json(&post.card)?,
            &json(&post.rollout)?,
            &post.publish,
            &json(&post.publications)?,
            &post.starts_at,
            &post.ends_at,
            &new.next_at,
            &post.version,
            &post.created_at,
            &post.published_at,
            &post.updated_at,
            &post.sells_here,
        ],
    )
    .await
}

/// Saves locked posts.
pub(super) async fn save(tx: &Tx<'_>, settled: &[SettledPost]) -> Result<(), DatabaseError> {
    if settled.is_empty() {
        return Ok(());
    }
    let posts = || settled.iter().map(|one| &one.post);
    let columns: [&(dyn ToSql + Sync); 17] = [
        &posts().map(|post| post.id.uuid()).collect::<Vec<_>>(),
        &posts().map(|post| post.state.as_str()).collect::<Vec<_>>(),
        &posts().map(reason).collect::<Result<Vec<_>, _>>()?,
        &posts().map(|post| &post.text).collect::<Vec<_>>(),
        &posts().map(weight).collect::<Vec<_>>(),
        &posts().map(|post| &post.template).collect::<Vec<_>>(),
        &posts()
            .map(|post| json(&post.card))
            .collect::<Result<Vec<_>, _>>()?,
        &posts()
            .map(|post| json(&post.rollout))
            .collect::<Result<Vec<_>, _>>()?,
        &posts()
            .map(|post| post.publish.join(","))
            .collect::<Vec<_>>(),
        &posts()
            .map(|post| json(&post.publications))
            .collect::<Result<Vec<_>, _>>()?,
        &posts().map(|post| post.starts_at).collect::<Vec<_>>(),
        &posts().map(|post| post.ends_at).collect::<Vec<_>>(),
        &settled.iter().map(|one| one.next_at).collect::<Vec<_>>(),
        &posts().map(|post| post.version).collect::<Vec<_>>(),
        &posts().map(|post| post.published_at).collect::<Vec<_>>(),
        &posts().map(|post| post.updated_at).collect::<Vec<_>>(),
        &posts().map(|post| post.sells_here).collect::<Vec<_>>(),
    ];
    let sql = include_str!("../sql/posts/save.sql");
    tx.execute(sql, &columns).await.map(drop)
}

/// Parses a JSON column.
pub(super) fn parsed<T: DeserializeOwned>(
    text: &str,
    column: &'static str,
) -> Result<T, DatabaseError> {
    serde_json::from_str(text).map_err(|_| unreadable(column))
}

/// Serializes a JSON column.
pub(super) fn json(value: &impl Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value)
        .map_err(|_| DatabaseError::Misuse("the post cannot be serialized".into()))
}

/// Reads an enum by its name.
fn reason(post: &Post) -> Result<Option<String>, DatabaseError> {
    let word = |reason| match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(unreadable("posts.reason")),
    };
    post.reason.map(word).transpose()
}

fn weight(post: &Post) -> i32 {
    i32::try_from(post.weighted_length).unwrap_or(i32::MAX)
}

fn length(row: &Row) -> Result<usize, DatabaseError> {
    let length: i32 = row.try_get("weighted_length")?;
    usize::try_from(length).map_err(|_| unreadable("posts.weighted_length"))
}

fn unreadable(column: &'static str) -> DatabaseError {
    DatabaseError::Misuse(format!("{column} cannot be parsed"))
}
