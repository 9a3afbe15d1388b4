//! What a job's code is given: who it is, whether it is to end, and where to say how far it is.

use std::ffi::OsString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dabir_core::Clock;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::error::{JobError, JobsError};
use crate::model::{MAX_JSON, Progress};
use crate::store::lease::{self, Claimed};
use crate::store::logs::{FIRST, LAST, NewLine};
use crate::store::without_nul;

/// The right to write for one attempt at one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub job_id: i64,
    pub(crate) token: String,
}

impl Lease {
    /// Keeps `checkpoint` with the job in the caller's transaction; a later attempt gets it back.
    /// When the lease is lost the whole transaction is to be dropped: another worker has the job.
    ///
    /// # Errors
    /// [`JobsError::LeaseLost`], and when the checkpoint is too large or the database fails.
    pub async fn save(
        &self,
        tx: &impl ConnectionTrait,
        checkpoint: &impl Serialize,
    ) -> Result<(), JobsError> {
        let text = serde_json::to_string(checkpoint).unwrap_or_default();
        if text.len() > MAX_JSON {
            return Err(JobsError::TooLarge {
                what: "checkpoints",
            });
        }
        if lease::set_checkpoint(tx, self.job_id, &self.token, &text).await? {
            Ok(())
        } else {
            Err(JobsError::LeaseLost)
        }
    }
}

/// Why a job's code is asked to end before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Somebody asked for it.
    Cancelled,
    /// It took longer than its kind may.
    TimedOut,
    /// The process ends; another one goes on with it.
    Shutdown,
    /// Another worker has it.
    LeaseLost,
}

/// A job that runs, as its code and its worker both see it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) lease: Lease,
    pub(crate) attempt: i32,
    pub(crate) ends: CancellationToken,
    said: Mutex<Said>,
}

/// What a job said since it was last asked.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) progress: Option<Progress>,
    pub(crate) lines: Vec<NewLine>,
    /// How many lines of the attempt are kept no longer.
    pub(crate) left_out: usize,
}

#[derive(Debug, Default)]
struct Said {
    stop: Option<Stop>,
    progress: Option<Progress>,
    /// Whether the progress has not been written yet.
    is_new: bool,
    /// What has not been written yet.
    lines: Vec<NewLine>,
    /// How many lines there were in all.
    count: usize,
}

/// The longest line, in characters.
const MAX_LINE: usize = 2_000;

impl Running {
    pub(crate) fn new(claimed: &Claimed) -> Arc<Self> {
        Arc::new(Self {
            lease: Lease {
                job_id: claimed.id,
                token: claimed.token.clone(),
            },
            attempt: claimed.attempt,
            ends: CancellationToken::new(),
            said: Mutex::default(),
        })
    }

    /// Asks the code to end. The first reason counts.
    pub(crate) fn stop(&self, why: Stop) {
        self.said().stop.get_or_insert(why);
        self.ends.cancel();
    }

    pub(crate) fn stopped(&self) -> Option<Stop> {
        self.said().stop
    }

    /// What has not been written yet; `None` when all has.
    pub(crate) fn take_news(&self) -> Option<News> {
        let mut said = self.said();
        let is_new = std::mem::take(&mut said.is_new);
        said.forget_the_middle();
        let news = News {
            progress: said.progress.clone().filter(|_| is_new),
            lines: std::mem::take(&mut said.lines),
            left_out: said.count.saturating_sub(FIRST + LAST),
        };
        (is_new || !news.lines.is_empty()).then_some(news)
    }

    /// What was taken could not be written.
    pub(crate) fn put_back(&self, news: News) {
        let mut said = self.said();
        said.is_new |= news.progress.is_some();
        let newer = std::mem::replace(&mut said.lines, news.lines);
        said.lines.extend(newer);
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Said {
    /// Drops what will not be kept: a program may say more between two writes than anybody reads. One
    /// line more than the last ones stays, in whose place it is said how many are missing.
    fn forget_the_middle(&mut self) {
        let first = self.lines.partition_point(|line| line.number <= FIRST);
        let excess = self.lines.len().saturating_sub(first + LAST + 1);
        self.lines.drain(first..first + excess);
    }
}

/// What a job's code is given. Clones speak for the same attempt.
#[derive(Clone, Debug)]
pub struct JobContext {
    running: Arc<Running>,
    clock: Clock,
    checkpoint: Option<Value>,
    guard: Arc<[OsString]>,
    /// Who asked for the job.
    pub queue: String,
}

impl JobContext {
    pub(crate) fn new(
        running: Arc<Running>,
        clock: Clock,
        claimed: &Claimed,
        guard: Arc<[OsString]>,
    ) -> Self {
        Self {
            running,
            clock,
            checkpoint: claimed.checkpoint.clone(),
            guard,
            queue: claimed.queue.clone(),
        }
    }

    #[must_use]
    pub fn id(&self) -> i64 {
        self.running.lease.job_id
    }

    /// Counted from 1.
    #[must_use]
    pub fn attempt(&self) -> i32 {
        self.running.attempt
    }

    /// What starts foreign programs, and ends them; empty when there is none.
    pub(crate) fn guard(&self) -> &[OsString] {
        &self.guard
    }

    /// What fences the job's own writes.
    #[must_use]
    pub fn lease(&self) -> &Lease {
        &self.running.lease
    }

    /// What an earlier attempt saved last; `None` when there is none, or of another shape.
    #[must_use]
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(self.checkpoint.as_ref()?).ok()
    }

    /// Resolves when the job is to end: it was cancelled, took too long, or the process ends. Code
    /// that does not end within a second is dropped where it waits.
    #[must_use]
    pub fn ends(&self) -> &CancellationToken {
        &self.running.ends
    }

    /// Whether the job may go on; asked between two steps.
    ///
    /// # Errors
    /// When it is to end.
    pub fn check(&self) -> Result<(), JobError> {
        match self.running.stopped() {
            None => Ok(()),
            Some(Stop::LeaseLost) => Err(JobError::LeaseLost),
            Some(_) => Err(JobError::Cancelled),
        }
    }

    /// Says how far the job is. Cheap: it is written a few times a second at most.
    pub fn progress(&self, done: u64, total: Option<u64>, stage: impl Into<String>) {
        let stage = stage.into();
        let mut said = self.running.said();
        said.progress = Some(Progress { done, total, stage });
        said.is_new = true;
    }

    /// A line for the job's log.
    pub fn info(&self, line: impl AsRef<str>) {
        self.log("info", line.as_ref());
    }

    /// A line about something that people should look at.
    pub fn warn(&self, line: impl AsRef<str>) {
        self.log("warn", line.as_ref());
    }

    /// A line about something that went wrong.
    pub fn error(&self, line: impl AsRef<str>) {
        self.log("error", line.as_ref());
    }

    fn log(&self, level: &'static str, line: &str) {
        let line = dabir_core::text::cut(&without_nul(line), MAX_LINE);
        let mut said = self.running.said();
        said.count += 1;
        let number = said.count;
        said.lines.push(NewLine {
            job_id: self.running.lease.job_id,
            attempt: self.running.attempt,
            number,
            at: self.clock.now(),
            level,
            line,
        });
        // Not at each line: moving the rest up costs more than the line.
        if said.lines.len() > FIRST + 2 * LAST {
            said.forget_the_middle();
        }
    }

    /// Runs what takes a processor for long where it holds up nobody else.
    ///
    /// # Errors
    /// When it panics.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JobError> {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| JobError::retry(format!("a step of it broke off: {error}")))
    }
}
