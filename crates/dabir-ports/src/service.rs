//! The port manager as callers see it: one call for each thing that can be asked.

use std::net::{IpAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

use jiff::tz::TimeZone;
use prometheus_client::registry::Registry;
use tokio::sync::oneshot;

use crate::desk::Desk;
use crate::health::Health;
use crate::lock::FileLock;
use crate::metrics::Metrics;
use crate::model::{HistoryEntry, Lease, PickRequest};
use crate::sockets::{self, Holder};
use crate::store::BackupFile;
use crate::worker::{Answer, Job, Message, Worker};
use crate::{Line, Options, PortError, PortsConfig, PortsState, console};

/// Hands out ports. Clones talk to the same manager; the last one to go stops it.
///
/// One thread per manager owns the state file and serves all callers of a moment together, so a
/// hundred of them cost one save. Calls may be awaited in any runtime, or passed to [`wait`].
#[derive(Clone, Debug)]
pub struct PortManager {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    messages: Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    metrics: Metrics,
    health: Health,
    /// Set when the thread is to end: it may be waiting for the lock and hear nothing.
    ending: Arc<AtomicBool>,
    state: PathBuf,
    time_zone: TimeZone,
}

/// Waits for a call on the current thread, inside a runtime or without one.
pub fn wait<F: Future>(call: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut call = pin!(call);
    loop {
        match call.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl PortManager {
    /// Opens the state file of `config`, making it when there is none, and starts the thread that
    /// looks after it. Blocks for as long as reading and writing it once takes.
    ///
    /// # Errors
    /// When a value of `config` is not allowed, or the file cannot be locked, read or written.
    pub fn open(config: &PortsConfig, options: Options) -> Result<Self, PortError> {
        config.validate()?;
        let (metrics, health, ending) = (Metrics::default(), Health::default(), Arc::default());
        let time_zone = options.time_zone.clone();
        let desk = Desk::new(config, options)?;
        let interval = config.refresh_interval.get();
        let lock = FileLock::new(desk.store.path(), Arc::clone(&ending));
        let mut worker = Worker::new(desk, lock, metrics.clone(), health.clone(), interval);
        worker.start()?;
        let (messages, inbox) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("ports".to_owned())
            .spawn(move || worker.run(&inbox))
            .map_err(PortError::io("start the thread for", &config.state))?;
        let manager = Self {
            inner: Arc::new(Inner {
                messages,
                thread: Mutex::new(Some(thread)),
                metrics,
                health,
                ending,
                state: config.state.clone(),
                time_zone,
            }),
        };
        if let Some(overlap) = config.ephemeral_overlap() {
            tracing::warn!("{overlap}");
        }
        Ok(manager)
    }

    /// Leases the preferred port when it can be had, else the lowest free one.
    ///
    /// # Errors
    /// [`PortError::Exhausted`] when there is none, and whatever keeps the file from being saved.
    pub async fn pick(&self, request: PickRequest) -> Result<Lease, PortError> {
        self.change(move |desk| desk.pick(&request), |lease| Some(lease.port))
            .await
    }

    /// As [`PortManager::pick`], with a socket that already listens on `host`: nobody can take the
    /// port in between. Without a process in the request the lease belongs to the calling one.
    ///
    /// # Errors
    /// As [`PortManager::pick`], and [`PortError::Bind`] when `host` is no address of this machine.
    pub async fn pick_bound(
        &self,
        request: PickRequest,
        host: IpAddr,
    ) -> Result<(Lease, TcpListener), PortError> {
        let request = owned_by_someone(request);
        self.change(
            move |desk| desk.pick_bound(&request, host),
            |(lease, _)| Some(lease.port),
        )
        .await
    }

    /// Leases exactly `port`, inside the range or not, with a socket that listens on `host`.
    ///
    /// # Errors
    /// [`PortError::Taken`] names who holds it.
    pub async fn bind_exact(
        &self,
        port: u16,
        request: PickRequest,
        host: IpAddr,
    ) -> Result<(Lease, TcpListener), PortError> {
        let request = owned_by_someone(request);
        self.change(
            move |desk| desk.bind_exact(port, &request, host),
            |(lease, _)| Some(lease.port),
        )
        .await
    }

    /// Puts `port` into the hands of process `pid`, such as a child that inherited its socket. A
    /// port without a lease gets one: whoever holds its socket is proof enough.
    ///
    /// # Errors
    /// [`PortError::NoSuchProcess`] when that process is gone.
    pub async fn transfer(
        &self,
        port: u16,
        pid: u32,
        owner: impl Into<String>,
    ) -> Result<Lease, PortError> {
        let owner = owner.into();
        self.change(move |desk| desk.transfer(port, pid, &owner), |_| None)
            .await
    }

    /// Gives `port` back, or the active port when none is named, and answers which it was.
    ///
    /// # Errors
    /// [`PortError::NotUsed`] or [`PortError::NoneActive`].
    pub async fn release(&self, port: Option<u16>) -> Result<u16, PortError> {
        self.change(move |desk| desk.release(port), |_| None).await
    }

    /// Gives `port` back when its lease is `owner`'s, and answers whether it was.
    ///
    /// # Errors
    /// Whatever keeps the file from being saved.
    pub async fn release_of(&self, port: u16, owner: impl Into<String>) -> Result<bool, PortError> {
        let owner = owner.into();
        self.change(move |desk| Ok(desk.release_of(port, &owner)), |_| None)
            .await
    }

    /// Takes back now what dead owners and expired leases hold; otherwise done at each interval.
    ///
    /// # Errors
    /// Whatever keeps the file from being read or saved.
    pub async fn refresh(&self) -> Result<(), PortError> {
        let refresh = |desk: &mut Desk| {
            desk.refresh(&sockets::bound_ports());
            Ok(())
        };
        self.change(refresh, |()| None).await
    }

    /// All that the state file says. Answered from memory when the file cannot be had, as are the
    /// other questions.
    ///
    /// # Errors
    /// [`PortError::Stopped`].
    pub async fn state(&self) -> Result<PortsState, PortError> {
        self.read(|desk| Ok(desk.state())).await
    }

    /// The ports that can be picked.
    ///
    /// # Errors
    /// [`PortError::Stopped`].
    pub async fn free(&self) -> Result<Vec<u16>, PortError> {
        self.read(|desk| Ok(desk.book.free.iter().collect())).await
    }

    /// The ports in use.
    ///
    /// # Errors
    /// [`PortError::Stopped`].
    pub async fn used(&self) -> Result<Vec<u16>, PortError> {
        self.read(|desk| Ok(desk.book.used.iter().collect())).await
    }

    /// The changes of the active port, oldest first.
    ///
    /// # Errors
    /// [`PortError::Stopped`].
    pub async fn history(&self) -> Result<Vec<HistoryEntry>, PortError> {
        self.read(|desk| Ok(desk.book.history.iter().cloned().collect()))
            .await
    }

    /// Who holds `port`: an owner with a lease, or whoever the kernel shows; `None` when nobody.
    ///
    /// # Errors
    /// [`PortError::Stopped`].
    pub async fn holder(&self, port: u16) -> Result<Option<Holder>, PortError> {
        self.read(move |desk| Ok(desk.holder(port))).await
    }

    /// The names of the backups, newest first.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub async fn backups(&self) -> Result<Vec<String>, PortError> {
        self.read(|desk| desk.store.backups()).await
    }

    /// The backups with what is known of them, newest first.
    pub(crate) async fn backup_files(&self) -> Result<Vec<BackupFile>, PortError> {
        self.read(|desk| desk.store.backup_files()).await
    }

    /// The text of one backup.
    ///
    /// # Errors
    /// [`PortError::NoSuchBackup`] for every name that [`PortManager::backups`] does not list.
    pub async fn read_backup(&self, name: impl Into<String>) -> Result<Vec<u8>, PortError> {
        let name = name.into();
        self.read(move |desk| desk.store.read_backup(&name)).await
    }

    /// Goes back to a backup. Leases that hold now go on, and what is replaced becomes a backup.
    ///
    /// # Errors
    /// [`PortError::NoSuchBackup`], [`PortError::SpoiledBackup`].
    pub async fn restore_backup(&self, name: impl Into<String>) -> Result<(), PortError> {
        let name = name.into();
        self.change(move |desk| desk.restore_backup(&name), |()| None)
            .await
    }

    /// Logs the whole state as one structured line with the target `ports.state`.
    ///
    /// # Errors
    /// [`PortError::Stopped`].
    pub async fn log_json(&self) -> Result<(), PortError> {
        let state = self.state().await?;
        let json = serde_json::to_string(&state).unwrap_or_default();
        tracing::info!(target: console::STATE_TARGET, state = json, "port state");
        Ok(())
    }

    /// The state on one line, as picks and releases are logged: `[1403/05/01 12:10 doshanbe] | …`.
    ///
    /// # Errors
    /// [`PortError::Stopped`].
    pub async fn console_line(
        &self,
        action: impl Into<String>,
        note: impl Into<String>,
    ) -> Result<Line, PortError> {
        let (action, note) = (action.into(), note.into());
        self.read(move |desk| Ok(Line::new(desk, &action, note)))
            .await
    }

    /// Takes over interval, history and backups of `config` without a restart; range and file stay.
    ///
    /// # Errors
    /// When a value is not allowed, and [`PortError::Stopped`].
    pub fn adjust(&self, config: PortsConfig) -> Result<(), PortError> {
        config.validate()?;
        let sent = self.inner.messages.send(Message::Adjust(config));
        sent.map_err(|_| PortError::Stopped)
    }

    /// The state file, as the configuration names it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.state
    }

    /// The zone of the times in the file.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.inner.time_zone
    }

    /// Whether the state file can be kept. Answers at once, from what the last turns found; a file
    /// that could not be saved is tried again at each turn.
    ///
    /// # Errors
    /// Why it could not be locked, read or saved, or [`PortError::Stopped`].
    pub fn health(&self) -> Result<(), PortError> {
        let thread = self.inner.thread();
        if thread.as_ref().is_none_or(JoinHandle::is_finished) {
            return Err(PortError::Stopped);
        }
        self.inner.health.failure().map_or(Ok(()), Err)
    }

    /// Adds this manager's metrics, under `dabir_ports_`.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.inner.metrics.register(registry);
    }

    /// Answers what has been asked, flushes the file and ends the thread. A lock that another program
    /// holds is not waited for much longer, and what needed it is refused. Leases stay: they belong
    /// to processes, not to the manager.
    pub fn stop(&self) {
        self.inner.stop();
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Desk) -> Result<T, PortError> + Send + 'static,
    ) -> Result<T, PortError> {
        self.ask(false, question, |_| None).await
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Desk) -> Result<T, PortError> + Send + 'static,
        picked: fn(&T) -> Option<u16>,
    ) -> Result<T, PortError> {
        self.ask(true, change, picked).await
    }

    /// Has `work` done by the thread. `picked` names the port that must come back when the caller
    /// has gone away meanwhile.
    async fn ask<T: Send + 'static>(
        &self,
        writes: bool,
        work: impl FnOnce(&mut Desk) -> Result<T, PortError> + Send + 'static,
        picked: fn(&T) -> Option<u16>,
    ) -> Result<T, PortError> {
        let (sender, receiver) = oneshot::channel();
        let run = move |desk: Result<&mut Desk, PortError>| -> Answer {
            let result = desk.and_then(work);
            Box::new(move |saved| {
                let unheard = sender.send(saved.and(result)).err()?;
                unheard.ok().as_ref().and_then(picked)
            })
        };
        let job = Message::Job(Job {
            writes,
            run: Box::new(run),
        });
        let sent = self.inner.messages.send(job);
        sent.map_err(|_| PortError::Stopped)?;
        receiver.await.unwrap_or(Err(PortError::Stopped))
    }
}

/// A socket that is handed over here is held by this process until it is transferred.
fn owned_by_someone(mut request: PickRequest) -> PickRequest {
    request.pid = request.pid.or(Some(std::process::id()));
    request
}

impl Inner {
    fn thread(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.ending.store(true, Ordering::Relaxed);
        // The thread may have ended already; then there is nobody to tell.
        let _ = self.messages.send(Message::Stop);
        let thread = self.thread().take();
        if let Some(Err(_)) = thread.map(JoinHandle::join) {
            tracing::error!("the port manager's thread panicked");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}
