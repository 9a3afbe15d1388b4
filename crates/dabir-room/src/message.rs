//! What the room says to one person or to all, besides the events.

use bytes::Bytes;
use dabir_core::Timestamp;
use serde::Serialize;

use crate::model::{Agenda, Attendance, Minutes, Person, Poll, Role};
use crate::request::{Refusal, Subject};
use crate::spec::RoomSpec;
use crate::state::{Member, Room};

/// One JSON object for people.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message<'a> {
    Welcome(Box<Welcome<'a>>),
    Notice {
        text: &'a str,
    },
    Ending {
        seconds: u64,
    },
    Paused {
        by: &'a str,
        reason: &'a str,
    },
    Resumed {
        by: &'a str,
        reason: &'a str,
    },
    Kicked {
        reason: &'a str,
        /// That the house keeps them out, and a new way in leads nowhere.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'static str>,
    },
    Closed {
        reason: &'a str,
    },
    History {
        more: bool,
    },
    Attendance {
        people: Vec<Attendance>,
    },
    Error(Box<Problem<'a>>),
}

/// The first word to whoever comes in.
#[derive(Debug, Serialize)]
pub struct Welcome<'a> {
    pub you: You<'a>,
    pub room: RoomView<'a>,
    /// Which count of offsets this is.
    pub epoch: &'a str,
    pub offset: u64,
    pub now: Timestamp,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
    /// Left out for who comes back to an offset: the events that follow say it.
    #[serde(flatten)]
    pub snapshot: Option<Snapshot<'a>>,
}

/// Who the reader is.
#[derive(Debug, Serialize)]
pub struct You<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub role: Role,
    pub seat: &'a str,
    pub muted: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
}

/// Where they are.
#[derive(Debug, Serialize)]
pub struct RoomView<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub locked: bool,
}

/// The whole room at an offset; the newest chats are added where the history is.
#[derive(Debug, Serialize)]
pub struct Snapshot<'a> {
    pub participants: Vec<&'a Person>,
    pub hands: &'a [String],
    pub polls: Vec<PollForOne<'a>>,
    pub agenda: &'a Agenda,
    pub minutes: &'a Minutes,
    pub more: bool,
}

/// A poll with what its reader has chosen.
#[derive(Debug, Serialize)]
pub struct PollForOne<'a> {
    #[serde(flatten)]
    pub poll: &'a Poll,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mine: Option<&'a Vec<usize>>,
}

/// A refused request.
#[derive(Debug, Serialize)]
pub struct Problem<'a> {
    pub code: &'a str,
    pub detail: String,
    #[serde(flatten)]
    pub subject: &'a Subject,
    /// The minutes as they are, when an edit came too late.
    #[serde(flatten)]
    pub minutes: Option<&'a Minutes>,
}

impl<'a> RoomView<'a> {
    #[must_use]
    pub fn new(spec: &'a RoomSpec, ends_at: Option<Timestamp>, room: &Room) -> Self {
        Self {
            id: &spec.id,
            name: &spec.name,
            starts_at: spec.starts_at,
            ends_at,
            locked: room.locked,
        }
    }
}

impl<'a> Snapshot<'a> {
    /// The room as `reader` sees it.
    #[must_use]
    pub fn new(room: &'a Room, reader: &Member, more: bool) -> Self {
        let polls = room.polls.iter().map(|poll| PollForOne {
            poll: &poll.view,
            mine: poll.ballots.get(&reader.person.id),
        });
        Self {
            participants: room.participants().map(|(person, _)| person).collect(),
            hands: &room.hands,
            polls: polls.collect(),
            agenda: &room.agenda,
            minutes: &room.minutes,
            more,
        }
    }
}

impl<'a> Problem<'a> {
    #[must_use]
    pub fn new(subject: &'a Subject, refusal: &'a Refusal, minutes: &'a Minutes) -> Self {
        let is_conflict = *refusal == Refusal::MinutesConflict;
        Self {
            code: refusal.code(),
            detail: refusal.to_string(),
            subject,
            minutes: is_conflict.then_some(minutes),
        }
    }
}

impl Message<'_> {
    /// The message as one line.
    #[must_use]
    pub fn line(&self) -> Bytes {
        // These types always serialise; an empty object would be skipped by every reader.
        serde_json::to_vec(self)
            .unwrap_or_else(|_| b"{}".to_vec())
            .into()
    }

    /// The message with `events`, which are JSON already, under `key`.
    #[must_use]
    pub fn line_with(&self, key: &str, events: &[Bytes]) -> Bytes {
        let mut line = Vec::from(self.line());
        line.pop();
        line.extend_from_slice(format!(",\"{key}\":[").as_bytes());
        line.extend_from_slice(&events.join(&b","[..]));
        line.extend_from_slice(b"]}");
        line.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_put_into_a_message_as_they_are() {
        let events = [Bytes::from_static(b"{\"a\":1}"), Bytes::from_static(b"{}")];
        let history = Message::History { more: true };
        assert_eq!(
            history.line_with("events", &events),
            r#"{"type":"history","more":true,"events":[{"a":1},{}]}"#
        );
        assert_eq!(
            history.line_with("events", &[]),
            r#"{"type":"history","more":true,"events":[]}"#
        );
    }

    #[test]
    fn an_error_names_what_it_is_about() {
        let subject = crate::request::parse(r#"{"type":"minutes"}"#).subject;
        let minutes = Minutes {
            rev: 3,
            text: "theirs".into(),
        };
        let problem = Problem::new(&subject, &Refusal::MinutesConflict, &minutes);
        let problem = Message::Error(Box::new(problem));
        assert_eq!(
            problem.line(),
            r#"{"type":"error","code":"minutes.conflict","detail":"somebody else has changed the minutes","re":"minutes","rev":3,"text":"theirs"}"#
        );
    }
}
