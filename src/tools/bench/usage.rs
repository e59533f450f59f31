//! CPU time and memory of processes, read from `/proc`. Without `/proc` these figures are absent.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

/// CPU time of each process, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct CpuSeconds {
    /// The gateway alone.
    pub gateway: f64,
    /// All processes of its PostgreSQL.
    pub postgres: f64,
    /// The receiver.
    pub receiver: f64,
    /// The sender.
    pub sender: f64,
    /// All of them.
    pub total: f64,
}

/// One process, in the kernel's terms.
struct Process {
    parent: u32,
    own_ticks: u64,
    /// The ticks of ended children that it waited for.
    ended_ticks: u64,
}

/// The CPU time of the processes since they started.
pub(crate) fn cpu(gateway: u32, receiver: u32) -> Option<CpuSeconds> {
    let all = processes()?;
    let seconds = |ticks: u64| ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
    let own = |id: u32| all.get(&id).map(|process| seconds(process.own_ticks));
    let postgres = all
        .iter()
        .filter(|(id, _)| **id != gateway && is_descendant(&all, **id, gateway))
        .map(|(_, process)| process.own_ticks + process.ended_ticks)
        .sum();
    let used = CpuSeconds {
        gateway: own(gateway)?,
        postgres: seconds(postgres),
        receiver: own(receiver)?,
        sender: own(std::process::id())?,
        total: 0.0,
    };
    Some(CpuSeconds {
        total: used.gateway + used.postgres + used.receiver + used.sender,
        ..used
    })
}

impl CpuSeconds {
    /// The CPU time between an earlier reading and this one.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            gateway: self.gateway - earlier.gateway,
            postgres: self.postgres - earlier.postgres,
            receiver: self.receiver - earlier.receiver,
            sender: self.sender - earlier.sender,
            total: self.total - earlier.total,
        }
    }
}

/// The peak memory of a process, in megabytes.
pub(crate) fn peak_rss_mb(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Resets a process's peak memory, if the system allows it.
pub(crate) fn reset_peak_rss(process: u32) {
    fs::write(format!("/proc/{process}/clear_refs"), "5").ok();
}

/// The time to sync 8 kB to the disk of a folder, in microseconds: the median of 200 writes.
pub(crate) fn fsync_us(folder: &Path) -> std::io::Result<f64> {
    const TRIES: usize = 200;
    let path = folder.join("fsync-probe");
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    let block = [b'x'; 8 * 1024];
    let mut durations = Vec::with_capacity(TRIES);
    for _ in 0..TRIES {
        let begun = Instant::now();
        file.rewind()?;
        file.write_all(&block)?;
        file.sync_data()?;
        durations.push(begun.elapsed());
    }
    fs::remove_file(path)?;
    durations.sort();
    let median = durations.get(TRIES / 2).copied().unwrap_or(Duration::ZERO);
    Ok(median.as_secs_f64() * 1e6)
}

fn processes() -> Option<HashMap<u32, Process>> {
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // A process may end while we read.
    Some(ids.filter_map(|id| Some((id, process(id)?))).collect())
}

fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before the last bracket may contain anything.
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    let parent = words.nth(1)?.parse().ok()?;
    let mut ticks = words.skip(9).map(|word| word.parse::<u64>().ok());
    let mut pair = || Some(ticks.next()?? + ticks.next()??);
    Some(Process {
        parent,
        own_ticks: pair()?,
        ended_ticks: pair()?,
    })
}

fn is_descendant(all: &HashMap<u32, Process>, mut id: u32, from: u32) -> bool {
    while let Some(process) = all.get(&id) {
        if process.parent == from {
            return true;
        }
        id = process.parent;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_with_its_parent_and_its_time() {
        let begun = Instant::now();
        let used = || process(std::process::id()).unwrap().own_ticks;
        let before = used();
        while used() == before {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "no time was counted"
            );
        }
        let all = processes().unwrap();
        let own = &all[&std::process::id()];
        assert_eq!(own.parent, std::os::unix::process::parent_id());
        assert!(own.own_ticks > before);
        assert!(is_descendant(&all, std::process::id(), own.parent));
        assert!(peak_rss_mb(std::process::id()).unwrap() > 1.0);
    }
}
