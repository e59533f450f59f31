//! `buywire feed check FILE`: check a feed before it is pushed. Needs no gateway and no database.
//!
//! Promises: it reads and checks as a push does, so it finds what a push would find; memory is bounded by the
//! number of items, not by the file's size. Only a push with `--dry-run` compares with the live catalog.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use buywire_feeds::formats::FormatRules;
use buywire_feeds::read::Hints;
use buywire_feeds::validate::{Checked, CrossItemChecks, DecimalSign, DuplicateIds, Rules};
use buywire_feeds::{FeedReader, RawRecord, ReaderSettings, RecordOutcome, is_record_error};
use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, FORMAT_OPTION_HELP, Issue, Severity};
use buywire_schemas::catalog::report::{Finding, Findings, ItemCounts};
use buywire_schemas::money::Currency;
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::print::{field, print_document, table, text};
use crate::ambient;
use crate::egress::EgressPolicy;
use crate::temp_file;

/// Items compared with each other, at about 100 bytes each.
const COMPARED_ITEMS_MAX: usize = 5_000_000;
/// Bytes per read from the disk.
const READ_BYTES: usize = 256 * 1024;
/// Examples shown per kind of finding.
const SHOWN_MAX: usize = 3;

#[derive(Args)]
pub(crate) struct Check {
    /// Feed file: plain, gzip or zip.
    file: PathBuf,
    /// Feed format. Default: detected.
    #[arg(long, long_help = FORMAT_OPTION_HELP)]
    format: Option<String>,
    /// Currency of prices without one, such as USD.
    #[arg(long, value_parser = currency)]
    currency: Option<Currency>,
    /// URL of the shop, for exports without links, such as `https://shop.example`
    #[arg(long)]
    shop_url: Option<String>,
    /// Host that links may lead to, with its subdomains. Repeatable. Default: any.
    #[arg(long = "domain")]
    domains: Vec<String>,
    /// Decimal separator of prices. `auto`: the file's own prices decide.
    #[arg(long, value_enum, default_value = "auto")]
    decimal: Decimal,
    /// Time zone of times without one, such as Europe/Berlin. Default: UTC.
    #[arg(long, value_parser = time_zone)]
    time_zone: Option<TimeZone>,
    /// Private address ranges (CIDR) where image links may lead, comma-separated. Default: none.
    #[arg(
        long,
        env = "BUYWIRE_ALLOW_PRIVATE",
        default_value = "",
        hide_default_value = true
    )]
    allow_private: String,
    /// Character encoding, such as windows-1252. Default: detected.
    #[arg(long)]
    charset: Option<String>,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decimal {
    Auto,
    Point,
    Comma,
}

/// The report of a run, without what depends on the live catalog.
#[derive(Debug, Serialize)]
struct CheckReport {
    file: String,
    /// Whether the document could be read to its proven end.
    readable: bool,
    format: Option<&'static str>,
    items: ItemCounts,
    issues: Vec<Finding>,
}

#[derive(Default)]
struct Tally {
    format: Option<&'static str>,
    items: ItemCounts,
    findings: Findings,
    /// Findings that only show across items.
    across: Findings,
    /// Items that are invalid only because of these.
    conflicts: u64,
    /// Whether comparing items found something.
    is_compared: bool,
    /// Duplicates, which are not compared, are known only after a first pass: a second is needed.
    needs_second_pass: bool,
    copies: DuplicateIds,
    /// The finding that would fail the whole run.
    fault: Option<Issue>,
}

