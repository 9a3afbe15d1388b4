//! Who descends from a process, and who carries a mark; signals to exactly these.

use std::collections::HashMap;
use std::fs;

use dabir_core::process::{self, Stat};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A process, told apart from a later one of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pid: Pid,
    /// In clock ticks since the machine was started.
    started: u64,
}

impl Member {
    /// Signals it if it is still itself. It is held before it is looked at again, so that nobody else
    /// can have its number by then.
    pub(super) fn signal(&self, signal: Signal) {
        let Ok(held) = pidfd_open(self.pid, PidfdFlags::empty()) else {
            return;
        };
        if stat(self.pid).is_some_and(|stat| stat.started == self.started) {
            // Whoever has just died needs no signal.
            let _ = pidfd_send_signal(&held, signal);
        }
    }
}

/// Every living process below `ancestor`.
pub(super) fn descendants(ancestor: Pid) -> Vec<Member> {
    let mut children: HashMap<i32, Vec<Member>> = HashMap::new();
    for pid in all() {
        if let Some(Stat { parent, started }) = stat(pid) {
            let member = Member { pid, started };
            children.entry(parent).or_default().push(member);
        }
    }
    let mut found = Vec::new();
    let mut next = vec![ancestor];
    while let Some(parent) = next.pop() {
        let of_parent = children.remove(&parent.as_raw_nonzero().get());
        for member in of_parent.unwrap_or_default() {
            next.push(member.pid);
            found.push(member);
        }
    }
    found
}

/// Kills every process with a variable in its environment that begins like this, and tells how many
/// there were.
pub(super) fn kill_marked(variable: &[u8]) -> usize {
    all().filter(|pid| kill_if_marked(*pid, variable)).count()
}

fn kill_if_marked(pid: Pid, variable: &[u8]) -> bool {
    if !carries(pid, variable) {
        return false;
    }
    let Ok(held) = pidfd_open(pid, PidfdFlags::empty()) else {
        return false;
    };
    carries(pid, variable) && pidfd_send_signal(&held, Signal::KILL).is_ok()
}

fn carries(pid: Pid, variable: &[u8]) -> bool {
    // What is dead already has no environment any more.
    holds(pid, "environ", variable)
}

/// Whether a process was started with a word that begins like this.
pub(super) fn was_started_with(word: &[u8]) -> bool {
    all().any(|pid| holds(pid, "cmdline", word))
}

fn holds(pid: Pid, file: &str, word: &[u8]) -> bool {
    let words = fs::read(format!("/proc/{}/{file}", pid.as_raw_nonzero()));
    words.is_ok_and(|all| {
        all.split(|byte| *byte == 0)
            .any(|one| one.starts_with(word))
    })
}

fn all() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
}

/// What tells a living process from others. One that cannot be looked at is as good as none.
fn stat(pid: Pid) -> Option<Stat> {
    let number = pid.as_raw_nonzero().get().cast_unsigned();
    process::stat(number).ok().flatten()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use rustix::process::getpid;

    use super::*;

    #[test]
    fn descendants_are_found_whatever_they_are_called() {
        let script = "sleep 600 & echo $!; wait";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        let grandchild = Pid::from_raw(line.trim().parse().unwrap()).unwrap();
        let found = descendants(getpid());
        assert!(found.iter().any(|member| member.pid == grandchild));
        let another = Member {
            pid: grandchild,
            started: 1,
        };
        another.signal(Signal::KILL);
        assert!(stat(grandchild).is_some(), "one of its number is not it");
        found.iter().for_each(|member| member.signal(Signal::KILL));
        child.wait().unwrap();
    }
}
