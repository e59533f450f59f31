//! Every registered adapter passes, and a careless one fails.

mod orders;
mod totals;

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::contract::Profile;
use crate::contract::callback::{
    Callback, CallbackKind, CallbackReadError, CallbackRequest, Callbacks, ConfirmationRequest,
};
use crate::dialects::all;

pub(super) fn dialects_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("dialects")
}

#[test]
fn every_adapter_keeps_the_contract() {
    for adapter in all() {
        let report = check(*adapter, &dialects_folder().join(adapter.name()));
        let faults = report.faults().join("\n");
        assert!(faults.is_empty(), "{}:\n{faults}", adapter.name());
        assert!(report.checked() > 100, "{}: too few checks", adapter.name());
    }
}

#[test]
fn every_adapter_shows_a_golden_order_as_it_leaves() {
    for adapter in all() {
        let folder = dialects_folder().join(adapter.name());
        let shown = http_file(*adapter, &folder).unwrap();
        let (head, body) = shown.split_once("\n\n").unwrap();
        assert!(head.contains("\nPOST https://shop.example/hooks"), "{head}");
        assert!(!body.is_empty(), "{}", adapter.name());
    }
}

/// Breaks every promise of the contract.
struct Careless(AtomicUsize);

static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    Profile::parse(
        r#"{"title": "", "summary": "no sentence", "documentation": "on request",
            "content_type": "text/plain", "events": ["order.refunded", "parcels"]}"#,
    )
});

impl Adapter for Careless {
    fn name(&self) -> &'static str {
        "careless"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        let calls = self.0.fetch_add(1, Ordering::Relaxed);
        let body = format!("{calls} {} 109.90", delivery.endpoint);
        Ok(Rendered::json(body)?
            .with_header("Host", "elsewhere")
            .with_header("content-length", "7")
            .with_header("x-name", "Zo\u{eb}")
            .with_header("webhook-id", "7"))
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }
}

impl Callbacks for Careless {
    fn read(
        &self,
        _request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        Ok(Callback {
            key: String::new(),
            order: None,
            occurred_at: None,
            kind: CallbackKind::Change,
            updates: Vec::new(),
        })
    }

    fn confirmation_request(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<ConfirmationRequest, CallbackReadError> {
        Ok(ConfirmationRequest::bearer(
            request.url.clone(),
            "1".to_owned(),
        ))
    }
}

#[test]
fn a_careless_adapter_is_told_each_of_its_faults() {
    let careless = Careless(AtomicUsize::new(0));
    let report = check(&careless, &dialects_folder().join("../toolkit"));
    let faults = report.faults().join("\n");
    for fault in [
        "renders different bytes the second time",
        "has content type `application/json`, but profile.json says `text/plain`",
        "a dialect cannot send the header `Host`",
        "a dialect cannot send the header `content-length`",
        "`x-name` has a value that is not printable ASCII",
        "`webhook-id` is sent twice",
        "the title is missing",
        "the summary does not end with a full stop",
        "the documentation is not an https URL",
        "`parcels` is not an event pattern",
        "profile.json does not declare `order.confirmed`, but the code says otherwise",
        "sends `unsaidtoken`",
        "does not state 10990 minor units of JPY",
        "states 109.90 for 10990 minor units of KWD",
        "NOTES.md is missing",
        "form.rs is not one of the files that an adapter folder may hold",
        "the adapter has callbacks, but golden/callbacks is missing",
        "reads 1048576 bytes of junk as a callback",
        "reads 1048576 bytes of junk as an unsigned callback",
    ] {
        assert!(faults.contains(fault), "{fault} is not in:\n{faults}");
    }
}
