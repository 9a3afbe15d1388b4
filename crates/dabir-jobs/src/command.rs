//! Foreign programs as the work of a job: their output is the job's log, and no process of theirs
//! outlives the attempt, whatever it does to escape.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc;

use crate::context::JobContext;

/// A program to be run.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program and its arguments.
    pub words: Vec<String>,
    pub dir: Option<PathBuf>,
    /// Everything that it sees of our environment.
    pub environment: Vec<(OsString, OsString)>,
    pub timeout: Duration,
    /// A random word that its processes carry in their environment, to be known by it. Processes
    /// that carry it already are left from an earlier attempt, and are ended first.
    pub mark: String,
}

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it said last.
    pub last_lines: Vec<String>,
}

/// Why a program was not run to its end.
#[derive(Debug)]
pub enum CommandError {
    NotStarted(std::io::Error),
    TimedOut,
    /// The job is to end.
    ToEnd,
}

/// The variable that carries the mark.
const MARK: &str = "DABIR_JOB_MARK";
/// How many lines are remembered as the last ones, and how long a line may be, in bytes.
const LAST: usize = 50;
const MAX_LINE: u64 = 16 << 10;
/// How long a program may take to end once it was asked to; a job has a second in all.
const GRACE: Duration = Duration::from_millis(400);
/// How often those who flee are looked for.
const ROUNDS: u32 = 20;

impl Command {
    /// Runs the program; its lines go to the job's log and to `on_line`.
    ///
    /// # Errors
    /// When it cannot be started, took too long, or the job is to end. Its processes are ended then.
    pub async fn run(
        &self,
        ctx: &JobContext,
        on_line: impl FnMut(&str),
    ) -> Result<Ended, CommandError> {
        let leash = Leash(self.mark.clone());
        leash.pull();
        let mut child = self.spawn().map_err(CommandError::NotStarted)?;
        let pid = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        let ended = tokio::select! {
            ended = follow(&mut child, ctx, on_line) => Ok(ended),
            () = tokio::time::sleep(self.timeout) => Err(CommandError::TimedOut),
            () = ctx.ends().cancelled() => Err(CommandError::ToEnd),
        };
        if ended.is_err()
            && let Some(pid) = pid
        {
            // Not waited for yet, so that the number is still its own.
            let _ = kill_process_group(pid, Signal::TERM);
            let _ = tokio::time::timeout(GRACE, child.wait()).await;
        }
        ended
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut words = self.words.iter();
        let program = words.next().map_or("", String::as_str);
        let mut command = tokio::process::Command::new(program);
        command
            .args(words)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            // A line that waits in a buffer is no progress.
            .env("PYTHONUNBUFFERED", "1")
            .env(MARK, &self.mark)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command.spawn()
    }
}

/// Reads what a program says until it ends.
async fn follow(child: &mut Child, ctx: &JobContext, mut on_line: impl FnMut(&str)) -> Ended {
    let (tell, mut lines) = mpsc::channel::<(bool, String)>(64);
    let mut readers = tokio::task::JoinSet::new();
    if let Some(out) = child.stdout.take() {
        readers.spawn(read(out, false, tell.clone()));
    }
    if let Some(err) = child.stderr.take() {
        readers.spawn(read(err, true, tell.clone()));
    }
    drop(tell);
    let mut last = VecDeque::with_capacity(LAST);
    let mut status = None;
    loop {
        let line = tokio::select! {
            biased;
            line = lines.recv() => line,
            ended = child.wait(), if status.is_none() => {
                status = Some(ended.ok());
                continue;
            }
            // A grandchild may hold the pipe open for ever.
            () = tokio::time::sleep(GRACE), if status.is_some() => None,
        };
        let Some((is_error, line)) = line else {
            if status.is_some() {
                break;
            }
            // It closed its output, and goes on.
            status = Some(child.wait().await.ok());
            break;
        };
        on_line(&line);
        if is_error {
            ctx.warn(&line);
        } else {
            ctx.info(&line);
        }
        if last.len() == LAST {
            last.pop_front();
        }
        last.push_back(line);
    }
    Ended {
        code: status.flatten().and_then(|status| status.code()),
        last_lines: last.into(),
    }
}

async fn read(from: impl AsyncRead + Unpin, is_error: bool, tell: mpsc::Sender<(bool, String)>) {
    let mut from = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        // A line without an end is cut, not collected.
        let read = (&mut from)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .await;
        if !read.is_ok_and(|read| read > 0) {
            return;
        }
        let text = String::from_utf8_lossy(&line);
        let text = dabir_core::text::one_line(text.trim_end());
        if tell.send((is_error, text)).await.is_err() {
            return;
        }
    }
}

/// Ends every process that carries the mark when it is dropped, at the latest.
struct Leash(String);

impl Leash {
    /// Ends them, and those that they start meanwhile.
    fn pull(&self) {
        let wanted = format!("{MARK}={}", self.0);
        for _ in 0..ROUNDS {
            if end_all(wanted.as_bytes()) == 0 {
                return;
            }
        }
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.pull();
    }
}

/// Kills every process with this variable, and tells how many there were.
fn end_all(variable: &[u8]) -> usize {
    let Ok(processes) = fs::read_dir("/proc") else {
        return 0;
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
        .filter(|pid| end(*pid, variable))
        .count()
}

/// Kills a process if it carries the variable. It is held before it is looked at, so that nobody
/// else can have its number by then.
fn end(pid: Pid, variable: &[u8]) -> bool {
    if !carries(pid, variable) {
        return false;
    }
    let Ok(held) = pidfd_open(pid, PidfdFlags::empty()) else {
        return false;
    };
    carries(pid, variable) && pidfd_send_signal(&held, Signal::KILL).is_ok()
}

fn carries(pid: Pid, variable: &[u8]) -> bool {
    let environment = fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero()));
    // What is dead already has no environment any more.
    environment.is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == variable))
}
