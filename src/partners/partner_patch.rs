//! What a request changes of a partner.

use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, flag, name, prose, string};
use serde_json::Value;

use super::callback_settings::CallbackSettings;
use super::partner::{empty_settings, parse_adapter, parse_settings};
use super::suspension::PartnerStatus;
use super::{NAME_CHARS, REASON_CHARS_MAX};

/// The fields that a body sets; `None` leaves a field as it is.
pub(super) struct PartnerPatch {
    pub(super) name: Option<String>,
    pub(super) adapter: Option<&'static str>,
    pub(super) settings: Option<Value>,
    pub(super) contact_allowed: Option<bool>,
    pub(super) status: Option<PartnerStatus>,
    pub(super) callback: Option<Option<CallbackSettings>>,
    /// For the audit log.
    pub(super) reason: Option<String>,
}

impl PartnerPatch {
    pub(super) fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let name = body.optional("name", name(NAME_CHARS));
        let adapter = body.optional("adapter", string(parse_adapter));
        let has_settings = body.has("settings");
        let settings = body.optional("settings", parse_settings);
        let contact_allowed = body.optional("contact_allowed", flag);
        let status = body.optional("status", PartnerStatus::parse);
        let has_callback = body.has("callback");
        let reason = body.optional("reason", prose(0..=REASON_CHARS_MAX));
        let callback = body.optional_nested("callback", CallbackSettings::parse);
        body.finish(|| {
            Some(Self {
                name,
                adapter,
                settings: has_settings.then(|| settings.unwrap_or_else(empty_settings)),
                contact_allowed,
                status,
                callback: has_callback.then_some(callback),
                reason,
            })
        })
    }

    /// For the audit log: the names of the fields, never their values.
    pub(super) fn changed_fields(&self) -> Vec<&'static str> {
        let named = [
            ("name", self.name.is_some()),
            ("adapter", self.adapter.is_some()),
            ("settings", self.settings.is_some()),
            ("contact_allowed", self.contact_allowed.is_some()),
            ("status", self.status.is_some()),
            ("callback", self.callback.is_some()),
        ];
        named
            .into_iter()
            .filter_map(|(name, is_named)| is_named.then_some(name))
            .collect()
    }

    pub(super) fn is_name_only(&self) -> bool {
        self.changed_fields().iter().all(|field| *field == "name")
    }
}
