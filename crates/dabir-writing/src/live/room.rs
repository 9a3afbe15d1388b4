//! One open document: everybody in it, its text, and what has to be done after a change.
//!
//! What comes while a change is being kept waits, and is then kept with all that came meanwhile: one
//! commit for many. Nothing is acknowledged, passed on or answered before it is committed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use dabir_db::hints;
use dabir_prose::Node;
use sea_orm::DbErr;
use serde_json::json;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;

use super::line::{End, Outlet};
use super::presence::{Presence, Shown};
use super::state::{Refused, State};
use super::wire::{self, Heard, Misheard};
use crate::documents::Who;
use crate::documents::derive::{self, Said};
use crate::documents::error::DocumentError;
use crate::documents::model::{Right, VersionKind};
use crate::documents::service::{CHANNEL, DocumentsSetup};
use crate::documents::store::{content, document};
use crate::people::{Doer, Named};

/// How many people one document takes.
const MAX_GUESTS: usize = 200;
/// How many orders, and how many bytes of changes, are done in one turn.
const MAX_ORDERS: usize = 256;
const MAX_TURN: usize = 4 * 1024 * 1024;
/// What is said of a text is derived after so long a rest, and at the latest after so long.
const REST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(5);
/// A version is kept after so long a work.
const WORK: Duration = Duration::from_secs(30 * 60);
/// How long a room stays when nobody is in it: whoever loads the page anew finds it open.
const EMPTY: Duration = Duration::from_secs(2);
/// How often it is looked whether a hint got lost, and every which time for rights too.
const LOOK: Duration = Duration::from_secs(5);
const LOOK_AT_RIGHTS: u32 = 6;
/// A snapshot is kept after so many changes, or so many bytes of them; after more when the text is long.
const MANY: usize = 200;
const MUCH: usize = 1024 * 1024;
/// Work on more bytes than this is not done where others wait for it.
const HEAVY: usize = 64 * 1024;

/// What a room is asked to do.
#[derive(Debug)]
pub(crate) enum Order {
    Enter {
        line: u64,
        who: Who,
        outlet: Outlet,
        entered: oneshot::Sender<Result<(), DocumentError>>,
    },
    Heard {
        from: u64,
        frame: Bytes,
    },
    /// Makes the text say something else, as a change that merges.
    Replace {
        node: Box<Node>,
        by: Doer,
        done: oneshot::Sender<Result<i64, DocumentError>>,
    },
}

/// What the house tells a room.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    /// Somebody else may have kept changes.
    pub(crate) news: Notify,
    /// Title, rights or the document itself may be other than before.
    pub(crate) rules: Notify,
    /// The last change that the room knows.
    pub(crate) seq: AtomicI64,
}

/// What a room is opened with.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) id: String,
    pub(crate) orders: mpsc::Receiver<Order>,
    pub(crate) leaving: mpsc::UnboundedReceiver<u64>,
    pub(crate) bell: Arc<Bell>,
    pub(crate) stop: CancellationToken,
}

/// An open document.
pub(crate) struct Room {
    opening: Opening,
    setup: Arc<DocumentsSetup>,
    state: State,
    seq: i64,
    guests: HashMap<u64, Guest>,
    presence: Presence,
    title_version: i64,
    /// What was changed and not derived yet.
    dirty: Option<Dirty>,
    /// What was said last, since when it is in no version, and whose it is.
    unversioned: Option<Unversioned>,
    /// Changes, and bytes of them, since the last snapshot.
    fresh: (usize, usize),
    empty_since: Instant,
    looks: u32,
}

struct Guest {
    who: Who,
    shown: Shown,
    right: Right,
    outlet: Outlet,
    /// The number of its last change.
    n: u64,
}

struct Dirty {
    since: Instant,
    last: Instant,
    authors: Vec<Doer>,
}

struct Unversioned {
    since: Instant,
    said: Option<Said>,
    by: Named,
}

