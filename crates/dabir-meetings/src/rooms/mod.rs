//! Rooms as processes: started with their socket, watched through pidfds, taken over from a
//! supervisor that died, brought back after a crash, and never mistaken for a stranger.
//!
//! [`Rooms`] has one task per room ([`task`]). The reconciler tells it what is wanted; it tells
//! back how each room does ([`RoomStatus`]).

mod pidfd;
pub mod process;
pub mod folder;
pub mod launch;
mod control;
mod budget;
mod log;
mod task;
mod adopt;
mod usage;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dabir_core::{Clock, Current, Timestamp};
use dabir_ports::PortManager;
use dabir_room::control::Present;
use dabir_room::model::Attendance;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{MeetingsConfig, RoomsConfig};
use crate::reason::Reason;
use crate::register::Register;
use budget::MachineBudget;
use folder::LOG_FILE;
use launch::RoomCommand;
use usage::{Look, Reading};

pub use folder::RoomFolder;
pub use log::{LogTail, follow_log, read_log};
pub use usage::{MemoryKind, Usage};

/// How a room does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomStatus {
    pub phase: Phase,
    pub pid: Option<u32>,
    pub port: Option<u16>,
    /// Where it listens: a room keeps its host when `[rooms] host` becomes another one.
    pub host: IpAddr,
    pub ends_at: Timestamp,
    /// How often it was started again after a crash.
    pub restarts: u32,
    /// Why it failed, or failed last.
    pub last_error: Option<Reason>,
    pub clients: usize,
    /// The port that was asked for when its task began; `None` takes any.
    pub asked_port: Option<u16>,
    /// Our own room server, not a foreign command.
    pub own: bool,
}

/// Where a room is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Started, and not yet answering; or waiting for its next start after a crash.
    Starting,
    Running,
    /// Told to end.
    Stopping,
    /// Not living, and not about to: `last_error` says why.
    Failed,
}

impl RoomStatus {
    /// Whether a process lives.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.pid.is_some()
    }

    /// Where another server may reach it; `None` while it is not up, or listens on every address, of
    /// which none is known, and of a foreign program, which does not say what it is.
    #[must_use]
    pub fn seen_from_afar(&self) -> Option<SocketAddr> {
        let is_up = matches!(self.phase, Phase::Running | Phase::Stopping);
        let address = SocketAddr::new(self.host, self.port?);
        (self.own && is_up && !self.host.is_unspecified()).then_some(address)
    }

    /// Where it is reached from this machine; `None` without a port.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        Some(reach(self.host, self.port?))
    }
}

/// A room as the reconciler wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub meeting_id: String,
    pub name: String,
    /// `None` takes a free port.
    pub port: Option<u16>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// What a room's task is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// The meeting's end moved.
    EndsAt(Timestamp),
    /// Why, and how long it may take before it is killed.
    Stop(String, Duration),
    Participants(oneshot::Sender<Vec<Present>>),
    Attendance(oneshot::Sender<Vec<Attendance>>),
    /// Put somebody out: who, and why.
    Kick(String, String),
    /// Forget the crashes and start now.
    Retry,
}

/// How long a room may take to answer a question.
const ANSWER: Duration = Duration::from_secs(5);

/// A room whose status changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub id: String,
    /// Only people came or went: nothing is to be done about it.
    pub only_clients: bool,
}

/// What all rooms share.
#[derive(Debug)]
pub struct Settings {
    /// `rooms/` in the data folder.
    pub root: PathBuf,
    pub command: RoomCommand,
    pub config: Current<RoomsConfig>,
    pub meetings: Current<MeetingsConfig>,
    /// The key that join tokens are signed with, as `room.json` has it.
    pub public_key: String,
    /// Origins besides a room's own from which its page may be used.
    pub origins: Vec<String>,
    /// What rooms enforce, and who is told of their people.
    pub register: Arc<dyn Register>,
}

/// All rooms of this machine.
#[derive(Clone, Debug)]
pub struct Rooms {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    ports: PortManager,
    clock: Clock,
    machine: MachineBudget,
    /// A `std` mutex: it guards a map and is never held across an await.
    rooms: Mutex<BTreeMap<String, Handle>>,
    /// Rooms whose status changed.
    changed: mpsc::UnboundedSender<Changed>,
    tasks: TaskTracker,
    /// No room is started any more.
    closing: CancellationToken,
    /// This supervisor ends, the rooms do not.
    leaving: CancellationToken,
}

