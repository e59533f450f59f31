//! What is asked of many posts at once: of which items, and what each of them is like.

use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, flag, integer, name};
use buywire_schemas::rollout::Rollout;
use buywire_schemas::selection::Selection;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::requests::{self, NewPost, PostWindow};
use crate::store::posts::{PostProduct, ProductKey};

/// Posts of one call unless told otherwise.
const LIMIT_DEFAULT: i64 = 1_000;
/// Posts of one call: some ten seconds.
const LIMIT_MAX: i64 = 10_000;
/// What people call a rule.
const NAME_CHARS_MAX: usize = 200;

/// What a bulk and a rule say alike. A rule keeps it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostSpec {
    /// Which items.
    pub filter: Selection,
    /// What their texts are composed by; none: the house's template.
    pub template: Option<String>,
    /// From when.
    #[serde(with = "time::serde::rfc3339::option")]
    pub starts_at: Option<OffsetDateTime>,
    /// Until when (excluded).
    #[serde(with = "time::serde::rfc3339::option")]
    pub ends_at: Option<OffsetDateTime>,
    /// Who may buy.
    pub rollout: Rollout,
    /// By what they leave.
    pub publish: Vec<String>,
    /// Whether they are published at once; otherwise they are drafts.
    pub go_live: bool,
    /// Whether each variant of a product gets a post of its own; otherwise one of them gets the product's.
    #[serde(default)]
    pub each_variant: bool,
}

/// `POST /v1/posts/bulk`
#[derive(Debug, Clone)]
pub struct BulkRequest {
    /// Of what.
    pub spec: PostSpec,
    /// Whether it only says what it would make.
    pub dry_run: bool,
    /// At most so many posts.
    pub limit: usize,
}

/// `POST /v1/post-rules`
#[derive(Debug, Clone)]
pub struct RuleRequest {
    /// What people call it.
    pub name: String,
    /// Of what.
    pub spec: PostSpec,
    /// Whether what matches already is meant too.
    pub existing: bool,
}

impl PostSpec {
    fn read(body: &mut Reader<'_>) -> Option<Self> {
        let filter = body.nested("filter", Selection::read);
        let template = body.optional("template", requests::template);
        let window = PostWindow {
            starts_at: body.optional("starts_at", requests::timestamp),
            ends_at: body.optional("ends_at", requests::timestamp),
        };
        let rollout = body.optional_nested("rollout", requests::rollout);
        let publish = requests::read_publish(body);
        let go_live = body.optional("go_live", flag);
        let each_variant = body.optional("each_variant", flag);
        if let Err(flaw) = window.check() {
            body.refuse("/ends_at", flaw);
        }
        Some(Self {
            filter: filter?,
            template,
            starts_at: window.starts_at,
            ends_at: window.ends_at,
            rollout: rollout.unwrap_or_default(),
            publish: publish.unwrap_or_else(requests::default_publishers),
            go_live: go_live.unwrap_or(false),
            each_variant: each_variant.unwrap_or(false),
        })
    }

    /// The post of one item under them.
    #[must_use]
    pub fn post_for(&self, product: &PostProduct) -> NewPost {
        NewPost {
            product: ProductKey::Id(product.id),
            text: None,
            template: self.template.clone(),
            window: PostWindow {
                starts_at: self.starts_at,
                ends_at: self.ends_at,
            },
            rollout: self.rollout.clone(),
            publish: self.publish.clone(),
        }
    }
}

impl BulkRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// Every place in which it cannot be taken.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let spec = PostSpec::read(&mut body);
        let dry_run = body.optional("dry_run", flag);
        let limit = body.optional("limit", integer(1..=LIMIT_MAX));
        body.finish(|| {
            Some(Self {
                spec: spec?,
                dry_run: dry_run.unwrap_or(false),
                limit: usize::try_from(limit.unwrap_or(LIMIT_DEFAULT)).ok()?,
            })
        })
    }
}

impl RuleRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// Every place in which it cannot be taken.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let name = body.required("name", name(1..=NAME_CHARS_MAX));
        let spec = PostSpec::read(&mut body);
        let existing = body.optional("existing", flag);
        body.finish(|| {
            Some(Self {
                name: name?,
                spec: spec?,
                existing: existing.unwrap_or(false),
            })
        })
    }
}

/// `PATCH /v1/post-rules/{id}`: whether it is followed.
///
/// # Errors
/// Every place in which the body cannot be taken.
pub fn parse_enabled(body: &[u8]) -> Result<bool, BodyError> {
    let mut body = Reader::object(body)?;
    let enabled = body.required("enabled", flag);
    body.finish(|| enabled)
}
