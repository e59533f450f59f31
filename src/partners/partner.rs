//! Partners themselves: a row each. What one speaks is code, an adapter that the row names.

use buywire_adapters::contract;
use buywire_adapters::dialect::Dialect;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::PartnerId;
use buywire_schemas::json::Json;
use buywire_schemas::problem::{FieldError, Flaw, Refused};
use buywire_schemas::read::{Reader, flag, free, name, string};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::callback::CallbackSettings;
use super::{Actor, NAME_CHARS, PartnerError, Partners};
use crate::signing::seal::SealError;
use crate::signing::sealed_settings::{self, Values};
use crate::store::audit::{self, Change};
use crate::store::changes::Changed;
use crate::store::partners::{self, Partner};

/// A few lines of settings are usual; this bounds what is read with every endpoint.
const SETTINGS_BYTES_MAX: usize = 16 * 1024;
/// What a partner speaks unless told otherwise.
const ADAPTER_DEFAULT: &str = "standard";
/// A partner as it is shown.
#[derive(Debug, Serialize)]
pub struct Document {
    /// Its name on the wire.
    pub slug: Slug,
    name: String,
    adapter: String,
    settings: Value,
    contact_allowed: bool,
    /// The secret is not shown again.
    callback: Option<ShownCallback>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// What an operator should know of what was just saved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
}

#[derive(Debug, Serialize)]
struct ShownCallback {
    scheme: String,
    /// Where the partner posts to.
    path: String,
}

/// What a body changes; nothing where it says nothing.
struct Asked {
    name: Option<String>,
    adapter: Option<&'static str>,
    settings: Option<Value>,
    contact_allowed: Option<bool>,
    callback: Option<Option<CallbackSettings>>,
}

impl Partners {
    /// Create a partner.
    pub async fn create_partner(
        &self,
        actor: Actor<'_>,
        body: &[u8],
    ) -> Result<Document, PartnerError> {
        let mut partner = new_partner(body)?;
        if partner.slug.is_platform() {
            return Err(PartnerError::Conflict(
                "The slug `platform` is reserved: choose another.",
            ));
        }
        let id = partner.id.to_string();
        check_settings(&partner.adapter, &partner.settings).await?;
        let values = split(&mut partner.settings, &Values::new())?;
        partner.sealed_settings = sealed_settings::seal(&self.master, &id, &values)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let Some(created_at) = partners::add(&tx, &partner).await? else {
            return Err(PartnerError::Conflict(
                "A partner with that slug is there already: choose another.",
            ));
        };
        partner.created_at = created_at;
        let change = Change {
            who: actor.who,
            action: "partner.create",
            subject: partner.slug.as_str(),
            details: json!({"adapter": partner.adapter}),
        };
        audit::record(&tx, change).await?;
        tx.commit().await?;
        let warnings = warnings(&partner.adapter, &partner.settings);
        Ok(Document {
            warnings,
            ..self.shown(partner)?
        })
    }

    /// One partner.
    pub async fn partner(&self, slug: &Slug) -> Result<Document, PartnerError> {
        let partner = self.store.partner(slug.as_str()).await?;
        self.shown(partner.ok_or(PartnerError::NotFound)?)
    }

    /// At most `limit` partners whose slugs come after that one.
    pub async fn partners(
        &self,
        after: Option<&Slug>,
        limit: i64,
    ) -> Result<Vec<Document>, PartnerError> {
        let rows = self.store.partners(after.map(Slug::as_str), limit).await?;
        rows.into_iter().map(|row| self.shown(row)).collect()
    }

