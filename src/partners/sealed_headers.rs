//! An endpoint's extra headers at rest: sealed as one JSON object, in the form that delivery opens.

use std::collections::BTreeMap;

use buywire_schemas::ids::EndpointId;
use serde_json::json;

use super::Partners;
use crate::delivery::headers::HeaderSet;
use crate::secrets::master_key::{SealContext, SealError};
use crate::store::partners::endpoints::Endpoint;

impl Partners {
    pub(super) fn open_headers(&self, endpoint: &Endpoint) -> Result<HeaderSet, SealError> {
        let Some(sealed) = &endpoint.headers else {
            return Ok(HeaderSet::default());
        };
        let plain = self
            .master
            .open(headers_context(&endpoint.id.to_string()), sealed)?;
        let headers = serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)?;
        HeaderSet::parse(&headers).map_err(|_| SealError::NotSealed)
    }

    pub(super) fn seal_headers(
        &self,
        id: EndpointId,
        headers: &HeaderSet,
    ) -> Result<Option<Vec<u8>>, SealError> {
        let plain: BTreeMap<_, _> = headers.reveal().collect();
        if plain.is_empty() {
            return Ok(None);
        }
        let plain = json!(plain).to_string();
        self.master
            .seal(headers_context(&id.to_string()), plain.as_bytes())
            .map(Some)
    }
}

fn headers_context(id: &str) -> SealContext<'_> {
    SealContext {
        table: "endpoints",
        row: id,
        column: "headers",
    }
}
