//! URLs with secrets: the query, user name and password are sealed; the rest is shown.

use url::Url;

use super::master_key::{MasterKeys, SealContext, SealError};

/// Shown in place of a secret.
const MASK: &str = "***";
const COLUMN: &str = "sealed_url";

/// A URL as its row stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SealedUrl {
    /// The URL, with `***` for its secrets.
    pub masked: String,
    /// The whole URL, if it has secrets.
    pub sealed: Option<Vec<u8>>,
}

/// Seals the secrets of a URL for this row of this table.
///
/// # Errors
/// As [`MasterKeys::seal`].
pub(crate) fn seal(
    master: &MasterKeys,
    table: &str,
    row: &str,
    url: &Url,
) -> Result<SealedUrl, SealError> {
    let masked_url = mask(url);
    let sealed = (masked_url != *url)
        .then(|| master.seal(context(table, row), url.as_str().as_bytes()))
        .transpose()?;
    Ok(SealedUrl {
        masked: masked_url.into(),
        sealed,
    })
}

/// Opens the whole URL of a row.
///
/// # Errors
/// As [`MasterKeys::open`].
pub(crate) fn open(
    master: &MasterKeys,
    table: &str,
    row: &str,
    masked: &str,
    sealed: Option<&[u8]>,
) -> Result<String, SealError> {
    let Some(sealed) = sealed else {
        return Ok(masked.to_owned());
    };
    let opened = master.open(context(table, row), sealed)?;
    String::from_utf8(opened.to_vec()).map_err(|_| SealError::NotSealed)
}

/// Whether this is a masked URL, not a whole one.
#[must_use]
pub(crate) fn is_masked(url: &Url) -> bool {
    url.query() == Some(MASK) || url.username() == MASK || url.password() == Some(MASK)
}

/// The URL as it is shown.
pub(crate) fn mask(url: &Url) -> Url {
    let mut masked = url.clone();
    if url.query().is_some() {
        masked.set_query(Some(MASK));
    }
    // Both fail only for URLs that can have neither.
    if !url.username().is_empty() {
        let _ = masked.set_username(MASK);
    }
    if url.password().is_some() {
        let _ = masked.set_password(Some(MASK));
    }
    masked
}

fn context<'a>(table: &'a str, row: &'a str) -> SealContext<'a> {
    SealContext {
        table,
        row,
        column: COLUMN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_shown_as_stars_and_opens_again() {
        let master = MasterKeys::new(&MasterKeys::generate(), &[]).unwrap();
        for (url, shown) in [
            (
                "https://a.example/in?token=s3cret&x=1",
                "https://a.example/in?***",
            ),
            (
                "https://ann:s3cret@a.example/in",
                "https://***:***@a.example/in",
            ),
            ("https://a.example/in", "https://a.example/in"),
        ] {
            let url: Url = url.parse().unwrap();
            let stored = seal(&master, "endpoints", "ep_1", &url).unwrap();
            assert_eq!(stored.masked, shown);
            assert_eq!(stored.sealed.is_some(), shown.contains(MASK));
            let opened = open(
                &master,
                "endpoints",
                "ep_1",
                &stored.masked,
                stored.sealed.as_deref(),
            );
            assert_eq!(opened.unwrap(), url.as_str());
            assert_eq!(is_masked(&shown.parse().unwrap()), shown.contains(MASK));
        }
    }
}
