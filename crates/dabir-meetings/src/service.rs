//! All meetings of the house: loading, finding, showing and keeping them. What is done to them is in
//! [`crate::edit`], [`crate::apply`] and [`crate::reconcile`]; the ways into their rooms are in
//! [`crate::entry`].

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dabir_core::text::one_line;
use dabir_core::{Actor, Clock, Current, Events, Page, Timestamp};
use dabir_db::audit::{self, Change};
use dabir_db::outbox::{self, Happening};
use dabir_db::{Db, hints};
use dabir_room::token::SigningKey;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use prometheus_client::registry::Registry;
use sea_orm::{DatabaseTransaction, DbErr};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, OwnedMutexGuard, mpsc, oneshot};
use utoipa::ToSchema;

use crate::audited::{Kept, ourselves};
use crate::config::MeetingsConfig;
use crate::elsewhere::Answers;
use crate::error::MeetingError;
use crate::follow::CHANNEL;
use crate::metrics::Metrics;
use crate::model::{Meeting, MeetingDetail, MeetingFilter, MeetingView, Totals};
use crate::plan::{PlanFilter, Rules, Step, StepView, plan};
use crate::reason::{Facts, Reason};
use crate::rooms::{RoomStatus, Rooms};
use crate::roster::Roster;
use crate::said::said;
use crate::servers::Servers;
use crate::source::BadRow;
use crate::{cursor, store};

/// All meetings of the house. Clones share them.
#[derive(Clone, Debug)]
pub struct Meetings {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    pub(crate) rooms: Rooms,
    pub(crate) config: Current<MeetingsConfig>,
    /// Ports that are handed out.
    pub(crate) ports: RangeInclusive<u16>,
    /// This server, and the others on the database.
    pub(crate) servers: Servers,
    pub(crate) answers: Answers,
    /// Meetings that are on elsewhere, at a server that is not heard of, and whose rooms do not answer:
    /// since when.
    pub(crate) silent: Mutex<BTreeMap<String, Instant>>,
    pub(crate) metrics: Metrics,
    /// Where people reach the main port, without a slash at the end.
    public_url: String,
    pub(crate) signing_key: SigningKey,
    /// A `std` mutex: it guards memory and is never held across an await.
    roster: Mutex<Roster>,
    source: Mutex<SourceStatus>,
    /// One change at a time: read, decide, write to the database, write to the roster.
    changes: Arc<tokio::sync::Mutex<()>>,
    /// Wakes the reconciler.
    pub(crate) wake: Notify,
    /// Wakes whoever follows what other servers change.
    pub(crate) behind: Notify,
    /// Whether the database did not answer when it was looked last: nobody waits for it then.
    pub(crate) is_away: AtomicBool,
    /// Whether the last turn could not read or take over what others do.
    pub(crate) is_behind: AtomicBool,
    /// Whether another server may have what this one knows of by now, so that nothing begins here.
    pub(crate) is_cut_off: AtomicBool,
    /// Asks the poller for a poll now; it answers when that poll is applied.
    pub(crate) poll_now: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

/// The right to change meetings, which one has at a time. A commit under way keeps it when whoever
/// asked for the change has gone.
pub(crate) type Turn = Arc<OwnedMutexGuard<()>>;

/// How long a change may take to be written: thousands of meetings, on a slow disk.
const WRITTEN: Duration = Duration::from_secs(30);
/// How often a change is tried while other servers change meetings too.
const TRIES: u32 = 10;

/// What [`Meetings`] is made of.
#[derive(Debug)]
pub struct MeetingsSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub rooms: Rooms,
    pub config: Current<MeetingsConfig>,
    pub ports: RangeInclusive<u16>,
    pub servers: Servers,
    pub public_url: String,
    /// Signs join tokens.
    pub signing_key: SigningKey,
}

