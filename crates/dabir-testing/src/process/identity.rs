//! Who a process is, and what can be seen of it from outside.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A process that stays itself: the same pid with another start time is another process. Two that
/// had one pid within the same clock tick, a hundredth of a second, cannot be told apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessId {
    pub pid: u32,
    /// In clock ticks since the machine started.
    pub start_time: u64,
}

impl ProcessId {
    /// The process that has `pid` now; a zombie counts.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let (_, start_time) = state_and_start(pid)?;
        Some(Self { pid, start_time })
    }

    /// Whether this very process still runs; a zombie does not.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        state_and_start(self.pid)
            .is_some_and(|(state, start)| start == self.start_time && state != "Z")
    }
}

/// The third and the 22nd field of `/proc/<pid>/stat`.
fn state_and_start(pid: u32) -> Option<(String, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name in parentheses, which may itself hold spaces and parentheses.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.to_owned();
    Some((state, fields.nth(18)?.parse().ok()?))
}

/// Kills any process as `kill -9` does and waits until it is gone.
///
/// # Panics
/// When there is none, or it is not ours to kill.
pub fn kill9(process: ProcessId) {
    assert!(process.is_alive(), "{process:?} is gone already");
    clear_away(process);
}

/// Kills a process that may be ending by itself meanwhile, and waits until it is gone.
///
/// # Panics
/// When it is not ours to kill.
pub fn clear_away(process: ProcessId) {
    // The descriptor comes first: what is alive after it was opened is what it stands for.
    let fd = pidfd_open(pid(process.pid), PidfdFlags::empty());
    let (Ok(fd), true) = (fd, process.is_alive()) else {
        return;
    };
    match pidfd_send_signal(&fd, Signal::KILL) {
        Ok(()) | Err(Errno::SRCH) => {}
        Err(error) => panic!("{process:?} is ours to kill: {error}"),
    }
    crate::wait_until("the killed process goes", Duration::from_secs(10), || {
        !process.is_alive()
    });
}

/// The children of `parent` that live now.
#[must_use]
pub fn children(parent: u32) -> Vec<ProcessId> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{parent}/task")) else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|line| {
            line.split_whitespace()
                .filter_map(|pid| ProcessId::of(pid.parse().ok()?))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// `ancestor`, its children, theirs, and so on, as they live now.
#[must_use]
pub fn family(ancestor: ProcessId) -> Vec<ProcessId> {
    let mut found = vec![ancestor];
    let mut looked_at = 0;
    while let Some(parent) = found.get(looked_at) {
        found.extend(children(parent.pid));
        looked_at += 1;
    }
    found
}

/// The processes that were started with a path in or below `folder` among their arguments.
///
/// # Panics
/// When there is no `/proc`.
#[must_use]
pub fn working_in(folder: &Path) -> Vec<ProcessId> {
    let all = fs::read_dir("/proc").expect("a Linux system has /proc");
    all.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| was_started_with(*pid, folder))
        .filter_map(ProcessId::of)
        .collect()
}

fn was_started_with(pid: u32, folder: &Path) -> bool {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    words
        .split(|byte| *byte == 0)
        .any(|word| Path::new(OsStr::from_bytes(word)).starts_with(folder))
}

/// How many descriptors a process holds open.
#[must_use]
pub fn open_descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// The most memory that a process ever held at once, in bytes: `VmHWM` of proc_pid_status(5).
///
/// # Panics
/// When there is no such process.
#[must_use]
pub fn peak_memory(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    kib.expect("a process has memory") << 10
}

pub(super) fn pid(number: u32) -> Pid {
    i32::try_from(number)
        .ok()
        .and_then(Pid::from_raw)
        .expect("a pid is a positive number")
}
