//! The nouns of a room: people, polls, the agenda, the minutes, and the events that change them.

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Moderator,
    Participant,
}

/// Somebody in the room, as the others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub muted: bool,
}

/// How long somebody was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    pub id: String,
    pub name: String,
    /// The first time.
    pub joined_at: Timestamp,
    /// The last time; `None` while they are there.
    pub left_at: Option<Timestamp>,
    /// All stays together.
    pub seconds: i64,
}

/// A question with its answers, as everybody may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    pub id: String,
    pub question: String,
    pub options: Vec<PollOption>,
    pub multiple: bool,
    /// Votes stay 0 until the poll is closed, and nobody ever learns who chose what.
    pub secret: bool,
    pub open: bool,
    /// How many have voted.
    pub voters: usize,
}

/// One answer of a poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    pub text: String,
    pub votes: usize,
    /// The names of those who chose it, once a poll that is not secret has been closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

/// What is to be talked about, and where the meeting stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    pub items: Vec<AgendaItem>,
    pub current: Option<usize>,
    /// When the current item was begun.
    pub started_at: Option<Timestamp>,
}

/// One point of the agenda and the minutes meant for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaItem {
    pub title: String,
    #[serde(default)]
    pub minutes: u32,
}

/// The shared minutes; every accepted edit raises `rev`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minutes {
    pub rev: u64,
    pub text: String,
}

/// Something that changed the room, as everybody sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// 1, 2, 3 … without gaps.
    pub offset: u64,
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    Chat {
        from: String,
        from_id: String,
        text: String,
        /// The writer's own mark, so that a message sent again after a cut is kept once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
    },
    Joined {
        id: String,
        name: String,
        role: Role,
    },
    Left {
        id: String,
        name: String,
        role: Role,
    },
    Hand {
        id: String,
        name: String,
        up: bool,
        hands: Vec<String>,
    },
    Poll {
        poll: Poll,
    },
    Agenda {
        agenda: Agenda,
    },
    Minutes {
        rev: u64,
        text: String,
        by: String,
    },
    Muted {
        id: String,
        name: String,
        on: bool,
        by: String,
    },
    Locked {
        on: bool,
        by: String,
    },
    Removed {
        id: String,
        name: String,
        reason: String,
        by: String,
    },
    /// The house lets nobody in for a while whom the private part names.
    PutOut {},
    Extended {
        ends_at: Timestamp,
    },
    /// The room closed; it may be opened again on the same journal.
    Ended {
        reason: String,
    },
}

/// What the journal keeps of an event that nobody but the room may know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Private {
    /// The SHA-256 of a new person's seat, in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// Whom the token of a new person names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// What the registry of clients calls a new person, when that is neither their `sub` nor, for a
    /// guest, their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The token that a person came in with, and when it expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<UsedToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ballot: Option<Ballot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_out: Option<KeptOut>,
    /// A removed person's `sub` is not let in again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub barred: bool,
    /// When somebody who left was last known to be there, when that was before a crash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

/// What whoever let somebody in calls them. A guest's name is nobody's `sub`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Called {
    Sub(String),
    Guest(String),
}

impl Called {
    /// Whom the `sub` of their token names; a guest has none, and goes by `name`.
    #[must_use]
    pub fn new(sub: Option<&str>, name: &str) -> Self {
        match sub {
            Some(sub) => Self::Sub(sub.to_owned()),
            None => Self::Guest(name.to_owned()),
        }
    }

    /// The bare word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Sub(word) | Self::Guest(word) => word,
        }
    }
}

/// What the house's registry of clients calls somebody: as their token says, else by their `sub`, and
/// a guest by their name.
#[must_use]
pub fn client_name<'a>(client: Option<&'a str>, sub: Option<&'a str>, name: &'a str) -> &'a str {
    client.or(sub).unwrap_or(name)
}

/// Whom the house does not want, by a `sub` or a guest's name, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptOut {
    pub who: String,
    pub reason: String,
}

/// A token that cannot be used a second time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedToken {
    pub jti: String,
    pub exp: i64,
}

/// Who chose what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    pub person: String,
    pub choices: Vec<usize>,
}

/// An event and its private part: one record of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    #[serde(flatten)]
    pub event: Event,
    #[serde(default)]
    pub private: Private,
}
