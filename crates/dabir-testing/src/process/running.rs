//! A process that is started, watched, and gone with its group when the test ends.

use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rustix::process::{PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};

use super::identity::{ProcessId, pid};

/// A started process. Its whole process group is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    id: ProcessId,
    pidfd: OwnedFd,
    shared: Arc<Shared>,
}

/// What the watching threads learn.
#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    lines: Vec<String>,
    /// Streams that somebody can still write to: the process, or one that it started.
    open_streams: usize,
    exit: Option<ExitStatus>,
}

impl Seen {
    fn is_complete(&self) -> bool {
        self.exit.is_some() && self.open_streams == 0
    }
}

impl Running {
    /// Starts `command` in a process group of its own; standard output and error are collected.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let shared = Arc::new(Shared::default());
        let (started, start) = mpsc::channel();
        let watched = Arc::clone(&shared);
        // One thread starts the process and lives as long as it: a parent-death signal
        // (`tied_to_us`) follows the starting thread, not the whole program.
        thread::spawn(move || {
            let mut child = command
                .spawn()
                .unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
            let id = ProcessId::of(child.id()).expect("an unreaped child is in /proc");
            let pidfd = pidfd_open(pid(id.pid), PidfdFlags::empty())
                .expect("an unreaped child has a pidfd");
            collect_output(&mut child, &watched);
            // Fails only when the one who asked is gone.
            let _ = started.send((id, pidfd));
            let exit = child.wait().expect("the child is ours to wait for");
            watched.change(|seen| seen.exit = Some(exit));
        });
        let (id, pidfd) = start.recv().expect("the process was started");
        Self { id, pidfd, shared }
    }

    /// Its pid.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.id.pid
    }

    /// Who it is, beyond its pid.
    #[must_use]
    pub fn id(&self) -> ProcessId {
        self.id
    }

    /// What it has printed so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.shared.lock().lines.clone()
    }

    /// Waits for a line that `matches`, among those already printed too.
    ///
    /// # Panics
    /// When it does not come within `deadline`, or cannot come any more; the message holds the output.
    pub fn wait_for_line(&self, deadline: Duration, matches: impl Fn(&str) -> bool) -> String {
        let found = |seen: &Seen| seen.lines.iter().find(|line| matches(line)).cloned();
        let seen = self
            .shared
            .wait(deadline, |seen| found(seen).is_some() || seen.is_complete());
        found(&seen).unwrap_or_else(|| {
            panic!(
                "the awaited line did not come within {deadline:?}; exit {:?}, output:\n{}",
                seen.exit,
                seen.lines.join("\n")
            )
        })
    }

    /// Waits for its end; its last lines may come in a moment later.
    ///
    /// # Panics
    /// When it still runs after `deadline`; the message holds the output.
    pub fn wait_for_exit(&self, deadline: Duration) -> ExitStatus {
        let seen = self.shared.wait(deadline, |seen| seen.exit.is_some());
        seen.exit.unwrap_or_else(|| {
            panic!(
                "it still runs after {deadline:?}; output:\n{}",
                seen.lines.join("\n")
            )
        })
    }

    /// Sends `signal` to the process alone; does nothing when it has ended.
    pub fn signal(&self, signal: Signal) {
        // The only failure is that it is gone, which is what the caller wants or will notice.
        let _ = pidfd_send_signal(&self.pidfd, signal);
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub fn kill9(&self) {
        self.signal(Signal::KILL);
        self.wait_for_exit(Duration::from_secs(10));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The group first: while its leader is not reaped, its number cannot belong to a stranger.
        if self.shared.lock().exit.is_none() && self.id.is_alive() {
            let _ = kill_process_group(pid(self.id.pid), Signal::KILL);
        }
        self.signal(Signal::KILL);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait(&self, deadline: Duration, done: impl Fn(&Seen) -> bool) -> MutexGuard<'_, Seen> {
        self.changed
            .wait_timeout_while(self.lock(), deadline, |seen| !done(seen))
            .map_or_else(|poisoned| poisoned.into_inner().0, |(seen, _)| seen)
    }
}

fn collect_output(child: &mut Child, shared: &Arc<Shared>) {
    if let Some(stdout) = child.stdout.take() {
        collect(stdout, Arc::clone(shared));
    }
    if let Some(stderr) = child.stderr.take() {
        collect(stderr, Arc::clone(shared));
    }
}

fn collect(output: impl Read + Send + 'static, shared: Arc<Shared>) {
    shared.change(|seen| seen.open_streams += 1);
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            shared.change(|seen| seen.lines.push(line));
        }
        shared.change(|seen| seen.open_streams -= 1);
    });
}
