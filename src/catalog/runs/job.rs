//! The parts of a run: the submission, the job that waits to start, and the context of its execution.

use buywire_feeds::read::Hints;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::report::{Finding, ItemCounts, RunStatus};
use buywire_schemas::ids::{PartnerId, RunId};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::catalog::ingest::settings::FeedSettings;
use crate::catalog::ingest::{ItemLookup, ReadInput};
use crate::catalog::runs::gate;
use crate::catalog::spool::Spooled;
use crate::store::catalog::{Mode, Run};
use crate::store::events::EmittedDelivery;

/// A feed as it was submitted.
pub(crate) struct FeedSubmission {
    pub spooled: Spooled,
    /// What the transport declared: type, encoding, length.
    pub hints: Hints,
    /// The format's name; `None` detects the format.
    pub format: Option<String>,
    /// Which part of the catalog it replaces.
    pub mode: Mode,
    /// Whether it only reports what it would do.
    pub dry_run: bool,
    /// The label of the key that submitted it.
    pub actor: String,
}

/// A run that waits to be executed.
pub(crate) struct RunJob {
    pub id: RunId,
    pub partner: PartnerId,
    pub slug: String,
    pub settings: FeedSettings,
    pub submission: FeedSubmission,
    pub now: OffsetDateTime,
}

/// What deciding and recording a run needs, apart from its document.
pub(crate) struct RunContext {
    pub id: RunId,
    pub slug: String,
    pub is_full: bool,
    pub supplement: SupplementMode,
    pub dry_run: bool,
    pub limits: gate::GateLimits,
    /// The findings of the previous run.
    pub previous_findings: Vec<Finding>,
}

/// Whether a run is a supplement, and whether its document was complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SupplementMode {
    None,
    Complete,
    /// Items that it does not name keep their supplement.
    Truncated,
}

/// The finished run and the deliveries of its event; `None` if another node ended the run meanwhile.
pub(crate) type RunCompletion = Option<(Run, Vec<EmittedDelivery>)>;

impl SupplementMode {
    pub(crate) fn of_held_run(run: &Run) -> Self {
        let mut found = run.report.issues.iter();
        match run.mode {
            Mode::Supplemental if found.any(|one| one.code == Code::FeedTruncated) => {
                Self::Truncated
            }
            Mode::Supplemental => Self::Complete,
            Mode::Full | Mode::Upsert | Mode::Inventory => Self::None,
        }
    }
}

impl RunJob {
    pub(crate) fn split(self, item_lookup: ItemLookup) -> (RunContext, ReadInput) {
        let submission = self.submission;
        let mut settings = self.settings;
        if submission.format.is_some() {
            settings.feed.format = submission.format;
        }
        settings.feed.format_rules.partial = submission.mode != Mode::Full;
        let hints = buywire_feeds::read::Hints {
            charset: settings.charset.clone(),
            delimiter: settings.delimiter,
            quoting: settings.quoting,
            ..submission.hints
        };
        let context = RunContext {
            id: self.id,
            slug: self.slug,
            is_full: false,
            supplement: match submission.mode {
                Mode::Supplemental => SupplementMode::Complete,
                Mode::Full | Mode::Upsert | Mode::Inventory => SupplementMode::None,
            },
            dry_run: submission.dry_run,
            limits: settings.limits,
            previous_findings: Vec::new(),
        };
        let document = ReadInput {
            spooled: submission.spooled,
            hints,
            settings,
            mode: submission.mode,
            now: self.now,
            item_lookup,
            supplement_lookup: None,
        };
        (context, document)
    }
}

/// The data of a `feed.…` event.
pub(crate) fn event_data(
    slug: &str,
    id: RunId,
    status: RunStatus,
    reason: Option<&str>,
    items: &ItemCounts,
) -> Value {
    json!({"partner": slug, "run": id, "status": status, "reason": reason, "items": items})
}
