//! What an intent is paid with: an existing payment method, a test method, or a granted token.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::params::{owned, text};
use crate::cards::Card;
use crate::flows;
use crate::objects;
use crate::store::{GrantedToken, MethodKind, Payer, Store};

/// Expiry of test payment methods: always ahead.
pub(super) const ALIAS_EXPIRY: (u8, i32) = (12, 2099);

const TOKEN: &str = "payment_method_data[shared_payment_granted_token]";

/// A method that was found, and is kept only when the intent takes it.
pub(super) enum FoundMethod {
    Existing(String),
    New(MethodKind, Payer, Option<String>),
}

impl FoundMethod {
    /// The method's id.
    pub(super) fn keep(self, store: &mut Store, now_s: i64) -> String {
        match self {
            Self::Existing(id) => id,
            Self::New(kind, payer, token) => flows::create_method(store, now_s, kind, payer, token),
        }
    }
}

/// The method that the parameters name; none if they name none.
pub(super) fn read_method(
    store: &Store,
    call: &ApiCall<'_>,
    amount: i64,
    currency: &str,
) -> Result<Option<FoundMethod>, ApiError> {
    let params = &call.params;
    let payer = Payer {
        name: owned(params, "/payment_method_data/billing_details/name"),
        email: owned(params, "/payment_method_data/billing_details/email"),
    };
    if let Some(id) = text(params, "/payment_method_data/shared_payment_granted_token") {
        ensure_preview(call)?;
        if let Some(card) = Card::of_test_token(id, ALIAS_EXPIRY, call.fingerprint_key) {
            return Ok(Some(FoundMethod::New(MethodKind::Card(card), payer, None)));
        }
        let token = usable_token(store, call, id, amount, currency)?;
        let kind = MethodKind::Card(token.card.clone());
        return Ok(Some(FoundMethod::New(kind, payer, Some(token.id.clone()))));
    }
    if params.get("payment_method_data").is_some() {
        return Err(ApiError::missing(TOKEN));
    }
    let Some(id) = text(params, "/payment_method") else {
        return Ok(None);
    };
    if store.methods.get(id).is_some() {
        return Ok(Some(FoundMethod::Existing(id.to_owned())));
    }
    let card = Card::of_alias(id, ALIAS_EXPIRY, call.fingerprint_key);
    let card = card.ok_or_else(|| ApiError::no_object("PaymentMethod", "payment_method"))?;
    Ok(Some(FoundMethod::New(MethodKind::Card(card), payer, None)))
}

fn ensure_preview(call: &ApiCall<'_>) -> Result<(), ApiError> {
    if call.is_preview {
        return Ok(());
    }
    let message = format!("Received unknown parameter: {TOKEN}. It needs a preview version.");
    Err(ApiError::parameter(
        Some("parameter_unknown"),
        TOKEN,
        message,
    ))
}

fn usable_token<'a>(
    store: &'a Store,
    call: &ApiCall<'_>,
    id: &str,
    amount: i64,
    currency: &str,
) -> Result<&'a GrantedToken, ApiError> {
    let token = store.tokens.get(id);
    let token = token.ok_or_else(|| ApiError::no_object("shared_payment.granted_token", TOKEN))?;
    let refused = |message: &str| {
        Err(ApiError::refused(
            Some("payment_method_not_available"),
            message,
        ))
    };
    if token.revoked_at.is_some() {
        return refused("The token was revoked.");
    }
    if token.expires_at <= call.now_s {
        return refused("The token has expired.");
    }
    if token.currency != currency {
        return refused("The token is for another currency.");
    }
    if token.used.saturating_add(amount) > token.max_amount {
        return refused("The amount exceeds what the token allows.");
    }
    Ok(token)
}

/// `GET /v1/payment_methods/{payment_method}`
pub(super) fn retrieve(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let method = store.methods.get(call.id()).map(objects::payment_method);
    method.ok_or_else(|| ApiError::no_object("PaymentMethod", "payment_method"))
}