/// A change that is taken and not kept yet.
struct Fresh {
    /// The line that it came by, and its number there.
    from: Option<(u64, u64)>,
    by: Doer,
    bytes: Bytes,
    done: Option<oneshot::Sender<Result<i64, DocumentError>>>,
}

/// A room that cannot go on: everybody comes back to another one.
#[derive(Debug)]
struct Broken;

impl From<DbErr> for Broken {
    fn from(error: DbErr) -> Self {
        tracing::warn!(%error, "an open document cannot be kept just now: {error}");
        Self
    }
}

enum Wake {
    Order(Order),
    Left(u64),
    News,
    Rules,
    Look,
    Derive,
    End,
}

/// Opens a document and keeps it until nobody is in it any more.
pub(crate) async fn run(opening: Opening, setup: Arc<DocumentsSetup>) {
    // When it cannot be opened, whoever waits for an answer asks again.
    if let Ok(room) = Room::open(opening, setup).await {
        room.live().await;
    }
}

impl Room {
    async fn open(opening: Opening, setup: Arc<DocumentsSetup>) -> Result<Self, Broken> {
        let kept = content::load(setup.db.read(), &opening.id).await?;
        let seq = kept.seq();
        let fresh = (
            kept.changes.len(),
            kept.changes.iter().map(|change| change.bytes.len()).sum(),
        );
        let id = opening.id.clone();
        let load = move || State::load(&id, &kept);
        let state = tokio::task::spawn_blocking(load).await;
        opening.bell.seq.store(seq, Ordering::Relaxed);
        Ok(Self {
            opening,
            setup,
            state: state.map_err(|_| Broken)?,
            seq,
            guests: HashMap::new(),
            presence: Presence::default(),
            title_version: 0,
            dirty: None,
            unversioned: None,
            fresh,
            empty_since: Instant::now(),
            looks: 0,
        })
    }

    async fn live(mut self) {
        let mut tick = interval_at(Instant::now() + LOOK, LOOK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = match self.wait(&mut tick).await {
                Wake::End => break,
                Wake::Order(order) => self.turn(order).await,
                Wake::Left(line) => self.let_go(line).await,
                Wake::News => self.look_for_news().await,
                Wake::Rules => self.look_at_rules().await,
                Wake::Look => self.look().await,
                Wake::Derive => self.derive().await,
            };
            if done.is_err() {
                return;
            }
            if self.guests.is_empty() && self.rest().await.is_err() {
                return;
            }
        }
        // Whoever is in it now comes back to another server, or to the next life of this one.
        for guest in self.guests.values() {
            guest.outlet.end(End::Restart);
        }
        // What could not be derived now is derived by whoever looks for it.
        let _ = self.rest().await;
    }

    async fn wait(&mut self, tick: &mut Interval) -> Wake {
        let far = Instant::now() + WORK;
        let derive = self.dirty.as_ref().map_or(far, Dirty::due);
        let empty = match self.guests.is_empty() {
            true => self.empty_since + EMPTY,
            false => far,
        };
        let opening = &mut self.opening;
        tokio::select! {
            biased;
            () = opening.stop.cancelled() => Wake::End,
            () = opening.bell.rules.notified() => Wake::Rules,
            () = sleep_until(derive) => Wake::Derive,
            order = opening.orders.recv() => order.map_or(Wake::End, Wake::Order),
            Some(line) = opening.leaving.recv() => Wake::Left(line),
            () = opening.bell.news.notified() => Wake::News,
            _ = tick.tick() => Wake::Look,
            () = sleep_until(empty) => match self.guests.is_empty() {
                true => Wake::End,
                false => Wake::Look,
            },
        }
    }

