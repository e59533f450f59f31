//! What an attempt spent its time on: a bar of parts, and their numbers.

/// An attempt's time, split.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timing {
    /// In a box of 100 by 8, on the scale of the longest attempt.
    pub bar: Vec<TimePart>,
    /// All parts in words.
    pub words: String,
    /// Whether the connection was open already, so that nothing was resolved or opened.
    pub is_reused: bool,
    /// DNS, connect, TLS, waiting, reading and all, in milliseconds.
    pub numbers: [String; 6],
}

/// One part of the bar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimePart {
    pub class: &'static str,
    pub x: String,
    pub width: String,
}
