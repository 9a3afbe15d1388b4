//! Who does something: a person, a token, a command, a source. The audit remembers it.

use crate::words::word_of;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whoever changes something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    /// The account's or token's id; the source's name; the system user at a terminal.
    pub id: String,
    /// What lists show.
    pub name: String,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// Finds the request in the log.
    pub request_id: Option<String>,
}

/// What an [`Actor`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A person who signed in.
    User,
    /// A program with an API token.
    Token,
    /// A command on this machine.
    Terminal,
    /// A source that Dabir asks.
    Source,
    /// Dabir itself.
    System,
    /// Somebody who is not signed in.
    Stranger,
}

/// Every kind, and its word.
const KINDS: [(ActorKind, &str); 6] = [
    (ActorKind::User, "user"),
    (ActorKind::Token, "token"),
    (ActorKind::Terminal, "terminal"),
    (ActorKind::Source, "source"),
    (ActorKind::System, "system"),
    (ActorKind::Stranger, "stranger"),
];

impl Actor {
    /// Someone or something on this machine, with one word for its id and its name.
    #[must_use]
    pub fn here(kind: ActorKind, name: &str) -> Self {
        Self {
            kind,
            id: name.to_owned(),
            name: name.to_owned(),
            address: None,
            request_id: None,
        }
    }
}

impl ActorKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&KINDS, self)
    }
}

impl fmt::Display for ActorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no kind of actor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of user, token, terminal, source, system, stranger")]
pub struct UnknownKind(String);

impl FromStr for ActorKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let known = KINDS.iter().find(|(_, word)| *word == text);
        known
            .map(|(kind, _)| *kind)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for (kind, word) in KINDS {
            assert_eq!(word.parse(), Ok(kind));
            assert_eq!(kind.as_str(), word);
        }
        assert!("root".parse::<ActorKind>().is_err());
    }
}