impl Check {
    /// Run it.
    ///
    /// # Errors
    /// When the file or the feed cannot be read, or no item is valid.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let private = EgressPolicy::parse(&self.allow_private).context("--allow-private")?;
        let mut tally = self.tally(&private, DuplicateIds::default())?;
        if tally.needs_second_pass {
            tally = self.tally(&private, tally.copies)?;
        }
        let readable = tally.fault.is_none();
        if let Some(fault) = tally.fault.take() {
            tally.findings.add(fault);
        }
        let report = CheckReport {
            file: name(&self.file),
            readable,
            format: tally.format,
            items: tally.items,
            issues: tally.findings.into_list(),
        };
        print_document(self.json, &json!(report), report_text);
        match (readable, report.items.valid) {
            (false, _) => bail!("the feed cannot be read: a push would apply nothing"),
            (true, 0) => {
                bail!("every item has an error: a push would apply nothing")
            }
            (true, _) => Ok(()),
        }
    }

    /// Reads the whole file. `copies` are ids known to be duplicates.
    fn tally(&self, private: &EgressPolicy, copies: DuplicateIds) -> anyhow::Result<Tally> {
        let file = File::open(&self.file).with_context(|| self.file.display().to_string())?;
        let mut tally = Tally::default();
        let mut across = CrossItemChecks::with_duplicates(COMPARED_ITEMS_MAX, copies);
        match self.read(file, private, &mut tally, &mut across) {
            Ok(()) => tally.compare(across),
            // Findings across items mean nothing for a document that cannot be read to its end.
            Err(fault) => {
                tally.items = ItemCounts {
                    valid: tally.items.valid + tally.conflicts,
                    invalid: tally.items.invalid - tally.conflicts,
                    ..tally.items
                };
                tally.fault = Some(fault);
            }
        }
        Ok(tally)
    }

    /// The error is the finding that would fail the whole run.
    fn read(
        &self,
        file: File,
        private: &EgressPolicy,
        tally: &mut Tally,
        across: &mut CrossItemChecks,
    ) -> Result<(), Issue> {
        let source = BufReader::with_capacity(READ_BYTES, file);
        let now = ambient::now();
        let settings = self.settings(private);
        let mut feed = FeedReader::open(source, &self.hints(), settings, now)?;
        tally.format = Some(feed.format().name());
        let (mut errors, others): (Vec<_>, Vec<_>) = feed
            .issues()
            .iter()
            .cloned()
            .partition(|issue| issue.code.severity() == Severity::Error);
        others
            .into_iter()
            .for_each(|issue| tally.findings.add(issue));
        if !errors.is_empty() {
            let fatal = errors.remove(0);
            errors
                .into_iter()
                .for_each(|issue| tally.findings.add(issue));
            return Err(fatal);
        }
        let mut raw = RawRecord::default();
        let changes_stock = feed.format().is_stock_only();
        let checks = feed.checks();
        loop {
            let has_record = feed.next_record(&mut raw)?;
            let mut issues = Vec::new();
            let drafts = match has_record {
                true => feed.drafts(&raw, &mut issues),
                false => feed.finish_drafts(&mut issues),
            };
            issues.into_iter().for_each(|issue| tally.issue(issue));
            for draft in drafts {
                let checked = match changes_stock {
                    // Only a push knows which items exist, so all are assumed to.
                    true => checks.check_change(draft, |id| assumed_item(id, self.currency)),
                    false => checks.check(draft),
                };
                tally.checked(checked, raw.row(), across);
            }
            if !has_record {
                return Ok(());
            }
        }
    }

    fn hints(&self) -> Hints {
        Hints {
            charset: self.charset.clone(),
            file_name: Some(name(&self.file)),
            ..Hints::default()
        }
    }

    fn settings(&self, private: &EgressPolicy) -> ReaderSettings {
        ReaderSettings {
            format: self.format.clone(),
            format_rules: FormatRules {
                shop_url: self.shop_url.clone(),
                default_currency: self.currency.map(|currency| currency.code().to_owned()),
                partial: false,
            },
            rules: Rules {
                default_currency: self.currency,
                decimal: match self.decimal {
                    Decimal::Auto => DecimalSign::Auto,
                    Decimal::Point => DecimalSign::Point,
                    Decimal::Comma => DecimalSign::Comma,
                },
                time_zone: self.time_zone.clone(),
                private: private.ranges().to_vec(),
                domains: self.domains.iter().map(|one| one.to_lowercase()).collect(),
                ..Rules::default()
            },
            scratch: Some(|| Ok(Box::new(temp_file::create()?))),
        }
    }
}

