//! Partners: one row each. A partner's dialect is code, an adapter that the row names.
//!
//! Promises: settings that the adapter cannot use are refused when they are saved, before a delivery needs them.

use buywire_adapters::contract;
use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::dialects;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::PartnerId;
use buywire_schemas::json::Json;
use buywire_schemas::problem::{BodyError, FieldError, Violation};
use buywire_schemas::read::{Reader, any_json, name, string};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::callback_settings::CallbackSettings;
use super::partner_patch::PartnerPatch;
use super::suspension::{self, PartnerStatus};
use super::{NAME_CHARS, PartnerError, Partners, Principal};
use crate::idempotency::AnswerSlot;
use crate::notifier::changes::ConfigChange;
use crate::secrets::master_key::SealError;
use crate::secrets::sealed_settings::{self, HeaderValues};
use crate::store::partners::{self, Partner};

/// A few lines are usual. Settings are read with every endpoint.
const SETTINGS_BYTES_MAX: usize = 16 * 1024;
const ADAPTER_DEFAULT: &str = "standard";

/// A partner as it is shown.
#[derive(Debug, Serialize)]
pub struct PartnerDocument {
    pub slug: Slug,
    pub(crate) name: String,
    pub(crate) adapter: String,
    pub(crate) settings: Value,
    pub(crate) contact_allowed: bool,
    status: PartnerStatus,
    /// Without its secrets.
    pub(crate) callback: Option<CallbackSummary>,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    #[serde(skip)]
    pub(crate) version: i64,
    /// Of the change that was just saved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
    /// Whether the change that was just saved has suspended or resumed it.
    #[serde(skip)]
    pub(crate) is_status_changed: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct CallbackSummary {
    pub(crate) scheme: String,
    /// Where the partner sends callbacks to.
    pub(crate) path: String,
}

/// The partner that a request changes.
#[derive(Debug, Clone, Copy)]
pub struct PartnerRef<'a> {
    pub slug: &'a Slug,
    /// The version that the caller has read. `None`: whatever it is now.
    pub version: Option<i64>,
}

impl PartnerDocument {
    pub(crate) fn is_suspended(&self) -> bool {
        self.status == PartnerStatus::Suspended
    }

    /// For callers that do not act for the partner: the path of unsigned callbacks is a secret.
    pub(crate) fn masked(mut self) -> Self {
        if let Some(callback) = &mut self.callback {
            let public = format!("/v1/partners/{}/callbacks", self.slug);
            if callback.path != public {
                callback.path = public + "/***";
            }
        }
        self
    }
}

impl Partners {
    pub(crate) async fn create_partner(
        &self,
        principal: Principal<'_>,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<PartnerDocument, PartnerError> {
        let mut partner = parse_new_partner(body)?;
        if partner.slug.is_platform() {
            return Err(PartnerError::Conflict(
                "The slug `platform` is reserved. Choose another.",
            ));
        }
        let id = partner.id.to_string();
        check_settings(&partner.adapter, &partner.settings).await?;
        let values = split_secrets(&mut partner.settings, &HeaderValues::new())?;
        partner.sealed_settings = sealed_settings::seal(&self.master, &id, &values)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let Some(created_at) = partners::add(&tx, &partner).await? else {
            return Err(PartnerError::Conflict(
                "A partner with that slug already exists. Choose another.",
            ));
        };
        partner.created_at = created_at;
        let details = json!({"adapter": partner.adapter});
        principal
            .record(&tx, "partner.create", &partner.slug, details)
            .await?;
        let warnings = dialect_warnings(&partner.adapter, &partner.settings);
        let created = PartnerDocument {
            warnings,
            ..self.partner_document(partner)?
        };
        slot.keep(&tx, &created).await?;
        tx.commit().await?;
        Ok(created)
    }

    pub async fn partner(&self, slug: &Slug) -> Result<PartnerDocument, PartnerError> {
        let partner = self.store.partner(slug.as_str()).await?;
        self.partner_document(partner.ok_or(PartnerError::NotFound)?)
    }

    /// At most `limit` partners whose slugs come after `after`.
    pub async fn partners(
        &self,
        after: Option<&Slug>,
        limit: i64,
    ) -> Result<Vec<PartnerDocument>, PartnerError> {
        let rows = self.store.partners(after.map(Slug::as_str), limit).await?;
        rows.into_iter()
            .map(|row| self.partner_document(row))
            .collect()
    }

