//! A process that works jobs off: it claims what is due, does it, writes how it ended, and shows
//! signs of life; and it takes back what the dead have left.

mod hands;
mod dispatch;
mod attempt;
mod beat;
mod bury;
mod chores;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Current, Timestamp};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::JobsConfig;
use crate::kind::Handlers;
use crate::metrics::Metrics;
use crate::service::Jobs;
use crate::store::queues;
use hands::Hands;

/// What may be set for a worker. The defaults take the jobs of a dead worker back within ten
/// seconds; tests are in more of a hurry.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often a worker that holds jobs shows a sign of life.
    pub beat: Duration,
    /// How long it may show none before others take its jobs.
    pub lease: Duration,
    /// How long running jobs may take to end by themselves when the process ends.
    pub drain: Duration,
    /// How long a job may take to end once it was asked to.
    pub grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(1),
            lease: Duration::from_secs(7),
            drain: Duration::from_secs(3),
            grace: Duration::from_secs(1),
        }
    }
}

/// Works jobs off until it is told to end.
#[derive(Clone, Debug)]
pub struct Worker {
    jobs: Jobs,
    handlers: Handlers,
    config: Current<JobsConfig>,
    pace: Pace,
    /// The words that start the guard of a foreign program.
    guard: Arc<[OsString]>,
    hands: Arc<Hands>,
    metrics: Metrics,
}

impl Worker {
    #[must_use]
    pub fn new(
        jobs: Jobs,
        handlers: Handlers,
        config: Current<JobsConfig>,
        metrics: Metrics,
    ) -> Self {
        let hands = Arc::new(Hands::new(config.get().workers_min));
        Self {
            jobs,
            handlers,
            config,
            pace: Pace::default(),
            guard: Arc::default(),
            hands,
            metrics,
        }
    }

    #[must_use]
    pub fn paced(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// Starts foreign programs through the program of these words, which calls
    /// [`guard::run`](crate::command::guard::run) with the words that are added: a mark, the foreign
    /// program, its arguments.
    #[must_use]
    pub fn guarded_by(self, words: Vec<OsString>) -> Self {
        Self {
            guard: words.into(),
            ..self
        }
    }

    /// Works until `cancel`; then gives back what it has not done, and ends.
    pub async fn run(self, cancel: CancellationToken) {
        if !self.register(&cancel).await {
            return;
        }
        // Signs of life go on while the last jobs end.
        let at_rest = CancellationToken::new();
        let mut loops = JoinSet::new();
        loops.spawn(self.clone().keep_beating(at_rest.clone()));
        loops.spawn(self.clone().write_down(at_rest.clone()));
        loops.spawn(self.clone().bury_the_dead(cancel.clone()));
        loops.spawn(self.clone().fire_schedules(cancel.clone()));
        loops.spawn(self.clone().tidy_up(cancel.clone()));
        loops.spawn(self.clone().hear_hints(cancel.clone()));
        loops.spawn(self.clone().hear_cancels(at_rest.clone()));
        self.dispatch(cancel).await;
        at_rest.cancel();
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a loop of the worker broke off: {error}");
            }
        }
        self.sign_off().await;
    }

    /// Makes the queues' rows and the worker's own; waits for a database that is away.
    async fn register(&self, cancel: &CancellationToken) -> bool {
        loop {
            match self.try_to_register().await {
                Ok(()) => return true,
                Err(error) => tracing::warn!(%error, "no jobs are worked off yet: {error}"),
            }
            let wait = tokio::time::sleep(self.pace.beat);
            tokio::select! {
                () = wait => {}
                () = cancel.cancelled() => return false,
            }
        }
    }

    async fn try_to_register(&self) -> Result<(), sea_orm::DbErr> {
        let tx = self.jobs.shared.db.write().await?;
        queues::ensure(&tx, &self.handlers.queues()).await?;
        tx.commit().await?;
        self.sign_on(self.hands.id()).await
    }

    fn now(&self) -> Timestamp {
        self.jobs.shared.clock.now()
    }
}
