//! A meeting as whoever holds the address of its join page sees it, and their way in from there.

use dabir_core::{Timestamp, new_id};
use dabir_room::admission;
use dabir_room::model::Role;
use dabir_room::spec::RoomSpec;

use crate::entry::{Account, Holder};
use crate::error::MeetingError;
use crate::model::{Meeting, MeetingState};
use crate::rooms::RoomStatus;
use crate::service::{Meetings, is_plain};
use crate::source::clean_name;
use crate::store;

/// What the join page of a meeting tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// When this was so.
    pub now: Timestamp,
    pub id: String,
    pub slug: String,
    /// Its page, for whoever reads it elsewhere.
    pub url: String,
    pub name: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub created_at: Timestamp,
    /// When its name or its time changed last.
    pub revised_at: Timestamp,
    pub standing: Standing,
    /// Whether people without an account may come in.
    pub guests: bool,
    /// Whether the room takes the name that the page asks for. A foreign one asks by itself.
    pub own_room: bool,
}

/// Where a meeting is, for its people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its time has not come.
    Soon,
    /// Its time has come, and nobody has opened it.
    Late,
    /// Its room is being opened, or comes back after a crash.
    Opening,
    /// People can come in.
    Open {
        people: usize,
        /// Its source stopped listing it, so it may end at any time.
        doubtful: bool,
    },
    /// It is on, and another server keeps its room: people come in at that one's address.
    Elsewhere,
    /// Nobody fits in at the moment.
    Full,
    /// Its room cannot be opened.
    Failed,
    /// It was on, and is over since then, if that is known.
    Over(Option<Timestamp>),
    /// It was ended before it was ever on.
    CalledOff,
    /// Its time is over, and it was never on.
    Missed,
}

impl Standing {
    /// The word that the page's script and its style know it by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soon => "soon",
            Self::Late => "late",
            Self::Opening => "opening",
            Self::Open { .. } => "open",
            Self::Elsewhere => "elsewhere",
            Self::Full => "full",
            Self::Failed => "failed",
            Self::Over(_) => "over",
            Self::CalledOff => "off",
            Self::Missed => "missed",
        }
    }

    /// Whether whoever is here now waits for it to open.
    #[must_use]
    pub fn is_ahead(self) -> bool {
        matches!(
            self,
            Self::Soon | Self::Late | Self::Opening | Self::Full | Self::Failed
        )
    }

    /// Whether nobody will come in any more.
    #[must_use]
    pub fn is_past(self) -> bool {
        matches!(self, Self::Over(_) | Self::CalledOff | Self::Missed)
    }

    /// `fits` says how many people the room takes, when that is known.
    fn of(
        meeting: &Meeting,
        room: Option<&RoomStatus>,
        fits: Option<usize>,
        now: Timestamp,
    ) -> Self {
        match meeting.state {
            MeetingState::Scheduled if now < meeting.date_time => Self::Soon,
            // The reconciler is about to act.
            MeetingState::Scheduled if meeting.should_run(now) => Self::Opening,
            MeetingState::Scheduled => Self::Late,
            MeetingState::Starting => Self::Opening,
            MeetingState::Failed => Self::Failed,
            MeetingState::Running | MeetingState::Held => match room {
                Some(room) if room.is_alive() => Self::of_room(meeting.state, room.clients, fits),
                _ => Self::Opening,
            },
            MeetingState::Stopping => Self::Over(None),
            MeetingState::Ended if meeting.ended_at.is_some() => Self::Over(meeting.ended_at),
            MeetingState::Ended if now < meeting.end_time() => Self::CalledOff,
            MeetingState::Ended => Self::Missed,
        }
    }

    fn of_room(state: MeetingState, people: usize, fits: Option<usize>) -> Self {
        if fits.is_some_and(|fits| people >= fits) {
            return Self::Full;
        }
        let doubtful = state == MeetingState::Held;
        Self::Open { people, doubtful }
    }
}

/// Who comes in by the join page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor<'a> {
    /// Somebody who typed a name.
    Guest(&'a str),
    /// Somebody who is signed in.
    Member {
        account: Account<'a>,
        name: &'a str,
        role: Role,
    },
}

/// Why somebody is not let in from the join page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The meeting does not take anybody at the moment; its standing says why.
    Closed,
    /// It takes no guests.
    Guests,
    /// The name cannot be shown to others.
    Name,
    /// The house keeps them out.
    Blocked,
}

impl Meetings {
    /// What the join page called `slug` tells.
    ///
    /// # Errors
    /// When there is no such page. It does not matter what was wrong with the slug.
    pub async fn invitation(&self, slug: &str) -> Result<Invitation, MeetingError> {
        let unknown = || MeetingError::NotFound(String::new());
        if !is_plain(slug) || slug.is_empty() {
            return Err(unknown());
        }
        // Not as the roster has it: another process on the same database may keep its room.
        let found = store::find_by_slug(self.inner.db.read(), slug).await?;
        Ok(self.invite(found.ok_or_else(unknown)?).await)
    }

