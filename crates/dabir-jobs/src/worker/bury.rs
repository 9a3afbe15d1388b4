//! Finding workers that are gone, and taking their jobs back.
//!
//! A worker is gone when its process is proven to be, on this machine, or when its row has not
//! changed for the length of a lease by the watcher's own monotonic clock. The clocks of machines
//! are compared nowhere, so that setting one kills nobody.

use std::collections::HashMap;
use std::time::Duration;

use dabir_core::process::start_time;
use sea_orm::DbErr;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Worker;
use super::beat::{boot, host, slept};
use crate::store::lease::{self, TakenBack};
use crate::store::workers::{self, WorkerRow};

/// How often the watcher looks.
const LOOK: Duration = Duration::from_secs(1);
/// How long a worker without jobs may be silent before its row goes.
const SILENT: Duration = Duration::from_secs(90);
/// How many jobs one transaction takes back.
const AT_ONCE: u64 = 200;

/// Since when each worker's row has been as it is.
#[derive(Default)]
struct Watch {
    seen: HashMap<String, (i64, Instant)>,
}

impl Worker {
    pub(super) async fn bury_the_dead(self, cancel: CancellationToken) {
        let mut watch = Watch::default();
        let look = LOOK.min(self.pace.beat);
        loop {
            if let Err(error) = self.look_for_the_dead(&mut watch).await {
                tracing::debug!(%error, "nobody looked for dead workers: {error}");
                // Whoever could not be seen, or not be written of, may have shown signs of life.
                watch.seen.clear();
            }
            if slept(look, &cancel).await {
                return;
            }
        }
    }

    async fn look_for_the_dead(&self, watch: &mut Watch) -> Result<(), DbErr> {
        let db = self.jobs.shared.db.read();
        let rows = workers::all(db).await?;
        watch.keep(&rows);
        let me = self.hands.id();
        for row in rows.iter().filter(|row| row.id != me) {
            let silent_for = watch.silent_for(row);
            let is_gone = is_proven_gone(row)
                || (row.running > 0 && silent_for >= self.pace.lease)
                || silent_for >= SILENT;
            if is_gone {
                self.bury(row).await?;
            }
        }
        // Whoever buried one may have died over it.
        for id in workers::vanished(db).await? {
            self.take_all_back(&id).await?;
        }
        Ok(())
    }

    async fn bury(&self, row: &WorkerRow) -> Result<(), DbErr> {
        let asked = Instant::now();
        let tx = self.jobs.shared.db.write().await?;
        if asked.elapsed() >= self.pace.lease / 2 {
            // Whoever waits as long as we did had no chance to show a sign of life.
            return Err(DbErr::Custom(
                "writing takes too long to judge by".to_owned(),
            ));
        }
        if !workers::remove_if_still(&tx, &row.id, row.beats).await? {
            return Ok(());
        }
        tx.commit().await?;
        if row.running > 0 {
            tracing::warn!(
                worker = row.id,
                "worker {} on {} (pid {}) is gone; its {} jobs are taken back",
                row.id,
                row.host,
                row.pid,
                row.running
            );
        }
        self.take_all_back(&row.id).await
    }

    async fn take_all_back(&self, worker: &str) -> Result<(), DbErr> {
        loop {
            let tx = self.jobs.shared.db.write().await?;
            let taken = lease::take_back(&tx, worker, AT_ONCE, self.now()).await?;
            tx.commit().await?;
            self.tell_of(&taken);
            if ((taken.again.len() + taken.set_aside.len()) as u64) < AT_ONCE {
                return Ok(());
            }
        }
    }

    fn tell_of(&self, taken: &TakenBack) {
        self.metrics
            .crashed(taken.again.len() + taken.set_aside.len());
        for id in &taken.set_aside {
            tracing::error!(
                job = id,
                "job {id} is set aside: workers died of it three times"
            );
        }
        if !taken.again.is_empty() || !taken.set_aside.is_empty() {
            self.jobs.wake();
        }
    }
}

impl Watch {
    /// Notes which rows have changed since the last look.
    fn keep(&mut self, rows: &[WorkerRow]) {
        let now = Instant::now();
        let mut seen = HashMap::new();
        for row in rows {
            let since = self
                .seen
                .get(&row.id)
                .filter(|(beats, _)| *beats == row.beats)
                .map_or(now, |(_, since)| *since);
            seen.insert(row.id.clone(), (row.beats, since));
        }
        self.seen = seen;
    }

    fn silent_for(&self, row: &WorkerRow) -> Duration {
        self.seen
            .get(&row.id)
            .map_or(Duration::ZERO, |(_, since)| since.elapsed())
    }
}

/// Whether the worker ran on this machine, since it was started, and its process runs no more.
fn is_proven_gone(row: &WorkerRow) -> bool {
    if row.host != host() || row.boot != boot() || row.start_ticks == 0 {
        return false;
    }
    let Ok(pid) = u32::try_from(row.pid) else {
        return false;
    };
    // What cannot be found out proves nothing.
    let Ok(ticks) = start_time(pid) else {
        return false;
    };
    ticks.and_then(|ticks| i64::try_from(ticks).ok()) != Some(row.start_ticks)
}
