//! Turns to change tasks: one at a time, and several in one transaction.
//!
//! A commit waits for the disk, far longer than a change takes. So whoever has written lines up once
//! more, behind those who wait to write by then, and the first of them whose turn comes again commits
//! for all. A change that is refused has written nothing; one that fails midway takes the others of
//! its transaction with it, and all of them are told.

use std::sync::{Arc, OnceLock};

use dabir_core::{Clock, Timestamp};
use dabir_db::sql::{is_postgres, query};
use dabir_db::{Db, audit};
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Whose turn it is, and the transaction that the changes of several are in.
#[derive(Debug)]
pub(crate) struct Turns {
    db: Db,
    clock: Clock,
    shared: Arc<Mutex<Option<Shared>>>,
}

/// A transaction that is not committed yet.
#[derive(Debug)]
struct Shared {
    tx: DatabaseTransaction,
    /// How many have written in it.
    changes: usize,
    end: Arc<End>,
}

/// What became of a transaction, once that is known.
type End = OnceLock<Result<(), String>>;

/// A turn: whoever has it may read and write, and nobody else changes tasks meanwhile.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) now: Timestamp,
    /// The transaction; `None` once the turn is over.
    held: Option<OwnedMutexGuard<Option<Shared>>>,
    shared: Arc<Mutex<Option<Shared>>>,
    /// Something is written that must not stay by itself.
    has_begun: bool,
}

impl Turns {
    pub(crate) fn new(db: Db, clock: Clock) -> Self {
        Self {
            db,
            clock,
            shared: Arc::default(),
        }
    }

    /// Waits for a turn.
    pub(crate) async fn next(&self) -> Result<Turn, DbErr> {
        let mut held = Arc::clone(&self.shared).lock_owned().await;
        if held.is_none() {
            let tx = self.db.write().await?;
            // Whatever is written to the audit takes this turn among processes; taken now, nothing
            // that is read here is changed before it is written.
            audit::take_turn(&tx).await?;
            *held = Some(Shared {
                tx,
                changes: 0,
                end: Arc::default(),
            });
        }
        Ok(Turn {
            now: self.clock.now(),
            held: Some(held),
            shared: Arc::clone(&self.shared),
            has_begun: false,
        })
    }
}

impl Turn {
    /// Where to read and write.
    pub(crate) fn tx(&self) -> &DatabaseTransaction {
        let shared = self.held.as_ref().and_then(|held| held.as_ref());
        &shared.expect("a turn has its transaction until it ends").tx
    }

    /// From here on it is all or nothing.
    pub(crate) fn begin(&mut self) {
        self.has_begun = true;
    }

    /// Ends the turn; what was written stays when this answers that it does. Must not be dropped before:
    /// others wait for it.
    pub(crate) async fn commit(mut self) -> Result<(), DbErr> {
        let Some(mut held) = self.held.take() else {
            return Ok(());
        };
        let Some(shared) = held.as_mut() else {
            return Ok(());
        };
        shared.changes += 1;
        let end = Arc::clone(&shared.end);
        drop(held);
        let mut held = self.shared.lock().await;
        if end.get().is_none()
            && let Some(shared) = held.take()
        {
            let committed = commit(shared.tx).await;
            let _ = shared.end.set(committed.map_err(|error| error.to_string()));
        }
        drop(held);
        match end.get() {
            Some(Err(failed)) => Err(DbErr::Custom(failed.clone())),
            _ => Ok(()),
        }
    }
}

/// Commits what several wrote. PostgreSQL answers the end of a transaction in which something failed as
/// that of any other and keeps nothing of it, so it is asked whether it still goes.
async fn commit(tx: DatabaseTransaction) -> Result<(), DbErr> {
    if is_postgres(&tx) {
        query(&tx, "SELECT 1", []).await?;
    }
    tx.commit().await
}

impl Drop for Turn {
    /// Whoever was refused leaves what others wrote to them; whoever failed takes it along.
    fn drop(&mut self) {
        let Some(mut held) = self.held.take() else {
            return;
        };
        let is_alone = held.as_ref().is_some_and(|shared| shared.changes == 0);
        if !is_alone && !self.has_begun {
            return;
        }
        if let Some(shared) = held.take() {
            let failed = "another change in the same transaction failed";
            let _ = shared.end.set(Err(failed.to_owned()));
        }
    }
}
