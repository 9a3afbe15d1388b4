//! Foreign programs as the work of a job: their output is the job's log, and no process of theirs
//! outlives the attempt, whatever it does to escape.

mod family;
pub mod guard;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdin};
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
    /// Runs the program; its lines go to the job's log and to `on_line`. With a guard, see
    /// [`Worker::guarded_by`](crate::worker::Worker::guarded_by), none of its processes can flee; without
    /// one only those are found that stay in its group or keep their environment.
    ///
    /// # Errors
    /// When it cannot be started, took too long, or the job is to end. Its processes are ended then.
    pub async fn run(
        &self,
        ctx: &JobContext,
        on_line: impl FnMut(&str),
    ) -> Result<Ended, CommandError> {
        let earlier = format!("{}.", self.mark);
        outlive_guards(&earlier).await;
        end_all(&earlier);
        // One of its own: an earlier attempt, which may end late, must not end this one's program.
        let attempt = Self {
            mark: earlier + &dabir_core::id::random_text(8),
            ..self.clone()
        };
        let _leash = Leash(attempt.mark.clone());
        let (mut child, _master) = attempt
            .spawn(ctx.guard())
            .map_err(CommandError::NotStarted)?;
        let ended = tokio::select! {
            ended = attempt.follow(&mut child, ctx, on_line) => ended,
            () = tokio::time::sleep(self.timeout) => Err(CommandError::TimedOut),
            () = ctx.ends().cancelled() => Err(CommandError::ToEnd),
        };
        // None when it was waited for: then the number may be another's.
        let pid = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        if ended.is_err()
            && let Some(pid) = pid
        {
            let _ = kill_process_group(pid, Signal::TERM);
            let _ = tokio::time::timeout(GRACE * 2, child.wait()).await;
        }
        ended
    }

    /// Starts the program, or the guard that starts it; that one ends when the pipe does.
    fn spawn(&self, guard: &[OsString]) -> std::io::Result<(Child, Option<ChildStdin>)> {
        let mut words = guard.to_vec();
        if !guard.is_empty() {
            words.push(OsString::from(&self.mark));
        }
        words.extend(self.words.iter().map(OsString::from));
        let mut command = tokio::process::Command::new(words.first().unwrap_or(&OsString::new()));
        command
            .args(words.iter().skip(1))
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            // A line that waits in a buffer is no progress.
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        if guard.is_empty() {
            command.env(MARK, &self.mark).stdin(Stdio::null());
            command.kill_on_drop(true);
        } else {
            // Whoever looks for the mark does not find the guard, which has its own work to end.
            command.stdin(Stdio::piped());
        }
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        let mut child = command.spawn()?;
        let master = child.stdin.take();
        Ok((child, master))
    }

    /// Reads what the program says until it ends.
    async fn follow(
        &self,
        child: &mut Child,
        ctx: &JobContext,
        mut on_line: impl FnMut(&str),
    ) -> Result<Ended, CommandError> {
        let mut lines = lines_of(child);
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
            if let Some(error) = self.why_not_started(&line) {
                return Err(CommandError::NotStarted(error));
            }
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
        let code = status.flatten().and_then(|status| status.code());
        Ok(Ended {
            // As the guard has it, and shells: killed by a signal.
            code: code.filter(|code| ctx.guard().is_empty() || *code <= 128),
            last_lines: last.into(),
        })
    }

    /// What the guard says of a program that the system does not start. Nobody else knows the mark
    /// before there is a program.
    fn why_not_started(&self, line: &str) -> Option<std::io::Error> {
        let code = line.strip_prefix(&self.mark)?.trim().parse().ok()?;
        Some(std::io::Error::from_raw_os_error(code))
    }
}

/// What a program says, and whether it says it as an error.
fn lines_of(child: &mut Child) -> mpsc::Receiver<(bool, String)> {
    let (tell, lines) = mpsc::channel(64);
    if let Some(out) = child.stdout.take() {
        tokio::spawn(read(out, false, tell.clone()));
    }
    if let Some(err) = child.stderr.take() {
        tokio::spawn(read(err, true, tell));
    }
    lines
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

impl Drop for Leash {
    fn drop(&mut self) {
        end_all(&self.0);
    }
}

/// Waits for guards whose marks begin like this, which end whatever they guard; not for ever.
async fn outlive_guards(mark: &str) {
    for _ in 0..ROUNDS * 5 {
        if !family::was_started_with(mark.as_bytes()) {
            return;
        }
        tokio::time::sleep(GRACE / 20).await;
    }
}

/// Ends every process whose mark begins like this, and those that they start meanwhile.
fn end_all(mark: &str) {
    let wanted = format!("{MARK}={mark}");
    for _ in 0..ROUNDS {
        if family::kill_marked(wanted.as_bytes()) == 0 {
            return;
        }
    }
}
