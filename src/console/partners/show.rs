//! One partner: whether its endpoints work, and what else there is to see of it.

use askama::Template;

use super::{Link, PageTab};
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "partners/show.html", config = "src/console/askama.toml")]
pub(crate) struct PartnerPage {
    pub frame: Frame,
    pub slug: String,
    pub name: String,
    pub state: State,
    /// After the state's word.
    pub sentence: String,
    pub tabs: Vec<PageTab>,
    /// The title of its adapter.
    pub adapter: String,
    pub contact_allowed: bool,
    pub callback: Option<CallbackFacts>,
    pub created_at: Moment,
    /// Where an operator suspends it or ends that.
    pub suspension: Option<Link>,
    /// Absent if the caller does not see them.
    pub endpoints: Option<Vec<EndpointRow>>,
    pub keys: Option<KeyFacts>,
    pub shop: ShopFacts,
    pub source: Option<SourceFacts>,
    pub terms: Option<Vec<TermsRow>>,
    /// Where its deliveries, catalog and callbacks are.
    pub links: Vec<Link>,
}

/// How it reports.
#[derive(Debug)]
pub(crate) struct CallbackFacts {
    pub scheme: String,
    pub path: String,
}

/// An endpoint in a list.
#[derive(Debug)]
pub(crate) struct EndpointRow {
    pub id: String,
    pub url: String,
    pub state: State,
    pub sentence: String,
    pub events: String,
}

/// Its keys in short.
#[derive(Debug)]
pub(crate) struct KeyFacts {
    pub text: String,
    pub last_used_at: Option<Moment>,
}

/// Its shop in short.
#[derive(Debug)]
pub(crate) struct ShopFacts {
    pub is_open: bool,
    pub text: String,
    /// The public page.
    pub href: String,
}

/// Its feed source in short.
#[derive(Debug)]
pub(crate) struct SourceFacts {
    /// `None`: feeds are pushed.
    pub pulled: Option<PulledFacts>,
}

/// From where its feeds are pulled.
#[derive(Debug)]
pub(crate) struct PulledFacts {
    pub url: String,
    pub every: String,
    pub state: State,
    pub last_at: Option<Moment>,
    pub next_at: Moment,
}

/// One of the terms under which it sells here.
#[derive(Debug)]
pub(crate) struct TermsRow {
    pub name: &'static str,
    pub text: String,
    pub is_stated: bool,
}
