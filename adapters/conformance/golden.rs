//! Golden files: written from a partner's documents and compared byte by byte.

use std::fs;
use std::path::{Path, PathBuf};

use buywire_schemas::event::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use url::Url;

use super::{Fixture, Report};
use crate::contract::Adapter;
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::{Delivery, Rendered};
use crate::toolkit::json::minify_json;

/// More cases than a person would write; a bound for a wrong folder.
const CASES_MAX: usize = 500;

/// An event with indented `data`, and the delivery's settings and endpoint where a case needs them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventCase {
    id: String,
    r#type: String,
    #[serde(with = "time::serde::rfc3339")]
    occurred_at: OffsetDateTime,
    data: Box<RawValue>,
    #[serde(default)]
    settings: Option<Value>,
    #[serde(default)]
    endpoint: Option<Url>,
}

#[derive(Deserialize)]
struct ReplyCase {
    reply: CapturedReply,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    verdict: ExpectedVerdict,
    /// The partner's settings, where they matter.
    #[serde(default)]
    settings: Option<Value>,
    /// The acknowledgement in the reply, if it holds one.
    #[serde(default)]
    acknowledgement: Option<Acknowledgement>,
}

#[derive(Deserialize)]
struct CapturedReply {
    status: u16,
    retry_after: Option<String>,
    #[serde(default)]
    body: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum ExpectedVerdict {
    Final(String),
    Retry {
        retry: String,
        #[serde(default, with = "time::serde::rfc3339::option")]
        not_before: Option<OffsetDateTime>,
    },
}

impl From<Verdict> for ExpectedVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accepted => Self::Final("accepted".to_owned()),
            Verdict::Gone => Self::Final("gone".to_owned()),
            Verdict::Retry { after, reason } => Self::Retry {
                retry: reason.code().to_owned(),
                not_before: after.map(|retry_after| retry_after.not_before()),
            },
        }
    }
}

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture, folder: &Path) {
    for path in report
        .require(case_files(folder, "orders", ".event.json"))
        .unwrap_or_default()
    {
        let outcome = check_order(report, adapter, fixture, &path);
        report.require(outcome.map_err(|fault| format!("{}: {fault}", path.display())));
    }
    for path in report
        .require(case_files(folder, "replies", ".json"))
        .unwrap_or_default()
    {
        let outcome = check_reply(adapter, fixture, &path);
        report.require(outcome.map_err(|fault| format!("{}: {fault}", path.display())));
    }
}

/// A golden order as the exact request that is sent, signed with the suite's keys, in the `.http` format of editors.
///
/// # Errors
/// When there is no golden order, or it cannot be rendered.
pub fn http_file(adapter: &dyn Adapter, folder: &Path) -> Result<String, String> {
    let fixture = Fixture::new()?;
    let paths = case_files(folder, "orders", ".event.json")?;
    let confirmed = paths
        .iter()
        .find(|path| path.ends_with("confirmed.event.json"));
    let path = confirmed
        .or(paths.first())
        .ok_or("golden/orders has no case")?;
    let event_case: EventCase = read_json(path)?;
    let settings = event_case
        .settings
        .clone()
        .unwrap_or_else(|| fixture.settings.clone());
    let rendered = event_case.render(&mut Report::default(), adapter, &fixture)?;
    let content_type = rendered.content_type().to_owned();
    let signed = fixture.sign(adapter, &settings, rendered);
    let mut text = format!(
        "### {}: {} (signed at 2026-11-20 10:00 UTC with test keys)\nPOST {}\ncontent-type: {content_type}\n",
        adapter.name(),
        event_case.r#type,
        fixture.endpoint,
    );
    for (name, value) in signed.headers() {
        text.extend([name.as_ref(), ": ", value, "\n"]);
    }
    let body = std::str::from_utf8(signed.body()).map_err(|_| "the body is not UTF-8 text")?;
    Ok(format!("{text}\n{body}"))
}

/// The golden event renders as the golden request, and its order is in the stored form.
fn check_order(
    report: &mut Report,
    adapter: &dyn Adapter,
    fixture: &Fixture,
    path: &Path,
) -> Result<(), String> {
    let event_case: EventCase = read_json(path)?;
    let event = event_case.to_event()?;
    if event.kind.has_order_data() {
        let order = event.order().map_err(|error| error.to_string())?;
        let stored = serde_json::to_string(&order).map_err(|error| error.to_string())?;
        if stored != *event.data {
            return Err(format!(
                "`data` is not in the stored form of an order, which is {stored}"
            ));
        }
    }
    let actual = golden_text(&event_case.render(report, adapter, fixture)?)?;
    let case = path.to_string_lossy();
    let golden = read_text(Path::new(&case.replace(".event.json", ".request")))?;
    match first_difference(&golden, &actual) {
        None => Ok(()),
        Some(difference) => Err(difference),
    }
}

