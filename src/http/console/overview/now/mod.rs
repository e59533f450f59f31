//! The gateway now: its figures, what needs somebody, partners by trouble. A partner sees its own.

mod figures;
mod needs;
mod partners;

use std::collections::HashMap;
use std::time::Instant;

use actix_web::web::{Data, Query};
use serde::Deserialize;
use time::{Duration, OffsetDateTime, Time};

use self::figures::{Backlog, figures};
use self::partners::partners;
use crate::ambient;
use crate::console::chart;
use crate::console::format::{grouped, millis};
use crate::console::frame::Section;
use crate::console::lists::Chip;
use crate::console::overview::now::{NowPage, PointRow};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::hours;
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;
use crate::store::delivery::stats::{LATENCY_BOUNDS_MS, StatsPoint, StatsStep, StatsSubject};

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct NowQuery {
    #[serde(default)]
    period: String,
}

/// What the lines show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Hour,
    Day,
    Week,
}

impl Period {
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Hour, "1h", "1 hour"),
        (Self::Day, "24h", "24 hours"),
        (Self::Week, "7d", "7 days"),
    ];

    fn parse(text: &str) -> Self {
        let found = Self::ALL.iter().find(|(_, name, _)| *name == text);
        found.map_or(Self::Hour, |(period, _, _)| *period)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Hour => "the last hour",
            Self::Day => "the last 24 hours",
            Self::Week => "the last 7 days",
        }
    }

    /// The length of a point in seconds, and how many there are.
    const fn points(self) -> (i64, i64) {
        match self {
            Self::Hour => (60, 60),
            Self::Day => (3_600, 24),
            Self::Week => (3_600, 168),
        }
    }

    const fn step(self) -> StatsStep {
        match self {
            Self::Hour => StatsStep::Minute,
            Self::Day | Self::Week => StatsStep::Hour,
        }
    }
}

/// `GET /console`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<NowQuery>,
) -> ConsoleResult {
    if visitor.caller.is_platform() {
        return Ok(see_other(&format!("{BASE}/orders")));
    }
    let now = ambient::now();
    let period = Period::parse(&query.period);
    let own = visitor
        .caller
        .partner()
        .map(|(id, slug)| (id, slug.as_str().to_owned()));
    let subject = own
        .as_ref()
        .map_or(StatsSubject::Gateway, |(id, _)| StatsSubject::Partner(*id));
    let points = read_points(&state, subject, period, now).await?;
    let backlogs = state
        .console
        .snapshots
        .backlogs(&state.store, Instant::now())
        .await?;
    let backlog = Backlog::of(&backlogs, own.as_ref().map(|(_, slug)| slug.as_str()));
    let today = dead_today(&state, subject, now).await?;
    let needs = needs::needs(&state, own.as_ref().map(|(id, _)| *id), now).await?;
    page(&NowPage {
        frame: visitor.live_frame(&state, Section::Now),
        periods: periods(period),
        period: period.text(),
        figures: figures(&points, period, &backlog, today, own.is_some()),
        needs,
        partners: partners(&state, own.as_ref().map(|(id, _)| *id), &backlogs, now).await?,
        latencies: latencies(&points),
        latency_text: latency_text(&points),
        table: points
            .iter()
            .rev()
            .map(|point| table_row(point, period, own.is_some()))
            .collect(),
    })
}

fn periods(current: Period) -> Vec<Chip> {
    let chip = |(period, name, text): &(Period, &str, &str)| Chip {
        text: (*text).to_owned(),
        href: match period {
            Period::Hour => BASE.to_owned(),
            _ => format!("{BASE}?period={name}"),
        },
        is_current: *period == current,
    };
    Period::ALL.iter().map(chip).collect()
}

/// All points of a period, oldest first, those in which nothing happened included.
async fn read_points(
    state: &AppState,
    subject: StatsSubject,
    period: Period,
    now: OffsetDateTime,
) -> Result<Vec<StatsPoint>, ApiError> {
    let (seconds, count) = period.points();
    let last = now.unix_timestamp() / seconds;
    let at = |number: i64| OffsetDateTime::from_unix_timestamp(number * seconds).unwrap_or(now);
    let span = (at(last - count + 1), now);
    let found = state
        .store
        .stats(subject, period.step(), span, count + 1)
        .await?;
    let mut found: HashMap<_, _> = found
        .into_iter()
        .map(|point| (point.at.unix_timestamp() / seconds, point))
        .collect();
    let all = (last - count + 1..=last).map(|number| {
        found
            .remove(&number)
            .unwrap_or_else(|| StatsPoint::empty(at(number)))
    });
    Ok(all.collect())
}

async fn dead_today(
    state: &AppState,
    subject: StatsSubject,
    now: OffsetDateTime,
) -> Result<(i64, i64), ApiError> {
    let midnight = now.replace_time(Time::MIDNIGHT);
    let span = (midnight - Duration::DAY, now);
    let hours = state
        .store
        .stats(subject, StatsStep::Hour, span, 49)
        .await?;
    let dead = |is_today: bool| {
        let day = hours
            .iter()
            .filter(|point| (point.at >= midnight) == is_today);
        day.map(|point| point.dead).sum()
    };
    Ok((dead(true), dead(false)))
}

fn table_row(point: &StatsPoint, period: Period, is_of_partner: bool) -> PointRow {
    let at = point.at;
    PointRow {
        at: match period {
            Period::Hour => format!("{:02}:{:02} UTC", at.hour(), at.minute()),
            Period::Day | Period::Week => format!("{} {:02}:00 UTC", at.date(), at.hour()),
        },
        orders: (!is_of_partner).then(|| grouped(point.orders)),
        delivered: grouped(point.delivered),
        failed: grouped(point.failed),
        dead: grouped(point.dead),
    }
}

fn latencies(points: &[StatsPoint]) -> Vec<chart::Bar> {
    let counts = hours::histogram(points);
    let last = LATENCY_BOUNDS_MS.last().copied().unwrap_or_default();
    let labels = LATENCY_BOUNDS_MS
        .iter()
        .map(|bound| format!("≤ {}", millis((*bound).into())))
        .chain([format!("> {}", millis(last.into()))]);
    chart::bars(&labels.zip(counts).collect::<Vec<_>>())
}

fn latency_text(points: &[StatsPoint]) -> String {
    match hours::latencies(points) {
        Some((half, most)) => format!("Half of them {half}, 99 % {most}."),
        None => "There were none.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_one_of_three() {
        assert_eq!(Period::parse("24h"), Period::Day);
        assert_eq!(Period::parse("7d"), Period::Week);
        assert_eq!(Period::parse("x"), Period::Hour);
    }
}
