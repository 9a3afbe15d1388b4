//! One room's life: start it, or take it over; wait until it answers; watch it; bring it back after
//! a crash; end it. One task per room, so that there are never two starts of one meeting at once.

use std::net::{SocketAddr, TcpListener};
use std::ops::ControlFlow;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Timestamp, new_id};
use dabir_ports::{PickRequest, PortError};
use dabir_room::spec::RoomSpec;
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::budget::RoomBudget;
use super::control::Control;
use super::folder::{LOG_FILE, Record, RoomFolder};
use super::launch::{NONCE_VARIABLE, launch};
use super::log::read_log;
use super::process::{Process, with_environment};
use super::{Attendance, FromRoom, Order, Phase, Present, RoomStatus, Settings, Shared, Wanted};
use crate::config::PortConflict;
use dabir_room::control::ToRoom;

/// A room that an earlier supervisor started.
#[derive(Debug)]
pub(crate) struct Adopted {
    pub(super) process: Process,
    pub(super) record: Record,
}

/// How a room is before its task has done anything.
pub(super) fn first_status(
    settings: &Settings,
    wanted: &Wanted,
    adopted: Option<&Adopted>,
) -> RoomStatus {
    RoomStatus {
        phase: Phase::Starting,
        pid: adopted.map(|adopted| adopted.process.id().pid),
        port: adopted.map(|adopted| adopted.record.port),
        ends_at: adopted.map_or(wanted.ends_at, |adopted| adopted.record.ends_at),
        restarts: adopted.map_or(0, |adopted| adopted.record.restarts),
        last_error: None,
        clients: 0,
        asked_port: wanted.port,
        own: adopted.map_or(settings.command.is_own(), |adopted| adopted.record.own),
    }
}

/// The task of one room.
pub(super) struct RoomTask {
    shared: Arc<Shared>,
    wanted: Wanted,
    orders: mpsc::UnboundedReceiver<Order>,
    status: watch::Sender<RoomStatus>,
    budget: RoomBudget,
    port: Option<HeldPort>,
    restarts: u32,
}

/// The port of the room, kept across its restarts.
struct HeldPort {
    number: u16,
    /// Kept open, so that people who come between a crash and the next start wait instead of being
    /// refused. `None` for a foreign command, which binds by itself.
    listener: Option<TcpListener>,
}

/// A living process and what ties us to it.
struct Living {
    process: Process,
    /// `None` for one that an earlier supervisor started: the system collects its exit status.
    child: Option<Child>,
    own: bool,
    nonce: String,
    control: Option<Control>,
    answers: Answers,
    ready: bool,
    stopping: Option<Stopping>,
    /// When the lost control channel is tried again.
    reconnect_at: Option<Instant>,
}

/// Who waits for an answer from the room.
#[derive(Default)]
struct Answers {
    participants: Vec<oneshot::Sender<Vec<Present>>>,
    attendance: Vec<oneshot::Sender<Vec<Attendance>>>,
}

/// An end that was asked for.
struct Stopping {
    kill_at: Instant,
    killed: bool,
}

impl Stopping {
    /// When it is to be killed; `None` once it was.
    fn next_step(&self) -> Option<Instant> {
        (!self.killed).then_some(self.kill_at)
    }
}

/// How a stretch of a room's life ended.
enum Outcome {
    /// It was told to end, or its time had come.
    Ended,
    /// It has to come back; why it went.
    Crashed(String),
    /// It cannot have its port now.
    NoPort(String),
    /// This supervisor ends; the room lives on.
    Left,
}

/// How long a meeting waits for a port that somebody else has.
const PORT_WAIT: Duration = Duration::from_secs(1);
/// How often a foreign room is asked whether it listens.
const PROBE: Duration = Duration::from_millis(20);
/// A room that lived this long has got over its earlier crashes.
const HEALTHY: Duration = Duration::from_secs(60);
/// How long to wait before a lost control channel is tried again.
const RECONNECT: Duration = Duration::from_millis(500);
/// Room and supervisor read the clock at different moments.
const END_TOLERANCE: Duration = Duration::from_secs(1);

impl RoomTask {
    pub(super) fn new(
        shared: Arc<Shared>,
        wanted: Wanted,
        orders: mpsc::UnboundedReceiver<Order>,
        status: watch::Sender<RoomStatus>,
    ) -> Self {
        let config = &shared.settings.config;
        let budget = RoomBudget::new(config.restart_max, config.restart_window.get());
        Self {
            shared,
            wanted,
            orders,
            status,
            budget,
            port: None,
            restarts: 0,
        }
    }

