//! The post spec: which items get posts, and what these are like. Also the bodies that contain one.

use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, flag, integer, name};
use buywire_schemas::rollout::Rollout;
use buywire_schemas::selection::Selection;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::requests::{self, NewPost, PostWindow};
use crate::store::posts::{PostProduct, ProductKey};

/// Default limit of posts per bulk request.
const LIMIT_DEFAULT: i64 = 1_000;
/// Maximum of posts per bulk request: about ten seconds of work.
const LIMIT_MAX: i64 = 10_000;
/// Characters of a rule's name.
const NAME_CHARS_MAX: usize = 200;

/// What a bulk request and a rule have in common. A rule stores it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PostSpec {
    /// The items that get posts.
    pub filter: Selection,
    /// The text template; `None` uses the default template.
    pub template: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub starts_at: Option<OffsetDateTime>,
    /// Exclusive.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ends_at: Option<OffsetDateTime>,
    pub rollout: Rollout,
    /// The names of the publishers.
    pub publish: Vec<String>,
    /// Whether the posts are published at once; otherwise they are drafts.
    pub go_live: bool,
    /// Whether each variant gets its own post; otherwise one variant of a group gets the group's post.
    #[serde(default)]
    pub each_variant: bool,
}

/// `POST /v1/posts/bulk`
#[derive(Debug, Clone)]
pub(super) struct BulkRequest {
    pub spec: PostSpec,
    /// Whether to report only what would be created.
    pub dry_run: bool,
    /// The maximum number of posts to create.
    pub limit: usize,
}

/// `POST /v1/post-rules`
#[derive(Debug, Clone)]
pub(super) struct RuleRequest {
    pub name: String,
    pub spec: PostSpec,
    /// Whether the rule includes items that match already.
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

    /// The request for one product's post.
    #[must_use]
    pub(super) fn post_for(&self, product: &PostProduct) -> NewPost {
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
            sells_here: None,
        }
    }
}

impl BulkRequest {
    /// Parses the body.
    ///
    /// # Errors
    /// Lists every violation in the body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, BodyError> {
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
    /// Parses the body.
    ///
    /// # Errors
    /// Lists every violation in the body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, BodyError> {
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

/// `PATCH /v1/post-rules/{id}`: whether the rule is enabled.
///
/// # Errors
/// Lists every violation in the body.
pub(super) fn parse_enabled(body: &[u8]) -> Result<bool, BodyError> {
    let mut body = Reader::object(body)?;
    let enabled = body.required("enabled", flag);
    body.finish(|| enabled)
}
