//! One endpoint: whether it works in a sentence, its settings and secrets, and what can be done with it.

use askama::Template;

use super::attempts::AttemptHours;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "partners/endpoint.html", config = "src/console/askama.toml")]
pub(crate) struct EndpointPage {
    pub frame: Frame,
    pub slug: String,
    pub id: String,
    /// The host, and the path without what may be a secret.
    pub url: String,
    pub state: State,
    /// After the state's word.
    pub sentence: String,
    pub is_enabled: bool,
    /// The version that the page shows: changes are made from it.
    pub version: i64,
    pub counts: Vec<Count>,
    pub attempts: AttemptHours,
    pub settings: Vec<Setting>,
    /// What operators set for the partner's dialect.
    pub dialect: Option<String>,
    pub keys: Vec<KeyRow>,
    pub public_keys: Vec<PublicKeyRow>,
    pub certificate: Option<CertificateFacts>,
    pub created_at: Moment,
}

/// A number of deliveries and where they are.
#[derive(Debug)]
pub(crate) struct Count {
    pub name: &'static str,
    pub number: String,
    pub href: String,
}

/// A setting as it is.
#[derive(Debug)]
pub(crate) struct Setting {
    pub name: &'static str,
    pub value: String,
}

/// A key that signs, by its name.
#[derive(Debug)]
pub(crate) struct KeyRow {
    pub name: &'static str,
    pub created_at: Moment,
    /// `None` for the current one.
    pub valid_until: Option<Moment>,
}

/// A key with which receivers verify.
#[derive(Debug)]
pub(crate) struct PublicKeyRow {
    pub kid: String,
    pub key: String,
    pub valid_until: Option<Moment>,
}

/// Its client certificate.
#[derive(Debug)]
pub(crate) struct CertificateFacts {
    pub state: State,
    pub subject: String,
    pub not_after: Option<Moment>,
}
