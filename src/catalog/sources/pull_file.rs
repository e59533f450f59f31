//! Requests of files: what a pull by SFTP or FTPS is made of.

use std::sync::Arc;

use buywire_schemas::catalog::issue::Code::FetchFailed;

use super::Sources;
use super::fetch::FetchError;
use super::files::FileRequest;
use super::files::login::{HostKey, Login};
use crate::egress::{FileUrl, SavedBy};
use crate::store::catalog::sources::{ClaimedSource, Validators};
use crate::store::partners::endpoints::host;

impl Sources {
    /// Opens the login and checks the URL again: the opened ranges may have shrunk since the source was saved.
    pub(super) fn file_request(
        &self,
        source: &ClaimedSource,
        validators: Option<&Validators>,
    ) -> Result<FileRequest, FetchError> {
        let host = host(&source.url).unwrap_or_default();
        let failed = |what: String| FetchError::new(&host, FetchFailed, what);
        let saved_by = match source.url_saved_by.as_str() {
            "operator" => SavedBy::Operator,
            _ => SavedBy::Partner,
        };
        let url = FileUrl::parse(&source.url, saved_by, self.fetcher.policy());
        let url = url.map_err(|refusal| failed(refusal.to_string()))?;
        let unopened =
            || failed("the source's login cannot be unsealed: save the source again".to_owned());
        let sealed = source.login.as_deref().ok_or_else(unopened)?;
        let login = Login::open(&self.master, source.partner, sealed).map_err(|error| {
            tracing::error!(partner = %source.slug, error = %error, "catalog.pull: the source's login cannot be unsealed");
            unopened()
        })?;
        let host_key = source.host_key.as_deref();
        Ok(FileRequest {
            url,
            login,
            host_key: host_key.and_then(|key| HostKey::parse(key).ok()),
            validator: validators.and_then(|validators| validators.etag.clone()),
            disk: Arc::clone(&self.catalog.0.disk),
            partner: source.partner,
        })
    }
}