    /// Change a partner. A partner may only change its own name.
    pub async fn update_partner(
        &self,
        principal: Principal<'_>,
        target: PartnerRef<'_>,
        body: &[u8],
    ) -> Result<PartnerDocument, PartnerError> {
        let slug = target.slug;
        let mut patch = PartnerPatch::parse(body)?;
        if !principal.is_operator && !patch.is_name_only() {
            return Err(PartnerError::OperatorsOnly(
                "A partner may only change its name. Ask an operator for other changes.",
            ));
        }
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let mut partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
        if target.version.is_some_and(|read| read != partner.version) {
            return Err(PartnerError::Stale);
        }
        let changed = patch.changed_fields();
        let reason = patch.reason.take();
        let status_before = PartnerStatus::of(&partner);
        let dialect_changed = patch.adapter.is_some() || patch.settings.is_some();
        self.apply_partner_patch(patch, &mut partner)?;
        if dialect_changed {
            let values = self.secret_settings(&partner)?;
            let settings = sealed_settings::join(partner.settings.clone(), &values);
            check_settings(&partner.adapter, &settings).await?;
        }
        partners::save(&tx, &partner).await?;
        self.add_missing_keys(&tx, &partner).await?;
        let status = PartnerStatus::of(&partner);
        if status != status_before {
            suspension::follow(&tx, &partner).await?;
        }
        let mut details = json!({"changed": changed, "status": status});
        if let (Some(reason), Some(details)) = (reason, details.as_object_mut()) {
            details.insert("reason".to_owned(), reason.into());
        }
        principal
            .record(&tx, "partner.update", slug, details)
            .await?;
        tx.commit().await?;
        self.notifier
            .notify_change(ConfigChange::Partner(partner.id));
        let warnings = match dialect_changed {
            true => dialect_warnings(&partner.adapter, &partner.settings),
            false => Vec::new(),
        };
        Ok(PartnerDocument {
            warnings,
            is_status_changed: status != status_before,
            ..self.partner_document(partner)?
        })
    }

    pub(super) async fn must_exist(&self, slug: &Slug) -> Result<(), PartnerError> {
        let partner = self.store.partner(slug.as_str()).await?;
        partner.map(drop).ok_or(PartnerError::NotFound)
    }

    fn apply_partner_patch(
        &self,
        patch: PartnerPatch,
        partner: &mut Partner,
    ) -> Result<(), PartnerError> {
        if let Some(name) = patch.name {
            partner.name = name;
        }
        if let Some(adapter) = patch.adapter {
            partner.adapter = adapter.to_owned();
        }
        if let Some(mut settings) = patch.settings {
            let values = split_secrets(&mut settings, &self.secret_settings(partner)?)?;
            let id = partner.id.to_string();
            partner.sealed_settings = sealed_settings::seal(&self.master, &id, &values)?;
            partner.settings = settings;
        }
        if let Some(allowed) = patch.contact_allowed {
            partner.contact_allowed = allowed;
        }
        if let Some(status) = patch.status {
            status.apply_to(partner)?;
        }
        if let Some(callback) = patch.callback {
            let sealed = callback.map(|callback| callback.seal(&self.master, partner.id));
            partner.callback = sealed.transpose()?;
        }
        Ok(())
    }

    pub(super) fn secret_settings(&self, partner: &Partner) -> Result<HeaderValues, SealError> {
        let id = partner.id.to_string();
        sealed_settings::open(&self.master, &id, partner.sealed_settings.as_deref())
    }

    fn partner_document(&self, partner: Partner) -> Result<PartnerDocument, PartnerError> {
        let open = |sealed: &Vec<u8>| CallbackSettings::open(&self.master, partner.id, sealed);
        let callback = partner.callback.as_ref().map(open).transpose()?;
        let callback = callback.map(|callback| CallbackSummary {
            path: callback.callback_path(partner.id, &partner.slug),
            scheme: callback.scheme,
        });
        Ok(PartnerDocument {
            status: PartnerStatus::of(&partner),
            slug: partner.slug,
            name: partner.name,
            adapter: partner.adapter,
            settings: partner.settings,
            contact_allowed: partner.contact_allowed,
            callback,
            created_at: partner.created_at,
            version: partner.version,
            warnings: Vec::new(),
            is_status_changed: false,
        })
    }
}

