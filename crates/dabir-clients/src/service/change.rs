//! One change: read, decided, kept and taken into memory while nobody else changes anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Actor, Event, Timestamp};
use dabir_db::{audit, hints, outbox, stale};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::json;
use tokio::sync::Notify;

use super::{CHANNEL, Clients, within};
use crate::error::ClientsError;
use crate::model::{Facts, Happening, OrderKind};
use crate::name::Username;
use crate::registry::Snapshot;
use crate::seats::Seats;
use crate::store::events::{self, ClientEvent};
use crate::store::facts::{self, Changed};
use crate::store::{seats, tally};
use crate::tally::{News, count};

/// How long a change of many may take.
const CHANGE: Duration = Duration::from_secs(20);

/// What becomes of names in one transaction.
pub(super) struct Draft {
    pub(super) now: Timestamp,
    by: String,
    /// The newest offset before this change.
    before: i64,
    names: BTreeMap<Username, Stand>,
    happened: Vec<(i64, Username, Happening)>,
    audit: Vec<audit::Change>,
    /// Who waits for which seat; read only when seats are changed.
    pub(super) seats: Seats,
}

#[derive(Default)]
struct Stand {
    before: Facts,
    after: Facts,
    is_other: bool,
}

/// Wakes the loop that reads what the database knows, unless the change came into memory.
struct Behind<'a>(Option<&'a Notify>);

impl Draft {
    fn new(before: i64, known: BTreeMap<Username, Facts>, by: &Actor, now: Timestamp) -> Self {
        let stand = |(username, facts): (Username, Facts)| {
            let stand = Stand {
                before: facts.clone(),
                after: facts,
                is_other: false,
            };
            (username, stand)
        };
        Self {
            now,
            by: by.name.clone(),
            before,
            names: known.into_iter().map(stand).collect(),
            happened: Vec::new(),
            audit: Vec::new(),
            seats: Seats::default(),
        }
    }

    pub(super) fn by(&self) -> &str {
        &self.by
    }

    /// How a name stands by now.
    pub(super) fn facts(&self, username: &Username) -> Facts {
        let stand = self.names.get(username);
        stand.map(|stand| stand.after.clone()).unwrap_or_default()
    }

    /// Keeps how a name stands now, when anything happened to it.
    pub(super) fn put(&mut self, username: &Username, facts: Facts, happened: Vec<Happening>) {
        if happened.is_empty() {
            return;
        }
        for happening in happened {
            let offset = self.newest() + 1;
            self.happened.push((offset, username.clone(), happening));
        }
        let stand = self.names.entry(username.clone()).or_default();
        (stand.after, stand.is_other) = (facts, true);
    }

    /// As [`Draft::put`], for what makes the version another one.
    pub(super) fn put_version(
        &mut self,
        username: &Username,
        mut facts: Facts,
        happened: Vec<Happening>,
    ) {
        let has_row = facts.profile.is_some()
            || OrderKind::ALL
                .iter()
                .any(|kind| facts.order(*kind).is_some());
        facts.version = if has_row { self.newest() + 1 } else { 0 };
        self.put(username, facts, happened);
    }

    pub(super) fn audit(&mut self, change: audit::Change) {
        self.audit.push(change);
    }

    /// Whether nothing was changed.
    fn is_idle(&self) -> bool {
        self.happened.is_empty() && self.audit.is_empty()
    }

    pub(super) fn newest(&self) -> i64 {
        self.happened.last().map_or(self.before, |(id, _, _)| *id)
    }

    fn changed(&mut self) -> Vec<Changed> {
        let other = self.names.iter().filter(|(_, stand)| stand.is_other);
        other
            .map(|(username, stand)| Changed {
                username: username.clone(),
                before: stand.before.clone(),
                after: stand.after.clone(),
            })
            .collect()
    }

    /// What of it is said outside.
    fn said(&self) -> impl Iterator<Item = outbox::Happening> {
        self.happened.iter().filter_map(|(_, username, happening)| {
            let event = match happening.kind {
                "blocked" => "client.blocked",
                "unblocked" => "client.unblocked",
                _ => return None,
            };
            Some(outbox::Happening {
                event,
                subject_kind: "client",
                subject_id: username.to_string(),
                subject_name: username.to_string(),
                data: json!({ "username": username.as_str(), "reason": happening.detail }),
                concerns: Vec::new(),
            })
        })
    }

    fn told(&self) -> Vec<ClientEvent> {
        let told = self.happened.iter().map(|(id, username, happening)| {
            let Happening { kind, detail } = happening.clone();
            ClientEvent {
                id: *id,
                username: username.to_string(),
                kind: kind.to_owned(),
                detail,
                by: self.by.clone(),
                at: self.now,
            }
        });
        told.collect()
    }
}

impl Clients {
    /// Lets `act` change these names; what it changes is durable when this answers.
    pub(super) async fn change(
        &self,
        by: &Actor,
        names: impl IntoIterator<Item = &Username>,
        act: impl FnOnce(&mut Draft),
    ) -> Result<(), ClientsError> {
        let names = names.into_iter().map(Username::to_string).collect();
        self.change_with(by, names, false, act).await
    }

