//! The room as its events make it. [`Room::apply`] is the only way to change it, so the state after
//! a crash is the fold of the journal.

use std::collections::{BTreeMap, VecDeque};

use dabir_core::Timestamp;

use crate::model::{
    Agenda, Attendance, Ballot, Called, Event, KeptOut, Minutes, Person, Poll, Private, Record,
    Role, UsedToken, What, client_name,
};
use crate::put_out::PutOut;

/// How many people a room remembers; beyond it, those who left first are forgotten, and then those
/// who were put out first.
const MAX_PEOPLE: usize = 20_000;

/// How many marks of a person's messages are remembered.
const MAX_NONCES: usize = 32;

/// Everything that the events of a room have made of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// The newest event.
    pub offset: u64,
    pub hands: Vec<String>,
    pub polls: Vec<PollState>,
    pub agenda: Agenda,
    pub minutes: Minutes,
    pub locked: bool,
    /// Where an `extended` event has moved the end.
    pub ends_at: Option<Timestamp>,
    /// When the newest event happened.
    pub newest_at: Timestamp,
    members: BTreeMap<String, Member>,
    by_seat: BTreeMap<String, String>,
    by_sub: BTreeMap<String, String>,
    used_tokens: BTreeMap<String, i64>,
    put_out: PutOut,
    present: usize,
}

/// Somebody who is or was in the room.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub person: Person,
    /// Whom their token named; guests have none.
    pub sub: Option<String>,
    /// What the registry of clients calls them, when their token said so.
    pub client: Option<String>,
    pub standing: Standing,
    seat: String,
    first_joined_at: Timestamp,
    left_at: Option<Timestamp>,
    /// Of the stays that are over.
    seconds: i64,
    /// The marks of their latest messages, and the events these became.
    nonces: VecDeque<(String, u64)>,
}

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Present {
        since: Timestamp,
    },
    Away {
        /// The event they left with.
        since_offset: u64,
    },
    Removed {
        /// The event they were put out with.
        since_offset: u64,
        barred: bool,
    },
}

/// A poll and who voted in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollState {
    pub view: Poll,
    pub ballots: BTreeMap<String, Vec<usize>>,
}

/// An event that has no place in the journal yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub what: What,
    pub private: Private,
}

impl From<What> for Draft {
    fn from(what: What) -> Self {
        Self {
            what,
            private: Private::default(),
        }
    }
}

impl Member {
    #[must_use]
    pub fn is_present(&self) -> bool {
        matches!(self.standing, Standing::Present { .. })
    }

    /// Since when they are here; `None` when they are not.
    #[must_use]
    pub fn present_since(&self) -> Option<Timestamp> {
        match self.standing {
            Standing::Present { since } => Some(since),
            _ => None,
        }
    }

    /// The event that a message with this mark has become already.
    #[must_use]
    pub fn said_at(&self, nonce: &str) -> Option<u64> {
        let (_, offset) = self.nonces.iter().find(|(said, _)| said == nonce)?;
        Some(*offset)
    }

    fn attendance(&self, now: Timestamp) -> Attendance {
        let (left_at, running) = match self.standing {
            Standing::Present { since } => (None, seconds_between(since, now)),
            _ => (self.left_at, 0),
        };
        Attendance {
            id: self.person.id.clone(),
            name: self.person.name.clone(),
            joined_at: self.first_joined_at,
            left_at,
            seconds: self.seconds + running,
        }
    }
}

/// A clock that was set back makes nobody's stay negative.
fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).max(0)
}

impl Room {
    /// Gives `draft` the next place in the journal.
    #[must_use]
    pub fn stamp(&self, draft: Draft, at: Timestamp) -> Record {
        Record {
            event: Event {
                offset: self.offset + 1,
                at,
                what: draft.what,
            },
            private: draft.private,
        }
    }

