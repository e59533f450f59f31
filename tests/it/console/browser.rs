//! A browser as far as HTTP goes: it keeps a cookie, sends forms and does not follow redirects by itself.

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use url::form_urlencoded;

use crate::support::api::Answer;

pub(super) const COOKIE: &str = "__Host-buywire";

pub(super) struct Browser {
    http: reqwest::Client,
    base: String,
    /// The session's token, once signed in.
    pub(super) token: Option<String>,
}

impl Browser {
    pub(super) fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(buywire::testing::client_config().unwrap())
            .no_proxy()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            base: base.to_owned(),
            token: None,
        }
    }

    /// Signed in with a key.
    pub(super) async fn signed_in(base: &str, key: &str) -> Self {
        let mut browser = Self::new(base);
        let answer = browser.sign_in(key).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        browser
    }

    /// Sends the sign-in form and keeps the cookie.
    pub(super) async fn sign_in(&mut self, key: &str) -> Answer {
        let answer = self.send_form("/console/sign-in", &[("key", key)]).await;
        if let Some(cookie) = answer.header("set-cookie") {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert_eq!(name, COOKIE);
            self.token = Some(value.to_owned());
        }
        answer
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header("cookie", format!("theme=dark; {COOKIE}={token}")),
            None => request,
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        Answer::send(self.request(Method::GET, path)).await
    }

    /// A page that must be there.
    pub(super) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body()
    }

    /// The token that the forms of this session carry.
    pub(super) async fn form_token(&self) -> String {
        let page = self.page("/console/sessions").await;
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Sends a form as it is.
    pub(super) async fn send_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::send(with_form(self.request(Method::POST, path), fields)).await
    }

    /// Sends a form of a page of this session.
    pub(super) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token().await;
        let fields: Vec<_> = [("token", token.as_str())]
            .iter()
            .chain(fields)
            .copied()
            .collect();
        self.send_form(path, &fields).await
    }
}

/// A request with a form's fields.
pub(super) fn with_form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish())
}

/// Where an answer leads.
pub(super) fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location").unwrap()
}
