//! The thread that owns the state file: it serves everybody who waits in one turn of lock, read,
//! change, save and unlock, and between turns looks after the leases.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::desk::Desk;
use crate::health::Health;
use crate::lock::FileLock;
use crate::metrics::Metrics;
use crate::news::News;
use crate::{PortError, PortsConfig, console, sockets};

/// With relaxed durability, a save is flushed this long after it was made.
const FLUSH_AFTER: Duration = Duration::from_millis(500);

/// One request: what to do at the desk.
pub(crate) struct Job {
    /// A request that changes nothing is answered from memory when the file cannot be had.
    pub(crate) writes: bool,
    pub(crate) run: Work,
}

pub(crate) type Work = Box<dyn FnOnce(Result<&mut Desk, PortError>) -> Answer + Send>;

/// Tells the caller, once it is known whether the turn was saved. Gives a port back that was
/// picked for somebody who no longer waits.
pub(crate) type Answer = Box<dyn FnOnce(Result<(), PortError>) -> Option<u16> + Send>;

pub(crate) enum Message {
    Job(Job),
    Adjust(PortsConfig),
    Stop,
}

#[derive(Debug)]
pub(crate) struct Worker {
    lock: FileLock,
    desk: Desk,
    metrics: Metrics,
    health: Health,
    refresh_interval: Duration,
    next_refresh: Instant,
    /// When the last save must be flushed, with relaxed durability.
    next_flush: Option<Instant>,
}

impl Worker {
    pub(crate) fn new(
        desk: Desk,
        lock: FileLock,
        metrics: Metrics,
        health: Health,
        refresh_interval: Duration,
    ) -> Self {
        Self {
            lock,
            desk,
            metrics,
            health,
            refresh_interval,
            next_refresh: Instant::now() + refresh_interval,
            next_flush: None,
        }
    }

