//! Agents: software that buys for a person, by ACP or UCP, over the same checkouts as the page.
//!
//! `sessions.rs` is what both protocols ask for; `acp/` and `ucp/` are their faces: they read requests into
//! `SessionDetails` and render an `AgentSession`. Faces are pure.
//!
//! Promises: an agent sees its own sessions only; whatever keeps a session from being paid is said by a problem in it; prices
//! are never a caller's. Must not know HTTP.

pub(crate) mod acp;
mod details;
mod drafting;
mod error;
mod items;
mod order_state;
mod problem;
mod read;
mod session;
mod sessions;
pub(crate) mod ucp;

pub(crate) use self::error::AgentError;
pub(crate) use self::items::ItemName;
pub(crate) use self::session::AgentSession;
pub(crate) use self::sessions::{AgentParts, Agents, TokenRequest};