    /// The same, where seats may be taken and given back.
    pub(super) async fn change_with(
        &self,
        by: &Actor,
        names: Vec<String>,
        seats: bool,
        act: impl FnOnce(&mut Draft),
    ) -> Result<(), ClientsError> {
        let _turn = self.shared.turn.lock().await;
        within(CHANGE, self.change_in_turn(by, names, seats, act)).await
    }

    async fn change_in_turn(
        &self,
        by: &Actor,
        mut names: Vec<String>,
        seats: bool,
        act: impl FnOnce(&mut Draft),
    ) -> Result<(), ClientsError> {
        let tx = self.db().write().await?;
        let offset = events::take_turn(&tx).await?;
        let mut taken = Seats::default();
        if seats {
            taken = seats::load(&tx).await?;
            names.extend(taken.waits().map(|wait| wait.username.to_string()));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let known = facts::of(&tx, &names).await?;
        let mut draft = Draft::new(offset, known, by, self.now());
        draft.seats = taken;
        act(&mut draft);
        if draft.is_idle() {
            tx.rollback().await?;
            return Ok(());
        }
        let changed = draft.changed();
        facts::save(&tx, &changed).await?;
        let renewed = changed.iter().filter(|one| one.is_renewed());
        let renewed: Vec<&str> = renewed.map(|one| one.username.as_str()).collect();
        stale::mark(&tx, draft.now, "client", &renewed).await?;
        seats::save(&tx, &draft.seats).await?;
        events::add(&tx, &draft.happened, &draft.by, draft.now).await?;
        keep_count(&tx, &News::of(&changed, &draft.happened), draft.now).await?;
        audit::append(&tx, draft.now, by, std::mem::take(&mut draft.audit)).await?;
        outbox::say_all(&tx, draft.now, by, draft.said()).await?;
        // Changes of clients queue up anyway.
        hints::say(&tx, CHANNEL, "").await?;
        // Whoever asked may go away in this moment: then the loop takes it in.
        let mut behind = Behind(Some(&self.shared.behind));
        tx.commit().await?;
        if self.snapshot().offset == draft.before {
            let after = changed.into_iter().map(|one| (one.username, one.after));
            self.take_in(after.collect(), &draft.told());
            behind.0 = None;
        }
        Ok(())
    }

    /// Brings into memory how names stand since these changes, and tells of it.
    pub(super) fn take_in(&self, known: BTreeMap<Username, Facts>, happened: &[ClientEvent]) {
        let Some(newest) = happened.last() else {
            return;
        };
        let mut snapshot = Snapshot::clone(&self.snapshot());
        for event in happened {
            snapshot.note(event.id, &Username::kept(&event.username));
        }
        for (username, facts) in known {
            snapshot.put(newest.id, &username, facts);
        }
        self.show(snapshot);
        self.tell(happened);
    }

    /// Lets everybody see it.
    pub(super) fn show(&self, snapshot: Snapshot) {
        let orders = snapshot.orders().clone();
        self.shared.snapshot.send_replace(Arc::new(snapshot));
        self.shared.orders.send_if_modified(|old| {
            let is_other = !Arc::ptr_eq(old, &orders);
            *old = orders;
            is_other
        });
    }

    /// Tells people of orders; of many at once that they were given.
    fn tell(&self, happened: &[ClientEvent]) {
        const ORDERS: [&str; 5] = ["paused", "resumed", "blocked", "unblocked", "disconnected"];
        for order in ORDERS {
            let mut about = happened.iter().filter(|event| event.kind == order);
            let Some(first) = about.next() else { continue };
            self.domain_events().publish(Event::ClientsOrdered {
                order: order.to_owned(),
                username: first.username.clone(),
                others: about.count(),
                reason: first.detail.clone(),
                by: first.by.clone(),
            });
        }
        self.tell_of_lost(happened);
    }

    fn tell_of_lost(&self, happened: &[ClientEvent]) {
        let lost = || happened.iter().filter(|event| event.kind == "lost");
        let Some(first) = lost().next() else { return };
        let names: BTreeSet<&str> = lost().map(|event| &*event.username).collect();
        let is_one_room = lost().all(|event| event.detail == first.detail);
        let room = is_one_room.then(|| first.detail.clone());
        self.domain_events().publish(Event::ClientsLost {
            username: first.username.clone(),
            others: names.len() - 1,
            room: room.unwrap_or_default(),
        });
    }
}

/// Counts what happened, where it is kept: nobody else counts it again.
async fn keep_count(tx: &DatabaseTransaction, news: &News, now: Timestamp) -> Result<(), DbErr> {
    if news.is_empty() {
        return Ok(());
    }
    let rooms: Vec<&str> = news.rooms().collect();
    let mut levels = tally::levels(tx, &rooms).await?;
    let tallies = count(&mut levels, news, now.as_millisecond());
    tally::keep(tx, &levels, &tallies).await
}

impl Drop for Behind<'_> {
    fn drop(&mut self) {
        if let Some(notify) = self.0 {
            notify.notify_one();
        }
    }
}
