//! States as the console shows them: a word, a shape and a colour.

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub word: &'static str,
    pub shape: &'static str,
    /// `ok`, `warn`, `bad` or `idle`.
    pub class: &'static str,
}

impl State {
    pub(crate) const fn ok(word: &'static str) -> Self {
        Self {
            word,
            shape: "●",
            class: "ok",
        }
    }

    pub(crate) const fn warn(word: &'static str) -> Self {
        Self {
            word,
            shape: "▲",
            class: "warn",
        }
    }

    pub(crate) const fn bad(word: &'static str) -> Self {
        Self {
            word,
            shape: "✖",
            class: "bad",
        }
    }

    pub(crate) const fn waiting(word: &'static str) -> Self {
        Self {
            word,
            shape: "◐",
            class: "idle",
        }
    }

    pub(crate) const fn idle(word: &'static str) -> Self {
        Self {
            word,
            shape: "○",
            class: "idle",
        }
    }

    /// The state of a delivery with this `status`.
    pub(crate) fn of_delivery(status: &str) -> Self {
        match status {
            "delivered" => Self::ok("Delivered"),
            "dead" => Self::bad("Dead"),
            _ => Self::waiting("Waiting"),
        }
    }
}
