//! Several nodes, crashes, and a database that hangs.

mod crashing;
mod hanging;
mod node_agreement;
pub(crate) mod store;
mod store_hanging;
mod switching;
