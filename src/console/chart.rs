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
