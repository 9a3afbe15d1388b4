//! Which process is meant: a number alone is given to another one some day.

use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

/// A process of one run of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub pid: u32,
    /// Clock ticks between the start of the machine and that of the process. Another program may
    /// not have written it down: then the number has to do.
    pub start_time: Option<u64>,
    /// The kernel's `boot_id`: the same number and ticks may come again after a restart.
    pub boot: Option<String>,
}

impl Process {
    /// Whether `now`, the process that has this number at present, is the one that was meant.
    #[must_use]
    pub fn is(&self, now: Option<&Self>) -> bool {
        let same = |then: Option<bool>| then.unwrap_or(true);
        now.is_some_and(|now| {
            self.pid == now.pid
                && same(self.start_time.map(|ticks| Some(ticks) == now.start_time))
                && same(self.boot.as_ref().map(|id| Some(id) == now.boot.as_ref()))
        })
    }
}

/// The running machine, asked through `/proc`.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    boot: Option<String>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            boot: boot_id().ok(),
        }
    }

    /// The process with this number; `None` when there is none, or only its remains.
    pub(crate) fn process(&self, pid: u32) -> io::Result<Option<Process>> {
        Ok(start_time(pid)?.map(|ticks| Process {
            pid,
            start_time: Some(ticks),
            boot: self.boot.clone(),
        }))
    }

    /// Whether `process` still runs. What cannot be found out counts as alive: a port that comes
    /// back late is better than one that is given twice.
    pub(crate) fn is_alive(&self, process: &Process) -> bool {
        self.process(process.pid)
            .map_or(true, |now| process.is(now.as_ref()))
    }
}

/// The kernel's name for the time since the machine started.
///
/// # Errors
/// When `/proc` is not mounted.
pub fn boot_id() -> io::Result<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(id.trim().to_owned())
}

/// When the process that has the number `pid` now was started, in clock ticks since the machine
/// was; `None` when there is no such process, or only its remains.
///
/// # Errors
/// When it cannot be found out, as with too many open files: that says nothing about the process.
pub fn start_time(pid: u32) -> io::Result<Option<u64>> {
    match fs::read(format!("/proc/{pid}/stat")) {
        Ok(stat) => Ok(start_time_in(&stat)),
        // ESRCH: it went away between open and read.
        Err(e) if e.kind() == io::ErrorKind::NotFound || is_no_such_process(&e) => Ok(None),
        Err(e) => Err(e),
    }
}

fn is_no_such_process(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error())
}

/// The start time in `/proc/<pid>/stat`; `None` for a zombie, which holds nothing any more.
fn start_time_in(stat: &[u8]) -> Option<u64> {
    // The command's name stands in brackets and may itself contain brackets and spaces.
    let end = stat.iter().rposition(|&byte| byte == b')')?;
    let mut fields = std::str::from_utf8(&stat[end + 1..])
        .ok()?
        .split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    // `starttime` is field 22 of the line, the state is field 3.
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, start_time: u64, boot: &str) -> Process {
        Process {
            pid,
            start_time: Some(start_time),
            boot: Some(boot.into()),
        }
    }

    #[test]
    fn the_same_number_at_another_time_is_another_process() {
        let meant = process(77, 1_000, "boot-1");
        assert!(meant.is(Some(&process(77, 1_000, "boot-1"))));
        assert!(!meant.is(Some(&process(77, 1_001, "boot-1"))));
        assert!(!meant.is(Some(&process(77, 1_000, "boot-2"))));
        assert!(!meant.is(None));
        let vague = Process {
            start_time: None,
            boot: None,
            ..meant
        };
        assert!(vague.is(Some(&process(77, 5, "boot-9"))));
    }

    #[test]
    fn the_start_time_is_found_behind_any_name() {
        let rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20";
        let line = |name: &str, state: &str| format!("7 ({name}) {state} {rest}").into_bytes();
        assert_eq!(start_time_in(&line("sh", "S")), Some(4242));
        assert_eq!(start_time_in(&line("a) R 1 (b", "S")), Some(4242));
        assert_eq!(start_time_in(&line("sh", "Z")), None);
        assert_eq!(start_time_in(b"7 (sh"), None);
    }

    #[test]
    fn this_process_lives() {
        let machine = Machine::new();
        let me = machine.process(std::process::id()).unwrap().unwrap();
        assert!(me.boot.is_some() && machine.is_alive(&me));
        assert!(!machine.is_alive(&process(me.pid, 1, "another boot")));
    }
}
