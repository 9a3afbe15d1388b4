//! Telling a process from another one that has its number later: by its start time and the machine's
//! boot.

use std::fs;
use std::io;

/// The kernel's name for the time since the machine started.
///
/// # Errors
/// When `/proc` is not mounted.
pub fn boot_id() -> io::Result<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(id.trim().to_owned())
}

/// What tells a living process from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The number of its parent.
    pub parent: i32,
    /// When it was started, in clock ticks since the machine was.
    pub started: u64,
}

/// When the process that has the number `pid` now was started, in clock ticks since the machine
/// was; `None` when there is no such process, or only its remains.
///
/// # Errors
/// When it cannot be found out, as with too many open files: that says nothing about the process.
pub fn start_time(pid: u32) -> io::Result<Option<u64>> {
    Ok(stat(pid)?.map(|stat| stat.started))
}

/// The process that has the number `pid` now; `None` when there is none, or only its remains.
///
/// # Errors
/// As [`start_time`].
pub fn stat(pid: u32) -> io::Result<Option<Stat>> {
    match fs::read(format!("/proc/{pid}/stat")) {
        Ok(stat) => Ok(read(&stat)),
        // ESRCH: it went away between open and read.
        Err(e) if e.kind() == io::ErrorKind::NotFound || is_no_such_process(&e) => Ok(None),
        Err(e) => Err(e),
    }
}

fn is_no_such_process(error: &io::Error) -> bool {
    const ESRCH: i32 = 3;
    error.raw_os_error() == Some(ESRCH)
}

/// What `/proc/<pid>/stat` says; `None` for a zombie, which holds nothing any more.
fn read(stat: &[u8]) -> Option<Stat> {
    // The command's name stands in brackets and may itself contain brackets and spaces.
    let end = stat.iter().rposition(|&byte| byte == b')')?;
    let mut fields = std::str::from_utf8(&stat[end + 1..])
        .ok()?
        .split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    // `ppid` is field 4 of the line and `starttime` field 22; the state is field 3.
    Some(Stat {
        parent: fields.next()?.parse().ok()?,
        started: fields.nth(17)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_found_behind_any_name() {
        let rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20";
        let line = |name: &str, state: &str| format!("7 ({name}) {state} {rest}").into_bytes();
        let found = Some(Stat {
            parent: 1,
            started: 4242,
        });
        assert_eq!(read(&line("sh", "S")), found);
        assert_eq!(read(&line("a) R 1 (b", "S")), found);
        assert_eq!(read(&line("sh", "Z")), None);
        assert_eq!(read(b"7 (sh"), None);
    }
}
