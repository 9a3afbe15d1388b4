//! Processes under test: started with their output collected, waited for, killed hard, and told
//! apart from a stranger that got the same pid.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};

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

/// A process that stays itself: the same pid with another start time is another process. Two that
/// had one pid within the same clock tick, a hundredth of a second, cannot be told apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessId {
    pub pid: u32,
    /// In clock ticks since the machine started.
    pub start_time: u64,
}

impl ProcessId {
    /// The process that has `pid` now; a zombie counts.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let (_, start_time) = state_and_start(pid)?;
        Some(Self { pid, start_time })
    }

    /// Whether this very process still runs; a zombie does not.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        state_and_start(self.pid)
            .is_some_and(|(state, start)| start == self.start_time && state != "Z")
    }
}

/// The third and the 22nd field of `/proc/<pid>/stat`.
fn state_and_start(pid: u32) -> Option<(String, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name in parentheses, which may itself hold spaces and parentheses.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.to_owned();
    Some((state, fields.nth(18)?.parse().ok()?))
}

/// Kills any process as `kill -9` does and waits until it is gone.
///
/// # Panics
/// When there is none, or it is not ours to kill.
pub fn kill9(process: ProcessId) {
    let fd = pidfd_open(pid(process.pid), PidfdFlags::empty()).expect("the process exists");
    assert!(
        process.is_alive(),
        "pid {} is another process now",
        process.pid
    );
    pidfd_send_signal(&fd, Signal::KILL).expect("the process is ours to kill");
    crate::wait_until("the killed process goes", Duration::from_secs(10), || {
        !process.is_alive()
    });
}

/// The children of `parent` that live now.
#[must_use]
pub fn children(parent: u32) -> Vec<ProcessId> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{parent}/task")) else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|line| {
            line.split_whitespace()
                .filter_map(|pid| ProcessId::of(pid.parse().ok()?))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// How many descriptors a process holds open.
#[must_use]
pub fn open_descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// A port of 127.0.0.1 that nobody listens on at this moment. Someone else may take it before you
/// do: prefer port 0 where the program under test can report what it got.
///
/// # Panics
/// When the machine has no port left.
#[must_use]
pub fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

/// `program`, killed by the kernel when the test program dies, however it dies.
#[must_use]
pub fn tied_to_us(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program.as_ref());
    command
}

/// `program` as process 1 of a fresh pid namespace, in which pids can be reused at will: see
/// [`give_next_pid`]. Works without root where the kernel allows user namespaces.
#[must_use]
pub fn in_pid_namespace(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
        .args(["--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg(program.as_ref());
    command
}

/// Makes the next process of this pid namespace get `pid`, if it is free and nobody starts one in between.
///
/// # Errors
/// When the kernel refuses, which it does without the right over the namespace.
pub fn give_next_pid(pid: u32) -> std::io::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .open("/proc/sys/kernel/ns_last_pid")?
        .write_all((pid - 1).to_string().as_bytes())
}

/// Starts `command` again and again until it gets `pid`, and gives it back as it is.
/// Run it inside [`in_pid_namespace`], or as root.
///
/// # Panics
/// When `pid` cannot be had within `deadline`.
pub fn spawn_with_pid(command: &mut Command, wanted: u32, deadline: Duration) -> Child {
    let start = Instant::now();
    loop {
        give_next_pid(wanted).expect("the right to choose the next pid");
        let mut child = command.spawn().expect("the command starts");
        if child.id() == wanted {
            return child;
        }
        child
            .kill()
            .and_then(|()| child.wait())
            .expect("the try ends");
        assert!(
            start.elapsed() < deadline,
            "pid {wanted} was not free within {deadline:?}"
        );
    }
}

/// Whether the tests run as root.
#[must_use]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn pid(number: u32) -> Pid {
    i32::try_from(number)
        .ok()
        .and_then(Pid::from_raw)
        .expect("a pid is a positive number")
}
