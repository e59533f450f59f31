//! The command line's client of the HTTP API.
//!
//! Promises: a problem is printed in sentences that name the fields; the key goes to the named server only,
//! never along a redirect or through a proxy. Must not know any table or room of the gateway.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde_json::{Value, json};

use super::print::{field, note, print_document};
use crate::config::secret;
use crate::egress;
use crate::secrets::api_key::ApiKey;

/// Longer than any answer takes.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Enough for the largest feed over a slow line.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(6 * 3_600);
/// Rows per page of a list.
const PAGE_LIMIT: &str = "500";

/// The gateway, the key, and the output format.
#[derive(Args, Clone)]
pub(crate) struct Remote {
    /// URL of the gateway. `host:port` or a port alone, for this machine, means plain http.
    #[arg(long, env = "BUYWIRE_SERVER", default_value = "http://127.0.0.1:8080", value_parser = server)]
    server: Url,
    /// File with the API key to use (`-`: standard input), or set BUYWIRE_KEY. Default: the generated operator key in the
    /// data directory.
    #[arg(long, env = "BUYWIRE_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Data directory of a gateway on this machine, which has the generated operator key.
    #[arg(long, env = "BUYWIRE_DATA_DIR", default_value = "./.buywire")]
    data_dir: PathBuf,
    /// Print only the gateway's response, as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which page of a list.
#[derive(Args)]
pub(crate) struct Paging {
    /// Maximum number of rows (1 to 500).
    #[arg(long, default_value = "50")]
    limit: String,
    /// Cursor from the previous page, to continue from there.
    #[arg(long)]
    cursor: Option<String>,
}

/// A connection to a gateway.
pub(crate) struct Client {
    http: reqwest::Client,
    server: Url,
    key: ApiKey,
    /// Where the key came from, for people.
    key_source: String,
}

impl Remote {
    /// Build the client. Sends nothing yet.
    ///
    /// # Errors
    /// When there is no key to use.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let http = reqwest::Client::builder()
            .user_agent(egress::USER_AGENT)
            .tls_backend_preconfigured(egress::client_config()?)
            .no_proxy()
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        let (key, key_source) = self.key()?;
        Ok(Client {
            http,
            server: self.server.clone(),
            key,
            key_source,
        })
    }

    /// Print one page of a list, and for people how to get the next one. Filters without a value are left out.
    ///
    /// # Errors
    /// When the gateway refuses the request.
    pub(crate) async fn print_page(
        &self,
        path: &[&str],
        filters: impl IntoIterator<Item = (&'static str, Option<String>)>,
        paging: Paging,
        to_text: impl FnOnce(&Value) -> String,
    ) -> anyhow::Result<()> {
        let paging = [("limit", Some(paging.limit)), ("cursor", paging.cursor)];
        let filters: Vec<_> = filters.into_iter().chain(paging).collect();
        let query: Vec<_> = filters
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)))
            .collect();
        let page = self.client()?.page(path, &query).await?;
        print_document(self.json, &page, to_text);
        let next = field(&page, "next_cursor").as_str();
        if let Some(next) = next.filter(|_| !self.json) {
            note(&format!("For the next page: --cursor {next}"));
        }
        Ok(())
    }

    /// The key, and where it came from.
    fn key(&self) -> anyhow::Result<(ApiKey, String)> {
        if let Some(key) = secret::read("BUYWIRE_KEY", self.key_file.as_deref())? {
            let source = match &self.key_file {
                Some(file) => format!("the file {}", file.display()),
                None => "BUYWIRE_KEY".to_owned(),
            };
            let key = ApiKey::parse(&key).with_context(|| format!("the key in {source}"))?;
            return Ok((key, source));
        }
        let file = self.data_dir.join("operator-key");
        let key = std::fs::read_to_string(&file).map_err(|error| {
            anyhow!(
                "no API key: set BUYWIRE_KEY, or set BUYWIRE_DATA_DIR to a gateway's data directory ({}: {error})",
                file.display()
            )
        })?;
        let source = file.display().to_string();
        let key =
            ApiKey::parse(key.trim()).with_context(|| format!("the key in the file {source}"))?;
        Ok((key, format!("the file {source}")))
    }
}

/// A server as people type it: also `8099` and `localhost:8099`.
fn server(text: &str) -> Result<Url, String> {
    let full = match text {
        port if port.parse::<u16>().is_ok() => format!("http://127.0.0.1:{port}"),
        full if full.contains("://") => full.to_owned(),
        host => format!("http://{host}"),
    };
    let url = Url::parse(&full).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| {
        "expected a URL, host and port, or port: http://127.0.0.1:8080, localhost:8080 or 8080"
            .to_owned()
    })
}

impl Client {
    /// `GET`. Paths are given by their segments behind `/v1`.
    pub(crate) async fn get(&self, path: &[&str]) -> anyhow::Result<Value> {
        self.request_document(self.http.get(self.url(path)?)).await
    }

    /// One page of a list.
    pub(crate) async fn page(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> anyhow::Result<Value> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        self.request_document(self.http.get(url)).await
    }

    /// All pages of a list.
    pub(crate) async fn list(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> anyhow::Result<Value> {
        let mut data = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut url = self.url(path)?;
            url.query_pairs_mut()
                .extend_pairs(query)
                .append_pair("limit", PAGE_LIMIT)
                .extend_pairs(cursor.iter().map(|cursor| ("cursor", cursor)));
            let mut page = self.request_document(self.http.get(url)).await?;
            if let Some(Value::Array(rows)) = page.get_mut("data") {
                data.append(rows);
            }
            cursor = field(&page, "next_cursor").as_str().map(str::to_owned);
            if cursor.is_none() {
                return Ok(json!({"data": data, "next_cursor": null}));
            }
        }
    }

