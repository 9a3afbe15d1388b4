//! Guarding a foreign program that serves as a room: it knows nothing of its meeting's end, so this
//! small parent ends it then, whether or not a supervisor lives.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::time::Duration;

use dabir_core::{Clock, Timestamp};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep, sleep_until};

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

/// A program with whatever it starts: a process group of its own.
struct Program {
    child: Child,
    group: Pid,
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
    let mut int = signal(SignalKind::interrupt())?;
    let mut hup = signal(SignalKind::hangup())?;
    // Before the start, so that the shortest life is noticed too.
    let mut ended = signal(SignalKind::child())?;
    let mut program = match Program::start(&options.words) {
        Ok(program) => program,
        Err(error) => {
            let name = options.words.first().cloned().unwrap_or_default();
            log::line(
                &clock,
                format_args!("cannot start `{}`: {error}", name.display()),
            );
            return Ok(ExitCode::from(NO_PROGRAM));
        }
    };
    let mut kill_at: Option<Instant> = None;
    while !program.has_ended() {
        let left = time_left(&options.dir, clock.now());
        let over = left == Some(Duration::ZERO) && kill_at.is_none();
        if over {
            log::line(&clock, "the meeting is over");
            program.signal(Signal::TERM);
            kill_at = Some(Instant::now() + GRACE);
        }
        tokio::select! {
            _ = ended.recv() => {}
            // Who asks us to end has a grace of its own, and kills us after it.
            _ = term.recv() => program.signal(Signal::TERM),
            _ = int.recv() => program.signal(Signal::TERM),
            _ = hup.recv() => program.signal(Signal::TERM),
            () = due(kill_at) => {
                program.signal(Signal::KILL);
                kill_at = None;
            }
            () = sleep(left.unwrap_or(LOOK).min(LOOK)), if kill_at.is_none() => {}
        }
    }
    program.bury().map(mirror)
}

impl Program {
    fn start(words: &[OsString]) -> io::Result<Self> {
        let [program, arguments @ ..] = words else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let child = Command::new(program)
            .args(arguments)
            .process_group(0)
            .spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let group = pid.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self { child, group })
    }

    /// Signals the program and all of its group. Its number is nobody else's until it is buried.
    fn signal(&self, signal: Signal) {
        // Nobody left to signal is what a signal is for.
        let _ = kill_process_group(self.group, signal);
    }

    /// Whether it has ended; it stays a corpse, which keeps its number, until it is buried.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        !matches!(waitid(WaitId::Pid(self.group), options), Ok(None))
    }

    /// Ends what the program left behind in its group, and answers how it ended itself.
    fn bury(&mut self) -> io::Result<ExitStatus> {
        self.signal(Signal::KILL);
        self.child.wait()
    }
}

/// How long the meeting goes on; `None` when its folder does not say.
fn time_left(dir: &Path, now: Timestamp) -> Option<Duration> {
    let ends_at = RoomSpec::read(dir).ok()?.ends_at?;
    Some(Duration::try_from(ends_at.duration_since(now)).unwrap_or_default())
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The same code, or 128 and the signal's number, as shells have it.
fn mirror(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