    /// Does `first` and what came with it, keeps what was changed, and then answers.
    async fn turn(&mut self, first: Order) -> Result<(), Broken> {
        let mut turn = Turn::default();
        let mut next = Some(first);
        while let Some(order) = next {
            self.obey(order, &mut turn).await?;
            turn.orders += 1;
            let has_room = turn.orders < MAX_ORDERS && turn.bytes < MAX_TURN;
            next = match has_room {
                true => self.opening.orders.try_recv().ok(),
                false => None,
            };
        }
        self.keep(turn.fresh).await?;
        for (line, vector) in turn.asked {
            self.answer(line, vector).await?;
        }
        self.snapshot().await
    }

    async fn obey(&mut self, order: Order, turn: &mut Turn) -> Result<(), Broken> {
        match order {
            Order::Enter {
                line,
                who,
                outlet,
                entered,
            } => {
                // A hint may be late: whoever comes sees what was kept before.
                self.look_for_news().await?;
                let answer = self.let_in(line, who, outlet).await;
                // Whoever does not wait any more leaves at once.
                let _ = entered.send(answer);
                Ok(())
            }
            Order::Heard { from, frame } => self.hear(from, &frame, turn).await,
            Order::Replace { node, by, done } => {
                let change = self.with(HEAVY, move |state| state.replace(&node)).await?;
                let Some(bytes) = change else {
                    let _ = done.send(Ok(self.seq));
                    return Ok(());
                };
                turn.add(Fresh {
                    from: None,
                    by,
                    bytes: bytes.into(),
                    done: Some(done),
                });
                Ok(())
            }
        }
    }

    async fn let_in(&mut self, line: u64, who: Who, outlet: Outlet) -> Result<(), DocumentError> {
        if self.guests.len() >= MAX_GUESTS {
            return Err(DocumentError::Busy);
        }
        let found = document::find(self.setup.db.read(), &who, &self.opening.id).await?;
        let living = found.filter(|document| document.deleted_at.is_none());
        let document = living.ok_or(DocumentError::NotFound("document"))?;
        outlet.send(rights(document.right));
        if let Some(all) = self.presence.all() {
            outlet.send(wire::awareness(&all));
        }
        self.title_version = self.title_version.max(document.version);
        let shown = Shown {
            id: who
                .doer
                .user_id
                .as_ref()
                .unwrap_or(&who.doer.actor.id)
                .clone(),
            name: who.doer.actor.name.clone(),
        };
        let guest = Guest {
            who,
            shown,
            right: document.right,
            outlet,
            n: 0,
        };
        self.guests.insert(line, guest);
        Ok(())
    }

    /// A page that left: what it said before is done first.
    async fn let_go(&mut self, line: u64) -> Result<(), Broken> {
        if let Ok(order) = self.opening.orders.try_recv() {
            self.turn(order).await?;
        }
        self.guests.remove(&line);
        if let Some(told) = self.presence.leave(line) {
            self.pass_on(&wire::awareness(&told), None);
        }
        self.empty_since = Instant::now();
        Ok(())
    }

    async fn hear(&mut self, from: u64, frame: &Bytes, turn: &mut Turn) -> Result<(), Broken> {
        let Some(guest) = self.guests.get_mut(&from) else {
            return Ok(());
        };
        if guest.outlet.has_ended() {
            return Ok(());
        }
        match wire::read(frame) {
            Err(Misheard::Malformed) => guest.outlet.end(End::Malformed),
            Err(Misheard::TooLarge) => guest.outlet.end(End::TooLarge),
            Ok(Heard::Vector(vector)) => turn.asked.push((from, vector)),
            Ok(Heard::Awareness(update)) => {
                let told = self.presence.hear(from, &guest.shown, &update);
                if let Some(told) = told {
                    self.pass_on(&wire::awareness(&told), Some(from));
                }
            }
            Ok(Heard::Change { n, update }) => {
                if n != guest.n + 1 {
                    guest.outlet.end(End::Malformed);
                    return Ok(());
                }
                guest.n = n;
                let (right, by) = (guest.right, guest.who.doer.clone());
                if let Some(end) = self.take(right, &update, &turn.fresh).await? {
                    self.end(from, end);
                    return Ok(());
                }
                turn.add(Fresh {
                    from: Some((from, n)),
                    by,
                    bytes: update,
                    done: None,
                });
            }
        }
        Ok(())
    }