    /// Lives until the room has ended for good, or this supervisor leaves.
    pub(super) async fn run(mut self, adopted: Option<Adopted>) {
        let mut living = adopted.map(|adopted| self.take_over(adopted));
        loop {
            let outcome = match living.take() {
                Some(living) => self.attend(living).await,
                None => match self.start().await {
                    Ok(living) => self.attend(living).await,
                    Err(outcome) => outcome,
                },
            };
            if let Outcome::Left = outcome {
                return;
            }
            if self.after(outcome).await.is_break() {
                return self.clear_up().await;
            }
        }
    }

    fn take_over(&mut self, adopted: Adopted) -> Living {
        let Adopted { process, record } = adopted;
        self.restarts = record.restarts;
        self.port = Some(HeldPort {
            number: record.port,
            listener: None,
        });
        tracing::info!(
            meeting.id = %record.meeting_id, pid = process.id().pid, port = record.port,
            "took over the room of {} (process {})", record.meeting_id, process.id().pid,
        );
        Living::new(process, None, record.own, record.nonce)
    }

    /// Waits after a crash, or says that the room's life is over.
    async fn after(&mut self, outcome: Outcome) -> ControlFlow<()> {
        match outcome {
            Outcome::Ended | Outcome::Left => {
                // A room whose clock is a moment ahead must not be started again for that moment.
                let now = self.shared.clock.now();
                let early = now.duration_until(self.wanted.ends_at);
                if early.is_positive() && early.unsigned_abs() <= END_TOLERANCE {
                    sleep(early.unsigned_abs()).await;
                }
                ControlFlow::Break(())
            }
            Outcome::NoPort(reason) => {
                if self.status.borrow().last_error.as_deref() != Some(&reason) {
                    tracing::warn!(meeting.id = %self.wanted.meeting_id, "{reason}");
                }
                self.show(|status| status.fail(reason));
                self.wait(PORT_WAIT).await
            }
            Outcome::Crashed(reason) => self.after_crash(reason).await,
        }
    }

    async fn after_crash(&mut self, reason: String) -> ControlFlow<()> {
        self.restarts += 1;
        let restarts = self.restarts;
        let id = &self.wanted.meeting_id;
        let now = Instant::now();
        let Some(wait) = self.budget.crashed(now) else {
            let again = self
                .budget
                .open_again()
                .map_or(Duration::ZERO, |at| at - now);
            let config = &self.shared.settings.config;
            let reason = format!(
                "{reason}; it crashed more than {} times within {} and is tried again in {} s",
                config.restart_max,
                config.restart_window,
                again.as_secs(),
            );
            tracing::error!(meeting.id = %id, restarts, "gave up the room of {id} for now: {reason}");
            self.show(|status| status.fail(reason));
            return self.wait(again).await;
        };
        let wait = wait.max(self.shared.machine.take(now));
        tracing::warn!(
            meeting.id = %id, restarts, wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "the room of {id} crashed: {reason}",
        );
        self.show(|status| {
            status.phase = Phase::Starting;
            status.pid = None;
            status.clients = 0;
            status.restarts = restarts;
            status.last_error = Some(reason);
        });
        self.wait(wait).await
    }

