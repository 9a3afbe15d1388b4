//! What a worker does beside the jobs: firing schedules, forgetting what is old, counting for the
//! metrics, and hearing from other processes that something is due.

use std::time::Duration;

use dabir_db::hints;
use tokio_util::sync::CancellationToken;

use super::Worker;
use super::beat::slept;
use crate::store::job;
use crate::tell::CHANNEL;

/// How often schedules are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often old jobs are forgotten.
const FORGET: Duration = Duration::from_secs(600);
/// How often jobs are counted for the metrics.
const COUNT: Duration = Duration::from_secs(10);

impl Worker {
    pub(super) async fn fire_schedules(self, cancel: CancellationToken) {
        loop {
            if let Err(error) = self.jobs.fire_due().await {
                tracing::warn!(%error, "schedules are late: {error}");
            }
            if slept(TICK, &cancel).await {
                return;
            }
        }
    }

    pub(super) async fn tidy_up(self, cancel: CancellationToken) {
        let mut left = Duration::ZERO;
        loop {
            self.count().await;
            if left.is_zero() {
                self.forget().await;
                left = FORGET;
            }
            left = left.saturating_sub(COUNT);
            if slept(COUNT, &cancel).await {
                return;
            }
        }
    }

    async fn count(&self) {
        match self.jobs.queues().await {
            Ok(queues) => self.metrics.queues(&queues, self.now()),
            Err(error) => tracing::debug!(%error, "jobs are not counted: {error}"),
        }
        let counts = job::count_by_queue(self.jobs.shared.db.read()).await;
        if let Ok(counts) = counts {
            self.metrics.states(&counts);
        }
    }

    async fn forget(&self) {
        let config = self.config.get();
        match self.jobs.forget(config.keep.get(), config.keep_max).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "forgot {jobs} jobs that ended long ago"),
            Err(error) => tracing::warn!(%error, "old jobs are not forgotten: {error}"),
        }
    }

    /// Hears of what other processes made due. A hint that gets lost costs a second.
    pub(super) async fn hear_hints(self, cancel: CancellationToken) {
        let due = |_: &str| self.jobs.shared.due.notify_one();
        let heard = hints::hear(&self.jobs.shared.db, CHANNEL, due);
        cancel.run_until_cancelled(heard).await;
    }
}
