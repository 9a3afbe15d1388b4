//! Signs of life, orders from other processes, and what running jobs say.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Worker;
use super::dispatch::in_time;
use crate::context::{News, Running, Stop};
use crate::store::workers::{self, WorkerRow};
use crate::store::{job, lease, logs, without_nul};
use dabir_core::process::{boot_id, start_time};

/// How often a worker without a job shows that it is there, for the list of workers.
const AT_REST: Duration = Duration::from_secs(20);
/// How often what jobs say is written.
const WRITE: Duration = Duration::from_millis(300);

impl Worker {
    /// Writes the worker's row under this name.
    pub(super) async fn sign_on(&self, id: String) -> Result<(), DbErr> {
        let pid = std::process::id();
        let now = self.now();
        let row = WorkerRow {
            id,
            host: host(),
            boot: boot(),
            pid: pid.into(),
            start_ticks: start_ticks(pid),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            slots: self.slots(),
            beats: 0,
            seen_at: now,
            started_at: now,
            running: 0,
        };
        let tx = self.jobs.shared.db.write().await?;
        workers::insert(&tx, &row).await?;
        tx.commit().await
    }

    /// Removes the worker's row; whatever still stands as its own is taken back by the others.
    pub(super) async fn sign_off(&self) {
        let removed = async {
            let tx = self.jobs.shared.db.write().await?;
            workers::remove(&tx, &self.hands.id()).await?;
            tx.commit().await
        };
        if let Err(error) = removed.await {
            tracing::warn!(%error, "the worker's row stays until others remove it: {error}");
        }
    }

    pub(super) fn slots(&self) -> i32 {
        i32::try_from(self.hands.slots()).unwrap_or(i32::MAX)
    }

    pub(super) async fn keep_beating(self, at_rest: CancellationToken) {
        let mut last_good = Instant::now();
        let mut last_beat = Instant::now();
        while !slept(self.pace.beat, &at_rest).await {
            if self.hands.count() == 0 && last_beat.elapsed() < AT_REST {
                last_good = Instant::now();
                continue;
            }
            let id = self.hands.id();
            match in_time(self.pace.lease, self.beat(&id)).await {
                Ok(true) => last_good = Instant::now(),
                Ok(false) => self.start_anew(&id).await,
                Err(error) => self.doubt(&error, last_good),
            }
            last_beat = Instant::now();
        }
    }

    /// Shows a sign of life and hears which jobs are to end. Tells whether the lease holds.
    async fn beat(&self, id: &str) -> Result<bool, DbErr> {
        let tx = self.jobs.shared.db.write().await?;
        let is_known = workers::beat(&tx, id, self.slots(), self.now()).await?;
        tx.commit().await?;
        for job in job::to_cancel(self.jobs.shared.db.read(), id).await? {
            self.cancel(job);
        }
        Ok(is_known)
    }

    /// The others took the worker for dead: it lets everything go and comes back under another name.
    pub(super) async fn start_anew(&self, dead: &str) {
        let _turn = self.hands.turn.lock().await;
        if self.hands.id() != dead {
            return;
        }
        let lost = self.hands.lose_all();
        self.metrics.lost(lost);
        tracing::warn!(
            jobs = lost,
            "no sign of life reached the database for too long; {lost} jobs are others' now"
        );
        // The new name comes into use when its row is there: until then nothing is claimed.
        let id = dabir_core::new_id();
        match self.sign_on(id.clone()).await {
            Ok(()) => self.hands.rename(id),
            Err(error) => tracing::warn!(%error, "the worker is not known again yet: {error}"),
        }
    }

    /// No answer: once the lease must have run out, nothing that runs counts any more.
    fn doubt(&self, error: &DbErr, last_good: Instant) {
        if last_good.elapsed() < self.pace.lease {
            return;
        }
        for running in self.hands.all() {
            if running.stopped().is_none() {
                let job = running.lease.job_id;
                tracing::warn!(job, %error, "job {job} stops: its lease ran out while the database was away");
                running.stop(Stop::LeaseLost);
            }
        }
    }

    /// Orders of this process to end jobs, at once.
    pub(super) async fn hear_cancels(self, at_rest: CancellationToken) {
        let mut orders = self.jobs.shared.cancels.subscribe();
        loop {
            let order = tokio::select! {
                order = orders.recv() => order,
                () = at_rest.cancelled() => return,
            };
            match order {
                Ok(job) => self.cancel(job),
                // What was missed is in the table, and found with the next sign of life.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn cancel(&self, job: i64) {
        if let Some(running) = self.hands.find(job) {
            running.stop(Stop::Cancelled);
        }
    }

    /// Writes what running jobs say.
    pub(super) async fn write_down(self, at_rest: CancellationToken) {
        while !slept(WRITE, &at_rest).await {
            if let Err(error) = self.write_news().await {
                tracing::debug!(%error, "what jobs say is not written yet: {error}");
            }
        }
    }

    async fn write_news(&self) -> Result<(), DbErr> {
        let mut news: Vec<_> = self
            .hands
            .all()
            .into_iter()
            .filter_map(|running| Some((running.take_news()?, running)))
            .collect();
        if news.is_empty() {
            return Ok(());
        }
        // In one order, so that nobody who writes to many jobs waits for another in a ring.
        news.sort_by_key(|(_, running)| running.lease.job_id);
        let written = in_time(self.pace.lease, self.write_all(&news)).await;
        if written.is_err() {
            news.into_iter()
                .for_each(|(news, running)| running.put_back(news));
        }
        written
    }

    async fn write_all(&self, all: &[(News, Arc<Running>)]) -> Result<(), DbErr> {
        let tx = self.jobs.shared.db.write().await?;
        for (news, running) in all {
            if let Some(progress) = &news.progress {
                let text = serde_json::to_string(progress).unwrap_or_default();
                let lease = &running.lease;
                if !lease::set_progress(
                    &tx,
                    lease.job_id,
                    &lease.token,
                    without_nul(&text).as_ref(),
                )
                .await?
                {
                    running.stop(Stop::LeaseLost);
                }
            }
            logs::insert(&tx, &news.lines).await?;
            if news.left_out > 0 && !news.lines.is_empty() {
                let job = running.lease.job_id;
                logs::leave_out(&tx, job, running.attempt, news.left_out).await?;
            }
        }
        tx.commit().await?;
        self.jobs.changed();
        Ok(())
    }

    /// What a job said last, before its ending is written.
    pub(super) async fn write_last_words(&self, running: &Arc<Running>) {
        let Some(news) = running.take_news() else {
            return;
        };
        let news = [(news, running.clone())];
        if let Err(error) = in_time(self.pace.lease, self.write_all(&news)).await {
            tracing::warn!(%error, "the last lines of job {} are lost: {error}", running.lease.job_id);
        }
    }
}

/// Sleeps for `time`, and tells whether the end came first.
pub(super) async fn slept(time: Duration, end: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => false,
        () = end.cancelled() => true,
    }
}

/// What tells processes with one pid apart: this run of the machine, and this space of pids in it.
pub(super) fn boot() -> String {
    let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {}", boot_id().unwrap_or_default(), space.display())
}

pub(super) fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// When the process started, in clock ticks; 0 when that cannot be found out.
pub(super) fn start_ticks(pid: u32) -> i64 {
    let ticks = start_time(pid).ok().flatten().unwrap_or(0);
    i64::try_from(ticks).unwrap_or(0)
}