    /// Takes a change into the text; or tells why its page has to go.
    async fn take(
        &mut self,
        right: Right,
        update: &Bytes,
        before: &[Fresh],
    ) -> Result<Option<End>, Broken> {
        let weight = update.len();
        let only_comments = match right {
            Right::View => return Ok(Some(End::NoRight)),
            Right::Comment => {
                let update = update.clone();
                self.with(weight, move |state| state.only_comments(&update))
                    .await?
            }
            Right::Edit | Right::Own => true,
        };
        if !only_comments {
            return Ok(Some(End::NoRight));
        }
        let bytes = update.clone();
        let taken = self.with(weight, move |state| state.apply(&bytes)).await?;
        match taken {
            Ok(()) => Ok(None),
            Err(Refused::Malformed) => Ok(Some(End::Malformed)),
            Err(Refused::TooLarge) => Ok(Some(End::TooLarge)),
            Err(Refused::Broken) => {
                self.load_again(before).await?;
                Ok(Some(End::Malformed))
            }
        }
    }

    /// The text anew, as it was kept and with the changes that are still to be kept: a change broke it.
    async fn load_again(&mut self, fresh: &[Fresh]) -> Result<(), Broken> {
        let id = &self.opening.id;
        tracing::error!(document = %id, "a change broke the text of a document; it is loaded anew");
        let mut kept = content::load(self.setup.db.read(), id).await?;
        if kept.snapshot_seq > self.seq {
            return Err(Broken);
        }
        kept.changes.retain(|change| change.seq <= self.seq);
        let id = id.clone();
        let load = move || State::load(&id, &kept);
        let state = tokio::task::spawn_blocking(load).await;
        self.state = state.map_err(|_| Broken)?;
        for fresh in fresh {
            self.state.apply(&fresh.bytes).map_err(|_| Broken)?;
        }
        Ok(())
    }

    /// Keeps changes, and tells everybody.
    async fn keep(&mut self, fresh: Vec<Fresh>) -> Result<(), Broken> {
        if fresh.is_empty() {
            return Ok(());
        }
        let last = match self.commit(&fresh).await {
            Ok(last) => last,
            Err(error) => {
                let failed = Broken::from(error);
                for fresh in fresh {
                    fresh.answer(Err(DocumentError::Away));
                }
                return Err(failed);
            }
        };
        let count = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        if last - count > self.seq {
            self.catch_up(Some(last - count)).await?;
        }
        self.seq = last;
        self.opening.bell.seq.store(last, Ordering::Relaxed);
        let mut saved = HashMap::new();
        for fresh in fresh {
            self.note(&fresh);
            let frame = wire::update(&fresh.bytes);
            self.pass_on(&frame, fresh.from.map(|(line, _)| line));
            saved.extend(fresh.from);
            fresh.answer(Ok(last));
        }
        for (line, n) in saved {
            if let Some(guest) = self.guests.get(&line) {
                guest.outlet.send(wire::saved(n));
            }
        }
        Ok(())
    }

    async fn commit(&self, fresh: &[Fresh]) -> Result<i64, DbErr> {
        let names: Vec<Named> = fresh.iter().map(|fresh| fresh.by.named()).collect();
        let changes: Vec<(&Named, &[u8])> = names
            .iter()
            .zip(fresh)
            .map(|(by, fresh)| (by, &fresh.bytes[..]))
            .collect();
        let id = &self.opening.id;
        let tx = self.setup.db.write().await?;
        let last = content::append(&tx, id, self.setup.clock.now(), &changes).await?;
        let last = last.ok_or_else(|| DbErr::RecordNotFound(id.clone()))?;
        hints::say(&tx, CHANNEL, &format!("{id} {last}")).await?;
        tx.commit().await?;
        Ok(last)
    }