fn parse_new_partner(body: &[u8]) -> Result<Partner, BodyError> {
    let mut body = Reader::object(body)?;
    let slug = body.required("slug", string(Slug::parse));
    let name = body.required("name", name(NAME_CHARS));
    let adapter = body.optional("adapter", string(parse_adapter));
    let settings = body.optional("settings", parse_settings);
    body.finish(|| {
        Some(Partner {
            id: PartnerId::generate(),
            slug: slug?,
            name: name?,
            adapter: adapter.unwrap_or(ADAPTER_DEFAULT).to_owned(),
            settings: settings.unwrap_or_else(empty_settings),
            sealed_settings: None,
            contact_allowed: false,
            callback: None,
            is_suspended: false,
            version: 1,
            created_at: OffsetDateTime::UNIX_EPOCH,
        })
    })
}

/// Takes the secrets out of the requested settings.
pub(super) fn split_secrets(
    settings: &mut Value,
    stored: &HeaderValues,
) -> Result<HeaderValues, BodyError> {
    sealed_settings::split(settings, stored).map_err(|name| {
        let detail = format!("the header `{name}` has no value yet; give one");
        BodyError::single("/settings/headers", Violation::new("header_value", detail))
    })
}

/// Refuses settings that the dialect cannot use.
async fn check_settings(adapter: &str, settings: &Value) -> Result<(), PartnerError> {
    let adapter = dialects::by_name(adapter).ok_or(PartnerError::NotFound)?;
    let settings = settings.clone();
    // A template is rendered for every example. That takes milliseconds, or seconds for a bad one.
    let checked = tokio::task::spawn_blocking(move || adapter.check_settings(&settings)).await;
    let checked = checked.unwrap_or_else(|_| Err(settings_unreadable()));
    Ok(checked.map_err(prefix_settings)?)
}

/// Warns when the dialect cannot tell the partner to redact a buyer.
fn dialect_warnings(adapter: &str, settings: &Value) -> Vec<FieldError> {
    let kind = EventType::BuyerRedacted;
    let dialect =
        dialects::by_name(adapter).and_then(|one| ConfiguredAdapter::new(one, settings).ok());
    if dialect.is_none_or(|dialect| dialect.supports(kind, settings)) {
        return Vec::new();
    }
    let detail = "this dialect has no message for `buyer.redacted`; notify the partner yourself of each redaction that \
                  `GET /v1/redactions` lists";
    vec![FieldError::at(
        "/adapter",
        Violation::new("no_words_for_redaction", detail),
    )]
}

/// For an adapter that panicked on the settings.
fn settings_unreadable() -> BodyError {
    let detail = "the adapter cannot read these settings; see its NOTES.md";
    BodyError::single("", Violation::new("settings_unreadable", detail))
}

/// Makes the pointers relative to the body.
pub(super) fn prefix_settings(refused: BodyError) -> BodyError {
    match refused {
        BodyError::Invalid(errors) => BodyError::Invalid(
            errors
                .into_iter()
                .map(|error| FieldError {
                    pointer: format!("/settings{}", error.pointer),
                    ..error
                })
                .collect(),
        ),
        other => other,
    }
}

pub(super) fn empty_settings() -> Value {
    Value::Object(Map::new())
}

pub(super) fn parse_adapter(name: &str) -> Result<&'static str, Violation> {
    let found = dialects::by_name(name).map(contract::Adapter::name);
    found.ok_or_else(|| {
        let names: Vec<_> = dialects::all()
            .iter()
            .map(|adapter| adapter.name())
            .collect();
        let detail = format!("must be one of this build's adapters: {}", names.join(", "));
        Violation::new("adapter_unknown", detail)
    })
}

pub(super) fn parse_settings(value: Json<'_>) -> Result<Value, Violation> {
    let Value::Object(settings) = any_json(value)? else {
        return Err(Violation::new("wrong_type", "must be an object"));
    };
    let settings = Value::Object(settings);
    if holds_nul(&settings) {
        let detail = "must not contain the character U+0000, which the database cannot store";
        return Err(Violation::new("control_character", detail));
    }
    if settings.to_string().len() > SETTINGS_BYTES_MAX {
        let detail = format!("must have at most {SETTINGS_BYTES_MAX} bytes");
        return Err(Violation::new("too_long", detail));
    }
    Ok(settings)
}

/// Nesting is bounded by the parser.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}
