//! The gateway's HTTP API, as any client would call it.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use serde_json::Value;

use super::Wire;

const JSON: &str = "application/json";

/// The API under one key. Each call has a connection of its own: they are few.
#[derive(Clone)]
pub struct Api {
    address: SocketAddr,
    key: String,
}

impl Api {
    pub(super) fn new(address: SocketAddr, key: &str) -> Self {
        Self {
            address,
            key: key.to_owned(),
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When the answer is no success, with what it says.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let body = self.text(path).await?;
        serde_json::from_str(&body).with_context(|| format!("GET {path}"))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// When the answer is no success, with what it says.
    pub async fn text(&self, path: &str) -> anyhow::Result<String> {
        self.call("GET", path, JSON, "").await
    }

    /// Sends a document.
    ///
    /// # Errors
    /// When the answer is no success, with what it says.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.call("POST", path, JSON, &body.to_string()).await?;
        serde_json::from_str(&answer).with_context(|| format!("POST {path}"))
    }

    /// Puts a text of any type there.
    ///
    /// # Errors
    /// When the answer is no success, with what it says.
    pub async fn put(&self, path: &str, kind: &str, body: &str) -> anyhow::Result<Value> {
        let answer = self.call("PUT", path, kind, body).await?;
        serde_json::from_str(&answer).with_context(|| format!("PUT {path}"))
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: &str,
    ) -> anyhow::Result<String> {
        let mut wire = Wire::open(self.address).await?;
        let request = request_of(method, path, self.address, &self.key, kind, body);
        wire.send(request.as_bytes()).await?;
        let Some(reply) = wire.receive().await? else {
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
pub(crate) fn request(
    method: &str,
    path: &str,
    address: SocketAddr,
    key: &str,
    body: &str,
) -> String {
    request_of(method, path, address, key, JSON, body)
}

fn request_of(
    method: &str,
    path: &str,
    address: SocketAddr,
    key: &str,
    kind: &str,
    body: &str,
) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
