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

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The state with this name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.as_str() == text)
            }
        }
    };
}

states! {
    /// Not published yet.
    Draft = "draft";
    /// Published, and its sale has not started.
    Scheduled = "scheduled";
    /// The product can be bought.
    Live = "live";
    /// The product cannot be bought at the moment.
    SoldOut = "sold_out";
    /// Its sale is over.
    Ended = "ended";
    /// Taken back until it is published again.
    Withdrawn = "withdrawn";
}

impl State {
    /// Whether a person set this state: then only a person changes it.
    #[must_use]
    pub const fn is_manual(self) -> bool {
        matches!(self, Self::Draft | Self::Withdrawn)
    }
}

/// Why a post is sold out or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostReason {
    /// The product is no longer in the catalog.
    ProductGone,
    /// The product is for adults only.
    AdultsOnly,
    /// A person withdrew it.
    Requested,
    /// The item id was reassigned: the post is paused until its custom text is reviewed.
    ItemChangedIdentity,
    /// The custom text mentions an outdated price: the post is paused until it is reviewed.
    TextPriceOutdated,
    /// The product cannot be bought.
    #[serde(untagged)]
    NotBuyable(NotBuyable),
}
