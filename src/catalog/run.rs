//! One run, from its document to its end.
//!
//! A dry run walks the same way: its plan is applied and rolled back, so that what it says is what would be done.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::report::{self, Counts, Finding, Findings, Status};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::mpsc;

use super::Brought;
use super::gate;
use super::images::note_refused;
use super::judgement::{Judged, counts, judge, note_doubts, note_duplicates, refused};
use super::known::Known;
use super::reading::{self, Document, Find, FindSupplements, Read};
use super::same;
use super::settings::FeedSettings;
use super::weighing::weigh;
use crate::store::audit::Author;
use crate::store::catalog::{
    Aside, Compared, Duplicates, Ended, Ending, Live, Mode, Run, Staging, Weights,
};
use crate::store::events::Emitted;
use crate::store::{Store, StoreError};

/// Batches that wait for the database: the reader may be so much ahead.
const BATCHES_AHEAD: usize = 4;

/// Everything that a run needs.
pub(super) struct Task {
    pub id: RunId,
    pub partner: PartnerId,
    pub slug: String,
    pub settings: FeedSettings,
    pub brought: Brought,
    pub now: OffsetDateTime,
}

/// Whose run it is, and what for.
pub(super) struct About {
    id: RunId,
    slug: String,
    pub is_full: bool,
    supplement: Supplement,
    pub dry_run: bool,
    pub limits: gate::Limits,
    /// What the run before had found.
    before: Vec<Finding>,
}

/// Whether a run says how items are described, and whether all that it says is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Supplement {
    None,
    Whole,
    /// What it does not name is kept.
    Cut,
}

/// How it ended, and whom it was told; none when the run was lost meanwhile.
pub(super) type Done = Option<(Run, Vec<Emitted>)>;

/// Does a run whose turn it is. `version`: of the catalog that it began with.
pub(super) async fn perform(store: &Store, task: Task, version: i64) -> Result<Done, StoreError> {
    if let Some(done) = same::cut_short(store, &task).await? {
        return Ok(Some(done));
    }
    let mut staging = store.staging(task.partner).await?;
    let find = find(store.clone(), task.partner);
    let (mut about, mut document) = task.split(find);
    if store.has_supplements(staging.partner()).await? {
        document.supplements = Some(supplements(store.clone(), staging.partner()));
    }
    let read = read(&mut staging, document).await?;
    about.is_full = read.is_full;
    if read.is_cut && about.supplement == Supplement::Whole {
        about.supplement = Supplement::Cut;
    }
    about.before = store.findings_before(staging.partner(), about.id).await?;
    let done = finish(&mut staging, &about, read, version).await?;
    // Nobody waits for it; the next run on this session would do it too.
    tokio::spawn(staging.end());
    Ok(done)
}

/// Applies a held run, as it was reported.
pub(super) async fn approve(
    store: &Store,
    id: RunId,
    partner: PartnerId,
    slug: &str,
    base_version: i64,
    held: &Run,
    who: &Author,
) -> Result<Done, StoreError> {
    let mut staging = store.staging(partner).await?;
    let (live, feed) = staging.live().await?;
    let mut ending = Ending {
        status: Status::Superseded,
        reason: Some("catalog_changed".to_owned()),
        ended: None,
        base_version: None,
    };
    let mut told = None;
    if feed.version == base_version {
        live.restore(id).await?;
        let weights = live.weigh().await?;
        apply(&live, id, weights, Supplement::held(held)).await?;
        live.audit(who, "feed.approve", id).await?;
        ending.status = Status::Applied;
        ending.reason = Some("approved".to_owned());
        told = Some(event(
            slug,
            id,
            Status::Applied,
            Some("approved"),
            &held.report.items,
        ));
    } else {
        live.forget(id).await?;
    }
    let told = told.as_ref().map(|data| (EventType::FeedApplied, data));
    let done = live.end(id, &ending, &[], told).await?;
    staging.end().await?;
    Ok(done)
}

impl Supplement {
    fn held(run: &Run) -> Self {
        let mut found = run.report.issues.iter();
        match run.mode {
            Mode::Supplemental if found.any(|one| one.code == Code::FeedTruncated) => Self::Cut,
            Mode::Supplemental => Self::Whole,
            Mode::Full | Mode::Upsert | Mode::Inventory => Self::None,
        }
    }
}

