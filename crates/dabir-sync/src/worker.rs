//! The loop that tells others how sources do: runs that got on or ended, in whatever process, and
//! sources that are late.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dabir_core::Event;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::SyncError;
use crate::model::{Run, Status};
use crate::service::Syncs;
use crate::store::runs;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks for sources that are late.
const LATE: Duration = Duration::from_secs(60);

/// What was told.
#[derive(Default)]
struct Teller {
    /// The newest change that was told.
    since: i64,
    /// How runs stood that changed at that instant.
    told: BTreeMap<i64, Run>,
    late: BTreeSet<String>,
}

/// Tells of changes until `cancel`. Run it in every process that has listeners.
pub async fn tell(syncs: Syncs, cancel: CancellationToken) {
    let mut teller = Teller {
        since: syncs.now().as_millisecond(),
        ..Teller::default()
    };
    let mut looked_for_late = None;
    while !cancel.is_cancelled() {
        if let Err(error) = teller.news(&syncs).await {
            tracing::warn!(%error, "nothing is told of runs for now: {error}");
        }
        if looked_for_late.is_none_or(|at: Instant| at.elapsed() >= LATE) {
            looked_for_late = Some(Instant::now());
            if let Err(error) = teller.late(&syncs).await {
                tracing::warn!(%error, "no source was looked at: {error}");
            }
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
    async fn news(&mut self, syncs: &Syncs) -> Result<(), SyncError> {
        syncs.settle().await?;
        let news = runs::news(syncs.db().read(), self.since).await?;
        for (at, run) in news {
            if at > self.since {
                self.since = at;
                self.told.clear();
            }
            if self.told.get(&run.id) != Some(&run) {
                self.tell(syncs, &run).await?;
                self.told.insert(run.id, run);
            }
        }
        Ok(())
    }

    async fn tell(&mut self, syncs: &Syncs, run: &Run) -> Result<(), SyncError> {
        let detail = match run.status {
            Status::Failed => run.error_message.clone().unwrap_or_default(),
            _ => format!("{} rows", run.records_count),
        };
        publish(syncs, &run.source, run.status.as_str(), detail);
        if run.status == Status::Success {
            let was_late = self.late.remove(&run.source);
            let before = runs::list(syncs.db().read(), &run.source, Some(run.id), 1).await?;
            let had_failed = before
                .first()
                .is_some_and(|run| run.status == Status::Failed);
            if was_late || had_failed {
                tracing::info!(source = run.source, "{} works again", run.source);
                publish(syncs, &run.source, "recovered", String::new());
            }
        }
        Ok(())
    }

    async fn late(&mut self, syncs: &Syncs) -> Result<(), SyncError> {
        for found in syncs.all_sources().await? {
            let source = found.source;
            let success = runs::last_success(syncs.db().read(), &source.name, None).await?;
            if syncs.is_late(&source, success) && self.late.insert(source.name.clone()) {
                let since = success.map_or_else(String::new, |at| at.to_string());
                tracing::warn!(
                    source = source.name,
                    "{} is late: last synced {since}",
                    source.name
                );
                publish(syncs, &source.name, "late", since);
            }
        }
        Ok(())
    }
}

fn publish(syncs: &Syncs, source: &str, status: &str, detail: String) {
    syncs.events().publish(Event::SyncChanged {
        source: source.to_owned(),
        status: status.to_owned(),
        detail,
    });
}
