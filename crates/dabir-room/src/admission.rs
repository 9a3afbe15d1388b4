//! Who may come in: by a name, a token or a seat.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dabir_core::{Timestamp, new_id, text};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

use crate::decide::Entry;
use crate::model::{Role, UsedToken};
use crate::spec::RoomSpec;
use crate::state::{Member, Room, Standing};
use crate::token::{self, Claims, TokenError};

/// How long a name in a room may be, in characters.
pub const MAX_NAME: usize = 64;

/// What somebody shows at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
    Name(String),
    Token(String),
    Seat(String),
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    #[error("a name has 1 to 64 characters, and none that steer the text")]
    Name,
    #[error("the token lets nobody in here")]
    Token,
    #[error("the token has expired")]
    TokenExpired,
    #[error("the token was used already")]
    TokenUsed,
    #[error("this page may not open the room")]
    Origin,
    #[error("the room takes no guests")]
    Guests,
    #[error("the room is locked")]
    Locked,
    #[error("you were put out of this room")]
    Removed,
    /// Why stands where only they read it: anybody can come with their name.
    #[error("the house keeps you out")]
    Blocked,
    #[error("nobody has this seat")]
    Seat,
    #[error("the meeting is over")]
    Ended,
    #[error("the room is full")]
    Full,
    #[error("too many are coming in at once, try again in a moment")]
    Busy,
}

impl Turned {
    /// The name that programs know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name.invalid",
            Self::Token => "token.invalid",
            Self::TokenExpired => "token.expired",
            Self::TokenUsed => "token.used",
            Self::Origin => "origin.refused",
            Self::Guests => "guests.refused",
            Self::Locked => "room.locked",
            Self::Removed => "person.removed",
            Self::Blocked => "person.blocked",
            Self::Seat => "seat.unknown",
            Self::Ended => "room.ended",
            Self::Full => "room.full",
            Self::Busy => "room.busy",
        }
    }

    /// The HTTP status that says it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Name => 400,
            Self::Token | Self::TokenExpired | Self::TokenUsed => 401,
            Self::Origin | Self::Guests | Self::Locked | Self::Removed | Self::Blocked => 403,
            Self::Seat | Self::Ended => 410,
            Self::Full | Self::Busy => 503,
        }
    }
}

impl From<TokenError> for Turned {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::TokenExpired,
            _ => Self::Token,
        }
    }
}

/// The rules of the door.
#[derive(Clone, Debug)]
pub struct Door {
    pub key: VerifyingKey,
    pub room_id: String,
    pub guests: bool,
    /// How far ahead tokens may expire.
    pub max_ahead: Duration,
    /// A token lets its holder in once.
    pub once: bool,
}

impl Door {
    /// The rules that `spec` gives; `key` is its key.
    #[must_use]
    pub fn new(spec: &RoomSpec, key: VerifyingKey) -> Self {
        Self {
            key,
            room_id: spec.id.clone(),
            guests: spec.guests,
            max_ahead: token::MAX_AHEAD,
            once: true,
        }
    }

    /// Who it is that comes in with `entrance`, and the new seat they get, if any.
    ///
    /// # Errors
    /// When the name, token or seat is not good, or the room does not take them now.
    pub fn admit(
        &self,
        room: &Room,
        entrance: &Entrance,
        now: Timestamp,
    ) -> Result<Admission, Turned> {
        match entrance {
            Entrance::Name(name) => self.admit_guest(room, name),
            Entrance::Token(token) => {
                let claims = token::verify(token, &self.key, &self.room_id, now, self.max_ahead)?;
                admit_holder(room, claims, self.once)
            }
            Entrance::Seat(seat) => admit_back(room, seat),
        }
    }

    fn admit_guest(&self, room: &Room, name: &str) -> Result<Admission, Turned> {
        let name = clean_name(name).ok_or(Turned::Name)?;
        if !self.guests {
            return Err(Turned::Guests);
        }
        if room.locked {
            return Err(Turned::Locked);
        }
        Ok(Admission::with_new_seat(Entry {
            id: new_id(),
            name,
            role: Role::Participant,
            seat: None,
            sub: None,
            client: None,
            token: None,
        }))
    }
}

/// Somebody who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    pub entry: Entry,
    /// The secret to come back with.
    pub seat: String,
}

impl Admission {
    fn with_new_seat(mut entry: Entry) -> Self {
        let seat = new_seat();
        entry.seat = Some(seat_hash(&seat));
        Self { entry, seat }
    }
}

fn admit_holder(room: &Room, claims: Claims, once: bool) -> Result<Admission, Turned> {
    if room.token_was_used(&claims.jti) {
        return Err(Turned::TokenUsed);
    }
    let name = clean_name(&claims.name).ok_or(Turned::Token)?;
    let known = room.member_by_sub(&claims.sub);
    if known.is_some_and(|member| matches!(member.standing, Standing::Removed { barred: true, .. }))
    {
        return Err(Turned::Removed);
    }
    if room.locked && claims.role != Role::Moderator && !known.is_some_and(Member::is_present) {
        return Err(Turned::Locked);
    }
    Ok(Admission::with_new_seat(Entry {
        id: known.map_or_else(new_id, |member| member.person.id.clone()),
        name,
        role: claims.role,
        seat: None,
        sub: Some(claims.sub),
        client: claims.client,
        token: once.then_some(UsedToken {
            jti: claims.jti,
            exp: claims.exp,
        }),
    }))
}

fn admit_back(room: &Room, seat: &str) -> Result<Admission, Turned> {
    let member = room.member_by_seat(&seat_hash(seat)).ok_or(Turned::Seat)?;
    if member.was_removed() {
        return Err(Turned::Removed);
    }
    let entry = Entry {
        id: member.person.id.clone(),
        name: member.person.name.clone(),
        role: member.person.role,
        seat: None,
        sub: member.sub.clone(),
        client: member.client.clone(),
        token: None,
    };
    Ok(Admission {
        entry,
        seat: seat.to_owned(),
    })
}

fn new_seat() -> String {
    new_id() + &new_id()
}

/// What the journal keeps of a seat: who reads the journal cannot sit on it.
fn seat_hash(seat: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(seat.as_bytes()))
}

/// A name without the spaces around it, when it can be shown to others as it is.
#[must_use]
pub fn clean_name(name: &str) -> Option<String> {
    let name = name.trim();
    let invisible = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
            )
    };
    let fits = name.chars().count() <= MAX_NAME;
    let shows = !name.chars().all(invisible);
    // What may steer the reader is what would not stay as it is in one line of a log.
    (fits && shows && text::one_line(name) == name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_as_typed_and_cannot_steer_the_text() {
        let check = |name: &str, clean: Option<&str>| {
            assert_eq!(clean_name(name).as_deref(), clean, "{name:?}");
        };
        check("  Ali ", Some("Ali"));
        check("علی‌رضا", Some("علی‌رضا"));
        check(&"ی".repeat(64), Some(&"ی".repeat(64)));
        check(&"ی".repeat(65), None);
        for bad in [
            "",
            "   ",
            "\u{200c}\u{200d}",
            "a\nb",
            "a\u{202e}b",
            "a\u{2066}b",
            "a\0",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn a_seat_is_not_found_in_its_hash() {
        let seat = new_seat();
        assert_eq!(seat.len(), 24);
        assert!(!seat_hash(&seat).contains(&seat));
    }
}
