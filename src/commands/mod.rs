//! The commands: one file each. They use the rooms, or the HTTP API as any other client would.

pub mod bench;
pub mod demo;
pub mod serve;
pub mod verify;