    /// Waits, listening to orders. Breaks when the room is not wanted any more.
    async fn wait(&mut self, time: Duration) -> ControlFlow<()> {
        let until = Instant::now() + time;
        loop {
            tokio::select! {
                () = sleep_until(until) => break,
                order = self.orders.recv() => match order {
                    None | Some(Order::Stop(..)) => return ControlFlow::Break(()),
                    Some(Order::EndsAt(at)) => self.move_end(at),
                    Some(Order::Retry) => {
                        self.budget.forget();
                        break;
                    }
                    Some(Order::Participants(_) | Order::Attendance(_)) => {}
                },
                () = self.shared.leaving.cancelled() => return ControlFlow::Break(()),
            }
        }
        if self.shared.clock.now() < self.wanted.ends_at {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    fn move_end(&mut self, at: Timestamp) {
        self.wanted.ends_at = at;
        self.show(|status| status.ends_at = at);
    }

    /// Starts the process: lock, port, record of the intent, process, record of the process.
    async fn start(&mut self) -> Result<Living, Outcome> {
        let folder = self
            .folder()
            .map_err(|e| crashed("its folder cannot be made", &e))?;
        let lock = self.take_lock(&folder).await?;
        let port = self.take_port().await?;
        let own = self.shared.settings.command.is_own();
        let mut record = Record {
            meeting_id: self.wanted.meeting_id.clone(),
            nonce: new_id(),
            process: None,
            port,
            own,
            started_at: self.shared.clock.now(),
            ends_at: self.wanted.ends_at,
            restarts: self.restarts,
        };
        let listener = self
            .socket_for_process()
            .map_err(|e| crashed("its socket cannot be shared", &e))?;
        let spec = self.spec();
        let shared = Arc::clone(&self.shared);
        let started = tokio::task::spawn_blocking(move || {
            spec.write(folder.path())?;
            folder.write_record(&record)?;
            let settings = &shared.settings;
            let host = settings.config.host;
            let mut child = launch(
                &settings.command,
                &folder,
                &record,
                host,
                listener.as_ref(),
                lock,
            )?;
            let recorded = Process::of_pid(child.id()).and_then(|process| {
                record.process = process.as_ref().map(|process| process.id().clone());
                folder.write_record(&record)?;
                Ok(process)
            });
            match recorded {
                Ok(process) => Ok((child, process, record.nonce)),
                Err(error) => {
                    // A process without a record would be nobody's.
                    child.kill().and_then(|()| child.wait())?;
                    Err(error)
                }
            }
        });
        let (child, process, nonce) = started
            .await
            .map_err(|e| Outcome::Crashed(format!("its start broke off: {e}")))?
            .map_err(|e| crashed("it could not be started", &e))?;
        let Some(process) = process else {
            let how = exit_status(Some(child));
            let words = self.last_words();
            return Err(Outcome::Crashed(format!(
                "its process ended{how} at once{words}"
            )));
        };
        self.tie_port(port, process.id().pid).await;
        let pid = process.id().pid;
        tracing::info!(
            meeting.id = %self.wanted.meeting_id, pid, port,
            "started the room of {} on port {port} (process {pid})", self.wanted.meeting_id,
        );
        Ok(Living::new(process, Some(child), own, nonce))
    }

    fn folder(&self) -> std::io::Result<RoomFolder> {
        RoomFolder::make(&self.shared.settings.root, &self.wanted.meeting_id)
    }

    /// The meeting's lock. When something still holds it, it is what an earlier room left behind.
    async fn take_lock(&self, folder: &RoomFolder) -> Result<std::fs::File, Outcome> {
        let locked = |e: std::io::Error| crashed("its lock cannot be taken", &e);
        if let Some(lock) = folder.lock().map_err(locked)? {
            return Ok(lock);
        }
        if let Some(record) = folder.record() {
            let named = record.process.as_ref().map_or(Ok(None), Process::open);
            let named = named.map_err(|e| crashed("its earlier process cannot be examined", &e))?;
            if let Some(process) = named {
                let pid = process.id().pid;
                return Err(Outcome::Crashed(format!(
                    "its earlier process {pid} still lives"
                )));
            }
            kill_all(&record.nonce).await;
        }
        match folder.lock().map_err(locked)? {
            Some(lock) => Ok(lock),
            None => Err(Outcome::Crashed(
                "a process that an earlier room left behind still holds the meeting's lock"
                    .to_owned(),
            )),
        }
    }

    /// The port of the room: the one it had, the one it asks for, or a free one. Its socket is
    /// bound here, so nobody can take the port in between.
    async fn take_port(&mut self) -> Result<u16, Outcome> {
        if let Some(HeldPort {
            number,
            listener: Some(_),
        }) = self.port
        {
            return Ok(number);
        }
        let had = self.port.take().map(|held| held.number);
        if let Some(port) = had {
            // Our own lease of before would stand in the way; another owner's is left alone.
            let _ = self.shared.ports.release_of(port, self.owner()).await;
        }
        let reassign = self.shared.settings.port_conflict == PortConflict::Reassign;
        let held = match self.lease(had.or(self.wanted.port)).await {
            Err(PortError::Taken { .. }) if reassign => self.lease(None).await,
            other => other,
        };
        let held = held.map_err(|error| Outcome::NoPort(error.to_string()))?;
        Ok(self.port.insert(held).number)
    }

    async fn lease(&self, port: Option<u16>) -> Result<HeldPort, PortError> {
        let request = PickRequest::for_this_process(self.owner());
        let host = self.shared.settings.config.host;
        let (lease, listener) = match port {
            Some(port) => self.shared.ports.bind_exact(port, request, host).await?,
            None => self.shared.ports.pick_bound(request, host).await?,
        };
        Ok(HeldPort {
            number: lease.port,
            listener: Some(listener),
        })
    }

    fn owner(&self) -> String {
        format!("meeting {}", self.wanted.meeting_id)
    }

    /// From now on the port belongs to the room: it comes back when the room is gone, and not when
    /// this supervisor is.
    async fn tie_port(&self, port: u16, pid: u32) {
        if let Err(error) = self.shared.ports.transfer(port, pid, self.owner()).await {
            tracing::warn!(port, pid, %error, "the lease of port {port} stays with the supervisor: {error}");
        }
    }

    /// What the process gets of the socket: our own room inherits it and we keep a copy, so that
    /// people wait instead of being refused while it restarts; a foreign one binds by itself.
    fn socket_for_process(&mut self) -> std::io::Result<Option<TcpListener>> {
        let Some(port) = &mut self.port else {
            return Ok(None);
        };
        if self.shared.settings.command.is_own() {
            return port
                .listener
                .as_ref()
                .map(TcpListener::try_clone)
                .transpose();
        }
        port.listener = None;
        Ok(None)
    }

    fn spec(&self) -> RoomSpec {
        let settings = &self.shared.settings;
        RoomSpec {
            id: self.wanted.meeting_id.clone(),
            name: self.wanted.name.clone(),
            starts_at: Some(self.wanted.starts_at),
            ends_at: Some(self.wanted.ends_at),
            timezone: settings.timezone.clone(),
            guests: settings.config.guests,
            max_clients: settings.config.max_clients as usize,
            public_key: settings.public_key.clone(),
            origins: settings.origins.clone(),
        }
    }

    /// Watches a living process until it has ended.
    async fn attend(&mut self, mut living: Living) -> Outcome {
        let pid = living.process.id().pid;
        let port = self.port.as_ref().map(|port| port.number);
        self.show(|status| {
            status.phase = Phase::Starting;
            status.pid = Some(pid);
            status.port = port;
        });
        if living.own {
            self.take_control(&mut living).await;
        }
        let began = Instant::now();
        let ready_by = began + self.shared.settings.config.ready_timeout.get();
        let address = self.address();
        loop {
            tokio::select! {
                () = living.process.exited() => return self.exited(living, began).await,
                order = self.orders.recv() => self.obey(&mut living, order).await,
                word = next_word(&mut living.control) => self.hear(&mut living, word).await,
                listens = probe(address, living.own || living.ready) => {
                    if listens {
                        self.ready(&mut living);
                    }
                }
                () = sleep_until(ready_by), if living.child.is_some() && !living.ready && living.stopping.is_none() => {
                    return self.never_ready(living).await;
                }
                () = due(living.stopping.as_ref().and_then(Stopping::next_step)) => self.kill(&mut living).await,
                () = due(living.reconnect_at) => {
                    self.take_control(&mut living).await;
                }
                () = self.shared.leaving.cancelled() => return Outcome::Left,
            }
        }
    }

    /// Connects to the room; when that fails, it is tried again for as long as the room lives.
    async fn take_control(&self, living: &mut Living) {
        let pid = living.process.id().pid;
        living.control = self.connect(pid).await;
        let again = Instant::now() + RECONNECT;
        living.reconnect_at = living.control.is_none().then_some(again);
    }

    async fn connect(&self, pid: u32) -> Option<Control> {
        let connected = match self.folder() {
            Ok(folder) => Control::connect(&folder).await,
            Err(error) => Err(error),
        };
        connected
            .inspect_err(|error| tracing::warn!(pid, %error, "process {pid} has no control channel: {error}"))
            .ok()
    }

    fn address(&self) -> SocketAddr {
        self.shared
            .settings
            .address(self.port.as_ref().map_or(0, |port| port.number))
    }

    fn ready(&mut self, living: &mut Living) {
        living.ready = true;
        if living.stopping.is_none() {
            self.show(|status| status.phase = Phase::Running);
        }
    }

    async fn obey(&mut self, living: &mut Living, order: Option<Order>) {
        match order {
            // The handle is gone only when `Rooms` is; `leaving` tells how to end.
            None => std::future::pending().await,
            Some(Order::Stop(reason, grace)) => self.stop(living, &reason, grace).await,
            Some(Order::EndsAt(at)) => {
                self.move_end(at);
                self.remember_end().await;
                living.tell(&ToRoom::EndsAt { ends_at: at }).await;
            }
            Some(Order::Participants(answer)) if living.control.is_some() => {
                living.answers.participants.push(answer);
                living.tell(&ToRoom::Participants).await;
            }
            Some(Order::Attendance(answer)) if living.control.is_some() => {
                living.answers.attendance.push(answer);
                living.tell(&ToRoom::Attendance).await;
            }
            // A room without a control channel knows nobody by name, and a living one needs no
            // retry.
            Some(Order::Participants(_) | Order::Attendance(_) | Order::Retry) => {}
        }
    }

    /// The files say the new end too: the room reads it after a crash, the next supervisor when it
    /// takes over.
    async fn remember_end(&self) {
        let (spec, ends_at) = (self.spec(), self.wanted.ends_at);
        let folder = self.folder();
        let kept = tokio::task::spawn_blocking(move || {
            let folder = folder?;
            if let Some(record) = folder.record() {
                folder.write_record(&Record { ends_at, ..record })?;
            }
            spec.write(folder.path())
        });
        if let Err(error) = kept.await.unwrap_or_else(|e| Err(e.into())) {
            tracing::warn!(meeting.id = %self.wanted.meeting_id, %error, "the new end is not on disk: {error}");
        }
    }

    async fn hear(&mut self, living: &mut Living, word: std::io::Result<FromRoom>) {
        match word {
            Ok(FromRoom::Hello {
                clients, ends_at, ..
            }) => {
                let listener = living.control.as_mut().and_then(Control::take_listener);
                if let (Some(port), Some(listener)) = (&mut self.port, listener) {
                    port.listener.get_or_insert(listener);
                }
                self.show(|status| status.clients = clients);
                // What was said while nobody listened.
                let wanted = self.wanted.ends_at;
                if ends_at != Some(wanted) {
                    living.tell(&ToRoom::EndsAt { ends_at: wanted }).await;
                }
                self.ready(living);
            }
            Ok(FromRoom::Joined { clients, .. } | FromRoom::Left { clients, .. }) => {
                self.show(|status| status.clients = clients);
            }
            Ok(FromRoom::Participants { participants }) => {
                if !living.answers.participants.is_empty() {
                    // Whoever asked may have gone.
                    let _ = living.answers.participants.remove(0).send(participants);
                }
            }
            Ok(FromRoom::Attendance { people }) => {
                if !living.answers.attendance.is_empty() {
                    let _ = living.answers.attendance.remove(0).send(people);
                }
            }
            Ok(FromRoom::Ended { .. }) => {}
            Ok(FromRoom::Error { code, detail }) => {
                tracing::warn!(meeting.id = %self.wanted.meeting_id, code, "the room refused an order: {detail}");
            }
            Err(error) => {
                // It hung up because it is ending, which its pidfd tells next; or it is to be asked
                // again.
                tracing::debug!(meeting.id = %self.wanted.meeting_id, %error, "the control channel broke");
                living.control = None;
                living.answers = Answers::default();
                living.reconnect_at = Some(Instant::now() + RECONNECT);
            }
        }
    }

    /// Asks the room to end, in the kindest way it understands.
    async fn stop(&mut self, living: &mut Living, reason: &str, grace: Duration) {
        if living.stopping.is_some() {
            return;
        }
        let id = &self.wanted.meeting_id;
        tracing::info!(meeting.id = %id, "ending the room of {id}: {reason}");
        self.show(|status| status.phase = Phase::Stopping);
        let kill_at = Instant::now() + grace;
        living.stopping = Some(Stopping {
            kill_at,
            killed: false,
        });
        if living.control.is_some() {
            let over = self.shared.clock.now() + END_TOLERANCE >= self.wanted.ends_at;
            let reason = if over { "ended" } else { "stopped" };
            living
                .tell(&ToRoom::End {
                    reason: reason.to_owned(),
                })
                .await;
        } else {
            living.signal(Signal::TERM).await;
        }
    }

    async fn kill(&mut self, living: &mut Living) {
        let reason = "it ignored the order to end and was killed".to_owned();
        tracing::warn!(meeting.id = %self.wanted.meeting_id, "{reason}");
        self.show(|status| status.last_error = Some(reason));
        if let Some(stopping) = &mut living.stopping {
            stopping.killed = true;
        }
        living.signal(Signal::KILL).await;
    }

    async fn never_ready(&mut self, living: Living) -> Outcome {
        let timeout = self.shared.settings.config.ready_timeout;
        living.signal(Signal::KILL).await;
        living.process.exited().await;
        self.collect(living).await;
        Outcome::Crashed(format!("it did not answer within {timeout} and was killed"))
    }

    async fn exited(&mut self, living: Living, began: Instant) -> Outcome {
        if living.ready && began.elapsed() > HEALTHY {
            self.budget.forget();
        }
        let over = self.shared.clock.now() + END_TOLERANCE >= self.wanted.ends_at;
        let asked = living.stopping.is_some();
        let when = if living.ready {
            "while it ran"
        } else {
            "before it was ready"
        };
        let how = self.collect(living).await;
        self.show(|status| status.pid = None);
        if asked || over {
            return Outcome::Ended;
        }
        Outcome::Crashed(format!(
            "its process ended{how} {when}{}",
            self.last_words()
        ))
    }

    /// The last line that the room printed: most often it says why.
    fn last_words(&self) -> String {
        let folder = self.shared.settings.root.join(&self.wanted.meeting_id);
        let last = read_log(&folder.join(LOG_FILE), 1)
            .ok()
            .and_then(|mut tail| tail.lines.pop());
        last.map_or(String::new(), |line| format!("; it printed last: {line}"))
    }

    /// Buries an ended process and whatever it left behind; answers how it ended.
    async fn collect(&self, mut living: Living) -> String {
        let how = exit_status(living.child.take());
        if !living.own {
            kill_all(&living.nonce).await;
        }
        how
    }

    /// The end of the room's life: its port is free again, its record gone.
    async fn clear_up(&mut self) {
        if let Ok(folder) = self.folder() {
            folder.remove_record();
        }
        let Some(port) = self.port.take().map(|held| held.number) else {
            return;
        };
        if let Err(error) = self.shared.ports.release_of(port, self.owner()).await {
            tracing::warn!(port, %error, "port {port} was not released: {error}");
        }
    }

    /// Changes the status, and tells when that made a difference.
    fn show(&self, change: impl FnOnce(&mut RoomStatus)) {
        let mut only_clients = false;
        let changed = self.status.send_if_modified(|status| {
            let before = status.clone();
            change(status);
            let clients = status.clients;
            only_clients = RoomStatus {
                clients,
                ..before.clone()
            } == *status;
            *status != before
        });
        if changed {
            self.shared
                .tell_changed(&self.wanted.meeting_id, only_clients);
        }
    }
}

impl Living {
    fn new(process: Process, child: Option<Child>, own: bool, nonce: String) -> Self {
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
        }
    }

    async fn tell(&mut self, word: &ToRoom) {
        if let Some(control) = &mut self.control
            && control.tell(word).await.is_err()
        {
            self.control = None;
            self.reconnect_at = Some(Instant::now() + RECONNECT);
        }
    }

    /// Signals the room. The guard of a foreign one passes everything on but SIGKILL, which it
    /// cannot see.
    async fn signal(&self, signal: Signal) {
        if let Err(error) = self.process.signal(signal) {
            tracing::error!(pid = self.process.id().pid, %error, "a room cannot be signalled: {error}");
        }
        if !self.own && signal == Signal::KILL {
            kill_left(&self.nonce).await;
        }
    }
}

impl RoomStatus {
    fn fail(&mut self, reason: String) {
        self.phase = Phase::Failed;
        self.pid = None;
        self.clients = 0;
        self.last_error = Some(reason);
    }
}

/// The room's next word; never, when it has no control channel.
async fn next_word(control: &mut Option<Control>) -> std::io::Result<FromRoom> {
    match control {
        Some(control) => control.next().await,
        None => std::future::pending().await,
    }
}

/// Whether a foreign room listens, asked after a moment; never, when that is not the question.
async fn probe(address: SocketAddr, settled: bool) -> bool {
    if settled {
        return std::future::pending().await;
    }
    sleep(PROBE).await;
    TcpStream::connect(address).await.is_ok()
}

async fn due(at: Option<Instant>) {
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
pub(super) async fn kill_all(nonce: &str) {
    for process in kill_left(nonce).await {
        process.exited().await;
    }
}

fn crashed(what: &str, error: &std::io::Error) -> Outcome {
    Outcome::Crashed(format!("{what}: {error}"))
}

/// ` with signal: 9 (SIGKILL)`; nothing for a process that is not our child, whose status goes to
/// the system.
fn exit_status(child: Option<Child>) -> String {
    let status = child.and_then(|mut child| child.wait().ok());
    status.map_or(String::new(), |status| format!(" with {status}"))
}
