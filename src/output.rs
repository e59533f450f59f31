//! Writes to standard output and standard error.
//!
//! Promises: a closed pipe, as by `head`, ends the program quietly; any other write error is reported and ends it
//! with a failure; a closed standard error stops nothing. All printing goes through here, because the standard
//! macros panic.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process;

/// Write a line to standard output. Ends the program when the pipe is closed or the write fails.
pub(crate) fn line(text: impl Display) {
    if let Err(error) = written(&mut io::stdout().lock(), &text) {
        if error.kind() == ErrorKind::BrokenPipe {
            process::exit(0);
        }
        note(format_args!(
            "buywire: cannot write to standard output: {error}"
        ));
        process::exit(1);
    }
}

/// Write a line to standard output, and ignore a failure: the gateway runs on when nobody reads.
pub(crate) fn say(text: impl Display) {
    let _ = written(&mut io::stdout().lock(), &text);
}

/// Write a line for people to standard error.
pub(crate) fn note(text: impl Display) {
    // A closed standard error must not stop anything.
    let _ = written(&mut io::stderr().lock(), &text);
}

fn written(to: &mut impl Write, text: &impl Display) -> io::Result<()> {
    writeln!(to, "{text}")?;
    to.flush()
}
