//! What operators and people do with meetings: list, make, change, start, stop, extend, join.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dabir_core::clock::whole_millis;
use dabir_core::text::one_line;
use dabir_core::{Clock, Event, Events, Page, Timestamp, new_id};
use dabir_db::Db;
use dabir_http::FieldError;
use dabir_room::control::Present;
use dabir_room::model::{Attendance, Role};
use dabir_room::token::{Claims, SigningKey, audience, sign};
use jiff::SignedDuration;
use prometheus_client::registry::Registry;
use serde::Serialize;
use tokio::sync::{Notify, mpsc, oneshot};
use utoipa::ToSchema;

use crate::config::MeetingsConfig;
use crate::error::MeetingError;
use crate::metrics::Metrics;
use crate::model::{
    Meeting, MeetingPatch, MeetingState, MeetingView, NewMeeting, Override, Source,
};
use crate::plan::{Rules, Step, StepView, plan};
use crate::rooms::{RoomStatus, Rooms};
use crate::roster::Roster;
use crate::source::{BadRow, clean_name};
use crate::store::{self, After};

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
    pub(crate) config: MeetingsConfig,
    pub(crate) rules: Rules,
    pub(crate) metrics: Metrics,
    /// Where people reach the main port, without a slash at the end.
    public_url: String,
    signing_key: SigningKey,
    /// A `std` mutex: it guards memory and is never held across an await.
    roster: Mutex<Roster>,
    source: Mutex<SourceStatus>,
    /// One change at a time: read, decide, write to the database, write to the roster.
    pub(crate) changes: tokio::sync::Mutex<()>,
    /// Wakes the reconciler.
    pub(crate) wake: Notify,
    /// Asks the poller for a poll now; it answers when that poll is applied.
    poll_now: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

/// What [`Meetings`] is made of.
#[derive(Debug)]
pub struct MeetingsSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub rooms: Rooms,
    pub config: MeetingsConfig,
    pub ports: RangeInclusive<u16>,
    pub public_url: String,
    /// Signs join tokens.
    pub signing_key: SigningKey,
}

/// How the source of meetings does.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SourceStatus {
    /// Empty when meetings are made here only.
    pub url: String,
    /// Whether the newest poll found a whole list.
    pub ok: bool,
    pub last_poll_at: Option<Timestamp>,
    pub last_ok_at: Option<Timestamp>,
    /// Why the newest poll found none.
    pub last_error: Option<String>,
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

/// The way into a room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Joined {
    /// Opens the room in a browser; it holds the token and works once, within a minute.
    pub url: String,
    pub token: String,
}

/// Where a living room is reached from this machine.
#[derive(Clone, Debug)]
pub(crate) struct RoomDoor {
    pub(crate) address: std::net::SocketAddr,
    /// Our own room server, whose page may act as a page of ours.
    pub(crate) own: bool,
}

