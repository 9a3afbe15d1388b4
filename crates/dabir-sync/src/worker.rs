//! The loop that tells others how sources do: runs that got on or ended, in whatever process, and
//! what people are to be told of.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dabir_core::Event;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::SyncError;
use crate::model::{Run, Status};
use crate::service::Syncs;
use crate::store::notices::Notice;
use crate::store::{notices, runs};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks for sources that are late.
const LATE: Duration = Duration::from_secs(60);

/// What this process's listeners know.
#[derive(Default)]
struct Teller {
    /// How the newest runs stand; `None` before the first look.
    runs: Option<BTreeMap<i64, Run>>,
    /// The notices of the last look; `None` before the first one.
    told: Option<BTreeSet<i64>>,
}

/// Tells of changes until `cancel`. Run it in every process that has listeners.
pub async fn tell(syncs: Syncs, cancel: CancellationToken) {
    let mut teller = Teller::default();
    let mut looked_for_late = None;
    while !cancel.is_cancelled() {
        if looked_for_late.is_none_or(|at: Instant| at.elapsed() >= LATE) {
            looked_for_late = Some(Instant::now());
            if let Err(error) = note_late(&syncs).await {
                tracing::warn!(%error, "no source was looked at: {error}");
            }
        }
        if let Err(error) = teller.look(&syncs).await {
            tracing::warn!(%error, "nothing is told of runs for now: {error}");
        }
        let wait = async {
            // Runs of this process are told at once, though not oftener than this.
            tokio::time::sleep(LOOK / 4).await;
            let _ = tokio::time::timeout(LOOK, syncs.wait_for_change()).await;
        };
        tokio::select! {
            () = wait => {}
            () = cancel.cancelled() => {}
        }
    }
}

impl Teller {
    async fn look(&mut self, syncs: &Syncs) -> Result<(), SyncError> {
        syncs.settle().await?;
        let runs = runs::newest(syncs.db().read()).await?;
        let runs: BTreeMap<i64, Run> = runs.into_iter().map(|run| (run.id, run)).collect();
        if let Some(known) = &self.runs {
            let news = runs.values().filter(|run| known.get(&run.id) != Some(run));
            news.for_each(|run| tell_run(syncs, run));
        }
        self.runs = Some(runs);
        self.notices(syncs).await
    }

    /// Tells what came since the last look; at first, what nobody has told yet.
    async fn notices(&mut self, syncs: &Syncs) -> Result<(), SyncError> {
        let untold = notices::untold(syncs.db().read()).await?;
        let newest = notices::newest(syncs.db().read()).await?;
        let known = match self.told.take() {
            Some(told) => told,
            None => {
                let untold: BTreeSet<i64> = untold.iter().map(|notice| notice.id).collect();
                let ids = newest.iter().map(|notice| notice.id);
                ids.filter(|id| !untold.contains(id)).collect()
            }
        };
        let all: BTreeMap<i64, &Notice> = untold
            .iter()
            .chain(&newest)
            .map(|notice| (notice.id, notice))
            .collect();
        for notice in all.values().filter(|notice| !known.contains(&notice.id)) {
            let (source, kind) = (&notice.source, &notice.kind);
            tracing::info!(source, kind, "{source}: {kind} {}", notice.detail);
            publish(syncs, source, kind, notice.detail.clone());
        }
        self.told = Some(all.into_keys().collect());
        if !untold.is_empty() {
            let tx = syncs.db().write().await?;
            notices::tell(&tx, &untold).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

fn tell_run(syncs: &Syncs, run: &Run) {
    // Of a failure a notice tells.
    if run.status != Status::Failed {
        let detail = format!("{} rows", run.records_count);
        publish(syncs, &run.source, run.status.as_str(), detail);
    }
}

async fn note_late(syncs: &Syncs) -> Result<(), SyncError> {
    for found in syncs.all_sources().await? {
        let source = found.source;
        let success = runs::last_success(syncs.db().read(), &source.name, None).await?;
        if let Some(since) = success.filter(|_| syncs.is_late(&source, success)) {
            let tx = syncs.db().write().await?;
            notices::late(&tx, &source.name, since, syncs.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

fn publish(syncs: &Syncs, source: &str, status: &str, detail: String) {
    syncs.events().publish(Event::SyncChanged {
        source: source.to_owned(),
        status: status.to_owned(),
        detail,
    });
}
