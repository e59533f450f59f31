//! A browser without scripts: forms, redirects, and nothing kept between pages.
//!
//! Only for the pages of this machine's own gateway and processor.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::tools::harness::HttpConnection;

/// An answer.
pub(crate) struct BrowserPage {
    pub(crate) status: u16,
    /// Where to go next.
    pub(crate) location: Option<String>,
    pub(crate) html: String,
}

impl BrowserPage {
    /// The value of a hidden field.
    ///
    /// # Errors
    /// The page has no such field.
    pub(crate) fn hidden(&self, name: &str) -> anyhow::Result<&str> {
        let field = self.html.split(&format!("name=\"{name}\"")).nth(1);
        let value = field.and_then(|rest| rest.split("value=\"").nth(1));
        let value = value.and_then(|rest| rest.split('"').next());
        value.with_context(|| format!("the page has no field {name}"))
    }
}

/// Reads a page.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn open(url: &str) -> anyhow::Result<BrowserPage> {
    request("GET", url, "").await
}

/// Submits a form. Returns where it leads.
///
/// # Errors
/// When it leads nowhere.
pub(crate) async fn submit(url: &str, form: &[(&str, &str)]) -> anyhow::Result<String> {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let page = request("POST", url, &body).await?;
    match page.location {
        Some(location) => Ok(Url::parse(url)?.join(&location)?.into()),
        None => bail!("{url} answered {} and leads nowhere", page.status),
    }
}

async fn request(method: &str, url: &str, body: &str) -> anyhow::Result<BrowserPage> {
    let url = Url::parse(url)?;
    let host = url.host_str().context("a page has a host")?;
    let port = url.port_or_known_default().context("a page has a port")?;
    let address: SocketAddr = format!("{host}:{port}").parse()?;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut connection = HttpConnection::connect(address).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\naccept-language: en\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.send(head.as_bytes()).await?;
    let Some(reply) = connection.receive().await? else {
        bail!("{url}: no answer");
    };
    let mut headers = reply.headers();
    let location = headers.find(|(name, _)| name.eq_ignore_ascii_case("location"));
    Ok(BrowserPage {
        status: reply.status(),
        location: location.map(|(_, value)| value.to_owned()),
        html: String::from_utf8_lossy(reply.body).into_owned(),
    })
}