    /// `POST` a document.
    pub(crate) async fn post(&self, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        self.send(Method::POST, path, body.to_string().into_bytes())
            .await
    }

    /// `POST` a document under an idempotency key.
    pub(crate) async fn post_once(
        &self,
        path: &[&str],
        key: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = self.http.post(self.url(path)?);
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        self.request_document(request.body(body.to_string())).await
    }

    /// `PATCH` with a document.
    pub(crate) async fn patch(&self, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        self.send(Method::PATCH, path, body.to_string().into_bytes())
            .await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &[&str]) -> anyhow::Result<Value> {
        self.request_document(self.http.delete(self.url(path)?))
            .await
    }

    /// Send a body unchanged, such as an order from a file.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Vec<u8>,
    ) -> anyhow::Result<Value> {
        let request = self.http.request(method, self.url(path)?);
        self.request_document(request.header(CONTENT_TYPE, "application/json").body(body))
            .await
    }

    /// `POST` to create something. Returns the answer, and whether this request created it.
    pub(crate) async fn create(
        &self,
        path: &[&str],
        body: Vec<u8>,
    ) -> anyhow::Result<(Value, bool)> {
        let request = self.http.post(self.url(path)?);
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let (status, document) = self.exchange(request).await?;
        Ok((document, status == StatusCode::CREATED))
    }

    /// `PUT` a stream. `kind` is its media type, when known.
    pub(crate) async fn upload(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        kind: Option<&str>,
        body: reqwest::Body,
    ) -> anyhow::Result<Value> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        let request = self.http.put(url).timeout(UPLOAD_TIMEOUT);
        let request = kind
            .into_iter()
            .fold(request, |request, kind| request.header(CONTENT_TYPE, kind));
        self.request_document(request.body(body)).await
    }

    fn url(&self, path: &[&str]) -> anyhow::Result<Url> {
        let mut url = self.server.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow!("the server must be a URL such as http://127.0.0.1:8080"))?
            .pop_if_empty()
            .push("v1")
            .extend(path);
        Ok(url)
    }

    async fn request_document(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        Ok(self.exchange(request).await?.1)
    }

    async fn exchange(&self, request: RequestBuilder) -> anyhow::Result<(StatusCode, Value)> {
        let sent = request
            .bearer_auth(self.key.reveal())
            .send()
            .await
            .map_err(reqwest::Error::without_url);
        let reply = sent.with_context(|| format!("no answer from {}", self.server))?;
        let status = reply.status();
        let request_id = reply.headers().get("x-request-id");
        let request_id = request_id
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned);
        let body = reply.bytes().await.map_err(reqwest::Error::without_url)?;
        if status == StatusCode::NO_CONTENT {
            return Ok((status, Value::Null));
        }
        let document = serde_json::from_slice(&body);
        match (status.is_success(), document) {
            (true, Ok(document)) => Ok((status, document)),
            (false, Ok(problem)) if status == StatusCode::UNAUTHORIZED => bail!(
                "{}\n  The key came from {}; the server is {}",
                sentences(status, &problem, request_id.as_deref()),
                self.key_source,
                self.server
            ),
            (false, Ok(problem)) => {
                Err(anyhow!(sentences(status, &problem, request_id.as_deref())))
            }
            (_, Err(_)) => bail!(
                "{} answered {status} without JSON: it is not a Buywire gateway",
                self.server
            ),
        }
    }
}

/// A problem document as sentences, and the id by which the gateway's log is searched.
fn sentences(status: StatusCode, problem: &Value, request_id: Option<&str>) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut message = format!(
        "{} ({}). {}",
        text(field(problem, "title")),
        status.as_u16(),
        text(field(problem, "detail"))
    );
    for error in field(problem, "errors").as_array().into_iter().flatten() {
        let location = text(field(error, "pointer"));
        let location = if location.is_empty() {
            "the body"
        } else {
            &location
        };
        message.push_str(&format!("\n  {location}: {}", text(field(error, "detail"))));
    }
    if let Some(id) = request_id {
        message.push_str(&format!("\n  Request id: {id}"));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_as_people_type_it() {
        for (text, url) in [
            ("8099", "http://127.0.0.1:8099/"),
            ("localhost:8099", "http://localhost:8099/"),
            ("gateway.example", "http://gateway.example/"),
            (
                "https://gateway.example/below",
                "https://gateway.example/below",
            ),
        ] {
            assert_eq!(server(text).unwrap().as_str(), url);
        }
        for text in [
            "",
            "ftp://gateway.example",
            "http://",
            "a b",
            "localhost:99999",
        ] {
            assert!(
                server(text).unwrap_err().contains("localhost:8080"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_problem_names_its_fields() {
        let problem = json!({
            "title": "The body is not valid", "detail": "Correct the named fields.",
            "errors": [{"pointer": "/url", "code": "scheme", "detail": "must begin with https://"}]
        });
        assert_eq!(
            sentences(StatusCode::UNPROCESSABLE_ENTITY, &problem, Some("0193")),
            "The body is not valid (422). Correct the named fields.\n  /url: must begin with https://\n  Request id: 0193"
        );
    }
}
