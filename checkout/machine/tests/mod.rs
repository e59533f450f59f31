//! What the machine promises.

mod bugs;
mod decisions;
mod interleavings;
mod simulation;
mod support;