impl Task {
    fn split(self, find: Find) -> (About, Document) {
        let brought = self.brought;
        let mut settings = self.settings;
        if brought.format.is_some() {
            settings.feed.format = brought.format;
        }
        settings.feed.format_rules.partial = brought.mode != Mode::Full;
        let hints = buywire_adapters::read::Hints {
            charset: settings.charset.clone(),
            delimiter: settings.delimiter,
            quoting: settings.quoting,
            ..brought.hints
        };
        let about = About {
            id: self.id,
            slug: self.slug,
            is_full: false,
            supplement: match brought.mode {
                Mode::Supplemental => Supplement::Whole,
                Mode::Full | Mode::Upsert | Mode::Inventory => Supplement::None,
            },
            dry_run: brought.dry_run,
            limits: settings.limits,
            before: Vec::new(),
        };
        let document = Document {
            spooled: brought.spooled,
            hints,
            settings,
            mode: brought.mode,
            now: self.now,
            find,
            supplements: None,
        };
        (about, document)
    }
}

/// For the reading thread, which may wait.
fn find(store: Store, partner: PartnerId) -> Find {
    let runtime = tokio::runtime::Handle::current();
    Box::new(move |ids| {
        let found = runtime.block_on(store.live_items(partner, ids));
        let found = found.inspect_err(
            |error| tracing::warn!(error = %error, "catalog: items cannot be looked up"),
        );
        let read = |(id, text): (String, String)| Some((id, serde_json::from_str(&text).ok()?));
        Some(found.ok()?.into_iter().filter_map(read).collect())
    })
}

/// As [`find`], for what a supplemental feed has said.
fn supplements(store: Store, partner: PartnerId) -> FindSupplements {
    let runtime = tokio::runtime::Handle::current();
    Box::new(move |ids| {
        let found = runtime.block_on(store.supplements(partner, ids));
        let found = found.inspect_err(
            |error| tracing::warn!(error = %error, "catalog: supplements cannot be looked up"),
        );
        let read = |(id, text): (String, String)| Some((id, serde_json::from_str(&text).ok()?));
        Some(found.ok()?.into_iter().filter_map(read).collect())
    })
}

/// Reads and stages at the same time, one on a thread and one here.
async fn read(staging: &mut Staging, document: Document) -> Result<Read, StoreError> {
    let known = match document.mode {
        Mode::Full => Known::new(staging.live_hashes().await?),
        Mode::Upsert | Mode::Inventory | Mode::Supplemental => Known::default(),
    };
    let (send, mut receive) = mpsc::channel(BATCHES_AHEAD);
    let aside = Aside::new()?;
    let reading = tokio::task::spawn_blocking(move || reading::read(document, known, aside, &send));
    let copied = staging.copy(&mut receive).await;
    // The reader stops at its next batch.
    drop(receive);
    let (read, contents) = reading
        .await
        .map_err(|_| StoreError::Misuse("the reader has stopped".into()))?;
    copied?;
    if read.is_cut_off {
        let reason = "items could not be looked up".to_owned();
        return Err(StoreError::Unreachable { reason });
    }
    staging.take(contents?);
    Ok(read)
}

/// What only shows across records: ids that come twice, products in two currencies, GTINs of several items. What there
/// cannot be among the records that were read, the database need not look for.
async fn across(staging: &mut Staging, read: &mut Read) -> Result<Duplicates, StoreError> {
    let may_repeat = read.ids.may_repeat();
    let Read { notes, known, .. } = read;
    staging.unseen(known.unseen()).await?;
    let recognised = known.products_seen() > 0;
    let duplicates = staging
        .duplicates(known.repeats(), recognised, may_repeat)
        .await?;
    note_duplicates(&duplicates, known, notes);
    let groups = read.currencies.len() > 1
        || read.marks.variants_may_conflict()
        || staging.has_products().await?;
    let gtins_twice = read.marks.gtins_twice();
    let compared = Compared {
        is_full: read.is_full,
        is_whole: read.is_whole,
        recognised,
        groups,
        cases: read.ids.may_differ_in_case(),
        gtins_twice: &gtins_twice,
    };
    note_doubts(staging.doubts(compared).await?, &mut read.notes);
    Ok(duplicates)
}

