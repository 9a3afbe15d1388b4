//! Making the rooms what the meetings want, and telling the meetings how their rooms do.

use std::collections::BTreeMap;

use dabir_core::{Event, Timestamp};

use crate::audited::{Kept, ourselves};
use crate::error::MeetingError;
use crate::model::{Meeting, MeetingState, Source};
use crate::plan::{Action, Step, plan};
use crate::rooms::folder::Record;
use crate::rooms::{Phase, RoomStatus, Wanted};
use crate::service::Meetings;

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
        let turn = self.turn().await;
        let mut lost = Vec::new();
        for record in &records {
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
        self.keep(&turn, &ourselves(), lost.into_iter().map(found).collect())
            .await?;
        Ok(records.len())
    }

    /// Learns which rooms live and corrects what the meetings say of themselves, without touching a
    /// room: for whoever works on the data folder while no supervisor runs on it. Answers how many
    /// live.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look_at_rooms(&self) -> Result<usize, MeetingError> {
        self.inner.rooms.look(|record| self.wanted_of(record));
        let turn = self.turn().await;
        let now = self.inner.clock.now();
        let rooms = self.inner.rooms.all();
        let steps = plan(now, &self.roster().known(&rooms), &self.rules());
        let mut changed = self.changed_states(now, &steps, &rooms);
        changed.retain(|next| {
            let before = self.roster().meetings.get(&next.id).cloned();
            before.is_none_or(|before| !self.runs_elsewhere(&before))
        });
        self.keep_quietly(&turn, changed).await?;
        Ok(rooms.len())
    }

    /// Whether the database says that it runs and its room never was in this data folder: then a
    /// supervisor on another one keeps it.
    pub(crate) fn runs_elsewhere(&self, meeting: &Meeting) -> bool {
        let runs = matches!(meeting.state, MeetingState::Running | MeetingState::Held);
        let rooms = &self.inner.rooms;
        runs && rooms.status(&meeting.id).is_none() && !rooms.folder(&meeting.id).is_dir()
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
        let turn = self.turn().await;
        let now = self.inner.clock.now();
        let steps = {
            let rooms = self.inner.rooms.all();
            plan(now, &self.roster().known(&rooms), &self.rules())
        };
        for step in &steps {
            self.act(step);
        }
        let rooms = self.inner.rooms.all();
        let changed = self.changed_states(now, &steps, &rooms);
        self.log_states(&steps, &changed);
        self.keep_quietly(&turn, changed).await?;
        let mut roster = self.roster();
        roster.forget_finished(now, &rooms);
        self.inner
            .metrics
            .meetings(roster.meetings.values().map(|meeting| meeting.state));
        self.inner.metrics.rooms(rooms.values());
        Ok(roster.next_turn(now))
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
            let next = next_state(now, meeting, step, rooms.get(&step.id));
            (next != *meeting).then_some(next)
        });
        changed.collect()
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

    use super::*;
    use crate::model::samples::{at, listed};
    use crate::reason::Reason;

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
}
