//! The loops of tasks: one removes what was deleted long ago, one says what is due.

use std::error::Error;
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::{audit, outbox};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::changes;
use super::model::Task;
use super::service::{Tasks, about, happening};
use super::store::task;
use crate::error::WritingError;

/// How long a deleted task can be restored.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How often it is looked for tasks that are to go.
const TURN: Duration = Duration::from_secs(3_600);
/// How many go in one transaction: nobody else writes meanwhile.
const BATCH: usize = 200;
/// How long before its end a task is due.
const NEAR: Duration = Duration::from_secs(24 * 3_600);
/// How often it is looked for tasks that are due.
const LOOK: Duration = Duration::from_secs(60);

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

/// Says of each task once that its end is near or past, until `cancel`.
pub async fn remind(tasks: Tasks, cancel: CancellationToken) {
    loop {
        if let Err(error) = tasks.remind().await {
            let error: &dyn Error = &error;
            tracing::warn!(error, "nobody is told of tasks that are due: {error}");
        }
        let rest = tokio::time::sleep(LOOK);
        if cancel.run_until_cancelled(rest).await.is_none() {
            return;
        }
    }
}

/// Who does what Dabir does by itself.
fn itself() -> Actor {
    Actor::here(ActorKind::System, "dabir")
}

/// Whom the end of a task concerns: those who have it, or those who look after it when nobody has.
fn concerned_by_end(task: &Task) -> Vec<String> {
    match task.assignees.is_empty() {
        true => task.followers.clone(),
        false => task.assignees.clone(),
    }
}

impl Tasks {
    /// Says of each task once that it is to be done within a day or was to be, and tells of how many.
    /// Another end is said anew.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn remind(&self) -> Result<usize, WritingError> {
        let mut said = 0;
        loop {
            let some = self.remind_some().await?;
            said += some;
            if some < BATCH {
                return Ok(said);
            }
        }
    }

    async fn remind_some(&self) -> Result<usize, WritingError> {
        let until = |now: Timestamp| now.saturating_add(NEAR).unwrap_or(Timestamp::MAX);
        let now = until(self.now());
        // Mostly there is nothing, and then nobody has to wait for a turn.
        if task::due_untold(self.db().read(), now, 1).await?.is_empty() {
            return Ok(0);
        }
        let mut turn = self.turn().await?;
        let due = task::due_untold(turn.tx(), until(turn.now), BATCH).await?;
        turn.begin();
        let said = due.iter().map(|task| {
            let people = concerned_by_end(task);
            happening(task, "task.due", json!({}), people)
        });
        let said: Vec<_> = said.collect();
        outbox::say_all(turn.tx(), turn.now, &itself(), said).await?;
        task::due_was_told(turn.tx(), &due).await?;
        turn.commit().await?;
        Ok(due.len())
    }

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
        audit::append(turn.tx(), turn.now, &itself(), changes.collect()).await?;
        turn.commit().await?;
        Ok(gone.len())
    }
}
