//! A child process that ends with its value.
//!
//! Promises: dropping it asks the process to stop, waits for its end, and kills it after a timeout. The child has
//! its own process group, so that Ctrl-C reaches only this process, which then stops its children in order.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{self, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};

/// A little more than the gateway needs for a graceful stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(crate) struct Child {
    process: process::Child,
}

impl Child {
    /// Starts a process with pipes for standard input and output. `command` decides about standard error.
    pub(crate) fn start(
        command: &mut Command,
    ) -> io::Result<(Self, ChildStdin, Lines<BufReader<ChildStdout>>)> {
        let mut process = command
            .stdin(process::Stdio::piped())
            .stdout(process::Stdio::piped())
            .process_group(0)
            .spawn()?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let child = Self { process };
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((
            child,
            ChildStdin::from_std(stdin)?,
            BufReader::new(ChildStdout::from_std(stdout)?).lines(),
        ))
    }

    #[must_use]
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    fn has_exited(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.has_exited() {
            return;
        }
        if let Some(pid) = i32::try_from(self.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).ok();
        }
        let requested_at = Instant::now();
        while !self.has_exited() {
            if requested_at.elapsed() > STOP_TIMEOUT {
                self.process.kill().ok();
                self.process.wait().ok();
                return;
            }
            sleep(Duration::from_millis(10));
        }
    }
}
