//! What an attempt says about its endpoint, and how that changes the endpoint.

use time::OffsetDateTime;

use crate::delivery::circuit::{CircuitState, CircuitTransition};

/// What an ended attempt says about its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointSignal {
    Accepted,
    Failed,
    /// The endpoint said that it is gone: nothing is sent until it is enabled again.
    Gone,
    /// Nothing: no request was sent, or we are to blame.
    Inconclusive,
}

/// How an attempt changed its endpoint, for the table and for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndpointUpdate {
    pub circuit: CircuitState,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    pub transition: CircuitTransition,
}
