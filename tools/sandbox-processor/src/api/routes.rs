//! The table of operations: method, path as Stripe's description spells it, parameters, handler.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::shape::Field;
use super::{endpoints, intents, methods, money, sessions, shapes, tokens, transfers};
use crate::faults::Operation;
use crate::store::Store;

type Handler = fn(&mut Store, &ApiCall<'_>) -> Result<Value, ApiError>;

/// One operation.
pub(super) struct Route {
    method: &'static str,
    pub(super) path: &'static str,
    pub(super) operation: Operation,
    pub(super) fields: &'static [Field],
    pub(super) handler: Handler,
}

const fn get(path: &'static str, fields: &'static [Field], handler: Handler) -> Route {
    Route {
        method: "GET",
        path,
        operation: Operation::Read,
        fields,
        handler,
    }
}

const fn post(
    path: &'static str,
    operation: Operation,
    fields: &'static [Field],
    handler: Handler,
) -> Route {
    Route {
        method: "POST",
        path,
        operation,
        fields,
        handler,
    }
}

const fn delete(path: &'static str, operation: Operation, handler: Handler) -> Route {
    Route {
        method: "DELETE",
        path,
        operation,
        fields: &[],
        handler,
    }
}

use Operation::{
    Cancel, Capture, Confirm, CreateIntent, CreateSession, CreateToken, Expire, ManageEndpoint,
    Refund, ReverseTransfer, RevokeToken, Transfer, UpdateIntent,
};

static ROUTES: [Route; 34] = [
    post(
        "/v1/checkout/sessions",
        CreateSession,
        shapes::CREATE_SESSION,
        sessions::create,
    ),
    get(
        "/v1/checkout/sessions",
        shapes::LIST_SESSIONS,
        sessions::list_all,
    ),
    get(
        "/v1/checkout/sessions/{session}",
        shapes::EXPAND_ONLY,
        sessions::retrieve,
    ),
    get(
        "/v1/checkout/sessions/{session}/line_items",
        shapes::LIST,
        sessions::line_items,
    ),
    post(
        "/v1/checkout/sessions/{session}/expire",
        Expire,
        shapes::EXPAND_ONLY,
        sessions::expire,
    ),
    post(
        "/v1/payment_intents",
        CreateIntent,
        shapes::CREATE_INTENT,
        intents::create,
    ),
    get("/v1/payment_intents", shapes::LIST, intents::list_all),
    get(
        "/v1/payment_intents/{intent}",
        shapes::EXPAND_ONLY,
        intents::retrieve,
    ),
    post(
        "/v1/payment_intents/{intent}",
        UpdateIntent,
        shapes::UPDATE_INTENT,
        intents::update,
    ),
    post(
        "/v1/payment_intents/{intent}/confirm",
        Confirm,
        shapes::CONFIRM_INTENT,
        intents::confirm,
    ),
    post(
        "/v1/payment_intents/{intent}/capture",
        Capture,
        shapes::CAPTURE_INTENT,
        intents::capture,
    ),
    post(
        "/v1/payment_intents/{intent}/cancel",
        Cancel,
        shapes::CANCEL_INTENT,
        intents::cancel,
    ),
    get(
        "/v1/payment_methods/{payment_method}",
        shapes::EXPAND_ONLY,
        methods::retrieve,
    ),
    get("/v1/charges", shapes::LIST_CHARGES, money::list_charges),
    get("/v1/charges/{charge}", shapes::EXPAND_ONLY, money::retrieve),
    post(
        "/v1/refunds",
        Refund,
        shapes::CREATE_REFUND,
        money::create_refund,
    ),
    get("/v1/refunds", shapes::LIST_BY_PAYMENT, money::list_refunds),
    get("/v1/refunds/{refund}", shapes::EXPAND_ONLY, money::retrieve),
    get(
        "/v1/disputes",
        shapes::LIST_BY_PAYMENT,
        money::list_disputes,
    ),
    get(
        "/v1/disputes/{dispute}",
        shapes::EXPAND_ONLY,
        money::retrieve,
    ),
    post(
        "/v1/transfers",
        Transfer,
        shapes::CREATE_TRANSFER,
        transfers::create,
    ),
    get("/v1/transfers", shapes::LIST_TRANSFERS, transfers::list_all),
    get(
        "/v1/transfers/{transfer}",
        shapes::EXPAND_ONLY,
        money::retrieve,
    ),
    post(
        "/v1/transfers/{id}/reversals",
        ReverseTransfer,
        shapes::REVERSE_TRANSFER,
        transfers::reverse,
    ),
    get(
        "/v1/transfers/{id}/reversals",
        shapes::LIST,
        transfers::list_reversals,
    ),
    get("/v1/events", shapes::LIST_EVENTS, money::list_events),
    get(
        "/v1/events/{id}",
        shapes::EXPAND_ONLY,
        money::retrieve_event,
    ),
    post(
        "/v1/webhook_endpoints",
        ManageEndpoint,
        shapes::CREATE_ENDPOINT,
        endpoints::create,
    ),
    get("/v1/webhook_endpoints", shapes::LIST, endpoints::list_all),
    get(
        "/v1/webhook_endpoints/{webhook_endpoint}",
        shapes::EXPAND_ONLY,
        endpoints::retrieve,
    ),
    delete(
        "/v1/webhook_endpoints/{webhook_endpoint}",
        ManageEndpoint,
        endpoints::delete,
    ),
    get(
        "/v1/shared_payment/granted_tokens/{id}",
        shapes::EXPAND_ONLY,
        tokens::retrieve,
    ),
    post(
        "/v1/test_helpers/shared_payment/granted_tokens",
        CreateToken,
        shapes::CREATE_TOKEN,
        tokens::create,
    ),
    post(
        "/v1/test_helpers/shared_payment/granted_tokens/{id}/revoke",
        RevokeToken,
        shapes::EXPAND_ONLY,
        tokens::revoke,
    ),
];

/// The operation of a request, with the ids in its path.
pub(super) fn find<'a>(method: &str, path: &'a str) -> Option<(&'static Route, Vec<&'a str>)> {
    let mut routes = ROUTES.iter();
    routes.find_map(|route| {
        let ids = (route.method == method).then(|| ids(route.path, path))?;
        Some((route, ids?))
    })
}

fn ids<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut ids = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        match expected.starts_with('{') {
            true if !segment.is_empty() => ids.push(segment),
            false if segment == expected => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(ids)
}
