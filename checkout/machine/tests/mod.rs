//! What the machine promises.

mod bugs;
mod decisions;
mod interleavings;
mod mails;
mod simulation;
mod support;