    async fn invite(&self, meeting: Meeting) -> Invitation {
        let is_elsewhere = self.runs_elsewhere(&meeting);
        let away = match is_elsewhere {
            true => self.away(&meeting).await,
            false => None,
        };
        let rooms = &self.inner.rooms;
        let room = rooms.status(&meeting.id);
        let alive = room.as_ref().is_some_and(RoomStatus::is_alive);
        // A room that lives keeps the rules that it was started with.
        let spec = alive.then(|| RoomSpec::read(&rooms.folder(&meeting.id)).ok());
        let spec = spec.flatten();
        let now = self.inner.clock.now();
        let fits = spec.as_ref().map(|spec| spec.max_clients);
        let standing = match (is_elsewhere, &away) {
            (true, Some(away)) => Standing::of_room(meeting.state, away.people, None),
            (true, None) => Standing::Elsewhere,
            (false, _) => Standing::of(&meeting, room.as_ref(), fits, now),
        };
        let guests = match away {
            Some(away) => away.guests,
            None => spec.map_or_else(|| rooms.takes_guests(), |spec| spec.guests),
        };
        Invitation {
            now,
            standing,
            guests,
            own_room: room.map_or_else(|| rooms.are_own(), |room| room.own),
            starts_at: meeting.date_time,
            ends_at: meeting.end_time(),
            created_at: meeting.created_at,
            revised_at: meeting.revised_at,
            id: meeting.id,
            url: self.join_url(&meeting.slug),
            slug: meeting.slug,
            name: meeting.name,
        }
    }

    /// Where the house is: the zone that its meetings' times are told in.
    #[must_use]
    pub fn timezone(&self) -> String {
        self.inner.config.get().timezone
    }

    /// The token that lets `visitor` into the room, once and within a minute; `None` for a foreign
    /// room, which knows no tokens.
    ///
    /// # Errors
    /// Says why they are not let in.
    pub fn admit(&self, to: &Invitation, visitor: Visitor<'_>) -> Result<Option<String>, Refusal> {
        if matches!(visitor, Visitor::Guest(_)) && !to.guests {
            return Err(Refusal::Guests);
        }
        if !matches!(to.standing, Standing::Open { .. }) {
            return Err(Refusal::Closed);
        }
        let (name, role) = match visitor {
            Visitor::Guest(name) => (name, Role::Participant),
            Visitor::Member { name, role, .. } => (name, role),
        };
        let cleaned = clean_name(name);
        let (sub, client) = match visitor {
            // Whoever types the same name is somebody else in the room, and the same to the register.
            Visitor::Guest(_) => (format!("guest.{}", new_id()), cleaned.clone()),
            Visitor::Member { account, .. } => (account.id.to_owned(), account.username.to_owned()),
        };
        if self.inner.rooms.register().bar(&client).is_some() {
            return Err(Refusal::Blocked);
        }
        if !to.own_room {
            return Ok(None);
        }
        let name = match visitor {
            Visitor::Guest(_) => cleaned,
            // An account's name may be longer, and its owner cannot type another one here.
            Visitor::Member { .. } => cleaned.chars().take(admission::MAX_NAME).collect(),
        };
        let name = admission::clean_name(&name).ok_or(Refusal::Name)?;
        let holder = Holder {
            sub,
            client,
            name,
            role,
        };
        Ok(Some(self.sign(&to.id, holder)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::model::samples::{at, listed, local};
    use crate::rooms::Phase;

    fn room(clients: usize) -> RoomStatus {
        RoomStatus {
            phase: Phase::Running,
            pid: Some(42),
            port: Some(3001),
            host: Ipv4Addr::LOCALHOST.into(),
            ends_at: at("11:00:00"),
            restarts: 0,
            last_error: None,
            clients,
            asked_port: None,
            own: true,
        }
    }

    fn standing(meeting: &Meeting, room: Option<&RoomStatus>, time: &str) -> Standing {
        Standing::of(meeting, room, Some(2), at(time))
    }

    #[test]
    fn people_learn_where_their_meeting_is() {
        let is = |meeting: Meeting, time: &str| standing(&meeting, None, time);
        let with = |state| Meeting {
            state,
            ..local("a")
        };
        let ended = |time: Option<&str>| Meeting {
            ended_at: time.map(at),
            ..with(MeetingState::Ended)
        };
        let off = Meeting {
            is_running: false,
            ..listed("14")
        };
        #[rustfmt::skip]
        let cases = [
            (local("a"), "09:59:59", Standing::Soon),
            (local("a"), "10:00:00", Standing::Opening),
            (off, "10:00:00", Standing::Late),
            (with(MeetingState::Starting), "10:00:00", Standing::Opening),
            (with(MeetingState::Failed), "10:00:00", Standing::Failed),
            // It crashed a moment ago.
            (with(MeetingState::Running), "10:00:00", Standing::Opening),
            (ended(Some("10:30:00")), "12:00:00", Standing::Over(Some(at("10:30:00")))),
            // It was begun early, and was over before its time.
            (ended(Some("09:30:00")), "09:40:00", Standing::Over(Some(at("09:30:00")))),
            (with(MeetingState::Stopping), "10:30:00", Standing::Over(None)),
            (ended(None), "09:30:00", Standing::CalledOff),
            (ended(None), "10:30:00", Standing::CalledOff),
            (ended(None), "11:00:00", Standing::Missed),
        ];
        for (meeting, time, expected) in cases {
            assert_eq!(is(meeting.clone(), time), expected, "{time}: {meeting:?}");
        }
    }

    #[test]
    fn a_room_is_open_until_it_is_full() {
        let meeting = |state| Meeting {
            state,
            ..local("a")
        };
        let open = |people, doubtful| Standing::Open { people, doubtful };
        let check = |state, people, expected| {
            let standing = standing(&meeting(state), Some(&room(people)), "10:30:00");
            assert_eq!(standing, expected);
        };
        check(MeetingState::Running, 1, open(1, false));
        check(MeetingState::Held, 0, open(0, true));
        check(MeetingState::Running, 2, Standing::Full);
        let unknown = Standing::of(
            &meeting(MeetingState::Running),
            Some(&room(2)),
            None,
            at("10:30:00"),
        );
        assert_eq!(unknown, open(2, false));
    }
}