fn check_reply(adapter: &dyn Adapter, fixture: &Fixture, path: &Path) -> Result<(), String> {
    let case: ReplyCase = read_json(path)?;
    let settings = case.settings.as_ref().unwrap_or(&fixture.settings);
    let configured = adapter
        .with_settings(settings)
        .map_err(|flaw| flaw.to_string())?;
    let adapter = configured.as_deref().unwrap_or(adapter);
    let reply = Reply {
        status: case.reply.status,
        retry_after: case.reply.retry_after,
        body: case.reply.body.into_bytes(),
        truncated: false,
    };
    let verdict = ExpectedVerdict::from(adapter.classify(&reply, case.at));
    if verdict != case.verdict {
        return Err(format!(
            "classified as {verdict:?}, expected {:?}",
            case.verdict
        ));
    }
    let acknowledgement = adapter.read_acknowledgement(&reply);
    if acknowledgement != case.acknowledgement {
        return Err(format!(
            "acknowledgement {acknowledgement:?}, expected {:?}",
            case.acknowledgement
        ));
    }
    Ok(())
}

impl EventCase {
    fn to_event(&self) -> Result<Event, String> {
        let data = minify_json(self.data.get().as_bytes());
        let data = String::from_utf8(data).map_err(|error| error.to_string())?;
        Ok(Event {
            id: self
                .id
                .parse()
                .map_err(|_| "`id` is not an event id".to_owned())?,
            kind: self
                .r#type
                .parse()
                .map_err(|_| "`type` is not an event type".to_owned())?,
            occurred_at: self.occurred_at,
            data: data.into(),
        })
    }

    fn render(
        &self,
        report: &mut Report,
        adapter: &dyn Adapter,
        fixture: &Fixture,
    ) -> Result<Rendered, String> {
        let event = &self.to_event()?;
        let delivery = Delivery {
            event,
            settings: self.settings.as_ref().unwrap_or(&fixture.settings),
            endpoint: self.endpoint.as_ref().unwrap_or(&fixture.endpoint),
            ..fixture.delivery(event)
        };
        let rendered = fixture.render_checked(report, adapter, &delivery);
        rendered.map_err(|refusal| refusal.to_string())
    }
}

/// A request in the form of golden files: headers, an empty line, the body, and a final line end that is not part of the
/// body.
fn golden_text(rendered: &Rendered) -> Result<String, String> {
    let mut text = format!("content-type: {}\n", rendered.content_type());
    for (name, value) in rendered.headers() {
        text.extend([name.as_ref(), ": ", value, "\n"]);
    }
    let body = std::str::from_utf8(rendered.body()).map_err(|_| "the body is not UTF-8 text")?;
    Ok(format!("{text}\n{body}\n"))
}

/// Where two texts first differ, with their surroundings.
fn first_difference(golden: &str, actual: &str) -> Option<String> {
    if golden == actual {
        return None;
    }
    let common_chars = golden.chars().zip(actual.chars());
    let common_chars = common_chars
        .take_while(|(golden, actual)| golden == actual)
        .count();
    let around = |text: &str| -> String {
        text.chars()
            .skip(common_chars.saturating_sub(40))
            .take(80)
            .collect()
    };
    Some(format!(
        "differs from its golden request at character {common_chars}:\n  golden    {:?}\n  rendered  {:?}",
        around(golden),
        around(actual)
    ))
}

/// The files of a golden folder with this ending, sorted. At least one.
pub(super) fn case_files(folder: &Path, kind: &str, ending: &str) -> Result<Vec<PathBuf>, String> {
    let folder = folder.join("golden").join(kind);
    let unreadable = |error| format!("{}: {error}", folder.display());
    let mut files = fs::read_dir(&folder)
        .map_err(unreadable)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    match files.len() {
        0 => Err(format!("{} holds no case", folder.display())),
        1..=CASES_MAX => Ok(files),
        _ => Err(format!(
            "{} has more than {CASES_MAX} cases",
            folder.display()
        )),
    }
}

pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    serde_json::from_str(&read_text(path)?).map_err(|error| error.to_string())
}

pub(super) fn read_text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
