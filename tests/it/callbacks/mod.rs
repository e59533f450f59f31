//! Callbacks of partners.

mod compressed_bodies;
mod hostile;
mod killed;
mod receiving;
mod unsigned;
