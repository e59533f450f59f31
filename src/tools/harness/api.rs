//! The gateway's HTTP API, called as any client would.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::tools::harness::HttpConnection;

const JSON: &str = "application/json";

/// The API with one key. Each call opens its own connection: there are few.
#[derive(Clone)]
pub(crate) struct Api {
    address: SocketAddr,
    key: String,
}

impl Api {
    pub(crate) fn new(address: SocketAddr, key: &str) -> Self {
        Self {
            address,
            key: key.to_owned(),
        }
    }

    /// Gets a JSON document.
    ///
    /// # Errors
    /// When the answer is not a success; the error has its body.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let body = self.text(path).await?;
        serde_json::from_str(&body).with_context(|| format!("GET {path}"))
    }

    /// Gets a text.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) async fn text(&self, path: &str) -> anyhow::Result<String> {
        self.call("GET", path, JSON, "").await
    }

    /// Posts a JSON document.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.call("POST", path, JSON, &body.to_string()).await?;
        serde_json::from_str(&answer).with_context(|| format!("POST {path}"))
    }

    /// Puts a text of any type.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) async fn put(
        &self,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> anyhow::Result<Value> {
        let answer = self.call("PUT", path, content_type, body).await?;
        serde_json::from_str(&answer).with_context(|| format!("PUT {path}"))
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> anyhow::Result<String> {
        let mut connection = HttpConnection::connect(self.address).await?;
        let request = format_request(method, path, self.address, &self.key, content_type, body);
        connection.send(request.as_bytes()).await?;
        let Some(reply) = connection.receive().await? else {
            bail!("{method} {path}: no answer");
        };
        let answer = String::from_utf8_lossy(reply.body).into_owned();
        if !(200..300).contains(&reply.status()) {
            bail!("{method} {path}: {} {answer}", reply.status());
        }
        Ok(answer)
    }
}

/// The bytes of a request with a JSON body.
pub(crate) fn json_request(
    method: &str,
    path: &str,
    address: SocketAddr,
    key: &str,
    body: &str,
) -> String {
    format_request(method, path, address, key, JSON, body)
}

fn format_request(
    method: &str,
    path: &str,
    address: SocketAddr,
    key: &str,
    content_type: &str,
    body: &str,
) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
