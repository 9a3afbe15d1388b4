//! What a meeting leaves behind: who was there, what was talked about, and what was written down of it.

use std::io;
use std::time::Duration;

use dabir_core::{Timestamp, new_id};
use dabir_db::sql::is_postgres;
use dabir_room::journal;
use dabir_room::model::Poll;
use dabir_room::state::Room;

use crate::entry::elsewhere;
use crate::error::MeetingError;
use crate::model::{Meeting, MeetingState};
use crate::service::Meetings;
use crate::store;

/// What was kept of a meeting that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    pub meeting_id: String,
    pub name: String,
    pub began_at: Timestamp,
    pub ended_at: Timestamp,
    /// The names of those who were there, first come first.
    pub people: Vec<String>,
    /// The points of the agenda.
    pub agenda: Vec<String>,
    /// The shared minutes.
    pub minutes: String,
    /// How often the minutes were changed.
    pub rev: i64,
    /// Those that were closed.
    pub polls: Vec<Poll>,
}

/// So long ago a meeting may have ended whose minutes nobody looked at yet.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

impl Meetings {
    /// What the room of a meeting that is over has kept.
    ///
    /// # Errors
    /// When there is no such meeting, it is not over, it never had a room, or that was on another server.
    pub async fn transcript(&self, word: &str) -> Result<Transcript, MeetingError> {
        let meeting = self.meeting_here(word).await?;
        // Another server may have had its room before; the last one has what was written last. On SQLite
        // there is no other: this one had another name.
        let here = self.inner.servers.id();
        let is_elsewhere = meeting.keeper.as_ref().is_some_and(|keeper| keeper != here);
        if is_elsewhere && is_postgres(self.inner.db.read()) {
            return Err(elsewhere(&meeting));
        }
        if meeting.state != MeetingState::Ended {
            return Err(state(
                &meeting,
                "its minutes become a document when it is over",
            ));
        }
        let folder = self.rooms().folder(&meeting.id);
        let read = tokio::task::spawn_blocking(move || journal::read(&folder)).await;
        match read.map_err(io::Error::other)?? {
            Some(room) => Ok(Transcript::of(meeting, &room)),
            None => Err(state(&meeting, "it had no room here, and left no minutes")),
        }
    }

    /// The id of the document that these minutes are to become: the same one however often it is asked
    /// for, until the meeting is opened again and more is written down.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn minutes_document(&self, of: &Transcript) -> Result<String, MeetingError> {
        let tx = self.inner.db.write().await?;
        let id = store::minutes_document(&tx, &of.meeting_id, of.rev, &new_id()).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps that these minutes are a document by now, or that nothing was written down.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn minutes_are_kept(&self, of: &Transcript) -> Result<(), MeetingError> {
        let tx = self.inner.db.write().await?;
        // It may have been opened again meanwhile, and have ended again.
        store::minutes_are_kept(&tx, &of.meeting_id, of.rev, of.ended_at).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The meetings that ended in the last week, had their room here, and whose minutes nobody looked at
    /// since.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn without_minutes(&self) -> Result<Vec<String>, MeetingError> {
        let since = self
            .inner
            .clock
            .now()
            .saturating_sub(WEEK)
            .unwrap_or(Timestamp::MIN);
        let mut ended = store::without_minutes(self.inner.db.read(), since).await?;
        let rooms = self.rooms().clone();
        let look = move || {
            ended.retain(|id| rooms.folder(id).exists());
            ended
        };
        let here = tokio::task::spawn_blocking(look).await;
        Ok(here.map_err(io::Error::other)?)
    }
}

impl Transcript {
    fn of(meeting: Meeting, room: &Room) -> Self {
        let present = room.attendance(room.newest_at);
        let began_at = present.first().map(|first| first.joined_at);
        let closed = room.polls.iter().filter(|poll| !poll.view.open);
        Self {
            began_at: began_at.unwrap_or(meeting.date_time),
            ended_at: meeting.ended_at.unwrap_or(room.newest_at),
            meeting_id: meeting.id,
            name: meeting.name,
            people: present.into_iter().map(|person| person.name).collect(),
            agenda: titles(room),
            minutes: room.minutes.text.clone(),
            rev: i64::try_from(room.minutes.rev).unwrap_or(i64::MAX),
            polls: closed.map(|poll| poll.view.clone()).collect(),
        }
    }
}

fn titles(room: &Room) -> Vec<String> {
    let items = room.agenda.items.iter();
    items.map(|item| item.title.clone()).collect()
}

fn state(meeting: &Meeting, hint: &'static str) -> MeetingError {
    let state = meeting.state;
    MeetingError::State { state, hint }
}

#[cfg(test)]
mod tests {
    use dabir_testing::Postgres;

    use super::*;
    use crate::model::samples::local;
    use crate::testing::House;

    #[tokio::test]
    async fn minutes_of_whoever_died_on_the_way_are_looked_at_again() {
        let postgres = Postgres::start();
        for database in [String::new(), postgres.database()] {
            let house = House {
                database,
                ..House::new()
            };
            let meetings = house.meetings().await;
            let turn = meetings.turn().await.unwrap();
            for state in [MeetingState::Running, MeetingState::Ended] {
                let meeting = Meeting {
                    state,
                    ..local("a")
                };
                meetings.keep_quietly(&turn, vec![meeting]).await.unwrap();
            }
            drop(turn);
            assert!(meetings.without_minutes().await.unwrap().is_empty());
            std::fs::create_dir_all(meetings.rooms().folder("a")).unwrap();
            let waiting = async || meetings.without_minutes().await.unwrap();
            assert_eq!(waiting().await, ["a"]);
            let ended = meetings.meeting("a").await.unwrap();
            let of = Transcript::of(ended, &Room::default());
            let document = meetings.minutes_document(&of).await.unwrap();
            assert_eq!(waiting().await, ["a"], "there is no document yet");
            assert_eq!(meetings.minutes_document(&of).await.unwrap(), document);
            meetings.minutes_are_kept(&of).await.unwrap();
            assert!(waiting().await.is_empty());
            assert_eq!(meetings.minutes_document(&of).await.unwrap(), document);
        }
    }
}
