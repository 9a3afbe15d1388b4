//! The loop that keeps the index: what is marked as stale is read at its source and put.

use std::collections::HashMap;
use std::time::Duration;

use dabir_core::Findable;
use dabir_db::stale::{self, Stale};
use dabir_db::{Db, Lease};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use crate::index::{self, Entry};
use crate::service::Search;

/// Of several processes one keeps the index.
const LEASE: &str = "search.index";
/// Between two looks when there was nothing: so long a change may take until it is found.
const LOOK: Duration = Duration::from_millis(500);
/// After something failed.
const PATIENCE: Duration = Duration::from_secs(5);
/// So much is read and put at once: while it is put, SQLite lets nobody else write.
const BATCH: u32 = 16;

/// Keeps the index until `cancel`. Run it in every process that serves.
pub async fn run(search: Search, cancel: CancellationToken) {
    let lease = Lease::new(search.db().clone(), LEASE);
    let keep = cancel.run_until_cancelled(keep(&search, &lease));
    tokio::join!(lease.keep(cancel.clone()), keep);
}

async fn keep(search: &Search, lease: &Lease) {
    let mut is_behind = false;
    loop {
        let rest = match lease.held() {
            None => LOOK,
            Some(_) => match search.catch_up().await {
                Ok(true) => {
                    is_behind = false;
                    continue;
                }
                Ok(false) => LOOK,
                Err(error) => {
                    if !std::mem::replace(&mut is_behind, true) {
                        tracing::warn!(%error, "search does not find what is new for now: {error}");
                    }
                    PATIENCE
                }
            },
        };
        tokio::time::sleep(rest).await;
    }
}

impl Search {
    /// Takes in some of what changed. Answers whether more can be taken in at once: not what is being
    /// changed just now.
    ///
    /// # Errors
    /// When the database does not answer, or something cannot be taken in: it is put off.
    pub async fn catch_up(&self) -> Result<bool, DbErr> {
        let stale = stale::next(self.db().read(), BATCH).await?;
        if stale.is_empty() {
            return Ok(false);
        }
        let error = match self.renew(&stale).await {
            // What is being changed just now is not waited for, and not asked for without rest.
            Ok(taken) => return Ok(taken > 0),
            Err(error) => error,
        };
        // One of them may be the reason: the others are not to wait for it.
        if stale.len() == 1 {
            put_off(self.db(), &stale).await?;
            return Err(error);
        }
        let mut failed = Vec::new();
        for one in stale {
            if self.renew(std::slice::from_ref(&one)).await.is_err() {
                failed.push(one);
            }
        }
        put_off(self.db(), &failed).await?;
        match failed.is_empty() {
            true => Ok(true),
            false => Err(error),
        }
    }

    /// Puts these as they are now, and tells how many. What changes meanwhile stays marked.
    async fn renew(&self, stale: &[Stale]) -> Result<usize, DbErr> {
        let mut new = self.read(stale).await?;
        let tx = self.db().write().await?;
        let all = stale::take(&tx, stale).await?;
        let count = all.len();
        for taken in all {
            match new.remove(&(taken.kind.clone(), taken.id.clone())) {
                Some(Now::Other(entry)) => index::put(&tx, *entry).await?,
                Some(Now::Same) => {}
                None => index::remove(&tx, &taken.kind, &taken.id).await?,
            }
        }
        tx.commit().await?;
        Ok(count)
    }

    /// How these things are now.
    async fn read(&self, stale: &[Stale]) -> Result<HashMap<(String, String), Now>, DbErr> {
        let things = stale.iter().map(|one| (&*one.kind, &*one.id));
        let mut read = HashMap::new();
        for thing in self.sources().findable(things).await? {
            let name = (thing.kind.clone(), thing.id.clone());
            read.insert(name, self.compare(thing).await?);
        }
        Ok(read)
    }

    async fn compare(&self, thing: Findable) -> Result<Now, DbErr> {
        if index::has(self.db().read(), &thing).await? {
            return Ok(Now::Same);
        }
        Ok(Now::Other(Box::new(Entry::of(thing).await?)))
    }
}

/// How something is that was marked.
enum Now {
    /// The index has it so.
    Same,
    Other(Box<Entry>),
}

async fn put_off(db: &Db, failed: &[Stale]) -> Result<(), DbErr> {
    for one in failed {
        let tx = db.write().await?;
        stale::put_off(&tx, one).await?;
        tx.commit().await?;
    }
    Ok(())
}
