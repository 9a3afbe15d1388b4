//! What a person asks of the room, and what the room may answer instead of doing it.

use serde::{Deserialize, Serialize};

use crate::model::AgendaItem;

/// The most chat events that one `history` request gives.
pub const MAX_HISTORY: usize = 200;

/// One JSON object from a person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    Chat {
        text: String,
        #[serde(default)]
        nonce: Option<String>,
    },
    Hand {
        up: bool,
        #[serde(default)]
        id: Option<String>,
    },
    Resume {
        offset: u64,
    },
    History {
        #[serde(default)]
        before: Option<u64>,
        #[serde(default)]
        limit: Option<usize>,
    },
    Poll {
        question: String,
        options: Vec<String>,
        #[serde(default)]
        multiple: bool,
        #[serde(default)]
        secret: bool,
    },
    Vote {
        poll: String,
        choices: Vec<usize>,
    },
    PollClose {
        poll: String,
    },
    Agenda {
        items: Vec<AgendaItem>,
    },
    AgendaCurrent {
        item: Option<usize>,
    },
    Minutes {
        base: u64,
        text: String,
    },
    Mute {
        id: String,
        on: bool,
    },
    Remove {
        id: String,
        #[serde(default)]
        reason: String,
    },
    Lock {
        on: bool,
    },
    Attendance,
}

/// Why the room does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this is not a request: {0}")]
    Invalid(String),
    #[error("the room knows no such request")]
    Unknown,
    #[error("too many messages, wait a moment")]
    RateLimited,
    #[error("there is nothing in it")]
    TextEmpty,
    #[error("it is longer than {max} characters")]
    TextTooLong { max: usize },
    #[error("you are muted")]
    Muted,
    #[error("you are paused")]
    Paused,
    #[error("only moderators may do this")]
    ModeratorOnly,
    #[error("nobody here has this id")]
    PersonUnknown,
    #[error("you cannot do this to yourself")]
    PersonSelf,
    #[error("there is no such poll")]
    PollUnknown,
    #[error("the poll is closed")]
    PollClosed,
    #[error("a poll has a question and 2 to 20 different answers")]
    PollInvalid,
    #[error("the room has had its {max} polls")]
    PollTooMany { max: usize },
    #[error("the poll does not have these choices, or not that many of them")]
    VoteInvalid,
    #[error("an agenda has up to 100 titled items, and `current` is one of them")]
    AgendaInvalid,
    #[error("somebody else has changed the minutes")]
    MinutesConflict,
    #[error("the room has not come that far yet")]
    ResumeAhead,
    #[error("the room has taken all it can keep")]
    JournalFull,
}

impl Refusal {
    /// The name that programs and translations know it by.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "request.invalid",
            Self::Unknown => "request.unknown",
            Self::RateLimited => "rate.limited",
            Self::TextEmpty => "text.empty",
            Self::TextTooLong { .. } => "text.too_long",
            Self::Muted => "muted",
            Self::Paused => "paused",
            Self::ModeratorOnly => "moderator.only",
            Self::PersonUnknown => "person.unknown",
            Self::PersonSelf => "person.self",
            Self::PollUnknown => "poll.unknown",
            Self::PollClosed => "poll.closed",
            Self::PollInvalid => "poll.invalid",
            Self::PollTooMany { .. } => "poll.too_many",
            Self::VoteInvalid => "vote.invalid",
            Self::AgendaInvalid => "agenda.invalid",
            Self::MinutesConflict => "minutes.conflict",
            Self::ResumeAhead => "resume.ahead",
            Self::JournalFull => "room.journal_full",
        }
    }
}

/// A request, with what is needed to answer it by name when it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub subject: Subject,
    pub request: Result<Request, Refusal>,
}

/// Which request an `error` is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Subject {
    #[serde(rename(deserialize = "type", serialize = "re"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

impl Subject {
    /// What the request says it is, or nothing when that is no short text.
    fn of(line: &str) -> Self {
        let subject: Self = serde_json::from_str(line).unwrap_or_default();
        let short = |text: &String| text.len() <= 256;
        Self {
            kind: Some(subject.kind).filter(short).unwrap_or_default(),
            nonce: subject.nonce.filter(short),
        }
    }
}

/// Reads one line of a frame.
#[must_use]
pub fn parse(line: &str) -> Asked {
    let subject = Subject::of(line);
    let request = serde_json::from_str(line).map_err(|error| {
        let detail = error.to_string();
        // No field of a request is an enum, so the variant can only be that of `type`.
        if detail.starts_with("unknown variant") {
            Refusal::Unknown
        } else {
            Refusal::Invalid(detail)
        }
    });
    Asked { subject, request }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> &'static str {
        parse(line).request.unwrap_err().code()
    }

    #[test]
    fn requests_are_read() {
        let asked = parse(r#"{"type":"chat","text":"سلام","nonce":"n1"}"#);
        let chat = Request::Chat {
            text: "سلام".into(),
            nonce: Some("n1".into()),
        };
        assert_eq!(asked.request, Ok(chat));
        assert_eq!(
            serde_json::to_string(&asked.subject).unwrap(),
            r#"{"re":"chat","nonce":"n1"}"#
        );
        assert!(parse(r#"{"type":"attendance"}"#).request.is_ok());
        assert!(
            parse(r#"{"type":"agenda_current","item":null}"#)
                .request
                .is_ok()
        );
    }

    #[test]
    fn every_known_kind_is_refused_as_invalid_when_its_fields_are_wrong() {
        for kind in ["chat", "vote", "poll_close", "agenda", "mute", "lock"] {
            assert_eq!(
                code(&format!(r#"{{"type":"{kind}"}}"#)),
                "request.invalid",
                "{kind}"
            );
        }
    }

    #[test]
    fn garbage_is_refused() {
        for line in ["", "x", "[]", "{}", "null", r#"{"type":7}"#, "{\"type\":"] {
            assert_eq!(code(line), "request.invalid", "{line}");
        }
        assert_eq!(code(r#"{"type":"dance"}"#), "request.unknown");
    }
}
