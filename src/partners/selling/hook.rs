//! A partner's decision hook: saved, shown, rotated, deleted.
//!
//! Promises: its secret is shown once, when it is generated or given; after a rotation the old one signs as well until the
//! overlap ends; its URL reaches no more than whoever saved it may.

use buywire_adapters::signing::{Scheme, SigningKey, can_sign};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, flag, integer, string};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::still_selling;
use crate::ambient;
use crate::egress::{EgressPolicy, SavedBy, TargetUrl};
use crate::idempotency::AnswerSlot;
use crate::partners::endpoint_keys::parse_secret;
use crate::partners::endpoints::saved_by_name;
use crate::partners::rotation::{OVERLAP_HOURS_DEFAULT, OVERLAP_HOURS_MAX};
use crate::partners::{PartnerError, Partners, Principal};
use crate::secrets::master_key::SealError;
use crate::secrets::sealed_key::KeyTable;
use crate::secrets::{sealed_url, signing_key};
use crate::store::partners;
use crate::store::partners::decision_hooks::{self, DecisionHook};
use crate::store::partners::endpoints::host;
use crate::store::partners::selling;

/// A decision hook as it is shown.
#[derive(Serialize)]
pub struct DecisionHookDocument {
    url: String,
    tax_included: bool,
    /// Until when the previous secret also signs.
    #[serde(with = "time::serde::rfc3339::option")]
    previous_valid_until: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// Shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// A new secret of a decision hook, and how long the previous one stays valid.
#[derive(Serialize)]
pub(crate) struct RotatedHookSecret {
    /// Shown only here.
    secret: String,
    #[serde(with = "time::serde::rfc3339::option")]
    previous_valid_until: Option<OffsetDateTime>,
}

struct HookUpdate {
    url: TargetUrl,
    secret: Option<SigningKey>,
    tax_included: bool,
}

impl Partners {
    pub async fn decision_hook(&self, slug: &Slug) -> Result<DecisionHookDocument, PartnerError> {
        let hook = self.store.decision_hook(slug).await?;
        let hook = hook.ok_or(PartnerError::NotFound)?;
        Ok(DecisionHookDocument::of(hook, None))
    }

    /// Saves a hook. Its secret stays unless another is given; a new hook without one gets a generated secret.
    pub async fn set_decision_hook(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        body: &[u8],
    ) -> Result<DecisionHookDocument, PartnerError> {
        let saved_by = principal.saved_by();
        let update = HookUpdate::parse(body, saved_by, &self.policy)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?.id;
        let stored = decision_hooks::find(&tx, slug).await?;
        let (mut hook, shown) =
            self.updated_hook(partner.uuid(), saved_by, update, stored.as_ref())?;
        hook.updated_at = decision_hooks::save(&tx, partner, &hook).await?;
        let details = json!({"host": host(&hook.url), "secret_changed": shown.is_some()});
        principal
            .record(&tx, "decision_hook.update", slug, details)
            .await?;
        tx.commit().await?;
        Ok(DecisionHookDocument::of(hook, shown))
    }

