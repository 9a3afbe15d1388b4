//! The loop that removes what was deleted long ago.

use std::error::Error;
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::audit;
use tokio_util::sync::CancellationToken;

use super::changes;
use super::service::{Tasks, about};
use super::store::task;
use crate::error::WritingError;

/// How long a deleted task can be restored.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How often it is looked for tasks that are to go.
const TURN: Duration = Duration::from_secs(3_600);
/// How many go in one transaction: nobody else writes meanwhile.
const BATCH: usize = 200;

/// Removes tasks 30 days after they were deleted, until `cancel`.
pub async fn purge(tasks: Tasks, cancel: CancellationToken) {
    loop {
        if let Err(error) = tasks.purge().await {
            let error: &dyn Error = &error;
            tracing::warn!(error, "deleted tasks could not be removed: {error}");
        }
        let rest = tokio::time::sleep(TURN);
        if cancel.run_until_cancelled(rest).await.is_none() {
            return;
        }
    }
}

impl Tasks {
    /// Removes what was deleted more than 30 days ago for good, and tells how many they were.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn purge(&self) -> Result<usize, WritingError> {
        let mut gone = 0;
        loop {
            let some = self.purge_some().await?;
            gone += some;
            if some < BATCH {
                return Ok(gone);
            }
        }
    }

    async fn purge_some(&self) -> Result<usize, WritingError> {
        let mut turn = self.turn().await?;
        let until = turn.now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        let gone = task::deleted_before(turn.tx(), until, BATCH).await?;
        if gone.is_empty() {
            return Ok(0);
        }
        turn.begin();
        task::remove(turn.tx(), &gone).await?;
        let changes = gone.iter().map(|task| audit::Change {
            before: Some(changes::whole(task)),
            ..about("task.purge", task)
        });
        let by = Actor::here(ActorKind::System, "dabir");
        audit::append(turn.tx(), turn.now, &by, changes.collect()).await?;
        turn.commit().await?;
        Ok(gone.len())
    }
}
