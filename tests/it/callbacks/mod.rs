//! Callbacks: what partners report.

mod compressed_bodies;
mod hostile;
mod killed;
mod receiving;
mod signatures;
mod unsigned;
