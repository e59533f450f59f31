//! A new replay: its filter, what it would do, and the form that starts it.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "replays/new.html", config = "src/console/askama.toml")]
pub(crate) struct NewReplayPage {
    pub frame: Frame,
    pub fields: ReplayFields,
    /// Why the filter cannot be used.
    pub error: Option<String>,
    /// What the replay would do, once the filter can be used.
    pub plan: Option<Plan>,
}

/// The filter as it stands in the form.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReplayFields {
    pub status: String,
    pub partner: String,
    pub endpoint: String,
    pub event_type: String,
    pub error: String,
    pub failure_group: String,
    pub since: String,
    /// What `since` is compared with.
    pub since_label: &'static str,
    pub statuses: [(&'static str, &'static str); 3],
    pub event_types: Vec<&'static str>,
    /// A partner replays its own only.
    pub has_partner: bool,
}

/// What a replay would do.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What matches, in a sentence.
    pub sentence: String,
    pub matched: i64,
    pub partners: Vec<PartnerMatches>,
    pub oldest: Option<Moment>,
    pub newest: Option<Moment>,
    /// What the two times are of, such as `Died`.
    pub time_label: &'static str,
    /// What is left out by default.
    pub superseded: Option<String>,
    pub include_superseded: bool,
    pub rates: Vec<RateChoice>,
    pub reason: String,
    /// Why the form was not accepted.
    pub refused: Option<String>,
    /// The filter, frozen, and the number that matches.
    pub hidden: Vec<(&'static str, String)>,
    /// The button's words.
    pub button: String,
    /// What becomes of the deliveries.
    pub effect: &'static str,
}

/// How many match at one partner.
#[derive(Debug)]
pub(crate) struct PartnerMatches {
    pub partner: String,
    pub endpoints: usize,
    pub matched: i64,
}

/// A rate, and how long the replay takes at it.
#[derive(Debug)]
pub(crate) struct RateChoice {
    pub rate: i64,
    pub text: String,
    pub is_current: bool,
}
