//! An endpoint's connection: its client certificate, private CAs and proxy, as they are set and shown.
//!
//! An absent field stays as it is and null clears it, also inside of `tls`. Promises: what cannot work is refused with
//! the reason before it is stored; keys and credentials are sealed and never shown.

use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, string};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{PartnerError, Partners};
use crate::ambient;
use crate::delivery::connection;
use crate::egress::{
    EXPIRY_NOTICE, EgressPolicy, EndpointProxy, TlsFiles, TlsIdentity, TlsRefusal,
};
use crate::secrets::master_key::SealError;
use crate::secrets::sealed_url;
use crate::store::partners::endpoints::Endpoint;

/// The certificates that a body sets; `None` leaves one as it is, `Some(None)` clears it.
#[derive(Default)]
pub(super) struct TlsPatch {
    client_certificate: Option<Option<String>>,
    client_key: Option<Option<String>>,
    ca: Option<Option<String>>,
}

/// A proxy that a body sets.
pub(super) enum ProxyPatch {
    /// As it was shown, with masked credentials: it stays as it is.
    Masked(String),
    New(EndpointProxy),
}

impl TlsPatch {
    /// Reads the object and collects violations in the reader.
    pub(super) fn read(body: &mut Reader<'_>) -> Option<Self> {
        body.optional_nested("tls", |tls| {
            let mut pem = |name| {
                let is_given = tls.has(name);
                let text = tls.optional(name, string(|text| Ok(text.to_owned())));
                is_given.then_some(text)
            };
            Some(Self {
                client_certificate: pem("client_certificate"),
                client_key: pem("client_key"),
                ca: pem("ca"),
            })
        })
    }

    fn apply_to(self, files: TlsFiles) -> TlsFiles {
        TlsFiles {
            client_certificate: self.client_certificate.unwrap_or(files.client_certificate),
            client_key: self.client_key.unwrap_or(files.client_key),
            ca: self.ca.unwrap_or(files.ca),
        }
    }
}

/// Reads the proxy and records in the reader why it cannot be used.
pub(super) fn read_proxy(body: &mut Reader<'_>, policy: &EgressPolicy) -> Option<ProxyPatch> {
    body.optional(
        "proxy",
        string(|text| {
            if url::Url::parse(text).is_ok_and(|url| sealed_url::is_masked(&url)) {
                return Ok(ProxyPatch::Masked(text.to_owned()));
            }
            EndpointProxy::parse(text, policy)
                .map(ProxyPatch::New)
                .map_err(|refusal| Violation::new(refusal.code(), refusal.message()))
        }),
    )
}

/// A proxy carries https only: it would read anything else.
pub(super) fn check_proxy(endpoint: &Endpoint) -> Result<(), BodyError> {
    if endpoint.proxy.is_none() || endpoint.url.starts_with("https:") {
        return Ok(());
    }
    let detail = "needs an endpoint with an https URL: a proxy would read plain http";
    Err(BodyError::single(
        "/proxy",
        Violation::new("not_https", detail),
    ))
}

/// Shows whether the client certificate expires soon.
pub(super) fn with_expiry(mut endpoint: Endpoint, now: OffsetDateTime) -> Endpoint {
    let summary = endpoint.tls_summary.as_mut();
    let certificate = summary.and_then(|summary| summary.get_mut("client_certificate"));
    if let Some(certificate) = certificate.and_then(Value::as_object_mut) {
        let not_after = certificate.get("not_after").and_then(Value::as_str);
        let not_after = not_after.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        let expires_soon = not_after.is_none_or(|not_after| not_after <= now + EXPIRY_NOTICE);
        certificate.insert("expires_soon".to_owned(), json!(expires_soon));
    }
    endpoint
}

impl Partners {
    /// Seals what an earlier master key has sealed: nobody should have to upload a key again for that.
    pub(super) fn reseal_connection(&self, endpoint: &mut Endpoint) -> Result<(), SealError> {
        let is_old = |sealed: &Vec<u8>| self.master.needs_reseal(sealed);
        if let Some(sealed) = endpoint.tls.as_ref().filter(|sealed| is_old(sealed)) {
            let files = connection::open_tls(&self.master, endpoint.id, Some(sealed))?;
            endpoint.tls = Some(connection::seal_tls(&self.master, endpoint.id, &files)?);
        }
        if let Some(sealed) = endpoint
            .sealed_proxy
            .as_ref()
            .filter(|sealed| is_old(sealed))
        {
            let url = connection::open_proxy(&self.master, endpoint.id, sealed)?;
            endpoint.sealed_proxy = Some(connection::seal_proxy(&self.master, endpoint.id, &url)?);
        }
        Ok(())
    }

    /// Changes the certificates of an endpoint.
    pub(super) fn apply_tls(
        &self,
        patch: Option<TlsPatch>,
        endpoint: &mut Endpoint,
    ) -> Result<(), PartnerError> {
        let files = match patch {
            Some(patch) => {
                let stored = endpoint.tls.as_deref();
                patch.apply_to(connection::open_tls(&self.master, endpoint.id, stored)?)
            }
            None => TlsFiles::default(),
        };
        if files.is_empty() {
            (endpoint.tls, endpoint.tls_summary) = (None, None);
            return Ok(());
        }
        let identity = TlsIdentity::parse(&files);
        let identity = identity.and_then(|tls| tls.check_dates(ambient::now()).map(|()| tls));
        let identity = identity.map_err(refused)?;
        endpoint.tls = Some(connection::seal_tls(&self.master, endpoint.id, &files)?);
        endpoint.tls_summary = Some(json!(identity.summary()));
        Ok(())
    }

    /// Changes the proxy of an endpoint.
    pub(super) fn apply_proxy(
        &self,
        patch: Option<ProxyPatch>,
        endpoint: &mut Endpoint,
    ) -> Result<(), PartnerError> {
        match patch {
            Some(ProxyPatch::New(proxy)) => {
                let url = proxy.address().reveal();
                let sealed = connection::seal_proxy(&self.master, endpoint.id, url.as_str())?;
                endpoint.proxy = Some(sealed_url::mask(url).into());
                endpoint.sealed_proxy = Some(sealed);
            }
            Some(ProxyPatch::Masked(shown)) if endpoint.proxy.as_ref() == Some(&shown) => {}
            Some(ProxyPatch::Masked(_)) => {
                let detail = "must be the whole URL; `***` stands for the part that is not shown";
                let flaw = Violation::new("url_masked", detail);
                return Err(BodyError::single("/proxy", flaw).into());
            }
            None => (endpoint.proxy, endpoint.sealed_proxy) = (None, None),
        }
        Ok(())
    }
}

fn refused(refusal: TlsRefusal) -> BodyError {
    let TlsRefusal { field, fault } = refusal;
    let pointer = format!("/tls/{field}");
    BodyError::single(&pointer, Violation::new(fault.code(), fault.to_string()))
}
