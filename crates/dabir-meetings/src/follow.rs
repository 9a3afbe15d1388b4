//! What other servers on the same database change comes into memory, and what is asked of whoever leads
//! reaches them.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use dabir_core::Event;
use dabir_db::hints;
use dabir_db::sql::is_postgres;
use tokio::sync::oneshot;

use crate::edit::remove_folders;
use crate::error::MeetingError;
use crate::model::{Meeting, Override};
use crate::service::{Meetings, SourceStatus, within};
use crate::store::{self, Standing};

/// Where servers hear that meetings changed, or what is asked of them.
pub(crate) const CHANNEL: &str = "dabir_meetings";
/// Asks whoever leads for a poll.
const POLL: &str = "poll";
/// Asks whoever keeps the room of the meeting after it to start that anew.
const RETRY: &str = "retry:";
/// How long the one that leads may take to poll.
const POLLED: Duration = Duration::from_secs(15);
/// How long the database may take to say what is new.
pub(crate) const ANSWER: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(100);

impl Meetings {
    /// Takes in what the database knows and the memory does not; only in one's turn. Nobody waits here
    /// for a database that was away a moment ago.
    pub(crate) async fn catch_up(&self) -> Result<(), MeetingError> {
        if self.inner.is_away.load(Ordering::Relaxed) {
            return Err(MeetingError::Silent);
        }
        within(ANSWER, self.read_what_is_new()).await
    }

    /// Looks whether the database knows more than the memory, and takes it in; holds nobody up while
    /// the database is away.
    pub(crate) async fn look_what_is_new(&self) -> Result<(), MeetingError> {
        let standing = within(ANSWER, self.standing()).await;
        self.inner
            .is_away
            .store(standing.is_err(), Ordering::Relaxed);
        let standing = standing?;
        self.hear_of_source(standing.source.as_deref());
        if standing.revision != self.roster().revision {
            drop(self.turn().await?);
        }
        Ok(())
    }

    async fn standing(&self) -> Result<Standing, MeetingError> {
        Ok(store::standing(self.inner.db.read()).await?)
    }

    async fn read_what_is_new(&self) -> Result<(), MeetingError> {
        let db = self.inner.db.read();
        let standing = store::standing(db).await?;
        let known = self.roster().revision;
        if standing.revision == known {
            return Ok(());
        }
        if standing.erased <= known && standing.revision > known {
            let changed = store::changed_since(db, known).await?;
            self.take_in(changed, standing.revision);
            return Ok(());
        }
        let mut all = store::unfinished(db, self.inner.clock.now()).await?;
        let missing = self.missing_among(&all);
        let ids: Vec<&str> = missing.iter().map(|one| one.id.as_str()).collect();
        let ended = store::find_all(db, &ids).await?;
        let is_there = |id: &str| ended.iter().any(|one| one.id == id);
        for meeting in missing.iter().filter(|one| !is_there(&one.id)) {
            self.let_go(meeting.clone());
        }
        all.extend(ended);
        self.take_in(all, standing.revision);
        Ok(())
    }

    fn missing_among(&self, all: &[Meeting]) -> Vec<Meeting> {
        let ids: BTreeSet<&str> = all.iter().map(|one| one.id.as_str()).collect();
        let roster = self.roster();
        let missing = roster.meetings.values();
        let missing = missing.filter(|one| !ids.contains(one.id.as_str()));
        missing.cloned().collect()
    }

    /// Another server removed the meeting: its room here ends, and goes with what was said in it.
    fn let_go(&self, meeting: Meeting) {
        let Meeting { id, name, .. } = meeting;
        self.roster().meetings.remove(&id);
        let this = self.clone();
        self.inner.rooms.stop(&id, "the meeting was removed");
        let removed = Event::MeetingRemoved {
            id: id.clone(),
            name,
        };
        self.inner.events.publish(removed);
        // Whoever leaves waits for it.
        drop(self.inner.rooms.background(async move {
            this.inner.rooms.gone(&id).await;
            remove_folders(vec![this.inner.rooms.folder(&id)]).await;
        }));
    }

    fn take_in(&self, changed: Vec<Meeting>, revision: i64) {
        let mut roster = self.roster();
        for meeting in changed {
            let id = meeting.id.clone();
            let told = meeting.changed();
            let is_started = meeting.operator == Some(Override::Start);
            let before = roster.meetings.insert(id.clone(), meeting);
            if before.as_ref() != roster.meetings.get(&id) {
                self.inner.events.publish(told);
            }
            // Its word may be lost, and the room's crashes are forgotten with it.
            if is_started && before.is_none_or(|before| before.operator != Some(Override::Start)) {
                self.inner.rooms.retry(&id);
            }
        }
        roster.revision = revision;
        let now = self.inner.clock.now();
        roster.forget_finished(now, &self.inner.rooms.all());
        drop(roster);
        self.inner.wake.notify_one();
    }

    /// Whoever does not lead knows of the source what the one that leads wrote down.
    fn hear_of_source(&self, told: Option<&str>) {
        if self.inner.servers.leads() {
            return;
        }
        let told = told.and_then(|text| serde_json::from_str::<SourceStatus>(text).ok());
        if let Some(told) = told {
            self.set_source(|source| *source = told);
        }
    }

