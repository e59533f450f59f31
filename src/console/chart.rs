//! Charts as SVG, drawn on the server: points for the templates, which hold the numbers in a table beside them.
//!
//! Promises: a chart needs no script and no inline style, and never more than 168 points; a chart without data is a flat
//! line, not an error.

use std::fmt::Write as _;

/// The width of a chart's box; its height is [`HEIGHT`]. Charts stretch.
const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 28.0;
/// Room for the line's own width.
const MARGIN: f64 = 2.0;
/// Seven days by the hour.
const POINTS_MAX: usize = 168;

/// A line over time, from zero to its highest value.
pub(crate) fn line(values: &[f64]) -> String {
    let highest = values.iter().copied().fold(0.0_f64, f64::max);
    line_up_to(values, highest)
}

/// A line of shares from zero to one.
pub(crate) fn share_line(values: &[f64]) -> String {
    line_up_to(values, 1.0)
}

/// A line that keeps each value until the next one and the last one until `end`, from its lowest to its highest value: a
/// price from zero would hide its changes. Points are `(seconds, value)`, oldest first; of too many the newest are drawn.
pub(crate) fn steps(values: &[(i64, f64)], end: i64) -> String {
    let first = values.len().saturating_sub(POINTS_MAX / 2);
    let values = values.get(first..).unwrap_or_default();
    let Some((start, _)) = values.first() else {
        return String::new();
    };
    let lowest = values.iter().map(|value| value.1).fold(f64::MAX, f64::min);
    let highest = values.iter().map(|value| value.1).fold(f64::MIN, f64::max);
    let seconds = (end - start).max(1) as f64;
    let x = |at: i64| WIDTH * ((at - start) as f64 / seconds).clamp(0.0, 1.0);
    let y = |value: f64| match highest > lowest {
        true => HEIGHT - MARGIN - (value - lowest) / (highest - lowest) * (HEIGHT - 2.0 * MARGIN),
        false => HEIGHT / 2.0,
    };
    let ends = values.iter().skip(1).map(|(at, _)| *at).chain([end]);
    let drawn = values.iter().zip(ends).map(|((at, value), end)| {
        let y = y(*value);
        format!("{:.1},{y:.1} {:.1},{y:.1}", x(*at), x(end))
    });
    drawn.collect::<Vec<_>>().join(" ")
}

fn line_up_to(values: &[f64], highest: f64) -> String {
    let values = values
        .get(values.len().saturating_sub(POINTS_MAX)..)
        .unwrap_or_default();
    let steps = values.len().saturating_sub(1).max(1);
    let mut points = String::new();
    for (at, value) in values.iter().enumerate() {
        let x = WIDTH * at as f64 / steps as f64;
        let height = if highest > 0.0 {
            value.clamp(0.0, highest) / highest
        } else {
            0.0
        };
        let y = HEIGHT - MARGIN - height * (HEIGHT - 2.0 * MARGIN);
        let _ = write!(points, "{}{x:.1},{y:.1}", if at > 0 { " " } else { "" });
    }
    points
}

/// A bar of a histogram, in a box of 100 by 100.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    pub x: String,
    pub width: String,
    pub y: String,
    pub height: String,
    /// What it counts, such as `up to 50 ms`.
    pub label: String,
    pub count: String,
}

/// The bars of a histogram, the highest at full height.
pub(crate) fn bars(counts: &[(String, i64)]) -> Vec<Bar> {
    let highest = counts
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or(0)
        .max(1);
    let width = 100.0 / counts.len().max(1) as f64;
    let bar = |(at, (label, count)): (usize, &(String, i64))| {
        let height = 100.0 * (*count).max(0) as f64 / highest as f64;
        Bar {
            x: format!("{:.2}", width * at as f64 + width * 0.1),
            width: format!("{:.2}", width * 0.8),
            y: format!("{:.2}", 100.0 - height),
            height: format!("{height:.2}"),
            label: label.clone(),
            count: super::format::grouped(*count),
        }
    };
    counts.iter().enumerate().map(bar).collect()
}

/// A part of a bar, in a box of 100 by 100.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub class: &'static str,
    pub x: String,
    pub width: String,
    pub y: String,
    pub height: String,
}

