//! Guarding a foreign program that serves as a room: it knows nothing of its meeting's end, so this
//! small parent ends it then, whether or not a supervisor lives.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use dabir_core::{Clock, Timestamp};
use rustix::process::{Pid, Signal, getpgrp, getpid, kill_current_process_group, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::log;
use crate::spec::RoomSpec;

/// What is guarded.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// The room's folder; `room.json` in it says when the meeting ends.
    pub dir: PathBuf,
    /// The program and its arguments.
    pub words: Vec<OsString>,
}

/// How long the program may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// However far the end is, it is looked up this often: the supervisor may have moved it.
const LOOK: Duration = Duration::from_secs(60);
/// What shells answer when there is no such program.
const NO_PROGRAM: u8 = 127;

/// Runs the program to its end, or to the meeting's, and answers with its exit code.
///
/// # Errors
/// When no runtime or signal handler can be had.
pub fn run(options: &Options) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(guard(options))
}

async fn guard(options: &Options) -> io::Result<ExitCode> {
    let clock = Clock::system();
    let mut term = signal(SignalKind::terminate())?;
    let [program, arguments @ ..] = options.words.as_slice() else {
        return Ok(ExitCode::from(NO_PROGRAM));
    };
    let mut child = match Command::new(program).args(arguments).spawn() {
        Ok(child) => child,
        Err(error) => {
            log::line(
                &clock,
                format_args!("cannot start `{}`: {error}", program.display()),
            );
            return Ok(ExitCode::from(NO_PROGRAM));
        }
    };
    loop {
        let left = time_left(&options.dir, clock.now());
        tokio::select! {
            status = child.wait() => return Ok(mirror(status?)),
            _ = term.recv() => pass_on(&child, Signal::TERM),
            () = sleep(left.unwrap_or(LOOK).min(LOOK)) => {
                if time_left(&options.dir, clock.now()) == Some(Duration::ZERO) {
                    log::line(&clock, "the meeting is over");
                    return end(&mut child).await;
                }
            }
        }
    }
}

/// How long the meeting goes on; `None` when its folder does not say.
fn time_left(dir: &Path, now: Timestamp) -> Option<Duration> {
    let ends_at = RoomSpec::read(dir).ok()?.ends_at?;
    Some(Duration::try_from(ends_at.duration_since(now)).unwrap_or_default())
}

/// Ends the program, kindly and then for certain, with whatever it started in our process group.
async fn end(child: &mut Child) -> io::Result<ExitCode> {
    pass_on(child, Signal::TERM);
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        child.kill().await?;
    }
    // A supervisor starts us as the leader of a group of our own; anybody else's is left alone.
    if getpgrp() == getpid() {
        kill_current_process_group(Signal::KILL)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn pass_on(child: &Child, signal: Signal) {
    let pid = child
        .id()
        .and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    if let Some(pid) = pid {
        // Until we wait for it, its number is nobody else's.
        let _ = kill_process(pid, signal);
    }
}

/// The same code, or 128 and the signal's number, as shells have it.
fn mirror(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
