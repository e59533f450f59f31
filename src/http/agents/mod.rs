//! Routes for agents: ACP below `/acp`, UCP below `/ucp`.
//!
//! Promises: errors have the protocol's own form; a request is carried out even when its caller goes away, and its answer
//! is kept. Must not know what a protocol's bodies mean: `crate::agents` does.

pub(super) mod acp;
pub(super) mod acp_error;
mod exchange;
mod reply;
pub(super) mod ucp;
pub(super) mod ucp_error;
