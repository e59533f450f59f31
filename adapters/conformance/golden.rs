//! Golden files: written from a partner's documents, compared byte by byte.

use std::fs;
use std::path::{Path, PathBuf};

use buywire_schemas::event::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use url::Url;

use super::{Report, Stage};
use crate::contract::Adapter;
use crate::reply::{Acknowledgement, Reply, Verdict};
use crate::request::{Delivery, Rendered};
use crate::signing::verify::suspects::without_spacing;

/// More cases than anybody would write by hand; a bound for a folder gone wrong.
const CASES_MAX: usize = 500;

/// An event as people write it, with the settings and the endpoint of its
/// delivery where a case needs them; `data` is stored without its white space.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEvent {
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
struct WrittenReply {
    reply: WrittenAnswer,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    verdict: WrittenVerdict,
    /// The partner's, where they matter.
    #[serde(default)]
    settings: Option<Value>,
    /// What the reply calls the order; none where it says nothing.
    #[serde(default)]
    acknowledgement: Option<Acknowledgement>,
}

#[derive(Deserialize)]
struct WrittenAnswer {
    status: u16,
    retry_after: Option<String>,
    #[serde(default)]
    body: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum WrittenVerdict {
    Word(String),
    Retry {
        retry: String,
        #[serde(default, with = "time::serde::rfc3339::option")]
        not_before: Option<OffsetDateTime>,
    },
}

impl From<Verdict> for WrittenVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accepted => Self::Word("accepted".to_owned()),
            Verdict::Gone => Self::Word("gone".to_owned()),
            Verdict::Retry { after, reason } => Self::Retry {
                retry: reason.code().to_owned(),
                not_before: after.map(|asked| asked.not_before()),
            },
        }
    }
}

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, stage: &Stage, folder: &Path) {
    for path in report
        .found(cases(folder, "orders", ".event.json"))
        .unwrap_or_default()
    {
        let outcome = order(report, adapter, stage, &path);
        report.found(outcome.map_err(|fault| format!("{}: {fault}", path.display())));
    }
    for path in report
        .found(cases(folder, "replies", ".json"))
        .unwrap_or_default()
    {
        let outcome = reply(adapter, stage, &path);
        report.found(outcome.map_err(|fault| format!("{}: {fault}", path.display())));
    }
}

/// The first golden order as the exact request that leaves, signed with a key
/// that is nobody's, in the form that HTTP clients of editors read.
///
/// # Errors
/// When there is no golden order, or it cannot be rendered.
pub fn http_file(adapter: &dyn Adapter, folder: &Path) -> Result<String, String> {
    let stage = Stage::set()?;
    let paths = cases(folder, "orders", ".event.json")?;
    let confirmed = paths
        .iter()
        .find(|path| path.ends_with("confirmed.event.json"));
    let path = confirmed.or(paths.first()).ok_or("no golden order")?;
    let written: WrittenEvent = read(path)?;
    let settings = written
        .settings
        .clone()
        .unwrap_or_else(|| stage.settings.clone());
    let rendered = written.rendered(&mut Report::default(), adapter, &stage)?;
    let content_type = rendered.content_type().to_owned();
    let signed = stage.signed(adapter, &settings, rendered);
    let mut text = format!(
        "### {}: {} (signed on 2026-11-20 at 10:00 UTC with keys that are nobody's)\nPOST {}\ncontent-type: {content_type}\n",
        adapter.name(),
        written.r#type,
        stage.endpoint,
    );
    for (name, value) in signed.headers() {
        text.extend([name.as_ref(), ": ", value, "\n"]);
    }
    let body = std::str::from_utf8(signed.body()).map_err(|_| "the body is no text")?;
    Ok(format!("{text}\n{body}"))
}

