//! The guard of a foreign program: a small parent to which every process of its family falls back,
//! however it hides, and which ends them all when the program has ended, when it is told to, or when
//! whoever wanted the program is gone.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpid, set_child_subreaper, wait};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};

use super::family::{Member, descendants};
use super::{GRACE, MARK};

/// What shells answer when there is no such program.
const NO_PROGRAM: u8 = 127;
/// Between two looks at who is left.
const LOOK: Duration = Duration::from_millis(10);
/// How long it goes on killing; what lives on then cannot be killed by us.
const LAST: Duration = Duration::from_secs(5);

/// The program, and how it ended.
struct Guarded {
    pid: Option<Pid>,
    ended: Option<WaitStatus>,
}

/// Runs the program of these words, whose processes carry `mark`, and answers as it ended: with its
/// code, or with 128 and the number of the signal that killed it. Standard input is a pipe that nobody
/// writes to: it ends with whoever wanted the program.
///
/// # Errors
/// When the system gives no runtime, no signals, or no such pipe.
pub fn run(mark: &str, words: &[OsString]) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(guard(mark, words))
}

async fn guard(mark: &str, words: &[OsString]) -> io::Result<ExitCode> {
    set_child_subreaper(Some(getpid()))?;
    let mut told = signal(SignalKind::terminate())?;
    // Before the start, so that the shortest life is noticed too.
    let mut somebody_ended = signal(SignalKind::child())?;
    let mut master = Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)?;
    let mut program = match Guarded::start(mark, words) {
        Ok(program) => program,
        Err(error) => {
            let code = error.raw_os_error().unwrap_or_default();
            // Who wanted it knows the mark, and nobody else does yet.
            writeln!(io::stderr(), "{mark} {code}")?;
            return Ok(ExitCode::from(NO_PROGRAM));
        }
    };
    let mut nothing = [0];
    while !program.has_ended() {
        tokio::select! {
            _ = somebody_ended.recv() => {}
            _ = told.recv() => break,
            _ = master.read(&mut nothing) => break,
        }
    }
    program.end_all().await;
    Ok(program.exit_code())
}

impl Guarded {
    fn start(mark: &str, words: &[OsString]) -> io::Result<Self> {
        let [program, arguments @ ..] = words else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let child = Command::new(program)
            .args(arguments)
            .env(MARK, mark)
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self {
            pid: Pid::from_raw(child.id().cast_signed()),
            ended: None,
        })
    }

    /// Takes the dead away, ours and those who fell to us, and tells whether the program is among them.
    fn has_ended(&mut self) -> bool {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if Some(pid) == self.pid {
                self.ended = Some(status);
            }
        }
        self.ended.is_some()
    }

    /// Asks everybody to end, and ends whoever does not.
    async fn end_all(&mut self) {
        self.signal_until(Signal::TERM, GRACE).await;
        self.signal_until(Signal::KILL, LAST).await;
    }

    /// Signals everybody, newcomers too, until nobody is left or the time is over.
    async fn signal_until(&mut self, signal: Signal, most: Duration) {
        let over = Instant::now() + most;
        let mut told = Vec::new();
        loop {
            self.has_ended();
            let left = descendants(getpid());
            if left.is_empty() || Instant::now() >= over {
                return;
            }
            let newcomers: Vec<Member> =
                left.into_iter().filter(|one| !told.contains(one)).collect();
            newcomers.iter().for_each(|one| one.signal(signal));
            told.extend(newcomers);
            sleep(LOOK).await;
        }
    }

    fn exit_code(&self) -> ExitCode {
        let status = self.ended.as_ref();
        let code = status.and_then(|status| {
            let killed = || status.terminating_signal().map(|signal| 128 + signal);
            status.exit_status().or_else(killed)
        });
        ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }
}
