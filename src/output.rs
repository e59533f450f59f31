//! The one way to standard output and standard error.
//!
//! Promises: whoever has read enough and closes the pipe, such as `head`, ends the program quietly; a full disk is told and
//! is a failure; nobody's closed standard error stops anything. Every print of the program goes through here: the
//! standard macros would panic.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process;

/// Write a line to standard output. Ends the program when nobody reads it any more, or when it cannot be written.
pub fn line(text: impl Display) {
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

/// Write a line to standard output that nobody needs to read: what runs goes on when nobody does.
pub fn say(text: impl Display) {
    let _ = written(&mut io::stdout().lock(), &text);
}

/// Tell people something beside the answer, on standard error.
pub fn note(text: impl Display) {
    // Who has closed it does not want to know.
    let _ = written(&mut io::stderr().lock(), &text);
}

fn written(to: &mut impl Write, text: &impl Display) -> io::Result<()> {
    writeln!(to, "{text}")?;
    to.flush()
}
