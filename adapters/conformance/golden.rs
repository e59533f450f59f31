//! Golden files: written from a partner's documents, compared byte by byte.

use std::fs;
use std::path::{Path, PathBuf};

use buywire_schemas::event::Event;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use url::Url;

use super::{DELIVERY_ID, ENDPOINT, NO_SETTINGS, folders::folder, rendered};
use crate::contract::{Adapter, all};
use crate::reply::{Acknowledgement, Reply, Verdict};
use crate::request::Delivery;
use crate::signing::verify::suspects::without_spacing;

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
    #[serde(default = "no_settings")]
    settings: Value,
    #[serde(default = "endpoint")]
    endpoint: Url,
}

fn no_settings() -> Value {
    NO_SETTINGS.clone()
}

fn endpoint() -> Url {
    ENDPOINT.clone()
}

#[derive(Deserialize)]
struct WrittenReply {
    reply: WrittenAnswer,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    verdict: WrittenVerdict,
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

/// The files of a golden folder whose name ends so; at least one.
fn files(adapter: &dyn Adapter, kind: &str, ending: &str) -> Vec<PathBuf> {
    let folder = folder(adapter.name()).join("golden").join(kind);
    let files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

pub(super) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn written(path: &Path) -> WrittenEvent {
    let text = read(path);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl WrittenEvent {
    fn stored(&self) -> Event {
        let data = without_spacing(self.data.get().as_bytes());
        Event {
            id: self.id.parse().unwrap(),
            kind: self.r#type.parse().unwrap(),
            occurred_at: self.occurred_at,
            data: String::from_utf8(data).unwrap().into(),
        }
    }
}

/// A request as its golden file tells it: headers, an empty line, the body and
/// a line end that editors want and that is not part of the body.
fn as_written(adapter: &dyn Adapter, written: &WrittenEvent) -> String {
    let delivery = Delivery {
        id: DELIVERY_ID,
        event: &written.stored(),
        settings: &written.settings,
        endpoint: &written.endpoint,
    };
    let rendered = rendered(adapter, &delivery).unwrap();
    let mut text = format!("content-type: {}\n", rendered.content_type());
    for (name, value) in rendered.headers() {
        text.push_str(&format!("{name}: {value}\n"));
    }
    let body = std::str::from_utf8(rendered.body()).unwrap();
    format!("{text}\n{body}\n")
}

#[test]
fn golden_events_become_golden_requests() {
    for adapter in all() {
        for path in files(*adapter, "orders", ".event.json") {
            let case = path.to_str().unwrap().trim_end_matches(".event.json");
            let golden = read(Path::new(&format!("{case}.request")));
            assert_eq!(as_written(*adapter, &written(&path)), golden, "{case}");
        }
    }
}

/// Holds the golden files to the vocabulary: they show real events.
#[test]
fn golden_orders_are_orders_as_they_are_stored() {
    for adapter in all() {
        for path in files(*adapter, "orders", ".event.json") {
            let event = written(&path).stored();
            if event.kind.is_about_order() {
                let order = event.order().unwrap();
                let stored = serde_json::to_string(&order).unwrap();
                assert_eq!(stored, *event.data, "{}", path.display());
            }
        }
    }
}

#[test]
fn golden_replies_get_their_golden_verdicts() {
    for adapter in all() {
        for path in files(*adapter, "replies", ".json") {
            let case: WrittenReply = serde_json::from_str(&read(&path)).unwrap();
            let reply = Reply {
                status: case.reply.status,
                retry_after: case.reply.retry_after,
                body: case.reply.body.into_bytes(),
                truncated: false,
            };
            let verdict = WrittenVerdict::from(adapter.judge(&reply, case.at));
            assert_eq!(verdict, case.verdict, "{}", path.display());
            let acknowledgement = adapter.acknowledgement(&reply);
            assert_eq!(acknowledgement, case.acknowledgement, "{}", path.display());
        }
    }
}
