//! The audit log: who changed what, why and when.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Pager;

/// The log, newest first.
#[derive(Debug, Template)]
#[template(path = "partners/audit.html", config = "src/console/askama.toml")]
pub(crate) struct AuditPage {
    pub frame: Frame,
    pub fields: AuditFields,
    /// Why the filter cannot be used.
    pub error: Option<String>,
    pub is_filtered: bool,
    pub rows: Vec<AuditRow>,
    pub pager: Pager,
}

/// The filter as it stands in the form.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditFields {
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub since: String,
}

/// One entry.
#[derive(Debug)]
pub(crate) struct AuditRow {
    pub at: Moment,
    pub actor: String,
    /// The actor's role and partner.
    pub role: String,
    pub actor_href: String,
    pub action: String,
    pub action_href: String,
    pub subject: String,
    pub subject_href: String,
    pub reason: Option<String>,
    /// The rest of the details, as `name: value`.
    pub details: Vec<String>,
}