/// The golden event becomes the golden request, and shows an order as it is stored.
fn order(
    report: &mut Report,
    adapter: &dyn Adapter,
    stage: &Stage,
    path: &Path,
) -> Result<(), String> {
    let written: WrittenEvent = read(path)?;
    let event = written.stored()?;
    if event.kind.is_about_order() {
        let order = event.order().map_err(|error| error.to_string())?;
        let stored = serde_json::to_string(&order).map_err(|error| error.to_string())?;
        if stored != *event.data {
            return Err(format!("is no order as it is stored: {stored}"));
        }
    }
    let said = as_written(&written.rendered(report, adapter, stage)?)?;
    let case = path.to_string_lossy();
    let golden = text(Path::new(&case.replace(".event.json", ".request")))?;
    match first_difference(&golden, &said) {
        None => Ok(()),
        Some(difference) => Err(difference),
    }
}

fn reply(adapter: &dyn Adapter, stage: &Stage, path: &Path) -> Result<(), String> {
    let case: WrittenReply = read(path)?;
    let settings = case.settings.as_ref().unwrap_or(&stage.settings);
    let prepared = adapter
        .prepared(settings)
        .map_err(|flaw| flaw.to_string())?;
    let adapter = prepared.as_deref().unwrap_or(adapter);
    let reply = Reply {
        status: case.reply.status,
        retry_after: case.reply.retry_after,
        body: case.reply.body.into_bytes(),
        truncated: false,
    };
    let verdict = WrittenVerdict::from(adapter.judge(&reply, case.at));
    if verdict != case.verdict {
        return Err(format!("judged {verdict:?}, should be {:?}", case.verdict));
    }
    let acknowledgement = adapter.acknowledgement(&reply);
    if acknowledgement != case.acknowledgement {
        return Err(format!(
            "acknowledged {acknowledgement:?}, should be {:?}",
            case.acknowledgement
        ));
    }
    Ok(())
}

impl WrittenEvent {
    fn stored(&self) -> Result<Event, String> {
        let data = without_spacing(self.data.get().as_bytes());
        let data = String::from_utf8(data).map_err(|error| error.to_string())?;
        Ok(Event {
            id: self.id.parse().map_err(|_| "the id is none".to_owned())?,
            kind: self
                .r#type
                .parse()
                .map_err(|_| "no such event".to_owned())?,
            occurred_at: self.occurred_at,
            data: data.into(),
        })
    }

    fn rendered(
        &self,
        report: &mut Report,
        adapter: &dyn Adapter,
        stage: &Stage,
    ) -> Result<Rendered, String> {
        let event = &self.stored()?;
        let delivery = Delivery {
            event,
            settings: self.settings.as_ref().unwrap_or(&stage.settings),
            endpoint: self.endpoint.as_ref().unwrap_or(&stage.endpoint),
            ..stage.delivery(event)
        };
        let rendered = stage.rendered(report, adapter, &delivery);
        rendered.map_err(|refusal| refusal.to_string())
    }
}

/// A request as its golden file tells it: headers, an empty line, the body and
/// a line end that editors want and that is not part of the body.
fn as_written(rendered: &Rendered) -> Result<String, String> {
    let mut text = format!("content-type: {}\n", rendered.content_type());
    for (name, value) in rendered.headers() {
        text.extend([name.as_ref(), ": ", value, "\n"]);
    }
    let body = std::str::from_utf8(rendered.body()).map_err(|_| "the body is no text")?;
    Ok(format!("{text}\n{body}\n"))
}

/// Where two texts part, with enough around it to see why.
fn first_difference(golden: &str, said: &str) -> Option<String> {
    if golden == said {
        return None;
    }
    let same = golden.chars().zip(said.chars());
    let same = same.take_while(|(golden, said)| golden == said).count();
    let around = |text: &str| -> String {
        text.chars()
            .skip(same.saturating_sub(40))
            .take(80)
            .collect()
    };
    Some(format!(
        "differs from its golden request at character {same}:\n  golden  {:?}\n  said    {:?}",
        around(golden),
        around(said)
    ))
}

/// The files of a golden folder whose name ends so, in order; at least one.
pub(super) fn cases(folder: &Path, kind: &str, ending: &str) -> Result<Vec<PathBuf>, String> {
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
        0 => Err(format!("{} has no case", folder.display())),
        1..=CASES_MAX => Ok(files),
        _ => Err(format!(
            "{} has more than {CASES_MAX} cases",
            folder.display()
        )),
    }
}

pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    serde_json::from_str(&text(path)?).map_err(|error| error.to_string())
}

pub(super) fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