    /// What is to be done after a change.
    fn note(&mut self, fresh: &Fresh) {
        let now = Instant::now();
        let dirty = self.dirty.get_or_insert_with(|| Dirty {
            since: now,
            last: now,
            authors: Vec::new(),
        });
        dirty.last = now;
        dirty
            .authors
            .retain(|author| author.user_id != fresh.by.user_id);
        dirty.authors.push(fresh.by.clone());
        let by = fresh.by.named();
        let unversioned = self.unversioned.get_or_insert_with(|| Unversioned {
            since: now,
            said: None,
            by: by.clone(),
        });
        unversioned.by = by;
        self.fresh.0 += 1;
        self.fresh.1 += fresh.bytes.len();
    }

    /// Takes what others kept: up to `until`, or all.
    async fn catch_up(&mut self, until: Option<i64>) -> Result<(), Broken> {
        let (db, id) = (self.setup.db.read(), &self.opening.id);
        let changes = content::after(db, id, self.seq).await?;
        for change in changes {
            if until.is_some_and(|until| change.seq > until) {
                break;
            }
            let bytes = Bytes::from(change.bytes);
            let (weight, same) = (bytes.len(), bytes.clone());
            let taken = self.with(weight, move |state| state.apply(&same)).await?;
            if let Err(refused) = taken {
                let (id, seq) = (&self.opening.id, change.seq);
                tracing::error!(document = %id, seq, ?refused, "another server's change is not taken");
                return Err(Broken);
            }
            self.pass_on(&wire::update(&bytes), None);
            self.seq = change.seq;
        }
        self.opening.bell.seq.store(self.seq, Ordering::Relaxed);
        Ok(())
    }

    async fn look_for_news(&mut self) -> Result<(), Broken> {
        self.catch_up(None).await
    }

    /// Looks whether everybody may still do what they could, and what the title is.
    async fn look_at_rules(&mut self) -> Result<(), Broken> {
        let (db, id) = (self.setup.db.read(), &self.opening.id);
        let mut title = None;
        for guest in self.guests.values_mut() {
            match document::find(db, &guest.who, id).await? {
                None => guest.outlet.end(End::NoRight),
                Some(document) if document.deleted_at.is_some() => guest.outlet.end(End::Deleted),
                Some(document) => {
                    if document.right != guest.right {
                        guest.right = document.right;
                        guest.outlet.send(rights(document.right));
                    }
                    title = Some((document.version, document.title));
                }
            }
        }
        if let Some((version, title)) = title.filter(|(version, _)| *version > self.title_version) {
            self.title_version = version;
            let told = json!({ "type": "title", "title": title, "version": version });
            self.pass_on(&wire::control(&told), None);
        }
        Ok(())
    }

    async fn look(&mut self) -> Result<(), Broken> {
        self.looks += 1;
        if self.looks.is_multiple_of(LOOK_AT_RIGHTS) {
            self.look_at_rules().await?;
        }
        self.look_for_news().await
    }

    /// Tells a page what it lacks, and asks it for what is missing here.
    async fn answer(&mut self, line: u64, vector: Bytes) -> Result<(), Broken> {
        let ask = move |state: &mut State| (state.missing(&vector), state.vector());
        let (missing, vector) = self.with(0, ask).await?;
        match (self.guests.get(&line), missing) {
            (Some(guest), Some(missing)) => {
                let answer = [wire::whole(&missing), wire::vector(&vector)];
                guest.outlet.answer(answer);
            }
            (_, None) => self.end(line, End::Malformed),
            (None, _) => {}
        }
        Ok(())
    }

    fn end(&self, line: u64, why: End) {
        if let Some(guest) = self.guests.get(&line) {
            guest.outlet.end(why);
        }
    }

