//! What a room and its supervisor say to each other: one JSON object a line over a Unix socket.

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Attendance, Person, Role};

/// The longest line that a room reads.
pub const MAX_LINE: usize = 64 * 1024;

/// The longest line that a supervisor reads: everybody whom a room remembers, with the longest
/// names.
pub const MAX_LINE_FROM_ROOM: usize = 16 << 20;

/// A room's word to its supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromRoom {
    /// The first line of every connection; the room's listening socket is attached to it.
    Hello {
        pid: u32,
        id: String,
        ends_at: Option<Timestamp>,
        clients: usize,
        offset: u64,
    },
    Joined {
        id: String,
        name: String,
        role: Role,
        /// How many are in the room now.
        clients: usize,
    },
    Left {
        id: String,
        name: String,
        role: Role,
        clients: usize,
    },
    Participants {
        participants: Vec<Present>,
    },
    Attendance {
        people: Vec<Attendance>,
    },
    /// The last line: the room is gone.
    Ended {
        reason: String,
    },
    /// The supervisor's line was not understood and changed nothing.
    Error {
        code: String,
        detail: String,
    },
}

/// Somebody in the room, with the time they came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    #[serde(flatten)]
    pub person: Person,
    pub joined_at: Timestamp,
}

/// A supervisor's word to its room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToRoom {
    /// Moves the end; everybody sees `extended`.
    EndsAt { ends_at: Timestamp },
    /// A word from the house to everybody.
    Notice { text: String },
    /// Ends the room: everybody sees `closed` with this reason.
    End {
        #[serde(default = "stopped")]
        reason: String,
    },
    /// Asks for [`FromRoom::Participants`].
    Participants,
    /// Asks for [`FromRoom::Attendance`].
    Attendance,
    /// Puts somebody out. `who` is a person's id, the `sub` of their token, or a guest's name.
    Kick {
        who: String,
        #[serde(default)]
        reason: String,
    },
    /// Lets somebody listen only, now and when they come in later, until `on` is false.
    Pause {
        who: String,
        on: bool,
        #[serde(default)]
        by: String,
        #[serde(default)]
        reason: String,
    },
}

fn stopped() -> String {
    "stopped".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_look_as_the_protocol_says() {
        let joined = FromRoom::Joined {
            id: "p".into(),
            name: "Ali".into(),
            role: Role::Participant,
            clients: 1,
        };
        assert_eq!(
            serde_json::to_string(&joined).unwrap(),
            r#"{"type":"joined","id":"p","name":"Ali","role":"participant","clients":1}"#
        );
        let end: ToRoom = serde_json::from_str(r#"{"type":"end"}"#).unwrap();
        assert_eq!(
            end,
            ToRoom::End {
                reason: "stopped".into()
            }
        );
        let moved = r#"{"type":"ends_at","ends_at":"2026-11-21T15:00:00Z"}"#;
        let read: ToRoom = serde_json::from_str(moved).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), moved);
    }
}
