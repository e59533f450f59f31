//! The progress of long work: a bar on a terminal, one line per step elsewhere.
//!
//! It goes to standard error, because standard output is for results.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

pub(crate) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
}

impl Default for Progress {
    fn default() -> Self {
        let bar = ProgressBar::no_length();
        bar.enable_steady_tick(Duration::from_millis(100));
        Self {
            bar,
            is_terminal: std::io::stderr().is_terminal(),
        }
    }
}

impl Progress {
    /// Begins the next step. `total` is 0 if it is unknown.
    pub(crate) fn step(&self, what: &'static str, total: usize) {
        let template = match total {
            0 => "{spinner} {msg}",
            _ => "{spinner} {msg} {wide_bar} {pos}/{len} {eta}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.reset();
        self.bar.set_length(total as u64);
        self.bar.set_message(what);
        if !self.is_terminal {
            output::note(what);
        }
    }

    pub(crate) fn advance_to(&self, done: usize) {
        self.bar.set_position(done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