    pub async fn delete_decision_hook(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
    ) -> Result<(), PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?.id;
        let stated = selling::stated_taxes(&tx, partner).await?;
        if stated.sells_here && !stated.has_table {
            return Err(still_selling());
        }
        if !decision_hooks::delete(&tx, partner).await? {
            return Err(PartnerError::NotFound);
        }
        principal
            .record(&tx, "decision_hook.delete", slug, json!({}))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives a hook a new secret. Until the overlap ends, the old one signs as well.
    pub(crate) async fn rotate_hook_secret(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<RotatedHookSecret, PartnerError> {
        let (overlap_hours, key) = parse_rotation(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?.id;
        let hook = decision_hooks::find(&tx, slug).await?;
        let mut hook = hook.ok_or(PartnerError::NotFound)?;
        let row = partner.uuid();
        let old = KeyTable::DecisionHooks.open(&self.master, row, &hook.secret)?;
        let valid_until =
            (overlap_hours > 0).then(|| ambient::now() + Duration::hours(i64::from(overlap_hours)));
        let previous = KeyTable::PreviousDecisionHooks.seal(&self.master, row, &old)?;
        hook.previous = valid_until.map(|valid_until| (previous, valid_until));
        hook.secret = KeyTable::DecisionHooks.seal(&self.master, row, &key)?;
        decision_hooks::save(&tx, partner, &hook).await?;
        let details = json!({"overlap_hours": overlap_hours});
        principal
            .record(&tx, "decision_hook.rotate_secret", slug, details)
            .await?;
        let rotated = RotatedHookSecret {
            secret: key.expose().to_owned(),
            previous_valid_until: valid_until,
        };
        slot.keep(&tx, &rotated).await?;
        tx.commit().await?;
        Ok(rotated)
    }

    /// The hook to save, and its secret if it is a new one.
    fn updated_hook(
        &self,
        row: Uuid,
        saved_by: SavedBy,
        update: HookUpdate,
        stored: Option<&DecisionHook>,
    ) -> Result<(DecisionHook, Option<String>), PartnerError> {
        let url = self.updated_url(row, saved_by, &update.url, stored)?;
        let new_key = match (update.secret, stored) {
            (Some(given), _) => Some(given),
            (None, Some(_)) => None,
            (None, None) => Some(signing_key::generate()),
        };
        let (secret, previous) = match (&new_key, stored) {
            (None, Some(stored)) => (stored.secret.clone(), stored.previous.clone()),
            (None, None) => return Err(SealError::NotSealed.into()),
            (Some(key), _) => (KeyTable::DecisionHooks.seal(&self.master, row, key)?, None),
        };
        let hook = DecisionHook {
            url: url.0,
            sealed_url: url.1,
            url_saved_by: url.2,
            tax_included: update.tax_included,
            secret,
            previous,
            updated_at: OffsetDateTime::UNIX_EPOCH,
        };
        Ok((hook, new_key.map(|key| key.expose().to_owned())))
    }

    /// The columns of the URL. A caller may send back the masked URL it was shown, which changes nothing.
    fn updated_url(
        &self,
        row: Uuid,
        saved_by: SavedBy,
        url: &TargetUrl,
        stored: Option<&DecisionHook>,
    ) -> Result<(String, Option<Vec<u8>>, String), PartnerError> {
        if let Some(stored) = stored
            && stored.sealed_url.is_some()
            && stored.url == url.as_str()
        {
            let sealed = stored.sealed_url.clone();
            return Ok((stored.url.clone(), sealed, stored.url_saved_by.clone()));
        }
        if sealed_url::is_masked(url.url()) {
            let detail = "must be the whole URL; `***` stands for the part that is not shown";
            return Err(BodyError::single("/url", Violation::new("url_masked", detail)).into());
        }
        let sealed = sealed_url::seal(&self.master, "decision_hooks", &row.to_string(), url.url())?;
        let saved_by = saved_by_name(saved_by).to_owned();
        Ok((sealed.masked, sealed.sealed, saved_by))
    }
}

impl DecisionHookDocument {
    fn of(hook: DecisionHook, secret: Option<String>) -> Self {
        Self {
            url: hook.url,
            tax_included: hook.tax_included,
            previous_valid_until: hook.previous.map(|(_, valid_until)| valid_until),
            updated_at: hook.updated_at,
            secret,
        }
    }
}

impl HookUpdate {
    fn parse(body: &[u8], saved_by: SavedBy, policy: &EgressPolicy) -> Result<Self, BodyError> {
        let parse_url = |text: &str| {
            TargetUrl::parse(text, saved_by, policy)
                .map_err(|refusal| Violation::new(refusal.code(), refusal.message_for(saved_by)))
        };
        let mut body = Reader::object(body)?;
        let url = body.required("url", string(parse_url));
        let secret = body.optional("secret", string(parse_hook_secret));
        let tax_included = body.optional("tax_included", flag);
        body.finish(|| {
            Some(Self {
                url: url?,
                secret,
                tax_included: tax_included.unwrap_or(false),
            })
        })
    }
}

/// A secret that signs as Standard Webhooks do.
fn parse_hook_secret(text: &str) -> Result<SigningKey, Violation> {
    let key = parse_secret(text)?;
    if can_sign(Scheme::STANDARD_WEBHOOKS_ONLY, std::slice::from_ref(&key)) {
        return Ok(key);
    }
    let detail = "must begin with `whsec_`; omit it to generate one";
    Err(Violation::new("secret_malformed", detail))
}

fn parse_rotation(body: &[u8]) -> Result<(i32, SigningKey), BodyError> {
    let mut body = Reader::object(body)?;
    let hours = body.optional("overlap_hours", integer(0..=OVERLAP_HOURS_MAX));
    let secret = body.optional("secret", string(parse_hook_secret));
    body.finish(|| {
        let hours = i32::try_from(hours.unwrap_or(OVERLAP_HOURS_DEFAULT)).ok()?;
        Some((hours, secret.unwrap_or_else(signing_key::generate)))
    })
}
