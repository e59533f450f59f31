//! Request bodies for one post: create it or change it.

use buywire_schemas::ids::ProductId;
use buywire_schemas::json::Json;
use buywire_schemas::post::{Post, publishers, truncate_to_micros};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, flag, string, text};
use buywire_schemas::rollout::Rollout;
use buywire_schemas::tweet::compose::{self, Template};
use time::OffsetDateTime;

use crate::store::posts::ProductKey;

/// Far beyond what can be posted; a shorter text is measured.
const TEXT_CHARS_MAX: usize = 10_000;
/// Values in a list of a rollout.
const ROLLOUT_VALUES_MAX: usize = 250;

/// `POST /v1/posts`
#[derive(Debug, Clone)]
pub struct NewPost {
    pub product: ProductKey,
    /// The text; `None` composes it from the template.
    pub text: Option<String>,
    /// The text template; `None` uses the default template.
    pub template: Option<String>,
    pub window: PostWindow,
    pub rollout: Rollout,
    /// The names of the publishers.
    pub publish: Vec<String>,
    /// Whether it is sold here; `None` follows the partner's policy.
    pub sells_here: Option<bool>,
}

/// When a post is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostWindow {
    pub starts_at: Option<OffsetDateTime>,
    /// Exclusive.
    pub ends_at: Option<OffsetDateTime>,
}

/// `PATCH /v1/posts/{id}`. The outer `None` leaves a field unchanged; `Some(None)` is an explicit null.
#[derive(Debug, Clone)]
pub(crate) struct PostPatch {
    text: Option<Option<String>>,
    template: Option<Option<String>>,
    starts_at: Option<Option<OffsetDateTime>>,
    ends_at: Option<Option<OffsetDateTime>>,
    rollout: Option<Rollout>,
    publish: Option<Vec<String>>,
    sells_here: Option<Option<bool>>,
}

/// The publishers of a post that names none.
#[must_use]
pub(super) fn default_publishers() -> Vec<String> {
    vec![publishers::PLATFORM.to_owned()]
}

impl NewPost {
    /// Parses the body.
    ///
    /// # Errors
    /// Lists every violation in the body.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        // Exempt the item id from the card-number check: an id of the catalog is not a card number, and any other
        // id is refused anyway.
        let mut body = Reader::object_exempting(body, &["/product/item_id".to_owned()])?;
        let product = body.required("product", product);
        let text = body.optional("text", text(1..=TEXT_CHARS_MAX));
        let template = body.optional("template", template);
        let window = PostWindow {
            starts_at: body.optional("starts_at", timestamp),
            ends_at: body.optional("ends_at", timestamp),
        };
        let rollout = body.optional_nested("rollout", rollout);
        let publish = read_publish(&mut body);
        let sells_here = body.optional("sells_here", flag);
        if text.is_some() && template.is_some() {
            body.refuse("/template", text_and_template());
        }
        if let Err(flaw) = window.check() {
            body.refuse("/ends_at", flaw);
        }
        body.finish(|| {
            Some(Self {
                product: product?,
                text,
                template,
                window,
                rollout: rollout.unwrap_or_default(),
                publish: publish.unwrap_or_else(default_publishers),
                sells_here,
            })
        })
    }
}

impl PostPatch {
    /// Parses the body.
    ///
    /// # Errors
    /// Lists every violation in the body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let has = [
            "text",
            "template",
            "starts_at",
            "ends_at",
            "rollout",
            "publish",
            "sells_here",
        ]
        .map(|name| body.has(name));
        let text = body.optional("text", text(1..=TEXT_CHARS_MAX));
        let template = body.optional("template", template);
        let starts_at = body.optional("starts_at", timestamp);
        let ends_at = body.optional("ends_at", timestamp);
        let rollout = body.optional_nested("rollout", rollout);
        let publish = read_publish(&mut body);
        let sells_here = body.optional("sells_here", flag);
        if text.is_some() && template.is_some() {
            body.refuse("/template", text_and_template());
        }
        let [
            has_text,
            has_template,
            has_start,
            has_end,
            has_rollout,
            has_publish,
            has_sells_here,
        ] = has;
        body.finish(|| {
            Some(Self {
                text: has_text.then_some(text),
                template: has_template.then_some(template),
                starts_at: has_start.then_some(starts_at),
                ends_at: has_end.then_some(ends_at),
                rollout: has_rollout.then(|| rollout.unwrap_or_default()),
                publish: has_publish.then(|| publish.unwrap_or_else(default_publishers)),
                sells_here: has_sells_here.then_some(sells_here),
            })
        })
    }

    /// The names of the changed fields, for the audit entry.
    #[must_use]
    pub(crate) fn changed_fields(&self) -> Vec<&'static str> {
        let named = [
            ("text", self.text.is_some()),
            ("template", self.template.is_some()),
            ("starts_at", self.starts_at.is_some()),
            ("ends_at", self.ends_at.is_some()),
            ("rollout", self.rollout.is_some()),
            ("publish", self.publish.is_some()),
            ("sells_here", self.sells_here.is_some()),
        ];
        let named = named.into_iter().filter(|(_, named)| *named);
        named.map(|(name, _)| name).collect()
    }

    /// Applies the patch to a post.
    ///
    /// # Errors
    /// When the post would end before it starts.
    pub(crate) fn apply_to(self, post: &Post) -> Result<Post, BodyError> {
        let mut updated = post.clone();
        let window = PostWindow {
            starts_at: self.starts_at.unwrap_or(post.starts_at),
            ends_at: self.ends_at.unwrap_or(post.ends_at),
        };
        let pointer = if self.ends_at.is_some() {
            "/ends_at"
        } else {
            "/starts_at"
        };
        window
            .check()
            .map_err(|flaw| BodyError::single(pointer, flaw))?;
        (updated.starts_at, updated.ends_at) = (window.starts_at, window.ends_at);
        match (self.text, self.template) {
            (Some(Some(text)), _) => (updated.text, updated.template) = (text, None),
            (_, Some(template)) => {
                updated.template = Some(template.unwrap_or_else(default_template))
            }
            (Some(None), None) => {
                updated.template = Some(updated.template.unwrap_or_else(default_template))
            }
            (None, None) => {}
        }
        updated.rollout = self.rollout.unwrap_or(updated.rollout);
        updated.publish = self.publish.unwrap_or(updated.publish);
        updated.sells_here = self.sells_here.unwrap_or(updated.sells_here);
        Ok(updated)
    }
}