    /// Change a partner. It may change its own name; the rest is the operators'.
    pub async fn change_partner(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        body: &[u8],
    ) -> Result<Document, PartnerError> {
        let asked = Asked::parse(body)?;
        if !actor.is_operator && !asked.is_name_only() {
            return Err(PartnerError::OperatorsOnly(
                "A partner may change its name only: ask an operator for the rest.",
            ));
        }
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let mut partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
        let changed = asked.names();
        let speaks_anew = asked.adapter.is_some() || asked.settings.is_some();
        self.apply_to_partner(asked, &mut partner)?;
        if speaks_anew {
            let values = self.secret_settings(&partner)?;
            let settings = sealed_settings::join(partner.settings.clone(), &values);
            check_settings(&partner.adapter, &settings).await?;
        }
        partners::save(&tx, &partner).await?;
        self.add_lacking_keys(&tx, &partner).await?;
        let change = Change {
            who: actor.who,
            action: "partner.update",
            subject: slug.as_str(),
            details: json!({"changed": changed}),
        };
        audit::record(&tx, change).await?;
        tx.commit().await?;
        self.bell.changed(Changed::Partner(partner.id));
        let warnings = match speaks_anew {
            true => warnings(&partner.adapter, &partner.settings),
            false => Vec::new(),
        };
        Ok(Document {
            warnings,
            ..self.shown(partner)?
        })
    }

    pub(super) async fn must_exist(&self, slug: &Slug) -> Result<(), PartnerError> {
        let partner = self.store.partner(slug.as_str()).await?;
        partner.map(drop).ok_or(PartnerError::NotFound)
    }

    fn apply_to_partner(&self, asked: Asked, partner: &mut Partner) -> Result<(), PartnerError> {
        if let Some(name) = asked.name {
            partner.name = name;
        }
        if let Some(adapter) = asked.adapter {
            partner.adapter = adapter.to_owned();
        }
        if let Some(mut settings) = asked.settings {
            let values = split(&mut settings, &self.secret_settings(partner)?)?;
            let id = partner.id.to_string();
            partner.sealed_settings = sealed_settings::seal(&self.master, &id, &values)?;
            partner.settings = settings;
        }
        if let Some(allowed) = asked.contact_allowed {
            partner.contact_allowed = allowed;
        }
        if let Some(callback) = asked.callback {
            let sealed = callback.map(|callback| callback.seal(&self.master, partner.id));
            partner.callback = sealed.transpose()?;
        }
        Ok(())
    }

    pub(super) fn secret_settings(&self, partner: &Partner) -> Result<Values, SealError> {
        let id = partner.id.to_string();
        sealed_settings::open(&self.master, &id, partner.sealed_settings.as_deref())
    }

    fn shown(&self, partner: Partner) -> Result<Document, PartnerError> {
        let open = |sealed: &Vec<u8>| CallbackSettings::open(&self.master, partner.id, sealed);
        let callback = partner.callback.as_ref().map(open).transpose()?;
        let callback = callback.map(|callback| ShownCallback {
            path: callback.path(partner.id, &partner.slug),
            scheme: callback.scheme,
        });
        Ok(Document {
            slug: partner.slug,
            name: partner.name,
            adapter: partner.adapter,
            settings: partner.settings,
            contact_allowed: partner.contact_allowed,
            callback,
            created_at: partner.created_at,
            warnings: Vec::new(),
        })
    }
}

impl Asked {
    fn parse(body: &[u8]) -> Result<Self, Refused> {
        let mut body = Reader::object(body)?;
        let name = body.optional("name", name(NAME_CHARS));
        let adapter = body.optional("adapter", string(adapter));
        let resets_settings = body.has("settings");
        let settings = body.optional("settings", settings);
        let contact_allowed = body.optional("contact_allowed", flag);
        let names_callback = body.has("callback");
        let callback = body.optional_nested("callback", CallbackSettings::parse);
        body.finish(|| {
            Some(Self {
                name,
                adapter,
                settings: resets_settings.then(|| settings.unwrap_or_else(none)),
                contact_allowed,
                callback: names_callback.then_some(callback),
            })
        })
    }

    /// For the audit: which fields were named, never their values.
    fn names(&self) -> Vec<&'static str> {
        let named = [
            ("name", self.name.is_some()),
            ("adapter", self.adapter.is_some()),
            ("settings", self.settings.is_some()),
            ("contact_allowed", self.contact_allowed.is_some()),
            ("callback", self.callback.is_some()),
        ];
        named
            .into_iter()
            .filter_map(|(name, is_named)| is_named.then_some(name))
            .collect()
    }

    fn is_name_only(&self) -> bool {
        self.names().iter().all(|field| *field == "name")
    }
}