/// One room's task.
#[derive(Debug)]
struct Handle {
    orders: mpsc::UnboundedSender<Order>,
    status: watch::Receiver<RoomStatus>,
    /// When somebody last asked what it takes.
    look: Option<Look>,
}

impl Rooms {
    /// No rooms yet. The receiver learns of each room whose status changed.
    #[must_use]
    pub fn new(
        settings: Settings,
        ports: PortManager,
        clock: Clock,
    ) -> (Self, mpsc::UnboundedReceiver<Changed>) {
        let (changed, receiver) = mpsc::unbounded_channel();
        let machine = MachineBudget::new(settings.config.get().restart_rate);
        let rooms = Mutex::default();
        let tasks = TaskTracker::new();
        let (closing, leaving) = (CancellationToken::new(), CancellationToken::new());
        let shared = Shared {
            settings,
            ports,
            clock,
            machine,
            rooms,
            changed,
            tasks,
            closing,
            leaving,
        };
        (
            Self {
                shared: Arc::new(shared),
            },
            receiver,
        )
    }

    /// Starts the room of a meeting; nothing when it has one already.
    pub fn start(&self, wanted: Wanted) {
        self.spawn(wanted, None);
    }

    fn spawn(&self, wanted: Wanted, adopted: Option<task::Adopted>) {
        let mut rooms = self.lock();
        if rooms.contains_key(&wanted.meeting_id) || self.shared.closing.is_cancelled() {
            return;
        }
        let id = wanted.meeting_id.clone();
        let (orders, receiver) = mpsc::unbounded_channel();
        let (sender, status) = watch::channel(task::first_status(
            &self.shared.settings,
            &wanted,
            adopted.as_ref(),
        ));
        let look = None;
        let handle = Handle {
            orders,
            status,
            look,
        };
        rooms.insert(id.clone(), handle);
        drop(rooms);
        let this = self.clone();
        self.shared.tasks.spawn(async move {
            let room = task::RoomTask::new(Arc::clone(&this.shared), wanted, receiver, sender);
            room.run(adopted).await;
            this.lock().remove(&id);
            this.shared.tell_changed(&id, false);
        });
    }

    /// How the room of meeting `id` does; `None` when it has none.
    #[must_use]
    pub fn status(&self, id: &str) -> Option<RoomStatus> {
        self.lock()
            .get(id)
            .map(|handle| handle.status.borrow().clone())
    }

    /// Whether the meeting `id` has a room, known to us or not: its process holds the meeting's lock.
    #[must_use]
    pub fn lives(&self, id: &str) -> bool {
        let folder = RoomFolder::at(&self.shared.settings.root, id);
        self.status(id).is_some()
            || folder.is_some_and(|folder| !matches!(folder.lock(), Ok(Some(_))))
    }