/// How the source of meetings does.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SourceStatus {
    /// Empty when meetings are made here only.
    pub url: String,
    /// Whether the newest poll found a whole list.
    pub ok: bool,
    pub last_poll_at: Option<Timestamp>,
    pub last_ok_at: Option<Timestamp>,
    /// Why the newest poll found none.
    pub last_error: Option<String>,
    /// A stable word for that, such as `source.status`.
    #[schema(example = "source.status")]
    pub last_error_code: Option<String>,
    /// What it speaks of, such as `{"status": 401}`.
    #[schema(value_type = Option<Object>)]
    pub last_error_facts: Option<Facts>,
    pub failures_in_a_row: u32,
    /// How many meetings the newest list had.
    pub meetings: usize,
    /// How many rows of the newest list were set aside.
    pub set_aside_count: usize,
    /// The first hundred of them.
    pub set_aside: Vec<BadRow>,
}

/// What would be done now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanView {
    pub at: Timestamp,
    pub source: SourceStatus,
    pub steps: Vec<StepView>,
}

impl SourceStatus {
    pub(crate) fn set_error(&mut self, error: Option<Reason>) {
        self.last_error_code = error.as_ref().map(|error| error.code.to_string());
        self.last_error_facts = error.as_ref().map(|error| error.facts.clone());
        self.last_error = error.map(|error| error.text);
    }
}