impl PostWindow {
    pub(super) fn check(self) -> Result<(), Violation> {
        match (self.starts_at, self.ends_at) {
            (Some(start), Some(end)) if end <= start => {
                Err(Violation::new("window_empty", "must lie after starts_at"))
            }
            _ => Ok(()),
        }
    }
}

fn default_template() -> String {
    compose::DEFAULT.to_owned()
}

fn text_and_template() -> Violation {
    Violation::new(
        "text_and_template",
        "must not stand beside a text: send one of both",
    )
}

pub(super) fn timestamp(value: Json<'_>) -> Result<OffsetDateTime, Violation> {
    buywire_schemas::read::timestamp(value).map(truncate_to_micros)
}

/// Reads a product's id, or its partner's slug and its item id.
fn product(value: Json<'_>) -> Result<ProductKey, Violation> {
    let malformed = || {
        let detail = "must be a product's id, or {\"partner\",\"item_id\"}";
        Violation::new("product_malformed", detail)
    };
    let members = match value {
        Json::String(id) => {
            let id: ProductId = id.parse().map_err(|_| malformed())?;
            return Ok(ProductKey::Id(id));
        }
        Json::Object(members) => members,
        _ => return Err(malformed()),
    };
    let (mut partner, mut item) = (None, None);
    for (name, value) in members {
        let member = match &*name {
            "partner" => &mut partner,
            "item_id" => &mut item,
            _ => return Err(malformed()),
        };
        match value {
            Json::String(text) if member.is_none() && !text.contains('\0') => {
                *member = Some(text.into_owned());
            }
            _ => return Err(malformed()),
        }
    }
    let key = partner
        .zip(item)
        .map(|(partner, item)| ProductKey::Item(partner, item));
    key.ok_or_else(malformed)
}

pub(super) fn template(value: Json<'_>) -> Result<String, Violation> {
    let template = text(1..=TEXT_CHARS_MAX)(value)?;
    match Template::parse(&template) {
        Ok(_) => Ok(template),
        Err(fault) => Err(Violation::new("template_malformed", fault.to_string())),
    }
}

pub(super) fn read_publish(body: &mut Reader<'_>) -> Option<Vec<String>> {
    let name = string(|name| publishers::find(name).map(|one| one.name().to_owned()));
    let mut names = body.optional_values("publish", 0..=publishers::ALL.len(), name)?;
    names.sort_unstable();
    names.dedup();
    Some(names)
}

pub(super) fn rollout(body: &mut Reader<'_>) -> Option<Rollout> {
    let percent = body.optional("percent", |value| value.as_f64().ok_or_else(not_a_number));
    let mut values = |name| body.optional_values(name, 0..=ROLLOUT_VALUES_MAX, text(1..=16));
    let rollout = Rollout {
        countries: values("countries").unwrap_or_default(),
        platforms: values("platforms").unwrap_or_default(),
        languages: values("languages").unwrap_or_default(),
        percent: percent.unwrap_or(Rollout::default().percent),
    };
    if let Err((field, flaw)) = rollout.check() {
        body.refuse(&format!("/{field}"), flaw);
    }
    Some(rollout)
}

fn not_a_number() -> Violation {
    Violation::new("wrong_type", "must be a number")
}
