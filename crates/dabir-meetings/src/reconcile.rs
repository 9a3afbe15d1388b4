//! Making the rooms what the meetings want, and telling the meetings how their rooms do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use dabir_core::{Event, Timestamp};
use dabir_db::sql::is_postgres;
use futures_util::{FutureExt, StreamExt, stream};

use crate::audited::{Kept, ourselves};
use crate::error::MeetingError;
use crate::follow::ANSWER;
use crate::model::{Meeting, MeetingState, RoomAt, Source};
use crate::plan::{Action, CUT_OFF, CUT_OFF_TEXT, Step, plan};
use crate::rooms::folder::Record;
use crate::rooms::{Phase, RoomStatus, Wanted};
use crate::service::{Meetings, Turn, within};

/// How many rooms elsewhere are asked at once.
const AT_ONCE: usize = 64;
/// How many meetings of others are taken over in one turn.
const TAKEN_A_TURN: usize = 500;

impl Meetings {
    /// Takes over the rooms that a supervisor before us left, and gives a meeting to those whose
    /// meeting nobody knows any more. Once, before the first [`Meetings::reconcile`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn adopt_rooms(&self) -> Result<usize, MeetingError> {
        let records = self
            .inner
            .rooms
            .adopt(|record| self.wanted_of(record))
            .await;
        self.unless_behind(|| self.find_again(&records).boxed())
            .await?;
        Ok(records.len())
    }

    async fn find_again(&self, records: &[Record]) -> Result<(), MeetingError> {
        let turn = self.turn().await?;
        let mut lost = Vec::new();
        for record in records {
            match self.meeting(&record.meeting_id).await {
                Ok(_) => {}
                Err(MeetingError::NotFound(_)) => lost.push(self.found_again(record)),
                Err(error) => return Err(error),
            }
        }
        let found = |after| Kept {
            action: "meeting.find",
            before: None,
            after,
        };
        let found = lost.into_iter().map(found).collect();
        self.keep(&turn, &ourselves(), found).await
    }

    /// Learns which rooms live and corrects what the meetings say of themselves, without touching a
    /// room: for whoever works on the data folder while no supervisor runs on it. Answers how many
    /// live.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look_at_rooms(&self) -> Result<usize, MeetingError> {
        self.inner.rooms.look(|record| self.wanted_of(record));
        self.unless_behind(|| self.correct_states().boxed()).await
    }

    async fn correct_states(&self) -> Result<usize, MeetingError> {
        let turn = self.turn().await?;
        let now = self.inner.clock.now();
        let rooms = self.inner.rooms.all();
        let steps = self.steps(now, &rooms);
        let changed = self.changed_states(now, &steps, &rooms);
        self.keep_quietly(&turn, changed).await?;
        Ok(rooms.len())
    }

    fn steps(&self, now: Timestamp, rooms: &BTreeMap<String, RoomStatus>) -> Vec<Step> {
        let roster = self.roster();
        let known = roster.known(self.inner.servers.id(), rooms);
        plan(now, &known, &self.rules())
    }

    fn wanted_of(&self, record: &Record) -> Wanted {
        let known = self.roster().meetings.get(&record.meeting_id).cloned();
        let name = known
            .as_ref()
            .map_or_else(|| record.meeting_id.clone(), |m| m.name.clone());
        Wanted {
            meeting_id: record.meeting_id.clone(),
            name,
            port: known.as_ref().map_or(Some(record.port), |meeting| {
                meeting.port.and_then(|port| u16::try_from(port).ok())
            }),
            starts_at: known
                .as_ref()
                .map_or(record.started_at, |meeting| meeting.date_time),
            ends_at: record.ends_at,
        }
    }

    /// A room lives and the database does not know its meeting, as after an old backup was
    /// restored. Nobody is put out: it becomes a meeting of ours, until its end.
    fn found_again(&self, record: &Record) -> Meeting {
        tracing::warn!(
            meeting.id = %record.meeting_id,
            "a room lives whose meeting is not in the database; it is kept until {}", record.ends_at,
        );
        let (id, began) = (record.meeting_id.clone(), record.started_at);
        let duration_secs = record.ends_at.duration_since(began).as_secs().max(1);
        Meeting {
            id: id.clone(),
            port: Some(i64::from(record.port)),
            state: MeetingState::Running,
            ..Meeting::new(Source::Local, id, began, duration_secs, began)
        }
    }

    /// One turn: plan, act, and keep what changed. Answers when time alone changes something next.
    ///
    /// # Errors
    /// When the database does not answer; the rooms were told all the same, and the next turn
    /// writes what this one could not.
    pub async fn reconcile(&self) -> Result<Option<Timestamp>, MeetingError> {
        let turn = self.turn_alone().await;
        let caught_up = within(ANSWER, async {
            self.catch_up().await?;
            self.take_over(&turn).await
        })
        .await;
        if matches!(caught_up, Err(MeetingError::Behind)) {
            return Err(MeetingError::Behind);
        }
        self.note_how_it_stands(&caught_up);
        let now = self.inner.clock.now();
        let steps = self.steps(now, &self.inner.rooms.all());
        self.log_held_back(&steps);
        for step in &steps {
            self.act(step);
        }
        let rooms = self.inner.rooms.all();
        let changed = self.changed_states(now, &steps, &rooms);
        self.log_states(&steps, &changed);
        match caught_up {
            Err(_) if changed.is_empty() => {}
            known => {
                known?;
                self.keep_quietly(&turn, changed).await?;
            }
        }
        let mut roster = self.roster();
        roster.forget_finished(now, &rooms);
        self.inner
            .metrics
            .meetings(roster.meetings.values().map(|meeting| meeting.state));
        self.inner.metrics.rooms(rooms.values());
        Ok(roster.next_turn(now))
    }

    /// Tells whether this server leads. Without the database what is known holds; but one of several might begin what another one has
    /// taken over meanwhile.
    fn note_how_it_stands(&self, caught_up: &Result<(), MeetingError>) {
        let servers = &self.inner.servers;
        let may_begin = servers.is_alone() || (caught_up.is_ok() && servers.is_heard_of());
        self.inner.is_cut_off.store(!may_begin, Ordering::Relaxed);
        self.inner.metrics.lead(servers.leads());
        let was_behind = self
            .inner
            .is_behind
            .swap(caught_up.is_err(), Ordering::Relaxed);
        if let (Err(error), false) = (caught_up, was_behind) {
            tracing::warn!(%error, "nothing new is known of meetings, and none is taken over: {error}");
        }
    }

    /// Whoever leads keeps from now on what nobody keeps: not all at once, so that each turn gets some
    /// of it done.
    async fn take_over(&self, turn: &Turn) -> Result<(), MeetingError> {
        let servers = &self.inner.servers;
        if !servers.leads() {
            return Ok(());
        }
        let others: Vec<Meeting> = {
            let roster = self.roster();
            let all = roster.meetings.values();
            let others = all.filter(|one| one.keeper.as_deref() != Some(servers.id()));
            // What is over stays with whoever has what it left.
            let others = others.filter(|one| one.state != MeetingState::Ended);
            others.cloned().collect()
        };
        if others.is_empty() {
            return Ok(());
        }
        let heard_of = servers.others().await?;
        let orphans = others
            .into_iter()
            .filter(|one| self.is_orphan(one, &heard_of));
        let (lost, new): (Vec<Meeting>, Vec<Meeting>) = orphans
            .take(TAKEN_A_TURN)
            .partition(|one| self.is_of_a_lost_server(one));
        let kept_here = |meeting: &Meeting| Meeting {
            keeper: Some(servers.id().to_owned()),
            ..meeting.clone()
        };
        self.keep_quietly(turn, new.iter().map(kept_here).collect())
            .await?;
        let taken = lost.iter().map(|before| Kept {
            action: "meeting.take_over",
            after: kept_here(before),
            before: Some(before.clone()),
        });
        self.keep(turn, &ourselves(), taken.collect()).await?;
        for Meeting { id, .. } in &lost {
            tracing::warn!(meeting.id = %id, "took {id} over from a server that is lost");
        }
        if lost.len() + new.len() == TAKEN_A_TURN {
            self.inner.wake.notify_one();
        }
        Ok(())
    }

    /// Whether another server kept it, or it has a room that nobody reaches. On SQLite there is no other:
    /// this one had another name.
    fn is_of_a_lost_server(&self, meeting: &Meeting) -> bool {
        let is_reached = !meeting.is_on() || self.inner.rooms.status(&meeting.id).is_some();
        is_postgres(self.inner.db.read()) && (meeting.keeper.is_some() || !is_reached)
    }

    /// Whether nobody keeps it any more: its server is not heard of, and its room is over or silent
    /// for long.
    pub(crate) fn is_orphan(&self, meeting: &Meeting, heard_of: &BTreeSet<String>) -> bool {
        if meeting
            .keeper
            .as_ref()
            .is_some_and(|keeper| heard_of.contains(keeper))
        {
            return false;
        }
        let failover = self.inner.config.get().failover.get();
        let silent = self.silent();
        let is_silent = || {
            silent
                .get(&meeting.id)
                .is_some_and(|at| at.elapsed() >= failover)
        };
        let may_live_elsewhere = meeting.is_on() && is_postgres(self.inner.db.read());
        !may_live_elsewhere || self.inner.rooms.status(&meeting.id).is_some() || is_silent()
    }

    /// Looks who else is there and, for whoever leads, which rooms of servers that are not heard of do
    /// not answer either.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn look_for_silent(&self) -> Result<(), MeetingError> {
        let was_alone = self.inner.servers.is_alone();
        let heard_of = within(ANSWER, async { Ok(self.inner.servers.others().await?) }).await;
        // Whoever was not asked in the meantime was not silent either.
        let heard_of = heard_of.inspect_err(|_| self.silent().clear())?;
        if was_alone && !heard_of.is_empty() {
            self.warn_of_host();
        }
        if !self.inner.servers.leads() {
            self.silent().clear();
            return Ok(());
        }
        let lost: Vec<Meeting> = {
            let roster = self.roster();
            let on = roster.meetings.values().filter(|one| one.is_on());
            let lost = on.filter(|one| {
                let here = self.inner.servers.id();
                let keeper = one.keeper.as_ref();
                keeper.is_none_or(|id| id != here && !heard_of.contains(id))
            });
            lost.cloned().collect()
        };
        let asked = stream::iter(lost).map(|meeting| async move {
            let is_silent = self.away(&meeting).await.is_none();
            is_silent.then_some(meeting.id)
        });
        let answered = asked.buffer_unordered(AT_ONCE);
        let silent: BTreeSet<String> = answered.filter_map(std::future::ready).collect().await;
        let mut known = self.silent();
        known.retain(|id, _| silent.contains(id));
        for id in silent {
            known.entry(id).or_insert_with(Instant::now);
        }
        drop(known);
        self.inner.wake.notify_one();
        Ok(())
    }

    /// Rooms that others cannot reach are taken for lost when their server is away for a while.
    fn warn_of_host(&self) {
        let host = self.inner.rooms.host();
        if host.is_loopback() || host.is_unspecified() {
            tracing::warn!(
                "other servers share the database, and rooms listen on {host}: a server on another machine \
                 cannot reach them there; set `[rooms] host` to this machine's address"
            );
        }
    }

    pub(crate) fn silent(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        let silent = self.inner.silent.lock();
        silent.unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, step: &Step) {
        let Some(meeting) = self.roster().meetings.get(&step.id).cloned() else {
            return;
        };
        let rooms = &self.inner.rooms;
        match &step.action {
            Action::Start { port } => rooms.start(Wanted {
                meeting_id: meeting.id.clone(),
                name: meeting.name.clone(),
                port: *port,
                starts_at: meeting.date_time,
                ends_at: meeting.end_time(),
            }),
            Action::Update => rooms.set_end(&meeting.id, meeting.end_time()),
            Action::Stop => rooms.stop(&meeting.id, &step.reason.text),
            Action::Keep | Action::Hold | Action::Fail | Action::Rest => {}
        }
    }

    /// The meetings whose state is another one now.
    fn changed_states(
        &self,
        now: Timestamp,
        steps: &[Step],
        rooms: &BTreeMap<String, RoomStatus>,
    ) -> Vec<Meeting> {
        let roster = self.roster();
        let changed = steps.iter().filter_map(|step| {
            let meeting = roster.meetings.get(&step.id)?;
            let room = rooms.get(&step.id);
            let is_here = meeting.is_kept_by(self.inner.servers.id(), room.is_some());
            let next = Meeting {
                room_at: room.and_then(|room| self.room_at(room)),
                ..next_state(now, meeting, step, room)
            };
            (is_here && next != *meeting).then_some(next)
        });
        changed.collect()
    }

    fn room_at(&self, room: &RoomStatus) -> Option<RoomAt> {
        Some(RoomAt {
            address: room.seen_from_afar()?,
            machine: self.inner.servers.machine().to_owned(),
        })
    }

    fn log_states(&self, steps: &[Step], changed: &[Meeting]) {
        let roster = self.roster();
        let reasons: BTreeMap<&str, &str> = steps
            .iter()
            .map(|step| (step.id.as_str(), step.reason.text.as_str()))
            .collect();
        for next in changed {
            let (id, to) = (next.id.as_str(), next.state);
            let from = roster.meetings.get(id).map(|meeting| meeting.state);
            if let (Some(from), Some(reason)) = (from, reasons.get(id))
                && from != to
            {
                tracing::info!(
                    meeting.id = %id, %from, %to,
                    "meeting {id} is {to}: {reason}",
                );
            }
        }
    }

    /// Says once of each meeting whose time has come that it cannot begin here.
    fn log_held_back(&self, steps: &[Step]) {
        let cut_off = steps.iter().filter(|step| step.reason.code == CUT_OFF);
        let held_back: BTreeSet<String> = cut_off.map(|step| step.id.clone()).collect();
        let mut roster = self.roster();
        for id in held_back.difference(&roster.held_back) {
            tracing::warn!(meeting.id = %id, "{id} does not begin: {CUT_OFF_TEXT}");
        }
        roster.held_back = held_back;
    }

    /// Tells who listens that people came or went; nothing of that is kept.
    pub(crate) fn tell_clients(&self, id: &str) {
        let Some(status) = self.inner.rooms.status(id) else {
            return;
        };
        let known = self.roster().meetings.get(id).map(|one| one.name.clone());
        self.inner.events.publish(Event::ParticipantsChanged {
            id: id.to_owned(),
            name: known.unwrap_or_else(|| id.to_owned()),
            clients: status.clients,
        });
    }
}