    /// Serves until it is told to stop or nobody is left who could ask.
    pub(crate) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            match messages.recv_timeout(self.until_due()) {
                Ok(Message::Job(first)) => {
                    let (jobs, then) = collect(first, messages);
                    self.turn(jobs);
                    match then {
                        Some(Message::Adjust(config)) => self.adjust(&config),
                        Some(Message::Stop) => break,
                        Some(Message::Job(_)) | None => {}
                    }
                }
                Ok(Message::Adjust(config)) => self.adjust(&config),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
            self.look_after();
        }
        self.flush();
    }

    /// Works by other numbers from now on; the file says and keeps them at once.
    fn adjust(&mut self, config: &PortsConfig) {
        self.refresh_interval = config.refresh_interval.get();
        let soon = Instant::now() + self.refresh_interval;
        self.next_refresh = self.next_refresh.min(soon);
        if self.desk.adjust(config) {
            let (_, outcome) = self.at_desk(Desk::trim);
            self.after_turn(&outcome);
        }
    }

    fn until_due(&self) -> Duration {
        let due = self
            .next_flush
            .map_or(self.next_refresh, |flush| flush.min(self.next_refresh));
        due.saturating_duration_since(Instant::now())
    }

    fn look_after(&mut self) {
        let now = Instant::now();
        if self.next_flush.is_some_and(|due| due <= now) {
            self.flush();
        }
        if self.next_refresh <= now {
            self.refresh();
            self.next_refresh = Instant::now() + self.refresh_interval;
        }
    }

    fn flush(&mut self) {
        self.next_flush = None;
        let flushed = self.desk.store.flush_late();
        if flushed.is_err() {
            self.after_turn(&flushed);
        }
    }

    /// The first turn. Its failure is the caller's to tell.
    pub(crate) fn start(&mut self) -> Result<(), PortError> {
        let bound = sockets::bound_ports();
        let (_, outcome) = self.at_desk(|desk| {
            desk.news.push(News::Started);
            desk.refresh(&bound);
        });
        outcome?;
        self.after_turn(&Ok(()));
        Ok(())
    }

    /// One turn that only looks for dead owners and other people's ports.
    fn refresh(&mut self) {
        // Read before the lock is taken: others need not wait for it.
        let bound = sockets::bound_ports();
        let (_, outcome) = self.at_desk(|desk| desk.refresh(&bound));
        self.after_turn(&outcome);
    }

    /// Serves `jobs` together: one lock, one save, then all answers.
    fn turn(&mut self, jobs: Vec<Job>) {
        let mut jobs = Some(jobs);
        let (served, outcome) =
            self.at_desk(|desk| serve(jobs.take().unwrap_or_default(), desk, None));
        let answers = served.unwrap_or_else(|| {
            let jobs = jobs.unwrap_or_default();
            serve(jobs, &mut self.desk, outcome.as_ref().err())
        });
        self.after_turn(&outcome);
        let orphans = answer(answers, &outcome);
        if !orphans.is_empty() {
            self.give_back(&orphans);
        }
    }

    /// Takes ports back whose callers went away before they were told.
    fn give_back(&mut self, ports: &[u16]) {
        let (_, outcome) = self.at_desk(|desk| {
            for &port in ports {
                let _ = desk.release(Some(port));
            }
        });
        self.after_turn(&outcome);
    }

    /// Does `work` under the lock on a book that is up to date, and saves what it changed. Nothing
    /// is done when the file cannot be had.
    fn at_desk<T>(
        &mut self,
        work: impl FnOnce(&mut Desk) -> T,
    ) -> (Option<T>, Result<(), PortError>) {
        let desk = &mut self.desk;
        desk.begin();
        let prepared = self
            .lock
            .acquire(desk.options.lock_timeout)
            .and_then(|held| desk.load().map(|spoiled| (held, spoiled)));
        let (_held, spoiled) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                self.metrics.failed();
                return (None, Err(error));
            }
        };
        self.metrics.spoiled(spoiled);
        let done = work(desk);
        // What could not be saved once is tried again, so that everybody learns when it can be.
        desk.changed |= self.health.failure().is_some();
        let saved = if desk.changed {
            self.metrics.time_save(|| desk.save())
        } else {
            Ok(())
        };
        (Some(done), saved)
    }

    fn after_turn(&mut self, outcome: &Result<(), PortError>) {
        let news = std::mem::take(&mut self.desk.news);
        let health = self.health.learn(outcome, self.desk.changed);
        for news in news.into_iter().chain(health) {
            self.tell(news);
        }
        self.metrics.show(&self.desk.book);
        if self.desk.store.needs_flush() && self.next_flush.is_none() {
            self.next_flush = Some(Instant::now() + FLUSH_AFTER);
        }
    }

    fn tell(&self, news: News) {
        console::log(&self.desk, &news);
        if let Some(event) = news.into_event() {
            self.metrics.count(&event);
            self.desk.options.events.publish(event);
        }
    }
}

/// The first job and all that wait behind it, up to the first message that is none.
fn collect(first: Job, messages: &Receiver<Message>) -> (Vec<Job>, Option<Message>) {
    let mut jobs = vec![first];
    loop {
        match messages.try_recv() {
            Ok(Message::Job(job)) => jobs.push(job),
            other => return (jobs, other.ok()),
        }
    }
}

/// An answer, and whether it depends on the save.
struct Pending {
    writes: bool,
    answer: Answer,
}

/// Runs the jobs; with an `error`, those that would change something fail and the others are
/// answered from memory.
fn serve(jobs: Vec<Job>, desk: &mut Desk, error: Option<&PortError>) -> Vec<Pending> {
    let serve_one = |job: Job| {
        let desk = match error {
            Some(error) if job.writes => Err(error.clone()),
            _ => Ok(&mut *desk),
        };
        Pending {
            writes: job.writes,
            answer: (job.run)(desk),
        }
    };
    jobs.into_iter().map(serve_one).collect()
}

fn answer(answers: Vec<Pending>, saved: &Result<(), PortError>) -> Vec<u16> {
    let tell = |pending: Pending| {
        let saved = if pending.writes {
            saved.clone()
        } else {
            Ok(())
        };
        (pending.answer)(saved)
    };
    answers.into_iter().filter_map(tell).collect()
}