impl Tally {
    fn issue(&mut self, issue: Issue) {
        if is_record_error(&issue) {
            self.items.read += 1;
            self.items.invalid += 1;
        }
        self.findings.add(issue);
    }

    fn checked(&mut self, checked: Checked, row: u64, across: &mut CrossItemChecks) {
        let row = Some(checked.row).filter(|row| *row > 0).unwrap_or(row);
        self.items.read += 1;
        let found = match checked.outcome() {
            RecordOutcome::Item(item) => across.check(item, row),
            RecordOutcome::Removed(id) => across.record_id(id, row, true),
            RecordOutcome::Ignored | RecordOutcome::Invalid(None) => Vec::new(),
            RecordOutcome::Invalid(Some(id)) => across.record_id(id, row, false),
        };
        let is_conflict = found
            .iter()
            .any(|one| one.code == Code::GroupCurrencyConflict);
        self.conflicts += u64::from(is_conflict);
        self.is_compared |= found.iter().any(|one| one.code != Code::IdDuplicate);
        // `compare` handles duplicates at the end.
        match is_conflict || matches!(checked.outcome(), RecordOutcome::Invalid(_)) {
            true => self.items.invalid += 1,
            false => self.items.valid += 1,
        }
        found.into_iter().for_each(|issue| self.across.add(issue));
        let issues = checked.issues.into_iter();
        issues.for_each(|issue| self.findings.add(issue));
    }

    /// Compares the items, after the last one.
    fn compare(&mut self, across: CrossItemChecks) {
        self.items.valid = self.items.valid.saturating_sub(across.valid_duplicates());
        self.items.invalid += across.valid_duplicates();
        self.needs_second_pass = self.is_compared && across.has_new_duplicates();
        self.findings.merge(std::mem::take(&mut self.across));
        self.fault = match self.items.read {
            0 => Some(Issue::new(Code::EmptyFeed)),
            read => across.finish(read),
        };
        self.copies = across.duplicate_ids().clone();
    }
}

/// An assumed existing item: a change has only what it changes.
fn assumed_item(id: &str, currency: Option<Currency>) -> Option<Item> {
    let currency = currency.map_or("USD", Currency::code);
    let item = json!({
        "id": id, "title": id, "url": "https://shop.example/", "for_sale": true,
        "price": {"amount": 1, "currency": currency}, "availability": "in_stock",
    });
    serde_json::from_value(item).ok()
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| "must be a name such as Europe/Berlin or America/New_York".to_owned())
}

fn currency(code: &str) -> Result<Currency, String> {
    Currency::parse(code).map_err(|flaw| flaw.detail.to_string())
}

/// A summary line, then each kind of finding with its help and first examples.
fn report_text(report: &Value) -> String {
    let items = field(report, "items");
    let count = |name: &str| text(field(items, name));
    let mut lines = format!(
        "{}: {} items, {} valid, {} invalid (format: {})\n",
        text(field(report, "file")),
        count("read"),
        count("valid"),
        count("invalid"),
        text(field(report, "format")),
    );
    for finding in field(report, "issues").as_array().into_iter().flatten() {
        let [severity, code, attribute, count, help] =
            ["severity", "code", "attribute", "count", "help"]
                .map(|name| text(field(finding, name)));
        let attribute = match attribute.as_str() {
            "-" => String::new(),
            name => format!(" in {name}"),
        };
        lines.push_str(&format!(
            "\n{severity}: {code}{attribute} ({count})\n  {help}\n"
        ));
        let examples = field(finding, "examples").as_array().into_iter().flatten();
        let samples: Vec<_> = examples.take(SHOWN_MAX).cloned().collect();
        if !samples.is_empty() {
            let list = table(&json!({"data": samples}), &["row", "item_id", "value"]);
            list.lines()
                .for_each(|line| lines.push_str(&format!("  {line}\n")));
        }
    }
    lines
}