/// How long a join token lasts.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(60);
const MAX_NAME: usize = 200;
/// A year: longer meetings are slips of the pen.
const MAX_DURATION_SECS: i64 = 366 * 86_400;

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
        let meetings = store::unfinished(setup.db.read(), now).await?;
        let (poll_now, polls) = mpsc::unbounded_channel();
        let rules = Rules {
            ports: setup.ports,
            port_conflict: setup.config.port_conflict,
            vanish_polls: setup.config.vanish_polls,
        };
        let source = SourceStatus {
            url: setup.config.django.url.clone(),
            ..SourceStatus::default()
        };
        let inner = Inner {
            db: setup.db,
            clock: setup.clock,
            events: setup.events,
            rooms: setup.rooms,
            config: setup.config,
            rules,
            metrics: Metrics::register(registry),
            public_url: setup.public_url,
            signing_key: setup.signing_key,
            roster: Mutex::new(Roster::of(meetings)),
            source: Mutex::new(source),
            changes: tokio::sync::Mutex::default(),
            wake: Notify::new(),
            poll_now,
        };
        Ok((
            Self {
                inner: Arc::new(inner),
            },
            polls,
        ))
    }

    /// One page of all meetings, the latest end first.
    ///
    /// # Errors
    /// When the cursor is none of ours.
    pub async fn list(
        &self,
        state: Option<MeetingState>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<MeetingView>, MeetingError> {
        let after = cursor.map(parse_cursor).transpose()?;
        let rows = store::list(self.inner.db.read(), state, after.as_ref(), limit).await?;
        let page = Page::cut(rows, limit, |meeting| {
            format!("{}.{}", meeting.end_time().as_millisecond(), meeting.id)
        });
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

    /// The meeting that `word` means: its id, its source's id, or its whole name.
    ///
    /// # Errors
    /// When there is none, or several have that name.
    pub async fn get(&self, word: &str) -> Result<MeetingView, MeetingError> {
        let meeting = self.meeting(word).await?;
        Ok(self.view(&meeting, self.inner.rooms.status(&meeting.id).as_ref()))
    }

    /// Makes a meeting here.
    ///
    /// # Errors
    /// [`MeetingError::Invalid`] names every field that is not allowed.
    pub async fn create(&self, new: NewMeeting) -> Result<MeetingView, MeetingError> {
        let now = self.inner.clock.now();
        let date_time = new.date_time.map_or(now, whole_millis);
        let span = new.duration.map(|duration| duration.get().as_secs());
        let meeting = Meeting {
            id: new_id(),
            name: clean_name(&new.name),
            date_time,
            duration_secs: match (new.end_time, span) {
                (Some(end), _) => end.duration_since(date_time).as_secs(),
                (None, Some(secs)) => i64::try_from(secs).unwrap_or(i64::MAX),
                (None, None) => self.default_duration(),
            },
            extended_secs: 0,
            port: new.port.filter(|port| *port != 0).map(i64::from),
            is_running: new.is_running.unwrap_or(true),
            source: Source::Local,
            external_id: None,
            operator: None,
            gone: false,
            state: MeetingState::Scheduled,
            last_error: None,
            restarts: 0,
            created_at: now,
        };
        let both = new.end_time.is_some() && new.duration.is_some();
        self.check(&meeting, both, now)?;
        let _turn = self.inner.changes.lock().await;
        self.keep(vec![meeting.clone()]).await?;
        Ok(self.view(&meeting, None))
    }

    /// Changes a meeting that was made here.
    ///
    /// # Errors
    /// [`MeetingError::Upstream`] for one that comes from Django.
    pub async fn change(
        &self,
        word: &str,
        patch: MeetingPatch,
    ) -> Result<MeetingView, MeetingError> {
        self.update(word, |meeting, now| {
            if meeting.source == Source::Django {
                return Err(MeetingError::Upstream("data"));
            }
            let both = patch.end_time.is_some() && patch.duration.is_some();
            apply_patch(meeting, &patch);
            self.check(meeting, both, now)
        })
        .await
    }

    /// Starts a meeting now, whatever its source says.
    ///
    /// # Errors
    /// When its time is over.
    pub async fn start(&self, word: &str) -> Result<MeetingView, MeetingError> {
        let view = self
            .update(word, |meeting, now| {
                if now >= meeting.end_time() {
                    let hint = "its time is over; extend it, or make a new one";
                    return Err(MeetingError::State {
                        state: meeting.state,
                        hint,
                    });
                }
                meeting.operator = Some(Override::Start);
                meeting.is_running |= meeting.source == Source::Local;
                Ok(())
            })
            .await?;
        self.roster().guard.release(&view.id);
        self.inner.rooms.retry(&view.id);
        Ok(view)
    }

    /// Ends a meeting now; people in it see that it was stopped.
    ///
    /// # Errors
    /// When it is over already.
    pub async fn stop(&self, word: &str) -> Result<MeetingView, MeetingError> {
        let view = self
            .update(word, |meeting, now| {
                if now >= meeting.end_time() || meeting.operator == Some(Override::Stop) {
                    let hint = "it needs no stop";
                    return Err(MeetingError::State {
                        state: meeting.state,
                        hint,
                    });
                }
                meeting.operator = Some(Override::Stop);
                Ok(())
            })
            .await?;
        self.roster().guard.release(&view.id);
        Ok(view)
    }

    /// Moves a meeting's end by `minutes`; from now, when it was over.
    ///
    /// # Errors
    /// When `minutes` is not between 1 and 1,440.
    pub async fn extend(&self, word: &str, minutes: i64) -> Result<MeetingView, MeetingError> {
        if !(1..=1_440).contains(&minutes) {
            return Err(invalid(
                "minutes",
                format!("{minutes} is not between 1 and 1440"),
            ));
        }
        self.update(word, |meeting, now| {
            let late = now.duration_since(meeting.end_time()).as_secs().max(0);
            meeting.extended_secs += late + minutes * 60;
            self.check(meeting, false, now)
        })
        .await
    }

    /// Removes a meeting that was made here, with what was said in it.
    ///
    /// # Errors
    /// When it runs, or comes from Django.
    pub async fn delete(&self, word: &str) -> Result<(), MeetingError> {
        let _turn = self.inner.changes.lock().await;
        let meeting = self.meeting(word).await?;
        if meeting.source == Source::Django {
            return Err(MeetingError::Upstream("existence"));
        }
        if self.inner.rooms.status(&meeting.id).is_some() {
            return Err(MeetingError::State {
                state: meeting.state,
                hint: "stop it first",
            });
        }
        let tx = self.inner.db.write().await?;
        store::delete(&tx, &meeting.id).await?;
        tx.commit().await?;
        self.roster().meetings.remove(&meeting.id);
        remove_folder(self.inner.rooms.folder(&meeting.id)).await;
        self.inner
            .events
            .publish(Event::MeetingRemoved { id: meeting.id });
        Ok(())
    }

    /// A way into the room for `name`.
    ///
    /// # Errors
    /// When the room does not run, or the name is not allowed.
    pub async fn join(&self, word: &str, name: &str, role: Role) -> Result<Joined, MeetingError> {
        let meeting = self.meeting(word).await?;
        if !matches!(meeting.state, MeetingState::Running | MeetingState::Held) {
            let hint = "people can come in while it runs";
            return Err(MeetingError::State {
                state: meeting.state,
                hint,
            });
        }
        let name = clean_name(name);
        if !(1..=64).contains(&name.chars().count()) {
            return Err(invalid("name", "a name has 1 to 64 characters".to_owned()));
        }
        let expires = self
            .inner
            .clock
            .now()
            .saturating_add(TOKEN_LIFE)
            .unwrap_or(Timestamp::MAX);
        let claims = Claims {
            aud: audience(&meeting.id),
            sub: name.clone(),
            name,
            role,
            exp: expires.as_second(),
            jti: new_id(),
        };
        let token = sign(&self.inner.signing_key, &claims);
        Ok(Joined {
            url: format!("{}#token={token}", self.url(&meeting.id)),
            token,
        })
    }

    /// Where the room of the meeting `id` listens.
    ///
    /// # Errors
    /// When there is no such meeting, or it does not run now.
    pub(crate) async fn door(&self, id: &str) -> Result<RoomDoor, MeetingError> {
        if let Some(room) = self.inner.rooms.status(id).filter(RoomStatus::is_alive)
            && let Some(port) = room.port
        {
            return Ok(RoomDoor {
                address: self.inner.rooms.address(port),
                own: room.own,
            });
        }
        // By its id alone: whoever does not know it is not to learn it from a name.
        let meeting = if is_plain(id) {
            store::find(self.inner.db.read(), id).await?
        } else {
            None
        };
        let meeting = meeting.ok_or_else(|| MeetingError::NotFound(one_line(id)))?;
        let hint = "its room is open while it runs";
        Err(MeetingError::State {
            state: meeting.state,
            hint,
        })
    }

    /// Who is in the room now.
    ///
    /// # Errors
    /// When there is no such meeting.
    pub async fn participants(&self, word: &str) -> Result<Vec<Present>, MeetingError> {
        let meeting = self.meeting(word).await?;
        Ok(self.inner.rooms.participants(&meeting.id).await)
    }

    /// Who was in the room, and for how long.
    ///
    /// # Errors
    /// When there is no such meeting.
    pub async fn attendance(&self, word: &str) -> Result<Vec<Attendance>, MeetingError> {
        let meeting = self.meeting(word).await?;
        Ok(self.inner.rooms.attendance(&meeting.id).await)
    }

    /// The file that the room of `word` prints to.
    ///
    /// # Errors
    /// When there is no such meeting.
    pub async fn log_file(&self, word: &str) -> Result<PathBuf, MeetingError> {
        let meeting = self.meeting(word).await?;
        Ok(self.inner.rooms.log_file(&meeting.id))
    }

    /// What the reconciler would do now, and why.
    #[must_use]
    pub fn plan(&self) -> PlanView {
        let now = self.inner.clock.now();
        let rooms = self.inner.rooms.all();
        let roster = self.roster();
        let steps = plan(now, &roster.known(&rooms), &self.inner.rules);
        let shown = |step: Step| {
            let meeting = roster.meetings.get(&step.id)?;
            Some(StepView {
                external_id: meeting.external_id.clone(),
                name: meeting.name.clone(),
                action: step.action.as_str().to_owned(),
                reason: step.reason,
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
        if self.inner.config.django.url.is_empty() {
            return Err(MeetingError::NoSource);
        }
        let (sender, done) = oneshot::channel();
        // Without a poller (`--roles api`) both fail at once, and the status says how old it is.
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

    pub(crate) fn default_duration(&self) -> i64 {
        i64::try_from(self.inner.config.duration.get().as_secs()).unwrap_or(i64::MAX)
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
    async fn update(
        &self,
        word: &str,
        change: impl FnOnce(&mut Meeting, Timestamp) -> Result<(), MeetingError>,
    ) -> Result<MeetingView, MeetingError> {
        let _turn = self.inner.changes.lock().await;
        let mut meeting = self.meeting(word).await?;
        change(&mut meeting, self.inner.clock.now())?;
        self.keep(vec![meeting.clone()]).await?;
        Ok(self.view(&meeting, self.inner.rooms.status(&meeting.id).as_ref()))
    }

    /// Writes meetings to the database, then to the roster, tells of them, and wakes the
    /// reconciler. The caller holds `changes`.
    pub(crate) async fn keep(&self, meetings: Vec<Meeting>) -> Result<(), MeetingError> {
        self.keep_quietly(meetings).await?;
        self.inner.wake.notify_one();
        Ok(())
    }

    pub(crate) async fn keep_quietly(&self, meetings: Vec<Meeting>) -> Result<(), MeetingError> {
        if meetings.is_empty() {
            return Ok(());
        }
        let tx = self.inner.db.write().await?;
        store::save(&tx, &meetings, self.inner.clock.now()).await?;
        tx.commit().await?;
        let mut roster = self.roster();
        for meeting in meetings {
            let changed = Event::MeetingChanged {
                id: meeting.id.clone(),
                state: meeting.state.as_str().to_owned(),
            };
            roster.meetings.insert(meeting.id.clone(), meeting);
            self.inner.events.publish(changed);
        }
        Ok(())
    }

    /// Refuses fields that no meeting may have.
    fn check(
        &self,
        meeting: &Meeting,
        both_ends: bool,
        now: Timestamp,
    ) -> Result<(), MeetingError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, detail: String| {
            errors.push(FieldError {
                field: field.to_owned(),
                detail,
            });
        };
        let length = meeting.name.chars().count();
        if !(1..=MAX_NAME).contains(&length) {
            refuse(
                "name",
                format!("a name has 1 to {MAX_NAME} characters, this one has {length}"),
            );
        }
        if both_ends {
            refuse(
                "end_time",
                "send either `duration` or `end_time`".to_owned(),
            );
        }
        if !(1..=MAX_DURATION_SECS).contains(&(meeting.duration_secs + meeting.extended_secs)) {
            refuse(
                "duration",
                "a meeting ends after it begins, and within a year".to_owned(),
            );
        } else if meeting.end_time() <= now {
            refuse(
                "end_time",
                format!("{} has passed already", meeting.end_time()),
            );
        }
        if let Some(port) = meeting.port {
            let ports = &self.inner.rules.ports;
            if !u16::try_from(port).is_ok_and(|port| ports.contains(&port)) {
                let (low, high) = (ports.start(), ports.end());
                refuse(
                    "port",
                    format!("{port} is outside {low}–{high}; leave it out for a free one"),
                );
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(MeetingError::Invalid(errors))
        }
    }

    fn view(&self, meeting: &Meeting, room: Option<&RoomStatus>) -> MeetingView {
        let now = self.inner.clock.now();
        MeetingView {
            id: meeting.id.clone(),
            name: meeting.name.clone(),
            date_time: meeting.date_time,
            port: room
                .and_then(|room| room.port)
                .map(i64::from)
                .or(meeting.port),
            is_running: meeting.should_run(now),
            end_time: meeting.end_time(),
            state: meeting.state,
            source: meeting.source,
            external_id: meeting.external_id.clone(),
            pid: room.and_then(|room| room.pid),
            restarts: meeting.restarts,
            last_error: meeting.last_error.clone(),
            clients: room.map_or(0, |room| room.clients),
            url: self.url(&meeting.id),
        }
    }

    fn url(&self, id: &str) -> String {
        format!("{}/rooms/{id}/", self.inner.public_url)
    }
}

/// Removes a room's folder; one that stays is only disk space, and is told.
async fn remove_folder(folder: PathBuf) {
    let shown = folder.display().to_string();
    match tokio::fs::remove_dir_all(folder).await {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "`{shown}` could not be removed: {error}"),
    }
}

fn apply_patch(meeting: &mut Meeting, patch: &MeetingPatch) {
    if let Some(name) = &patch.name {
        meeting.name = clean_name(name);
    }
    if let Some(at) = patch.date_time {
        meeting.date_time = whole_millis(at);
        meeting.operator = None;
    }
    if let Some(duration) = patch.duration {
        meeting.duration_secs = i64::try_from(duration.get().as_secs()).unwrap_or(i64::MAX);
        meeting.extended_secs = 0;
    }
    if let Some(end) = patch.end_time {
        meeting.duration_secs = end.duration_since(meeting.date_time).as_secs();
        meeting.extended_secs = 0;
    }
    if let Some(port) = patch.port {
        meeting.port = Some(i64::from(port)).filter(|port| *port != 0);
    }
    if let Some(is_running) = patch.is_running {
        meeting.is_running = is_running;
        meeting.operator = None;
    }
}

fn invalid(field: &str, detail: String) -> MeetingError {
    MeetingError::Invalid(vec![FieldError {
        field: field.to_owned(),
        detail,
    }])
}

fn is_plain(word: &str) -> bool {
    !word.chars().any(char::is_control)
}

/// A cursor is the end time in milliseconds and the id of the last row seen.
fn parse_cursor(cursor: &str) -> Result<After, MeetingError> {
    let parse = || {
        let (millis, id) = cursor.split_once('.').filter(|(_, id)| is_plain(id))?;
        let end_time = Timestamp::from_millisecond(millis.parse().ok()?).ok()?;
        Some(After {
            end_time,
            id: id.to_owned(),
        })
    };
    parse().ok_or_else(|| {
        invalid(
            "cursor",
            "pass `next_cursor` of the page before, unchanged".to_owned(),
        )
    })
}