/// Bars whose parts stand on each other, the highest bar at full height. Empty parts are left out.
pub(crate) fn stacked<const N: usize>(bars: &[[i64; N]], classes: [&'static str; N]) -> Vec<Part> {
    let highest = bars.iter().map(|bar| bar.iter().sum::<i64>()).max();
    let unit = 100.0 / highest.unwrap_or(0).max(1) as f64;
    let width = 100.0 / bars.len().max(1) as f64;
    let mut parts = Vec::new();
    for (at, bar) in bars.iter().enumerate() {
        let mut top = 100.0;
        for (count, class) in bar.iter().zip(classes).filter(|(count, _)| **count > 0) {
            // A single failure among thousands stays visible.
            let height = (unit * *count as f64).max(1.0).min(top);
            top -= height;
            parts.push(Part {
                class,
                x: format!("{:.2}", width * at as f64 + width * 0.1),
                width: format!("{:.2}", width * 0.8),
                y: format!("{top:.2}"),
                height: format!("{height:.2}"),
            });
        }
    }
    parts
}

/// The value below which this share of the attempts lies, read from a histogram: the bound of its class. `None` without
/// attempts; the last class has no bound.
pub(crate) fn percentile(counts: &[i64], bounds: &[i32], share: f64) -> Option<Percentile> {
    let all: i64 = counts.iter().sum();
    if all <= 0 {
        return None;
    }
    let mut passed = 0;
    for (at, count) in counts.iter().enumerate() {
        passed += count;
        if passed as f64 >= share * all as f64 {
            return Some(bounds.get(at).map_or(
                Percentile::Above(bounds.last().copied().unwrap_or(0)),
                |bound| Percentile::UpTo(*bound),
            ));
        }
    }
    None
}

/// A percentile, as exactly as a histogram has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Percentile {
    UpTo(i32),
    Above(i32),
}

impl std::fmt::Display for Percentile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UpTo(bound) => write!(f, "≤ {}", super::format::millis((*bound).into())),
            Self::Above(bound) => write!(f, "> {}", super::format::millis((*bound).into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_the_bottom_to_its_highest_value() {
        assert_eq!(line(&[0.0, 5.0, 10.0]), "0.0,26.0 60.0,14.0 120.0,2.0");
        assert_eq!(line(&[0.0, 0.0]), "0.0,26.0 120.0,26.0");
        assert_eq!(line(&[]), "");
        assert_eq!(share_line(&[0.5, 1.5]), "0.0,14.0 120.0,2.0");
        assert_eq!(line(&[1.0; 1_000]).split(' ').count(), POINTS_MAX);
    }

    #[test]
    fn steps_keep_their_value_until_the_next_one() {
        assert_eq!(
            steps(&[(100, 5.0), (150, 10.0)], 200),
            "0.0,26.0 60.0,26.0 60.0,2.0 120.0,2.0"
        );
        assert_eq!(steps(&[(100, 5.0)], 100), "0.0,14.0 0.0,14.0");
        assert_eq!(steps(&[], 100), "");
        let many: Vec<_> = (0..1_000).map(|at| (at, at as f64)).collect();
        assert_eq!(steps(&many, 1_000).split(' ').count(), POINTS_MAX);
    }

    #[test]
    fn parts_stand_on_each_other_and_the_smallest_is_visible() {
        let parts = stacked(&[[3, 1], [0, 0]], ["ok", "bad"]);
        let drawn = |part: &Part| (part.class, part.y.clone(), part.height.clone());
        let drawn: Vec<_> = parts.iter().map(drawn).collect();
        let text = |text: &str| text.to_owned();
        assert_eq!(
            drawn,
            [
                ("ok", text("25.00"), text("75.00")),
                ("bad", text("0.00"), text("25.00"))
            ]
        );
        assert_eq!(stacked(&[[10_000], [1]], ["ok"])[1].height, "1.00");
        assert_eq!(stacked::<1>(&[], ["ok"]), []);
    }

    #[test]
    fn a_percentile_is_the_bound_of_its_class() {
        let bounds = [10, 50, 100];
        assert_eq!(
            percentile(&[50, 49, 0, 1], &bounds, 0.5),
            Some(Percentile::UpTo(10))
        );
        assert_eq!(
            percentile(&[50, 49, 0, 1], &bounds, 0.99),
            Some(Percentile::UpTo(50))
        );
        assert_eq!(
            percentile(&[50, 48, 0, 2], &bounds, 0.99),
            Some(Percentile::Above(100))
        );
        assert_eq!(percentile(&[0, 0, 0, 0], &bounds, 0.5), None);
        assert_eq!(Percentile::UpTo(1_000).to_string(), "≤ 1.0 s");
        assert_eq!(Percentile::Above(5_000).to_string(), "> 5.0 s");
    }

    #[test]
    fn bars_fill_their_box() {
        let counts = [("a".to_owned(), 1), ("b".to_owned(), 4)];
        let bars = bars(&counts);
        assert_eq!(
            (bars[1].y.as_str(), bars[1].height.as_str()),
            ("0.00", "100.00")
        );
        assert_eq!(
            (bars[0].x.as_str(), bars[0].width.as_str()),
            ("5.00", "40.00")
        );
    }
}