    /// Sends a frame to everybody but one.
    fn pass_on(&self, frame: &Bytes, but: Option<u64>) {
        for (line, guest) in &self.guests {
            if Some(*line) != but && !guest.outlet.has_ended() {
                guest.outlet.send(frame.clone());
            }
        }
    }

    /// Derives what is said of the text from what it says now.
    async fn derive(&mut self) -> Result<(), Broken> {
        let Some(dirty) = self.dirty.take() else {
            return Ok(());
        };
        let said = self
            .with(HEAVY / 4, |state| state.read().map(|node| Said::of(&node)))
            .await?;
        let said = match said {
            Ok(said) => said,
            Err(error) => {
                let id = &self.opening.id;
                tracing::warn!(document = %id, %error, "nothing is derived from a document: {error}");
                return Ok(());
            }
        };
        let id = &self.opening.id;
        derive::keep(&self.setup, id, self.seq, &said, &dirty.authors).await?;
        let Some(unversioned) = &mut self.unversioned else {
            return Ok(());
        };
        unversioned.said = Some(said);
        if unversioned.since.elapsed() >= WORK {
            self.keep_version().await?;
        }
        Ok(())
    }

    /// What is to be done when the last one left.
    async fn rest(&mut self) -> Result<(), Broken> {
        self.derive().await?;
        self.keep_version().await
    }

    async fn keep_version(&mut self) -> Result<(), Broken> {
        let unversioned = self.unversioned.take();
        let Some((said, by)) = unversioned.and_then(|is| Some((is.said?, is.by))) else {
            return Ok(());
        };
        let (id, kind) = (&self.opening.id, VersionKind::Auto);
        derive::keep_version(&self.setup, id, self.seq, &said, &by, kind).await?;
        Ok(())
    }

    /// Keeps all in one change when there are many.
    async fn snapshot(&mut self) -> Result<(), Broken> {
        let size = self.state.size();
        if self.fresh.0 < MANY + size / 4096 && self.fresh.1 < MUCH.max(size / 4) {
            return Ok(());
        }
        self.fresh = (0, 0);
        let whole = self.with(0, |state| state.whole()).await?;
        let tx = self.setup.db.write().await?;
        let now = self.setup.clock.now();
        content::put_snapshot(&tx, &self.opening.id, self.seq, now, whole).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Does something with the text; where nobody waits for it when there is much to do: the text is
    /// long, or `weight` more bytes are.
    async fn with<T: Send + 'static>(
        &mut self,
        weight: usize,
        work: impl FnOnce(&mut State) -> T + Send + 'static,
    ) -> Result<T, Broken> {
        if self.state.size() / 16 + weight < HEAVY {
            return Ok(work(&mut self.state));
        }
        let mut state = std::mem::replace(&mut self.state, State::new());
        let worked = tokio::task::spawn_blocking(move || {
            let answer = work(&mut state);
            (state, answer)
        });
        let (state, answer) = worked.await.map_err(|_| Broken)?;
        self.state = state;
        Ok(answer)
    }
}

/// What is done at once.
#[derive(Default)]
struct Turn {
    fresh: Vec<Fresh>,
    bytes: usize,
    orders: usize,
    /// Pages that want what they lack.
    asked: Vec<(u64, Bytes)>,
}

impl Turn {
    fn add(&mut self, fresh: Fresh) {
        self.bytes += fresh.bytes.len();
        self.fresh.push(fresh);
    }
}

impl Fresh {
    fn answer(self, answer: Result<i64, DocumentError>) {
        if let Some(done) = self.done {
            // Whoever does not wait any more finds it done.
            let _ = done.send(answer);
        }
    }
}

impl Dirty {
    fn due(&self) -> Instant {
        (self.last + REST).min(self.since + LATEST)
    }
}

fn rights(right: Right) -> Bytes {
    let right = right.min(Right::Edit);
    wire::control(&json!({ "type": "rights", "right": right }))
}