    /// Lets an event happen.
    pub fn apply(&mut self, record: &Record) {
        let Event { offset, at, what } = &record.event;
        self.offset = *offset;
        self.newest_at = *at;
        match what {
            What::Chat { from_id, nonce, .. } => self.remember_nonce(from_id, nonce.as_ref()),
            What::Joined { id, name, role } => self.join(id, name, *role, *at, &record.private),
            What::Left { id, .. } => self.leave(id, record.private.seen_at.unwrap_or(*at)),
            What::Hand { hands, .. } => self.hands.clone_from(hands),
            What::Poll { poll } => self.set_poll(poll, record.private.ballot.as_ref()),
            What::Agenda { agenda } => self.agenda.clone_from(agenda),
            What::Minutes { rev, text, .. } => {
                self.minutes.rev = *rev;
                self.minutes.text.clone_from(text);
            }
            What::Muted { id, on, .. } => self.mute(id, *on),
            What::Locked { on, .. } => self.locked = *on,
            What::Removed { id, reason, .. } => {
                self.remove(id, reason, *at, record.private.barred);
            }
            What::PutOut {} => self.keep_out(record.private.kept_out.as_ref(), *at),
            What::Extended { ends_at } => self.ends_at = Some(*ends_at),
            What::Ended { .. } => self.everybody_leaves(*at),
        }
    }

    fn remember_nonce(&mut self, id: &str, nonce: Option<&String>) {
        if let (Some(member), Some(nonce)) = (self.members.get_mut(id), nonce) {
            if member.nonces.len() == MAX_NONCES {
                member.nonces.pop_front();
            }
            member.nonces.push_back((nonce.clone(), self.offset));
        }
    }

    fn join(&mut self, id: &str, name: &str, role: Role, at: Timestamp, private: &Private) {
        if let Some(UsedToken { jti, exp }) = &private.token {
            self.used_tokens.retain(|_, exp| *exp > at.as_second());
            self.used_tokens.insert(jti.clone(), *exp);
        }
        self.member_or_new(id, name, role, at);
        if let Some(sub) = &private.sub {
            self.by_sub.insert(sub.clone(), id.to_owned());
        }
        let Some(member) = self.members.get_mut(id) else {
            return;
        };
        name.clone_into(&mut member.person.name);
        member.person.role = role;
        member.sub = private.sub.clone().or(member.sub.take());
        member.client = private.client.clone().or(member.client.take());
        if let Some(seat) = &private.seat {
            self.by_seat.remove(&member.seat);
            self.by_seat.insert(seat.clone(), id.to_owned());
            member.seat.clone_from(seat);
        }
        if !member.is_present() {
            member.standing = Standing::Present { since: at };
            self.present += 1;
        }
    }

    fn member_or_new(&mut self, id: &str, name: &str, role: Role, at: Timestamp) {
        if self.members.contains_key(id) {
            return;
        }
        if self.members.len() >= MAX_PEOPLE {
            self.forget_one();
        }
        let member = Member {
            person: Person {
                id: id.to_owned(),
                name: name.to_owned(),
                role,
                muted: false,
            },
            sub: None,
            client: None,
            standing: Standing::Away { since_offset: 0 },
            seat: String::new(),
            first_joined_at: at,
            left_at: None,
            seconds: 0,
            nonces: VecDeque::new(),
        };
        self.members.insert(id.to_owned(), member);
    }

    /// Forgets who left first, or, where nobody is away, who was put out first.
    fn forget_one(&mut self) {
        let longest_away = self
            .members
            .values()
            .filter_map(|member| match member.standing {
                Standing::Present { .. } => None,
                Standing::Away { since_offset } => Some((false, since_offset, &member.person.id)),
                Standing::Removed { since_offset, .. } => {
                    Some((true, since_offset, &member.person.id))
                }
            })
            .min()
            .map(|(_, _, id)| id.clone());
        let Some(member) = longest_away.and_then(|id| self.members.remove(&id)) else {
            return;
        };
        self.by_seat.remove(&member.seat);
        if let Some(sub) = &member.sub {
            self.by_sub.remove(sub);
        }
    }

    fn leave(&mut self, id: &str, at: Timestamp) {
        let since_offset = self.offset;
        if self.end_stay(id, at)
            && let Some(member) = self.members.get_mut(id)
        {
            member.standing = Standing::Away { since_offset };
        }
    }

    /// Closes the stay of somebody present; their new standing is the caller's to set.
    fn end_stay(&mut self, id: &str, at: Timestamp) -> bool {
        self.hands.retain(|hand| hand != id);
        let Some(member) = self.members.get_mut(id) else {
            return false;
        };
        let Standing::Present { since } = member.standing else {
            return false;
        };
        member.left_at = Some(at);
        member.seconds += seconds_between(since, at);
        self.present -= 1;
        true
    }

    fn everybody_leaves(&mut self, at: Timestamp) {
        let present: Vec<String> = self.present_ids().map(str::to_owned).collect();
        for id in present {
            self.leave(&id, at);
        }
    }

