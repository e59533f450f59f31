//! An endpoint's attempts of the last 24 hours: bars by the hour, and their numbers.

use crate::console::chart::Part;

/// The section of an endpoint's page.
#[derive(Debug)]
pub(crate) struct AttemptHours {
    /// How many there were, and how long they took.
    pub summary: String,
    /// Empty without attempts.
    pub bars: Vec<Part>,
    /// The first hour.
    pub from: String,
    /// Newest first.
    pub rows: Vec<HourRow>,
}

/// One hour.
#[derive(Debug)]
pub(crate) struct HourRow {
    pub hour: String,
    pub delivered: String,
    pub failed: String,
    pub dead: String,
    /// How long half of them, and 99 of 100, took at most.
    pub half: String,
    pub most: String,
}
