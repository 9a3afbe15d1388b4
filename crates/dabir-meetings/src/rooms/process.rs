//! Processes that cannot be mistaken for others: a pid alone is reused, a pid with its start time
//! and the machine's boot is not. Signals go through a pidfd, which the kernel ties to the one
//! process; nothing here signals a bare number.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;

use dabir_ports::process::{boot_id, start_time};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use tokio::io::unix::AsyncFd;

use super::pidfd;

/// Names one process of one boot of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    pub pid: u32,
    /// When it started, in clock ticks since boot (field 22 of `/proc/<pid>/stat`).
    pub start_ticks: u64,
    pub boot_id: String,
}

/// A living process, held by its pidfd.
#[derive(Debug)]
pub struct Process {
    id: ProcessId,
    pidfd: AsyncFd<OwnedFd>,
}

impl Process {
    /// Takes hold of the process that now has `pid`; `None` when there is none, or only its corpse.
    ///
    /// # Errors
    /// When the kernel gives no pidfd for another reason.
    pub fn of_pid(pid: u32) -> io::Result<Option<Self>> {
        let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
            return Ok(None);
        };
        let pidfd = match pidfd_open(number, PidfdFlags::NONBLOCK) {
            Ok(pidfd) => pidfd,
            Err(rustix::io::Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Read after the pidfd was opened: if the number were reused in between, the start time
        // would be the new process's, and so is the pidfd.
        let Some(start_ticks) = start_time(pid)? else {
            return Ok(None);
        };
        let id = ProcessId {
            pid,
            start_ticks,
            boot_id: boot_id()?,
        };
        Ok(Some(Self {
            id,
            pidfd: pidfd::register(pidfd)?,
        }))
    }

    /// Takes hold of exactly the process that `id` names; `None` when it is gone, whoever has its
    /// number now.
    ///
    /// # Errors
    /// As [`Process::of_pid`].
    pub fn open(id: &ProcessId) -> io::Result<Option<Self>> {
        Ok(Self::of_pid(id.pid)?.filter(|process| process.id == *id))
    }

    #[must_use]
    pub fn id(&self) -> &ProcessId {
        &self.id
    }

    /// Sends `signal` to this process and to no other; a process that is gone is no error.
    ///
    /// # Errors
    /// When the process belongs to somebody else.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        match pidfd_send_signal(self.pidfd.get_ref(), signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until the process has ended.
    pub async fn exited(&self) {
        // A pidfd becomes readable when its process ends, and stays so. An error would mean that the
        // runtime is shutting down, when nobody waits any more.
        if self.pidfd.readable().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Processes that carry `variable=value` in the environment they were started with.
///
/// A child inherits its parent's, so this finds what a room left behind.
#[must_use]
pub fn with_environment(variable: &str, value: &str) -> Vec<Process> {
    let wanted = format!("{variable}={value}");
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| environment_has(*pid, wanted.as_bytes()))
        .filter_map(|pid| Process::of_pid(pid).ok().flatten())
        // Asked again now that the pidfd holds the process: the number may have changed hands.
        .filter(|process| environment_has(process.id.pid, wanted.as_bytes()))
        .collect()
}

fn environment_has(pid: u32, wanted: &[u8]) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
        environ
            .split(|byte| *byte == 0)
            .any(|entry| entry == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_known_by_more_than_its_number() {
        let me = Process::of_pid(std::process::id()).unwrap().unwrap();
        assert!(Process::open(me.id()).unwrap().is_some());
        let reused = ProcessId {
            start_ticks: me.id.start_ticks - 1,
            ..me.id.clone()
        };
        assert!(
            Process::open(&reused).unwrap().is_none(),
            "another start time is another process"
        );
        let rebooted = ProcessId {
            boot_id: "another".to_owned(),
            ..me.id.clone()
        };
        assert!(
            Process::open(&rebooted).unwrap().is_none(),
            "another boot is another process"
        );
    }

    #[tokio::test]
    async fn an_end_is_noticed_and_a_corpse_is_nobody() {
        let mut child = std::process::Command::new("sleep")
            .arg("100")
            .spawn()
            .unwrap();
        let process = Process::of_pid(child.id()).unwrap().unwrap();
        process.signal(Signal::KILL).unwrap();
        process.exited().await;
        assert!(
            Process::open(process.id()).unwrap().is_none(),
            "it is a zombie until it is waited for"
        );
        child.wait().unwrap();
        process.signal(Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn what_a_room_left_behind_is_found_by_its_environment() {
        let nonce = dabir_core::new_id();
        let mut child = std::process::Command::new("sleep")
            .arg("100")
            .env("DABIR_TEST_NONCE", &nonce)
            .spawn()
            .unwrap();
        let found = with_environment("DABIR_TEST_NONCE", &nonce);
        assert_eq!(
            found.iter().map(|p| p.id().pid).collect::<Vec<_>>(),
            [child.id()]
        );
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
