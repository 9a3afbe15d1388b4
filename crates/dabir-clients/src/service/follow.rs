//! What other processes change on the same database comes into memory.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Clients, within};
use crate::error::ClientsError;
use crate::model::Facts;
use crate::name::Username;
use crate::registry::Snapshot;
use crate::store::events::{self, ClientEvent};
use crate::store::facts;

/// How long the database may take to say some of it.
const SOME: Duration = Duration::from_secs(5);
/// How long it may take to say everything.
const WHOLE: Duration = Duration::from_secs(60);
/// How many changes are read at once.
const AT_ONCE: u64 = 5_000;

impl Clients {
    /// Takes in what the database knows and the memory does not. Tells whether there was anything.
    ///
    /// # Errors
    /// When the database does not answer: what was known holds.
    pub async fn catch_up(&self) -> Result<bool, ClientsError> {
        if self.newest().await? == self.snapshot().offset {
            return Ok(false);
        }
        let _turn = self.shared.turn.lock().await;
        // Asked once: whoever waits for the end of a busy house never sees it.
        let newest = self.newest().await?;
        if newest < self.snapshot().offset {
            // An older database stands in its place.
            return self.read_anew().await;
        }
        while self.snapshot().offset < newest {
            let known = self.snapshot().offset;
            let happened = within(SOME, events::since(self.db().read(), known, AT_ONCE)).await?;
            let follows = |(one, id): (&ClientEvent, i64)| one.id == id;
            if happened.is_empty() || !happened.iter().zip(known + 1..).all(follows) {
                // Some of what happened is forgotten already.
                return self.read_anew().await;
            }
            let names: BTreeSet<&str> = happened.iter().map(|one| &*one.username).collect();
            let names: Vec<&str> = names.into_iter().collect();
            let mut now = within(SOME, facts::of(self.db().read(), &names)).await?;
            for name in names {
                // Whoever is not found is not known any more.
                now.entry(Username::kept(name)).or_default();
            }
            self.take_in(now, &happened);
        }
        Ok(true)
    }

    async fn newest(&self) -> Result<i64, ClientsError> {
        within(SOME, events::newest(self.db().read())).await
    }

    async fn read_anew(&self) -> Result<bool, ClientsError> {
        within(WHOLE, self.read_all()).await?;
        Ok(true)
    }

    pub(super) async fn read_all(&self) -> Result<(), ClientsError> {
        // The offset first: what changes meanwhile is read once more.
        let offset = events::newest(self.db().read()).await?;
        let known: BTreeMap<Username, Facts> = facts::all(self.db().read()).await?;
        let mut snapshot = Snapshot::at(offset);
        for (username, facts) in known {
            snapshot.put(offset, &username, facts);
        }
        self.show(snapshot);
        Ok(())
    }

    /// Waits until the database may know more than the memory.
    pub(crate) async fn wait_until_behind(&self) {
        self.shared.behind.notified().await;
    }

    /// Says that the database may know more than the memory.
    pub(crate) fn may_be_behind(&self) {
        self.shared.behind.notify_one();
    }

    /// Forgets what happened to clients long ago, and guests who do not come back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self) -> Result<u64, ClientsError> {
        let config = self.config();
        let before = self.now().checked_sub(config.keep_events.get());
        let before = before.unwrap_or(dabir_core::Timestamp::MIN);
        let tx = self.db().write().await?;
        let forgotten = events::forget(&tx, before, config.keep_events_max).await?;
        tx.commit().await?;
        self.forget_guests().await?;
        Ok(forgotten)
    }
}
