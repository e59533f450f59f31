//! Shared Payment Tokens: granted by a test helper in an agent's stead, read by the seller, revoked. Preview only.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::methods::ALIAS_EXPIRY;
use super::params::{integer, text};
use super::sessions::read_currency;
use crate::cards::Card;
use crate::clock::new_id;
use crate::objects;
use crate::store::{GrantedToken, MethodKind, Store};

/// `POST /v1/test_helpers/shared_payment/granted_tokens`
pub(super) fn create(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    ensure_preview(call)?;
    let params = &call.params;
    let method = text(params, "/payment_method").unwrap_or_default();
    let kept = store.methods.get(method).map(|method| method.kind.clone());
    let card = match kept {
        Some(MethodKind::Card(card)) => Some(card),
        _ => Card::of_alias(method, ALIAS_EXPIRY, call.fingerprint_key),
    };
    let card = card.ok_or_else(|| ApiError::no_object("PaymentMethod", "payment_method"))?;
    let currency = text(params, "/usage_limits/currency").unwrap_or_default();
    let token = GrantedToken {
        id: new_id("spt_"),
        created: call.now_s,
        card,
        currency: read_currency(currency, "usage_limits[currency]")?,
        max_amount: integer(params, "/usage_limits/max_amount").unwrap_or_default(),
        expires_at: integer(params, "/usage_limits/expires_at").unwrap_or_default(),
        used: 0,
        revoked_at: None,
        params: params.clone(),
    };
    let document = objects::granted_token(&token);
    store.tokens.insert(&token.id.clone(), token);
    Ok(document)
}

/// `GET /v1/shared_payment/granted_tokens/{id}`
pub(super) fn retrieve(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    ensure_preview(call)?;
    let token = store.tokens.get(call.id()).map(objects::granted_token);
    token.ok_or_else(|| ApiError::no_object("shared_payment.granted_token", "id"))
}

/// `POST /v1/test_helpers/shared_payment/granted_tokens/{id}/revoke`
pub(super) fn revoke(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    ensure_preview(call)?;
    let token = store.tokens.get_mut(call.id());
    let token = token.ok_or_else(|| ApiError::no_object("shared_payment.granted_token", "id"))?;
    token.revoked_at.get_or_insert(call.now_s);
    let document = objects::granted_token(token);
    let kind = "shared_payment.granted_token.deactivated";
    store.emit(new_id("evt_"), kind, call.now_s, document.clone());
    Ok(document)
}

fn ensure_preview(call: &ApiCall<'_>) -> Result<(), ApiError> {
    match call.is_preview {
        true => Ok(()),
        false => Err(ApiError::no_route()),
    }
}
