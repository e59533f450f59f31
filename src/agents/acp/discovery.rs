//! `/.well-known/acp.json`: that ACP is spoken here, and where. It names no seller.

use serde_json::{Value, json};

use super::release::VERSION;

pub(crate) fn discovery(public_url: &str) -> Value {
    json!({
        "protocol": {"name": "acp", "version": VERSION, "supported_versions": [VERSION]},
        "api_base_url": format!("{public_url}/acp"),
        "transports": ["rest"],
        "capabilities": {
            "services": ["checkout"],
            "intervention_types": ["3ds"],
            "supported_locales": ["en", "fr", "de", "es", "nl"],
        },
    })
}