impl Meetings {
    /// Loads the meetings that are not over. The receiver belongs to the poller in
    /// [`crate::worker`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(
        setup: MeetingsSetup,
        registry: &mut Registry,
    ) -> Result<(Self, mpsc::UnboundedReceiver<oneshot::Sender<()>>), MeetingError> {
        let now = setup.clock.now();
        // How far they are first: what changes meanwhile is read once more.
        let revision = store::standing(setup.db.read()).await?.revision;
        let meetings = store::unfinished(setup.db.read(), now).await?;
        let (poll_now, polls) = mpsc::unbounded_channel();
        let source = SourceStatus {
            url: setup.config.get().django.url,
            ..SourceStatus::default()
        };
        let inner = Inner {
            db: setup.db,
            clock: setup.clock,
            events: setup.events,
            rooms: setup.rooms,
            config: setup.config,
            ports: setup.ports,
            servers: setup.servers,
            answers: Answers::default(),
            silent: Mutex::default(),
            metrics: Metrics::register(registry),
            public_url: setup.public_url,
            signing_key: setup.signing_key,
            roster: Mutex::new(Roster::of(meetings, revision)),
            source: Mutex::new(source),
            changes: Arc::default(),
            wake: Notify::new(),
            behind: Notify::new(),
            is_away: AtomicBool::new(false),
            is_behind: AtomicBool::new(false),
            is_cut_off: AtomicBool::new(false),
            poll_now,
        };
        Ok((
            Self {
                inner: Arc::new(inner),
            },
            polls,
        ))
    }

    /// One page of the meetings that pass the filter.
    ///
    /// # Errors
    /// When the cursor is none of ours.
    pub async fn list(
        &self,
        filter: &MeetingFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<MeetingView>, MeetingError> {
        let by = filter.sort.by;
        let after = cursor.map(|cursor| cursor::read(cursor, by)).transpose()?;
        let rows = store::list(self.inner.db.read(), filter, after.as_ref(), limit).await?;
        let page = Page::cut(rows, limit, |meeting| cursor::write(meeting, by));
        let rooms = self.inner.rooms.all();
        let items = page
            .items
            .iter()
            .map(|meeting| self.view(meeting, rooms.get(&meeting.id)));
        Ok(Page {
            items: items.collect(),
            next_cursor: page.next_cursor,
        })
    }

    /// How many meetings pass the filter, by state; which states it names does not matter.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn totals(&self, filter: &MeetingFilter) -> Result<Totals, MeetingError> {
        Ok(store::totals(self.inner.db.read(), filter).await?)
    }

    /// The meeting that `word` means: its id, its source's id, or its whole name.
    ///
    /// # Errors
    /// When there is none, or several have that name.
    pub async fn get(&self, word: &str) -> Result<MeetingView, MeetingError> {
        let meeting = self.meeting(word).await?;
        Ok(self.view(&meeting, self.inner.rooms.status(&meeting.id).as_ref()))
    }

    /// As [`Meetings::get`], with what the room's process takes, or who is in it on another server.
    ///
    /// # Errors
    /// As [`Meetings::get`].
    pub async fn detail(&self, word: &str) -> Result<MeetingDetail, MeetingError> {
        let known = self.meeting(word).await?;
        let mut meeting = self.view(&known, self.inner.rooms.status(&known.id).as_ref());
        if self.runs_elsewhere(&known)
            && let Some(away) = self.away(&known).await
        {
            meeting.clients = away.people;
        }
        let process = self.inner.rooms.usage(&meeting.id).await;
        Ok(MeetingDetail { meeting, process })
    }

    /// What the reconciler would do now, and why.
    #[must_use]
    pub fn plan(&self, filter: &PlanFilter) -> PlanView {
        let now = self.inner.clock.now();
        let rooms = self.inner.rooms.all();
        let roster = self.roster();
        let known = roster.known(self.inner.servers.id(), &rooms);
        let steps = plan(now, &known, &self.rules());
        let shown = |step: Step| {
            filter.passes(&step).then_some(())?;
            let meeting = roster.meetings.get(&step.id)?;
            Some(StepView {
                external_id: meeting.external_id.clone(),
                name: meeting.name.clone(),
                action: step.action.as_str().to_owned(),
                reason: step.reason.text,
                code: step.reason.code.into_owned(),
                facts: step.reason.facts,
                id: step.id,
            })
        };
        PlanView {
            at: now,
            source: self.source(),
            steps: steps.into_iter().filter_map(shown).collect(),
        }
    }

    /// Asks the source now, and waits until its answer is applied.
    ///
    /// # Errors
    /// When no source is configured.
    pub async fn refresh(&self) -> Result<SourceStatus, MeetingError> {
        if self.inner.config.get().django.url.is_empty() {
            return Err(MeetingError::NoSource);
        }
        if !self.inner.servers.leads() {
            self.ask_for_poll().await?;
            return Ok(self.source());
        }
        let (sender, done) = oneshot::channel();
        // Whoever stops leading answers nobody, and the status says how old it is.
        let _ = self.inner.poll_now.send(sender);
        let _ = done.await;
        Ok(self.source())
    }

    /// How the source does.
    #[must_use]
    pub fn source(&self) -> SourceStatus {
        self.inner
            .source
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_source(&self, change: impl FnOnce(&mut SourceStatus)) {
        change(
            &mut self
                .inner
                .source
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// The rooms behind the meetings.
    #[must_use]
    pub fn rooms(&self) -> &Rooms {
        &self.inner.rooms
    }

    pub(crate) fn roster(&self) -> MutexGuard<'_, Roster> {
        self.inner
            .roster
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The rules that hold now.
    pub(crate) fn rules(&self) -> Rules {
        let config = self.inner.config.get();
        Rules {
            ports: self.inner.ports.clone(),
            port_conflict: config.port_conflict,
            vanish_polls: config.vanish_polls,
            is_cut_off: self.inner.is_cut_off.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn default_duration(&self) -> i64 {
        i64::try_from(self.inner.config.get().duration.get().as_secs()).unwrap_or(i64::MAX)
    }

    /// The working copy of a meeting, else the database's.
    pub(crate) async fn meeting(&self, word: &str) -> Result<Meeting, MeetingError> {
        let known = self.roster().meetings.get(word).cloned();
        if let Some(meeting) = known {
            return Ok(meeting);
        }
        // A NUL would be an error of PostgreSQL; no name and no id has one.
        if !is_plain(word) {
            return Err(MeetingError::NotFound(one_line(word)));
        }
        let db = self.inner.db.read();
        if let Some(meeting) = store::find(db, word).await? {
            return Ok(meeting);
        }
        let mut found = store::find_by_word(db, word).await?;
        match (found.pop(), found.is_empty()) {
            (None, _) => Err(MeetingError::NotFound(one_line(word))),
            (Some(meeting), true) => {
                let known = self.roster().meetings.get(&meeting.id).cloned();
                Ok(known.unwrap_or(meeting))
            }
            (Some(last), false) => {
                found.push(last);
                let ids = found.into_iter().map(|meeting| meeting.id).collect();
                Err(MeetingError::Ambiguous {
                    name: word.to_owned(),
                    ids,
                })
            }
        }
    }

    /// Changes one meeting: in the database, in the roster, and for the reconciler.
    pub(crate) async fn update(
        &self,
        by: &Actor,
        action: &'static str,
        word: &str,
        change: impl Fn(&mut Meeting, Timestamp) -> Result<(), MeetingError> + Send + Sync,
    ) -> Result<MeetingView, MeetingError> {
        let meeting = self
            .unless_behind(|| {
                async {
                    let turn = self.turn().await?;
                    let before = self.meeting(word).await?;
                    let mut meeting = before.clone();
                    change(&mut meeting, self.inner.clock.now())?;
                    let kept = Kept {
                        action,
                        before: Some(before),
                        after: meeting.clone(),
                    };
                    self.keep(&turn, by, vec![kept]).await?;
                    Ok(meeting)
                }
                .boxed()
            })
            .await?;
        Ok(self.view(&meeting, self.inner.rooms.status(&meeting.id).as_ref()))
    }

    /// Does it again for as long as another server changes meetings at the same instant.
    pub(crate) async fn unless_behind<'a, T>(
        &self,
        work: impl Fn() -> BoxFuture<'a, Result<T, MeetingError>>,
    ) -> Result<T, MeetingError> {
        for _ in 1..TRIES {
            match work().await {
                Err(MeetingError::Behind) => {}
                done => return done,
            }
        }
        work().await
    }

    /// Waits until nobody else here changes meetings, and knows then what other servers changed.
    pub(crate) async fn turn(&self) -> Result<Turn, MeetingError> {
        let turn = self.turn_alone().await;
        self.catch_up().await?;
        Ok(turn)
    }

    /// Waits until nobody else here changes meetings.
    pub(crate) async fn turn_alone(&self) -> Turn {
        Arc::new(Arc::clone(&self.inner.changes).lock_owned().await)
    }

    /// Writes meetings to the database, then to the roster, tells of them, and wakes the
    /// reconciler.
    pub(crate) async fn keep(
        &self,
        turn: &Turn,
        by: &Actor,
        kept: Vec<Kept>,
    ) -> Result<(), MeetingError> {
        let changes = kept.iter().map(Kept::change).collect();
        let meetings = kept.into_iter().map(|kept| kept.after).collect();
        self.write(turn, meetings, by, changes).await
    }

    /// Writes how meetings are, which nobody decided.
    pub(crate) async fn keep_quietly(
        &self,
        turn: &Turn,
        meetings: Vec<Meeting>,
    ) -> Result<(), MeetingError> {
        self.write(turn, meetings, &ourselves(), Vec::new()).await
    }

    async fn write(
        &self,
        turn: &Turn,
        meetings: Vec<Meeting>,
        by: &Actor,
        changes: Vec<Change>,
    ) -> Result<(), MeetingError> {
        if meetings.is_empty() {
            return Ok(());
        }
        let decided = !changes.is_empty();
        let now = self.inner.clock.now();
        let meetings = self.stamped(meetings, now);
        let news = self.news(&meetings);
        let (tx, revision) = within(WRITTEN, async {
            let (tx, revision) = self.begin_change().await?;
            store::save(&tx, &meetings, now, revision).await?;
            audit::append(&tx, now, by, changes).await?;
            outbox::say_all(&tx, now, by, news).await?;
            Ok((tx, revision))
        })
        .await?;
        self.commit(turn, tx, move |this| {
            this.remember(meetings, revision, decided);
        })
        .await
    }

    /// What is said outside of meetings that are to be kept so.
    fn news(&self, meetings: &[Meeting]) -> Vec<Happening> {
        let roster = self.roster();
        let before = |id: &str| roster.meetings.get(id).map(|known| known.state);
        let news = meetings.iter();
        news.filter_map(|after| said(before(&after.id), after))
            .collect()
    }

    /// Begins a change after all that are known.
    pub(crate) async fn begin_change(&self) -> Result<(DatabaseTransaction, i64), MeetingError> {
        let known = self.roster().revision;
        let tx = self.inner.db.write().await?;
        let begun = store::begin_change(&tx, known).await?;
        let revision = begun.ok_or(MeetingError::Behind)?;
        hints::say(&tx, CHANNEL, "").await?;
        Ok((tx, revision))
    }

    /// Commits, then does `then`. Both happen, or neither, however long whoever asked still waits:
    /// what the database has, the roster has too.
    pub(crate) async fn commit<T: Send + 'static>(
        &self,
        turn: &Turn,
        tx: DatabaseTransaction,
        then: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, MeetingError> {
        let (this, turn) = (self.clone(), Arc::clone(turn));
        let committed = self.inner.rooms.background(async move {
            // Whether one that is not answered was committed, the next look at the database tells.
            within(WRITTEN, async { Ok(tx.commit().await?) }).await?;
            let done = then(&this);
            drop(turn);
            Ok(done)
        });
        committed
            .await
            .unwrap_or_else(|error| Err(DbErr::Custom(error.to_string()).into()))
    }

    /// Has everybody know these meetings as they are now.
    fn remember(&self, meetings: Vec<Meeting>, revision: i64, decided: bool) {
        let mut roster = self.roster();
        roster.revision = revision;
        for meeting in meetings {
            let changed = meeting.changed();
            roster.meetings.insert(meeting.id.clone(), meeting);
            self.inner.events.publish(changed);
        }
        if decided {
            self.inner.wake.notify_one();
        }
    }

    fn stamped(&self, meetings: Vec<Meeting>, now: Timestamp) -> Vec<Meeting> {
        let roster = self.roster();
        let servers = &self.inner.servers;
        let stamp = |mut meeting: Meeting| {
            let is_ours = servers.leads() || self.inner.rooms.status(&meeting.id).is_some();
            if meeting.keeper.is_none() && is_ours {
                meeting.keeper = Some(servers.id().to_owned());
            }
            let before = roster.meetings.get(&meeting.id);
            meeting.stamped(before, now)
        };
        meetings.into_iter().map(stamp).collect()
    }

    pub(crate) fn view(&self, meeting: &Meeting, room: Option<&RoomStatus>) -> MeetingView {
        let now = self.inner.clock.now();
        let error = meeting.last_error.as_ref();
        MeetingView {
            id: meeting.id.clone(),
            name: meeting.name.clone(),
            date_time: meeting.date_time,
            port: room
                .and_then(|room| room.port)
                .or(meeting.room_at.as_ref().map(|room| room.address.port()))
                .map(i64::from)
                .or(meeting.port),
            is_running: meeting.should_run(now),
            end_time: meeting.end_time(),
            state: meeting.state,
            source: meeting.source,
            external_id: meeting.external_id.clone(),
            pid: room.and_then(|room| room.pid),
            restarts: meeting.restarts,
            last_error: error.map(|reason| reason.text.clone()),
            last_error_code: error.map(|reason| reason.code.clone().into_owned()),
            last_error_facts: error.map(|reason| reason.facts.clone()),
            clients: room.map_or(0, |room| room.clients),
            url: self.url(&meeting.id),
            join_url: self.join_url(&meeting.slug),
        }
    }

    /// The address of the join page `slug`.
    pub(crate) fn join_url(&self, slug: &str) -> String {
        format!("{}/j/{slug}", self.inner.public_url)
    }

    pub(crate) fn url(&self, id: &str) -> String {
        format!("{}/rooms/{id}/", self.inner.public_url)
    }
}

/// A database that is out of reach without a word is as good as one that answers with an error.
pub(crate) async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, MeetingError>>,
) -> Result<T, MeetingError> {
    let done = tokio::time::timeout(time, work).await;
    done.unwrap_or(Err(MeetingError::Silent))
}

pub(crate) fn is_plain(word: &str) -> bool {
    !word.chars().any(char::is_control)
}