    /// Writes down how the source does, for those who do not lead. Only PostgreSQL has any.
    pub(crate) async fn pass_on_source(&self) -> Result<(), MeetingError> {
        let db = self.inner.db.read();
        if is_postgres(db) {
            let status = serde_json::to_string(&self.source()).unwrap_or_default();
            store::tell_source(db, &status).await?;
        }
        Ok(())
    }

    /// Has whoever leads ask the source now, and waits until it did.
    pub(crate) async fn ask_for_poll(&self) -> Result<(), MeetingError> {
        self.look_what_is_new().await?;
        let before = self.source().last_poll_at;
        hints::say(self.inner.db.read(), CHANNEL, POLL).await?;
        let began = Instant::now();
        while self.source().last_poll_at == before && began.elapsed() < POLLED {
            tokio::time::sleep(LOOK).await;
            self.look_what_is_new().await?;
        }
        Ok(())
    }

    /// Has whoever keeps the room of the meeting `id` forget its crashes and start it now.
    pub(crate) async fn retry(&self, id: &str) {
        self.inner.rooms.retry(id);
        let word = format!("{RETRY}{id}");
        if let Err(error) = hints::say(self.inner.db.read(), CHANNEL, &word).await {
            tracing::debug!(%error, "whoever keeps {id} hears of it a moment later: {error}");
        }
    }

    /// Takes a hint of another server.
    pub(crate) fn hear(&self, word: &str) {
        if word == POLL {
            // Nobody waits here for what is asked elsewhere; who does not lead has no poller.
            let (asker, _) = oneshot::channel();
            if self.inner.servers.leads() {
                let _ = self.inner.poll_now.send(asker);
            }
        } else if let Some(id) = word.strip_prefix(RETRY) {
            self.inner.rooms.retry(id);
        }
        self.inner.behind.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::ourselves;
    use crate::model::samples::local;
    use crate::model::{MeetingState, NewMeeting};
    use crate::testing::House;

    async fn make(meetings: &Meetings, name: &str) -> String {
        let new = NewMeeting {
            name: name.to_owned(),
            ..NewMeeting::default()
        };
        meetings.create(&ourselves(), new).await.unwrap().id
    }

    fn known(meetings: &Meetings) -> Vec<String> {
        let roster = meetings.roster();
        roster.meetings.keys().cloned().collect()
    }

    #[tokio::test]
    async fn what_another_server_changes_is_known_before_anything_is_decided() {
        let house = House::new();
        let one = house.meetings().await;
        let id = make(&one, "a").await;
        let other = house.meetings_of("there").await;
        for meetings in [&one, &other, &one] {
            meetings.extend(&ourselves(), &id, 5).await.unwrap();
        }
        let extended = |meetings: &Meetings| meetings.roster().meetings[&id].extended_secs;
        assert_eq!(extended(&one), 900);
        drop(other.turn().await.unwrap());
        assert_eq!(extended(&other), 900);
        other.delete(&ourselves(), &id).await.unwrap();
        assert_eq!(known(&one), [id.as_str()]);
        drop(one.turn().await.unwrap());
        assert_eq!(known(&one), [""; 0], "it was removed there");

        let (ended, removed) = (make(&one, "b").await, make(&one, "c").await);
        let over = |meeting: &mut Meeting, now| {
            meeting.state = MeetingState::Ended;
            meeting.duration_secs = 0;
            meeting.date_time = now;
            Ok(())
        };
        let over = other
            .update(&ourselves(), "meeting.change", &ended, over)
            .await;
        over.unwrap();
        other.delete(&ourselves(), &removed).await.unwrap();
        drop(one.turn().await.unwrap());
        assert_eq!(
            known(&one),
            [""; 0],
            "one ended while the other was removed"
        );
    }

    #[tokio::test]
    async fn what_was_decided_by_older_knowledge_is_not_written() {
        let house = House::new();
        let (one, other) = (house.meetings().await, house.meetings_of("there").await);
        let turn = one.turn().await.unwrap();
        let id = make(&other, "made meanwhile").await;
        let late = one.keep_quietly(&turn, vec![local("late")]).await;
        assert!(matches!(late, Err(MeetingError::Behind)), "{late:?}");
        drop(turn);
        drop(one.turn().await.unwrap());
        assert_eq!(known(&one), [id.as_str()]);
    }

    #[tokio::test]
    async fn a_meeting_is_with_whoever_keeps_it_and_with_the_one_that_leads_otherwise() {
        let house = House::new();
        let one = house.meetings().await;
        let id = make(&one, "a").await;
        assert_eq!(one.roster().meetings[&id].keeper.as_deref(), Some("here"));
        let meeting = |keeper: Option<&str>, state| Meeting {
            keeper: keeper.map(str::to_owned),
            state,
            ..local("m")
        };
        let nobody = BTreeSet::new();
        let there = BTreeSet::from(["there".to_owned()]);
        let cases = [
            (MeetingState::Scheduled, &there, false),
            (MeetingState::Scheduled, &nobody, true),
            (MeetingState::Running, &there, false),
            // On SQLite nobody else can keep its room.
            (MeetingState::Running, &nobody, true),
        ];
        for (state, heard_of, is_orphan) in cases {
            let meeting = meeting(Some("there"), state);
            assert_eq!(one.is_orphan(&meeting, heard_of), is_orphan, "{state}");
        }
    }
}
