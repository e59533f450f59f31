//! The executable. Everything else is in the library, so that no code is compiled twice.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    buywire::main()
}
