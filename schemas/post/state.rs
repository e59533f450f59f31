//! The states of a post, and the reasons for two of them.

use serde::{Deserialize, Serialize};

use crate::catalog::NotBuyable;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// How a post stands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum State {
            $($(#[$doc])* $name,)*
        }

        impl State {
            /// Every state there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The state of that name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.as_str() == text)
            }
        }
    };
}

states! {
    /// Nobody has published it.
    Draft = "draft";
    /// Published, and its time has not come.
    Scheduled = "scheduled";
    /// It can be bought from.
    Live = "live";
    /// Its product cannot be bought now.
    SoldOut = "sold_out";
    /// Its time is over.
    Ended = "ended";
    /// Taken back, until somebody publishes it again.
    Withdrawn = "withdrawn";
}

impl State {
    /// Whether somebody has decided it: then only somebody changes it.
    #[must_use]
    pub const fn is_manual(self) -> bool {
        matches!(self, Self::Draft | Self::Withdrawn)
    }
}

/// Why a post is sold out or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostReason {
    /// Its product is gone from the catalog.
    ProductGone,
    /// Its product turned out to be for adults only.
    AdultsOnly,
    /// Somebody took it back.
    Requested,
    /// The item's id names another thing now: it rests until somebody has looked at its given text.
    ItemChangedIdentity,
    /// Its given text names a price that is no longer true: it rests until somebody has looked at it.
    TextPriceOutdated,
    /// The product cannot be bought.
    #[serde(untagged)]
    NotBuyable(NotBuyable),
}