    /// Every room and how it does.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, RoomStatus> {
        self.lock()
            .iter()
            .map(|(id, handle)| (id.clone(), handle.status.borrow().clone()))
            .collect()
    }

    /// Waits until the room of meeting `id` is gone.
    pub async fn gone(&self, id: &str) {
        let status = self.lock().get(id).map(|handle| handle.status.clone());
        if let Some(mut status) = status {
            while status.changed().await.is_ok() {}
        }
    }

    pub fn stop(&self, id: &str, reason: &str) {
        self.stop_within(id, reason, self.shared.settings.stop_grace());
    }

    fn stop_within(&self, id: &str, reason: &str, grace: Duration) {
        self.order(id, Order::Stop(reason.to_owned(), grace));
    }

    pub fn set_end(&self, id: &str, ends_at: Timestamp) {
        self.order(id, Order::EndsAt(ends_at));
    }

    /// Forgets a failed room's crashes and starts it now.
    pub fn retry(&self, id: &str) {
        self.order(id, Order::Retry);
    }

    /// Who is in the room; nobody when it has no control channel.
    pub async fn participants(&self, id: &str) -> Vec<Present> {
        let (sender, receiver) = oneshot::channel();
        self.order(id, Order::Participants(sender));
        answer_of(receiver).await
    }

    /// Who was in the room, and for how long.
    pub async fn attendance(&self, id: &str) -> Vec<Attendance> {
        let (sender, receiver) = oneshot::channel();
        self.order(id, Order::Attendance(sender));
        answer_of(receiver).await
    }

    /// What the room's process takes of the machine; `None` while it has none.
    pub async fn usage(&self, id: &str) -> Option<Usage> {
        let pid = self.status(id)?.pid?;
        let folder = RoomFolder::at(&self.shared.settings.root, id)?;
        let read = move || Reading::take(folder.record()?, pid);
        // A panic in there was told by the runtime.
        let reading = tokio::task::spawn_blocking(read).await.ok()??;
        let mut rooms = self.lock();
        let handle = rooms.get_mut(id)?;
        let (usage, look) = reading.since(handle.look.take());
        handle.look = Some(look);
        Some(usage)
    }

    /// Puts somebody out of every room, and keeps them out for as long as a way in that they may
    /// hold is good.
    pub fn kick(&self, who: &str, reason: &str) {
        let ids: Vec<String> = self.lock().keys().cloned().collect();
        for id in ids {
            self.order(&id, Order::Kick(who.to_owned(), reason.to_owned()));
        }
    }

    /// Ends every room, and waits until they are gone; none may take longer than `grace`.
    pub async fn stop_all(&self, reason: &str, grace: Duration) {
        self.shared.closing.cancel();
        let ids: Vec<String> = self.lock().keys().cloned().collect();
        for id in &ids {
            self.stop_within(id, reason, grace.min(self.shared.settings.stop_grace()));
        }
        for id in &ids {
            self.gone(id).await;
        }
    }

    /// Cuts the logs that grew beyond their size.
    pub async fn rotate_logs(&self) {
        let max = self.shared.settings.config.get().log_max_bytes;
        let root = self.shared.settings.root.clone();
        let ids: Vec<String> = self.lock().keys().cloned().collect();
        let rotated = tokio::task::spawn_blocking(move || {
            for id in ids {
                let path = root.join(&id).join(LOG_FILE);
                if let Err(error) = log::rotate(&path, max) {
                    tracing::warn!(meeting.id = %id, %error, "the log of {id} could not be cut: {error}");
                }
            }
        });
        // A panic in there was told by the runtime; the next turn tries again.
        drop(rotated.await);
    }

    /// Lets go of every room without ending it: the next supervisor takes them over.
    pub async fn leave(&self) {
        self.shared.closing.cancel();
        self.shared.leaving.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    /// Does something that goes on without whoever asked for it; [`Rooms::leave`] waits for it.
    pub(crate) fn background<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.shared.tasks.spawn(work)
    }

    /// What the room of meeting `id` prints.
    #[must_use]
    pub fn log_file(&self, id: &str) -> PathBuf {
        self.folder(id).join(LOG_FILE)
    }

    #[must_use]
    pub fn folder(&self, id: &str) -> PathBuf {
        self.shared.settings.root.join(id)
    }

    /// Whether a room that is started now lets in whoever has a name alone.
    #[must_use]
    pub fn takes_guests(&self) -> bool {
        self.shared.settings.config.get().guests
    }

    /// Where a room that is started now listens.
    #[must_use]
    pub fn host(&self) -> IpAddr {
        self.shared.settings.host()
    }

    /// What the rest of the house knows of people.
    #[must_use]
    pub fn register(&self) -> &Arc<dyn Register> {
        &self.shared.settings.register
    }

    /// Whether rooms are our own room server, and no foreign command.
    #[must_use]
    pub fn are_own(&self) -> bool {
        self.shared.settings.command.is_own()
    }

    fn order(&self, id: &str, order: Order) {
        if let Some(handle) = self.lock().get(id) {
            // A task that just ended needs no order.
            let _ = handle.orders.send(order);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Handle>> {
        self.shared
            .rooms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a room answers; nothing when it is deaf or gone.
async fn answer_of<T>(receiver: oneshot::Receiver<Vec<T>>) -> Vec<T> {
    let answer = tokio::time::timeout(ANSWER, receiver).await;
    answer.ok().and_then(Result::ok).unwrap_or_default()
}

impl Settings {
    fn stop_grace(&self) -> Duration {
        self.meetings.get().stop_grace.get()
    }

    /// Where a room that is started now listens.
    fn host(&self) -> IpAddr {
        self.config.get().host
    }
}

/// Where this machine reaches what listens on `host`, which may be all its addresses.
fn reach(host: IpAddr, port: u16) -> SocketAddr {
    let host = match host.is_unspecified() {
        true => Ipv4Addr::LOCALHOST.into(),
        false => host,
    };
    SocketAddr::new(host, port)
}

impl Shared {
    fn tell_changed(&self, id: &str, only_clients: bool) {
        // Nobody listens any more when the server is ending.
        let _ = self.changed.send(Changed {
            id: id.to_owned(),
            only_clients,
        });
    }
}