/// Compares, judges, and does what the judgement says.
async fn finish(
    staging: &mut Staging,
    about: &About,
    mut read: Read,
    version: i64,
) -> Result<Done, StoreError> {
    let duplicates = match read.fault {
        None => across(staging, &mut read).await?,
        Some(_) => Duplicates::default(),
    };
    let Read {
        format,
        mut notes,
        known,
        fault,
        ..
    } = read;
    let (mut live, feed) = staging.live().await?;
    match fault {
        None if about.supplement != Supplement::None => live.compare_supplement().await?,
        None => {
            live.compare(about.is_full).await?;
            note_refused(&live, about.is_full, &mut notes).await?;
        }
        Some(_) => {}
    }
    let weighed = weigh(&live, &mut notes).await?;
    let weights = weighed.weights;
    let mut items = counts(weights, &known, &duplicates);
    if fault.is_some() {
        // Nothing was compared.
        items.unchanged = 0;
    }
    let judged = match fault {
        Some(code) => refused(code, items),
        None if feed.version != version => Judged {
            status: Status::Superseded,
            reason: None,
            items,
            base_version: None,
        },
        None => judge(about, feed, &weighed, items, &duplicates, &mut notes),
    };
    let ending = ending(&judged, format, notes.findings, &about.before);
    let told = about.told(&judged);
    let told = told.as_ref().map(|(kind, data)| (*kind, data));
    match judged.status {
        Status::Applied => apply(&live, about.id, weights, about.supplement).await?,
        Status::Held => {
            let is_supplement = about.supplement != Supplement::None;
            live.hold(about.id, is_supplement).await?;
        }
        Status::DryRun if judged.reason.is_none() => {
            apply(&live, about.id, weights, about.supplement).await?;
            live.rollback().await?;
            let (live, _) = staging.live().await?;
            return live.end(about.id, &ending, &notes.issues, told).await;
        }
        _ => {}
    }
    live.end(about.id, &ending, &notes.issues, told).await
}

/// Makes the plan true, and keeps what is said for the feeds to come.
async fn apply(
    live: &Live<'_>,
    id: RunId,
    weights: Weights,
    supplement: Supplement,
) -> Result<(), StoreError> {
    live.apply(id, weights).await?;
    match supplement {
        Supplement::Whole => live.keep_supplement(true).await,
        Supplement::Cut => live.keep_supplement(false).await,
        Supplement::None => Ok(()),
    }
}

fn ending(
    judged: &Judged,
    format: Option<String>,
    findings: Findings,
    before: &[Finding],
) -> Ending {
    let findings = findings.into_list();
    // What was not read to its end says nothing of what is fixed.
    let changes = match judged.status {
        Status::Failed => Vec::new(),
        _ => report::changes(before, &findings),
    };
    Ending {
        status: judged.status,
        reason: judged.reason.map(|code| code.as_str().to_owned()),
        ended: Some(Ended {
            format,
            items: judged.items,
            findings,
            changes,
        }),
        base_version: judged.base_version,
    }
}

impl About {
    fn told(&self, judged: &Judged) -> Option<(EventType, Value)> {
        let kind = kind(judged.status).filter(|_| !self.dry_run)?;
        let reason = judged.reason.map(Code::as_str);
        Some((
            kind,
            event(&self.slug, self.id, judged.status, reason, &judged.items),
        ))
    }
}

/// What is told of a run that has ended so.
fn kind(status: Status) -> Option<EventType> {
    match status {
        Status::Applied => Some(EventType::FeedApplied),
        Status::Held => Some(EventType::FeedHeld),
        Status::Failed => Some(EventType::FeedFailed),
        _ => None,
    }
}

/// The data of a `feed.…` event.
pub(super) fn event(
    slug: &str,
    id: RunId,
    status: Status,
    reason: Option<&str>,
    items: &Counts,
) -> Value {
    json!({"partner": slug, "run": id, "status": status, "reason": reason, "items": items})
}
