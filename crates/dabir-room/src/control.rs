//! What a room and its supervisor say to each other: one JSON object a line over a Unix socket.

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Attendance, Person, Role};
use crate::orders::{Ordered, Orders};

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
        /// Whether it takes [`ToRoom::Orders`]. One of a former version does not.
        #[serde(default)]
        orders: bool,
    },
    Joined {
        id: String,
        name: String,
        role: Role,
        /// What the registry of clients calls them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
        /// How many are in the room now.
        clients: usize,
    },
    Left {
        id: String,
        name: String,
        role: Role,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
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
    /// What the registry of clients calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
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
    /// Says what the house orders about people, by what its registry calls them. It holds until other
    /// orders come, in this life of the room and in the next.
    Orders {
        about: Orders,
        /// About others nothing is ordered.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        whole: bool,
        /// The next line goes on; all of it happens together.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
}

impl ToRoom {
    /// The lines that say `about`, none longer than a room reads.
    #[must_use]
    pub fn orders(about: Orders, whole: bool) -> Vec<Self> {
        let mut parts = vec![Orders::new()];
        let mut bytes = 0;
        for (name, ordered) in about {
            let entry = length(&name, &ordered);
            if bytes + entry > MAX_ABOUT {
                parts.push(Orders::new());
                bytes = 0;
            }
            bytes += entry;
            if let Some(part) = parts.last_mut() {
                part.insert(name, ordered);
            }
        }
        let last = parts.len() - 1;
        let parts = parts.into_iter().enumerate();
        let line = |(at, about)| Self::Orders {
            about,
            whole,
            more: at < last,
        };
        parts.map(line).collect()
    }
}

/// How much of a line of orders is the orders.
const MAX_ABOUT: usize = MAX_LINE - 100;

/// What an entry takes of a line.
fn length(name: &str, ordered: &Ordered) -> usize {
    // These types always serialise.
    serde_json::to_string(&(name, ordered)).map_or(MAX_ABOUT, |entry| entry.len())
}

fn stopped() -> String {
    "stopped".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::Pause;

    #[test]
    fn ten_thousand_orders_go_in_lines_that_a_room_reads() {
        let pause = Pause {
            by: "ب".repeat(200),
            reason: "\u{1}".repeat(500),
        };
        let ordered = Ordered {
            bar: None,
            pause: Some(pause),
        };
        let about: Orders = (0..10_000)
            .map(|n| (format!("name {n}"), ordered.clone()))
            .collect();
        let mut read = Orders::new();
        let lines = ToRoom::orders(about.clone(), true);
        for (at, word) in lines.iter().enumerate() {
            let line = serde_json::to_vec(word).unwrap();
            assert!(line.len() < MAX_LINE, "{}", line.len());
            let ToRoom::Orders { about, whole, more } = serde_json::from_slice(&line).unwrap()
            else {
                panic!("{word:?}");
            };
            assert!(whole && more == (at + 1 < lines.len()));
            read.extend(about);
        }
        assert_eq!(read, about);
        let nothing = ToRoom::orders(Orders::new(), true);
        assert_eq!(
            serde_json::to_string(&nothing).unwrap(),
            r#"[{"type":"orders","about":{},"whole":true}]"#
        );
    }

    #[test]
    fn lines_look_as_the_protocol_says() {
        let joined = FromRoom::Joined {
            id: "p".into(),
            name: "Ali".into(),
            role: Role::Participant,
            client: None,
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
        let former = r#"{"type":"hello","pid":1,"id":"r","ends_at":null,"clients":0,"offset":0}"#;
        let hello = serde_json::from_str(former).unwrap();
        assert!(matches!(hello, FromRoom::Hello { orders: false, .. }));
        let moved = r#"{"type":"ends_at","ends_at":"2026-11-21T15:00:00Z"}"#;
        let read: ToRoom = serde_json::from_str(moved).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), moved);
    }
}
