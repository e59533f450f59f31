//! Addresses that hold secrets: the query, and a user's name and password, are sealed; the rest is shown.

use url::Url;

use super::seal::{MasterKeys, Place, SealError};

/// What is shown where a secret stands.
const MASK: &str = "***";
const COLUMN: &str = "sealed_url";

/// An address as its row keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedUrl {
    /// The address, with [`MASK`] for its secrets.
    pub shown: String,
    /// The whole address, where it holds any.
    pub sealed: Option<Vec<u8>>,
}

/// Seals what is secret in an address, for this row of this table.
///
/// # Errors
/// The master key cannot seal.
pub fn seal(
    master: &MasterKeys,
    table: &str,
    row: &str,
    url: &Url,
) -> Result<SealedUrl, SealError> {
    let shown = masked(url);
    let sealed = (shown != *url)
        .then(|| master.seal(place(table, row), url.as_str().as_bytes()))
        .transpose()?;
    Ok(SealedUrl {
        shown: shown.into(),
        sealed,
    })
}

/// The whole address of a row.
///
/// # Errors
/// It was sealed under another key, or for another row.
pub fn open(
    master: &MasterKeys,
    table: &str,
    row: &str,
    shown: &str,
    sealed: Option<&[u8]>,
) -> Result<String, SealError> {
    let Some(sealed) = sealed else {
        return Ok(shown.to_owned());
    };
    let opened = master.open(place(table, row), sealed)?;
    String::from_utf8(opened.to_vec()).map_err(|_| SealError::NotSealed)
}

/// Whether this is what was shown of an address, rather than an address.
#[must_use]
pub fn is_masked(url: &Url) -> bool {
    url.query() == Some(MASK) || url.username() == MASK || url.password() == Some(MASK)
}

fn masked(url: &Url) -> Url {
    let mut shown = url.clone();
    if url.query().is_some() {
        shown.set_query(Some(MASK));
    }
    // Both fail only for addresses that can have neither.
    if !url.username().is_empty() {
        let _ = shown.set_username(MASK);
    }
    if url.password().is_some() {
        let _ = shown.set_password(Some(MASK));
    }
    shown
}

fn place<'a>(table: &'a str, row: &'a str) -> Place<'a> {
    Place {
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
            let kept = seal(&master, "endpoints", "ep_1", &url).unwrap();
            assert_eq!(kept.shown, shown);
            assert_eq!(kept.sealed.is_some(), shown.contains(MASK));
            let opened = open(
                &master,
                "endpoints",
                "ep_1",
                &kept.shown,
                kept.sealed.as_deref(),
            );
            assert_eq!(opened.unwrap(), url.as_str());
            assert_eq!(is_masked(&shown.parse().unwrap()), shown.contains(MASK));
        }
    }
}
