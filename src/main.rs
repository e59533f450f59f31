//! The executable: reads the command line and runs the command.

use std::process::ExitCode;

use buywire::cli::{Cli, error_chain, run};
use buywire::output;
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("buywire: {}", error_chain(&error)));
            ExitCode::FAILURE
        }
    }
}