fn new_partner(body: &[u8]) -> Result<Partner, Refused> {
    let mut body = Reader::object(body)?;
    let slug = body.required("slug", string(Slug::parse));
    let name = body.required("name", name(NAME_CHARS));
    let adapter = body.optional("adapter", string(adapter));
    let settings = body.optional("settings", settings);
    body.finish(|| {
        Some(Partner {
            id: PartnerId::generate(),
            slug: slug?,
            name: name?,
            adapter: adapter.unwrap_or(ADAPTER_DEFAULT).to_owned(),
            settings: settings.unwrap_or_else(none),
            sealed_settings: None,
            contact_allowed: false,
            callback: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
        })
    })
}

/// Takes the secrets out of settings that were asked for.
fn split(settings: &mut Value, known: &Values) -> Result<Values, Refused> {
    sealed_settings::split(settings, known).map_err(|name| {
        let detail = format!("the header `{name}` has no value yet: give it one");
        Refused::because("/settings/headers", Flaw::new("header_value", detail))
    })
}

/// Settings that the dialect cannot work with are refused before any delivery meets them.
async fn check_settings(adapter: &str, settings: &Value) -> Result<(), PartnerError> {
    let adapter = contract::by_name(adapter).ok_or(PartnerError::NotFound)?;
    let settings = settings.clone();
    // A template is tried on every example: milliseconds, or seconds where it is a bad one.
    let checked = tokio::task::spawn_blocking(move || adapter.check_settings(&settings)).await;
    let checked = checked.unwrap_or_else(|_| Err(in_settings_unknown()));
    Ok(checked.map_err(in_settings)?)
}

/// A dialect that cannot say that a buyer must be forgotten.
fn warnings(adapter: &str, settings: &Value) -> Vec<FieldError> {
    let kind = EventType::BuyerRedacted;
    let dialect = contract::by_name(adapter).and_then(|one| Dialect::new(one, settings).ok());
    if dialect.is_none_or(|dialect| dialect.has_words_for(kind, settings)) {
        return Vec::new();
    }
    let detail = "this dialect has no words for `buyer.redacted`: tell the partner by hand of each redaction that \
                  `GET /v1/redactions` lists";
    vec![FieldError::at(
        "/adapter",
        Flaw::new("no_words_for_redaction", detail),
    )]
}

/// An adapter that broke on them cannot work with them either.
fn in_settings_unknown() -> Refused {
    let detail = "the adapter cannot read these settings: see its NOTES.md";
    Refused::because("", Flaw::new("settings_unreadable", detail))
}

/// With pointers into the body.
pub(super) fn in_settings(refused: Refused) -> Refused {
    match refused {
        Refused::Invalid(errors) => Refused::Invalid(
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

pub(super) fn none() -> Value {
    Value::Object(Map::new())
}

pub(super) fn adapter(name: &str) -> Result<&'static str, Flaw> {
    let known = contract::by_name(name).map(contract::Adapter::name);
    known.ok_or_else(|| {
        let names: Vec<_> = contract::all().iter().map(|known| known.name()).collect();
        let detail = format!("must be one of this build's adapters: {}", names.join(", "));
        Flaw::new("adapter_unknown", detail)
    })
}

pub(super) fn settings(value: Json<'_>) -> Result<Value, Flaw> {
    let Value::Object(settings) = free(value)? else {
        return Err(Flaw::new("wrong_type", "must be an object"));
    };
    let settings = Value::Object(settings);
    if holds_nul(&settings) {
        let detail = "must not hold the character U+0000, which the database cannot keep";
        return Err(Flaw::new("control_character", detail));
    }
    if settings.to_string().len() > SETTINGS_BYTES_MAX {
        let detail = format!("must have at most {SETTINGS_BYTES_MAX} bytes");
        return Err(Flaw::new("too_long", detail));
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
