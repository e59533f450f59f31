//! One run: its report, and what it would change while it is held.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::catalog::report::{Example, Finding, RunReport, RunStatus};
use buywire_schemas::ids::RunId;
use serde::Deserialize;

use super::run_changes::groups;
use super::words::{gate_reasons, kind, quotes, reason, run_state, severity, would};
use crate::ambient;
use crate::console::Moment;
use crate::console::catalog::run::{ExampleRow, FindingRow, RunPage};
use crate::console::catalog::{Figure, number};
use crate::console::confirmation::Fact;
use crate::console::format::grouped;
use crate::console::frame::{Frame, Section};
use crate::console::lists::Pager;
use crate::http::AppState;
use crate::http::catalog::runs::find_partner;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::problem::{ApiError, Kind};
use crate::store::catalog::{Run, RunOrigin};
use crate::store::partners::Partner;

/// Kinds of findings on a page: a report may have hundreds.
const FINDINGS: usize = 20;
/// Occurrences of a finding; a report has ten.
const EXAMPLES: usize = 3;
/// Products of each kind of change.
const CHANGES: i64 = 5;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ShowRunQuery {
    /// The first finding to show.
    #[serde(default)]
    from: String,
    done: Option<String>,
}

const DONE: [(&str, &str, &str); 5] = [
    (
        "approved",
        "ok",
        "Approved: the catalog matches this feed now.",
    ),
    ("discarded", "ok", "Discarded: the catalog is as it was."),
    (
        "superseded",
        "warn",
        "Nothing was applied: the catalog had changed since this run was held. Send the feed again.",
    ),
    (
        "stale",
        "warn",
        "Nothing was changed: somebody else has decided on this run meanwhile, or it is no longer held.",
    ),
    (
        "busy",
        "warn",
        "Nothing was changed: another run of this feed is active. Decide when it has ended.",
    ),
];

/// A run that the visitor may see, with its partner.
pub(super) async fn find(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
) -> Result<(Partner, RunOrigin, Run), ApiError> {
    let id: RunId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let origin = state.store.run_origin(id).await?;
    let origin = origin.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let partner = find_partner(state, &origin.partner).await?;
    let own = visitor.caller.partner().map(|(own, _)| own);
    if own.is_some_and(|own| own != partner.id) {
        return Err(ApiError::new(Kind::NotFound));
    }
    let run = state.catalog.run(partner.id, id).await?;
    Ok((partner, origin, run))
}

/// `GET /console/catalog/runs/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ShowRunQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let (partner, origin, run) = find(&state, &visitor, &id).await?;
    let report = run.report;
    let is_held = report.status == RunStatus::Held;
    let changes = match is_held {
        true => groups(state.store.held_changes(report.id, CHANGES).await?, now),
        false => Vec::new(),
    };
    let from: usize = query.from.parse().unwrap_or_default();
    let findings = report.issues.iter().skip(from).take(FINDINGS);
    page(&RunPage {
        frame: frame(&state, &visitor, &report, query.done.as_deref()),
        id: report.id.to_string(),
        partner: partner.slug.to_string(),
        title: kind(run.mode, run.dry_run).to_owned(),
        state: run_state(report.status),
        sentence: sentence(&report),
        reasons: gate_reasons(&report),
        is_held,
        facts: facts(&origin, &report),
        created_at: Moment::new(origin.created_at, now),
        finished_at: Moment::optional(report.finished_at, now),
        identical_to: origin.identical_to.map(|run| run.to_string()),
        figures: figures(&report),
        changes,
        findings: findings.map(|finding| row(finding, &report)).collect(),
        pager: pager(&report, from),
    })
}

/// A run that has not ended is read again by itself.
fn frame(state: &AppState, visitor: &Visitor, report: &RunReport, done: Option<&str>) -> Frame {
    let is_open = matches!(report.status, RunStatus::Queued | RunStatus::Running);
    let frame = match is_open {
        true => visitor.live_frame(state, Section::Catalog),
        false => visitor.frame(state, Section::Catalog),
    };
    Frame {
        flash: flash(done, &DONE),
        ..frame
    }
}

/// What became of it, in a sentence.
fn sentence(report: &RunReport) -> String {
    let cause = || report.reason.as_deref().map(reason).unwrap_or_default();
    match report.status {
        RunStatus::Queued => {
            "it waits for its turn. Runs of one catalog follow one another.".to_owned()
        }
        RunStatus::Running => "the feed is being read.".to_owned(),
        RunStatus::Applied => format!("the catalog matches the feed. {}", cause()),
        RunStatus::Held => format!("nothing has changed yet. It {}", would(&report.items)),
        RunStatus::Failed => format!("nothing was changed. {}", cause()),
        RunStatus::DryRun => format!(
            "nothing was changed. It {} {}",
            would(&report.items),
            cause()
        ),
        RunStatus::Discarded => "somebody decided against it. The catalog is as it was.".to_owned(),
        RunStatus::Superseded => format!("a later feed was applied first. {}", cause()),
    }
}

fn facts(origin: &RunOrigin, report: &RunReport) -> Vec<Fact> {
    let format = report.format.as_deref().unwrap_or("not recognised");
    vec![
        Fact::text("Sent by", &*origin.actor),
        Fact::text("Format", format),
        Fact::text("Size", size(origin.bytes)),
    ]
}

/// Bytes as people read them.
fn size(bytes: i64) -> String {
    match bytes {
        ..=9_999 => format!("{} bytes", grouped(bytes)),
        10_000..=9_999_999 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

fn figures(report: &RunReport) -> Vec<Figure> {
    let items = &report.items;
    vec![
        Figure::new("Items read", items.read),
        Figure::marked("With errors", items.invalid, "bad"),
        Figure::new("Added", items.inserted),
        Figure::new("Changed", items.updated),
        Figure::new("Unchanged", items.unchanged),
        Figure::marked("Missing, out of stock", items.removed, "warn"),
    ]
}

fn row(finding: &Finding, report: &RunReport) -> FindingRow {
    let change = report
        .changes
        .iter()
        .find(|change| change.code == finding.code && change.attribute == finding.attribute);
    let change = change.and_then(|change| match (change.new, change.fixed) {
        (0, 0) => None,
        (0, fixed) => Some(format!("{} fewer", number(fixed))),
        (new, _) => Some(format!("{} new", number(new))),
    });
    FindingRow {
        state: severity(finding.severity),
        code: finding.code.as_str().to_owned(),
        attribute: finding.attribute.clone(),
        count: number(finding.count),
        change,
        help: quotes(&finding.help),
        examples: finding
            .examples
            .iter()
            .take(EXAMPLES)
            .map(example)
            .collect(),
    }
}

fn example(example: &Example) -> ExampleRow {
    let row = example.row.map(|row| format!("row {}", number(row)));
    ExampleRow {
        position: row.unwrap_or_default(),
        item_id: example.item_id.clone().unwrap_or_default(),
        value: example.value.clone().unwrap_or_default(),
    }
}

fn pager(report: &RunReport, from: usize) -> Pager {
    let (id, all) = (report.id, report.issues.len());
    let until = (from + FINDINGS).min(all);
    Pager {
        text: match all {
            0 => "No findings".to_owned(),
            _ => format!("Findings {} to {until} of {all}", (from + 1).min(all)),
        },
        first: (from > 0).then(|| format!("{BASE}/catalog/runs/{id}")),
        next: (until < all).then(|| format!("{BASE}/catalog/runs/{id}?from={until}")),
    }
}