    fn remove(&mut self, id: &str, reason: &str, at: Timestamp, barred: bool) {
        self.end_stay(id, at);
        let since_offset = self.offset;
        if let Some(member) = self.members.get_mut(id) {
            member.standing = Standing::Removed {
                since_offset,
                barred,
            };
            self.put_out.remember(member.called(), reason, at);
        }
    }

    /// The house says a name or a `sub`, and does not say which.
    fn keep_out(&mut self, kept_out: Option<&KeptOut>, at: Timestamp) {
        if let Some(KeptOut { who, reason }) = kept_out {
            for called in [Called::Sub(who.clone()), Called::Guest(who.clone())] {
                self.put_out.remember(called, reason, at);
            }
        }
    }

    fn mute(&mut self, id: &str, on: bool) {
        if let Some(member) = self.members.get_mut(id) {
            member.person.muted = on;
        }
    }

    fn set_poll(&mut self, view: &Poll, ballot: Option<&Ballot>) {
        let at = match self.polls.iter().position(|poll| poll.view.id == view.id) {
            Some(at) => at,
            None => {
                self.polls.push(PollState {
                    view: view.clone(),
                    ballots: BTreeMap::new(),
                });
                self.polls.len() - 1
            }
        };
        let poll = &mut self.polls[at];
        poll.view.clone_from(view);
        if let Some(Ballot { person, choices }) = ballot {
            poll.ballots.insert(person.clone(), choices.clone());
        }
    }

    /// How many are in the room.
    #[must_use]
    pub fn present(&self) -> usize {
        self.present
    }

    #[must_use]
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    #[must_use]
    pub fn member_by_seat(&self, seat_hash: &str) -> Option<&Member> {
        self.member(self.by_seat.get(seat_hash)?)
    }

    #[must_use]
    pub fn member_by_sub(&self, sub: &str) -> Option<&Member> {
        self.member(self.by_sub.get(sub)?)
    }

    /// Whom a supervisor means: who has this id, the holder of tokens with this `sub`, or the guests
    /// here with this name.
    pub fn members_called(&self, who: &str) -> impl Iterator<Item = &Member> {
        let guest = Called::new(None, who);
        let guests = self.members.values();
        let guests = guests.filter(move |member| member.is_present() && member.called() == guest);
        let known = self.member(who).into_iter().chain(self.member_by_sub(who));
        known.chain(guests)
    }

    /// Why somebody who is called so is not let in now.
    #[must_use]
    pub fn put_out_reason(&self, called: &Called, now: Timestamp) -> Option<&str> {
        self.put_out.reason(called, now)
    }

    #[must_use]
    pub fn token_was_used(&self, jti: &str) -> bool {
        self.used_tokens.contains_key(jti)
    }

    #[must_use]
    pub fn poll(&self, id: &str) -> Option<&PollState> {
        self.polls.iter().find(|poll| poll.view.id == id)
    }

    /// Everybody in the room, in the order of their ids.
    pub fn present_members(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|member| member.is_present())
    }

    /// Everybody in the room and since when, in the order of their ids.
    pub fn participants(&self) -> impl Iterator<Item = (&Person, Timestamp)> {
        self.members
            .values()
            .filter_map(|member| Some((&member.person, member.present_since()?)))
    }

    fn present_ids(&self) -> impl Iterator<Item = &str> {
        self.participants().map(|(person, _)| person.id.as_str())
    }

    /// Everybody who ever was in the room, first come first.
    #[must_use]
    pub fn attendance(&self, now: Timestamp) -> Vec<Attendance> {
        let mut people: Vec<_> = self
            .members
            .values()
            .map(|member| member.attendance(now))
            .collect();
        people.sort_by(|a, b| (a.joined_at, &a.id).cmp(&(b.joined_at, &b.id)));
        people
    }
}

impl Member {
    /// What whoever let them in calls them.
    #[must_use]
    pub fn called(&self) -> Called {
        Called::new(self.sub.as_deref(), &self.person.name)
    }

    /// What the registry of clients calls them.
    #[must_use]
    pub fn client(&self) -> &str {
        let (client, sub) = (self.client.as_deref(), self.sub.as_deref());
        client_name(client, sub, &self.person.name)
    }

    /// Whether somebody has put them out.
    #[must_use]
    pub fn was_removed(&self) -> bool {
        matches!(self.standing, Standing::Removed { .. })
    }
}
