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
    const ESRCH: i32 = 3;
    error.raw_os_error() == Some(ESRCH)
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

    #[test]
    fn the_start_time_is_found_behind_any_name() {
        let rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20";
        let line = |name: &str, state: &str| format!("7 ({name}) {state} {rest}").into_bytes();
        assert_eq!(start_time_in(&line("sh", "S")), Some(4242));
        assert_eq!(start_time_in(&line("a) R 1 (b", "S")), Some(4242));
        assert_eq!(start_time_in(&line("sh", "Z")), None);
        assert_eq!(start_time_in(b"7 (sh"), None);
    }
}
