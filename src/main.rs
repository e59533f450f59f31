//! The executable: reads the command line and runs the command.

use std::process::ExitCode;

use buywire::{Cli, error_chain, note, run};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("buywire: {}", error_chain(&error)));
            ExitCode::FAILURE
        }
    }
}
