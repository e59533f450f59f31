//! The order of events does not matter: afterwards there is an order that is captured once, or none and nothing is kept.
