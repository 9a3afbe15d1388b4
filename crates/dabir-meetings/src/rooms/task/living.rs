//! A living process and what ties us to it.

use std::net::SocketAddr;
use std::process::Child;
use std::sync::Arc;

use dabir_room::control::{FromRoom, Present, ToRoom};
use dabir_room::model::Attendance;
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};

use super::{PROBE, RECONNECT};
use crate::register::Issue;
use crate::rooms::control::Control;
use crate::rooms::launch::NONCE_VARIABLE;
use crate::rooms::process::{Process, with_environment};

/// A living process and what ties us to it.
pub(super) struct Living {
    pub(super) process: Process,
    /// `None` for one that an earlier supervisor started: the system collects its exit status.
    pub(super) child: Option<Child>,
    pub(super) own: bool,
    pub(super) nonce: String,
    pub(super) control: Option<Control>,
    pub(super) answers: Answers,
    pub(super) ready: bool,
    pub(super) stopping: Option<Stopping>,
    /// When the lost control channel is tried again.
    pub(super) reconnect_at: Option<Instant>,
    /// What the room was told of the house's orders, since it said hello.
    pub(super) told: Option<Arc<Issue>>,
    /// It takes orders as such; one of a former version does not.
    pub(super) takes_orders: bool,
    /// When it is asked again who is there.
    pub(super) call_at: Option<Instant>,
}

/// Who waits for an answer from the room.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) participants: Vec<Asker>,
    pub(super) attendance: Vec<oneshot::Sender<Vec<Attendance>>>,
}

/// Who wants to know who is there.
pub(super) enum Asker {
    Person(oneshot::Sender<Vec<Present>>),
    Register,
}

/// An end that was asked for.
pub(super) struct Stopping {
    pub(super) kill_at: Instant,
    pub(super) killed: bool,
}

impl Stopping {
    /// When it is to be killed; `None` once it was.
    pub(super) fn next_step(&self) -> Option<Instant> {
        (!self.killed).then_some(self.kill_at)
    }
}

impl Living {
    pub(super) fn new(process: Process, child: Option<Child>, own: bool, nonce: String) -> Self {
        let answers = Answers::default();
        Self {
            process,
            child,
            own,
            nonce,
            control: None,
            answers,
            ready: false,
            stopping: None,
            reconnect_at: None,
            told: None,
            takes_orders: false,
            call_at: None,
        }
    }

    pub(super) async fn tell(&mut self, word: &ToRoom) {
        if let Some(control) = &mut self.control
            && control.tell(word).await.is_err()
        {
            self.hang_up();
        }
    }

    /// The control channel is broken: whoever waits for an answer gets none, and it is tried again.
    pub(super) fn hang_up(&mut self) {
        self.control = None;
        self.answers = Answers::default();
        self.told = None;
        self.call_at = None;
        self.reconnect_at = Some(Instant::now() + RECONNECT);
    }

    /// Signals the room. The guard of a foreign one passes everything on but SIGKILL, which it
    /// cannot see.
    pub(super) async fn signal(&self, signal: Signal) {
        if let Err(error) = self.process.signal(signal) {
            tracing::error!(pid = self.process.id().pid, %error, "a room cannot be signalled: {error}");
        }
        if !self.own && signal == Signal::KILL {
            kill_left(&self.nonce).await;
        }
    }
}

/// The room's next word; never, when it has no control channel.
pub(super) async fn next_word(control: &mut Option<Control>) -> std::io::Result<FromRoom> {
    match control {
        Some(control) => control.next().await,
        None => std::future::pending().await,
    }
}

/// Whether a foreign room listens, asked after a moment; never, when that is not the question.
pub(super) async fn probe(address: SocketAddr, settled: bool) -> bool {
    if settled {
        return std::future::pending().await;
    }
    sleep(PROBE).await;
    TcpStream::connect(address).await.is_ok()
}

pub(super) async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Kills every process that carries this nonce, and answers which they were.
async fn kill_left(nonce: &str) -> Vec<Process> {
    let nonce = nonce.to_owned();
    let killed = tokio::task::spawn_blocking(move || {
        let left = with_environment(NONCE_VARIABLE, &nonce);
        left.into_iter()
            .filter(|process| process.signal(Signal::KILL).is_ok())
            .collect()
    });
    // A panic in there was told by the runtime; nothing was killed then.
    killed.await.unwrap_or_default()
}

/// Kills every process that carries this nonce, and waits until they are gone.
pub(in crate::rooms) async fn kill_all(nonce: &str) {
    for process in kill_left(nonce).await {
        process.exited().await;
    }
}

/// ` with signal: 9 (SIGKILL)`; nothing for a process that is not our child, whose status goes to
/// the system.
pub(super) fn exit_status(child: Option<Child>) -> String {
    let status = child.and_then(|mut child| child.wait().ok());
    status.map_or(String::new(), |status| format!(" with {status}"))
}
