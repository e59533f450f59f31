//! An endpoint's connection settings at rest: certificates with their key, and its proxy, sealed.
//!
//! Promises: what opens is what was sealed for this endpoint.

use buywire_schemas::ids::EndpointId;

use crate::egress::TlsFiles;
use crate::secrets::master_key::{MasterKeys, SealContext, SealError};

const TLS_COLUMN: &str = "tls";
const PROXY_COLUMN: &str = "sealed_proxy";

/// # Errors
/// As [`MasterKeys::seal`].
pub(crate) fn seal_tls(
    master: &MasterKeys,
    endpoint: EndpointId,
    files: &TlsFiles,
) -> Result<Vec<u8>, SealError> {
    let plain = serde_json::to_vec(files).map_err(|_| SealError::NotSealed)?;
    master.seal(context(&endpoint.to_string(), TLS_COLUMN), &plain)
}

/// # Errors
/// As [`MasterKeys::open`].
pub(crate) fn open_tls(
    master: &MasterKeys,
    endpoint: EndpointId,
    sealed: Option<&[u8]>,
) -> Result<TlsFiles, SealError> {
    let Some(sealed) = sealed else {
        return Ok(TlsFiles::default());
    };
    let plain = master.open(context(&endpoint.to_string(), TLS_COLUMN), sealed)?;
    serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)
}

/// # Errors
/// As [`MasterKeys::seal`].
pub(crate) fn seal_proxy(
    master: &MasterKeys,
    endpoint: EndpointId,
    url: &str,
) -> Result<Vec<u8>, SealError> {
    master.seal(context(&endpoint.to_string(), PROXY_COLUMN), url.as_bytes())
}

/// # Errors
/// As [`MasterKeys::open`].
pub(crate) fn open_proxy(
    master: &MasterKeys,
    endpoint: EndpointId,
    sealed: &[u8],
) -> Result<String, SealError> {
    let plain = master.open(context(&endpoint.to_string(), PROXY_COLUMN), sealed)?;
    String::from_utf8(plain.to_vec()).map_err(|_| SealError::NotSealed)
}

fn context<'a>(row: &'a str, column: &'a str) -> SealContext<'a> {
    SealContext {
        table: "endpoints",
        row,
        column,
    }
}