/// The meeting with the state that the step and its room give it.
fn next_state(
    now: Timestamp,
    meeting: &Meeting,
    step: &Step,
    room: Option<&RoomStatus>,
) -> Meeting {
    let state = match (&step.action, room.map(|room| room.phase)) {
        (Action::Hold, Some(Phase::Running)) => MeetingState::Held,
        (_, Some(Phase::Starting)) => MeetingState::Starting,
        (_, Some(Phase::Running)) => MeetingState::Running,
        (_, Some(Phase::Stopping)) => MeetingState::Stopping,
        (_, Some(Phase::Failed)) | (Action::Fail, None) => MeetingState::Failed,
        (_, None) => meeting.idle_state(now),
    };
    let last_error = match (&step.action, room) {
        (Action::Fail, _) => Some(step.reason.clone()),
        (Action::Start { .. }, Some(room)) => room.last_error.clone(),
        (_, Some(room)) => room
            .last_error
            .clone()
            .or_else(|| meeting.last_error.clone()),
        (_, None) => meeting.last_error.clone(),
    };
    let restarts = room.map_or(meeting.restarts, |room| {
        i32::try_from(room.restarts).unwrap_or(i32::MAX)
    });
    Meeting {
        state,
        last_error,
        restarts,
        ..meeting.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use dabir_db::sql;
    use dabir_testing::Postgres;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::model::samples::{at, listed, local};
    use crate::reason::Reason;
    use crate::testing::House;

    fn room(phase: Phase, last_error: Option<&str>) -> RoomStatus {
        RoomStatus {
            phase,
            pid: Some(42),
            port: Some(3001),
            host: Ipv4Addr::LOCALHOST.into(),
            ends_at: at("11:00:00"),
            restarts: 2,
            last_error: last_error.map(|text| Reason::new("room.crashed", text)),
            clients: 0,
            asked_port: Some(3001),
            own: true,
        }
    }

    fn step(action: Action, reason: &str) -> Step {
        Step {
            id: "14".to_owned(),
            action,
            reason: Reason::new("port.taken", reason),
        }
    }

    #[test]
    fn a_meeting_has_the_state_of_its_room() {
        use MeetingState as State;
        let start = Action::Start { port: None };
        #[rustfmt::skip]
        let cases = [
            (Action::Keep, Some(Phase::Starting), State::Starting),
            (Action::Keep, Some(Phase::Running), State::Running),
            (Action::Keep, Some(Phase::Stopping), State::Stopping),
            (Action::Keep, Some(Phase::Failed), State::Failed),
            (Action::Hold, Some(Phase::Running), State::Held),
            (Action::Hold, Some(Phase::Failed), State::Failed),
            (Action::Stop, Some(Phase::Running), State::Running),
            (Action::Fail, None, State::Failed),
            (Action::Rest, None, State::Scheduled),
            (start, None, State::Scheduled),
        ];
        for (action, phase, state) in cases {
            let shown = format!("{action:?} {phase:?}");
            let room = phase.map(|phase| room(phase, None));
            let next = next_state(
                at("10:30:00"),
                &listed("14"),
                &step(action, ""),
                room.as_ref(),
            );
            assert_eq!(next.state, state, "{shown}");
        }
    }

    #[test]
    fn the_reason_of_a_failure_outlives_the_room_and_goes_with_a_new_start() {
        let failed = Meeting {
            last_error: Some(Reason::new("room.crashed", "old")),
            ..listed("14")
        };
        let error_after = |action: Action, room: Option<RoomStatus>| {
            let step = step(action, "the port is taken");
            let next = next_state(at("10:30:00"), &failed, &step, room.as_ref());
            next.last_error.map(|reason| reason.text)
        };
        let start = Action::Start { port: None };
        let crashed = Some(room(Phase::Starting, Some("it crashed")));
        let starting = Some(room(Phase::Starting, None));
        assert_eq!(error_after(Action::Rest, None).as_deref(), Some("old"));
        assert_eq!(
            error_after(Action::Keep, starting.clone()).as_deref(),
            Some("old")
        );
        assert_eq!(
            error_after(Action::Keep, crashed).as_deref(),
            Some("it crashed")
        );
        assert_eq!(
            error_after(Action::Fail, None).as_deref(),
            Some("the port is taken")
        );
        assert_eq!(error_after(start, starting), None);
    }

    #[test]
    fn restarts_are_the_rooms_and_stay_when_it_is_gone() {
        let counted = Meeting {
            restarts: 5,
            ..listed("14")
        };
        let restarts = |room: Option<RoomStatus>| {
            let step = step(Action::Keep, "");
            next_state(at("10:30:00"), &counted, &step, room.as_ref()).restarts
        };
        assert_eq!(restarts(Some(room(Phase::Running, None))), 2);
        assert_eq!(restarts(None), 5);
    }

    #[tokio::test]
    async fn what_the_house_left_under_another_name_is_its_own_again_in_parts_and_in_silence() {
        let house = House::new();
        let before = house.meetings_of("before").await;
        let left: Vec<Meeting> = (0..=TAKEN_A_TURN)
            .map(|number| Meeting {
                state: MeetingState::Running,
                slug: format!("slug{number}"),
                ..local(&number.to_string())
            })
            .collect();
        let turn = before.turn().await.unwrap();
        before.keep_quietly(&turn, left).await.unwrap();
        let gone = CancellationToken::new();
        gone.cancel();
        before.inner.servers.clone().stay(gone).await;

        let here = house.meetings().await;
        let turn = here.turn().await.unwrap();
        let kept = || {
            let roster = here.roster();
            let keepers = roster.meetings.values().flat_map(|one| &one.keeper);
            keepers.filter(|keeper| *keeper == "here").count()
        };
        for expected in [TAKEN_A_TURN, TAKEN_A_TURN + 1] {
            here.take_over(&turn).await.unwrap();
            assert_eq!(kept(), expected);
        }
        let audited = sql::query(here.inner.db.read(), "SELECT seq FROM audit", []).await;
        assert!(audited.unwrap().is_empty(), "no server was lost");
    }

    #[tokio::test]
    async fn a_room_is_not_silent_while_nobody_can_ask() {
        let postgres = Postgres::start();
        let house = House {
            database: postgres.database(),
            ..House::new()
        };
        let meetings = house.meetings().await;
        let since = Instant::now();
        meetings.silent().insert("14".to_owned(), since);
        meetings.inner.db.clone().close().await;
        meetings.look_for_silent().await.unwrap_err();
        assert!(meetings.silent().is_empty());
    }
}
