//! What a request may change: [`Room::decide`] turns it into events, or refuses it. It changes
//! nothing itself.

use std::collections::BTreeSet;

use dabir_core::Timestamp;

use crate::model::{
    Agenda, AgendaItem, Ballot, Called, KeptOut, Person, Poll, PollOption, Private, Role,
    UsedToken, What, client_name,
};
use crate::request::{Refusal, Request};
use crate::state::{Draft, Member, PollState, Room, Standing};

const MAX_TEXT: usize = 4_000;
const MAX_NONCE: usize = 64;
const MAX_MINUTES: usize = 100_000;
const MAX_REASON: usize = 500;
const MAX_QUESTION: usize = 500;
const MAX_TITLE: usize = 200;
const MAX_POLLS: usize = 100;
const MAX_AGENDA: usize = 100;
/// A day: no point of an agenda takes longer.
const MAX_ITEM_MINUTES: u32 = 24 * 60;

type Decision = Result<Vec<Draft>, Refusal>;

/// Somebody who may come in, as whoever checked their token or name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub name: String,
    pub role: Role,
    /// The SHA-256 of the seat they get, when it is a new one.
    pub seat: Option<String>,
    pub sub: Option<String>,
    /// What the registry of clients calls them, when their token says so.
    pub client: Option<String>,
    pub token: Option<UsedToken>,
}

impl Entry {
    /// What whoever let them in calls them.
    #[must_use]
    pub fn called(&self) -> Called {
        Called::new(self.sub.as_deref(), &self.name)
    }

    /// What the registry of clients calls them.
    #[must_use]
    pub fn client(&self) -> &str {
        client_name(self.client.as_deref(), self.sub.as_deref(), &self.name)
    }
}

impl Room {
    /// The events that `request` by `person` comes to; none when there is nothing to change.
    ///
    /// # Errors
    /// When this person may not do it, or not in this way, or not now.
    pub fn decide(&self, person: &str, request: Request, now: Timestamp) -> Decision {
        let asking = self.present_member(person)?;
        let by = &asking.person;
        match request {
            Request::Chat { text, nonce } => chat(asking, text, nonce),
            Request::Hand { up, id } => self.hand(by, up, id.as_deref()),
            Request::Vote { poll, choices } => self.vote(by, &poll, choices),
            Request::Minutes { base, text } => self.edit_minutes(by, base, text),
            // These only read; they are answered where the history is.
            Request::Resume { .. } | Request::History { .. } => Ok(vec![]),
            request => {
                moderator_only(by)?;
                self.decide_for_moderator(by, request, now)
            }
        }
    }

    fn decide_for_moderator(&self, by: &Person, request: Request, now: Timestamp) -> Decision {
        match request {
            Request::Poll {
                question,
                options,
                multiple,
                secret,
            } => self.open_poll(question, options, multiple, secret),
            Request::PollClose { poll } => self.close_poll(&poll),
            Request::Agenda { items } => self.set_agenda(items),
            Request::AgendaCurrent { item } => self.set_current(item, now),
            Request::Mute { id, on } => self.mute_person(by, &id, on),
            Request::Remove { id, reason } => self.remove_person(by, &id, reason),
            Request::Lock { on } => Ok(self.lock(by, on)),
            _ => Ok(vec![]),
        }
    }

    fn present_member(&self, id: &str) -> Result<&Member, Refusal> {
        self.member(id)
            .filter(|member| member.is_present())
            .ok_or(Refusal::PersonUnknown)
    }

    /// Somebody who is here, or was and may come back.
    fn known_member(&self, id: &str) -> Result<&Member, Refusal> {
        self.member(id)
            .filter(|member| !member.was_removed())
            .ok_or(Refusal::PersonUnknown)
    }

    /// Somebody comes in: nothing happens when they come back to a seat they never left.
    ///
    /// # Errors
    /// Why they are put out instead, though the door let them through.
    pub fn decide_entry(&self, entry: Entry, now: Timestamp) -> Result<Vec<Draft>, String> {
        match self.member(&entry.id).map(|member| member.standing) {
            Some(Standing::Present { .. }) if entry.seat.is_none() => return Ok(vec![]),
            // Somebody else of their name may have been put out.
            Some(Standing::Present { .. }) => {}
            standing => {
                if let Some(reason) = self.put_out_reason(&entry.called(), now) {
                    return Err(reason.to_owned());
                }
                if let Some(Standing::Removed { barred, .. }) = standing
                    && (barred || entry.seat.is_none())
                {
                    return Err(String::new());
                }
            }
        }
        let what = What::Joined {
            id: entry.id,
            name: entry.name,
            role: entry.role,
        };
        let private = Private {
            seat: entry.seat,
            sub: entry.sub,
            client: entry.client,
            token: entry.token,
            ..Private::default()
        };
        Ok(vec![Draft { what, private }])
    }

    /// Somebody is gone, and their hand with them; `seen_at` is when they were last known to be here,
    /// if that was not just now.
    #[must_use]
    pub fn decide_leave(&self, id: &str, seen_at: Option<Timestamp>) -> Vec<Draft> {
        let Ok(member) = self.present_member(id) else {
            return vec![];
        };
        let Person { id, name, role, .. } = member.person.clone();
        let mut drafts = self.lower_hand(&member.person);
        drafts.push(Draft {
            what: What::Left { id, name, role },
            private: Private {
                seen_at,
                ..Private::default()
            },
        });
        drafts
    }

    /// The house wants nobody for a while who is called `who`.
    #[must_use]
    pub fn decide_put_out(&self, who: &str, reason: &str) -> Draft {
        let kept_out = KeptOut {
            who: who.to_owned(),
            reason: clip(reason, MAX_REASON),
        };
        Draft {
            what: What::PutOut {},
            private: Private {
                kept_out: Some(kept_out),
                ..Private::default()
            },
        }
    }

    /// The house puts somebody out, though they may be away; unlike with a moderator's, a new token
    /// lets them in again.
    #[must_use]
    pub fn decide_kick(&self, id: &str, reason: &str) -> Vec<Draft> {
        let Ok(member) = self.known_member(id) else {
            return vec![];
        };
        let reason = clip(reason, MAX_REASON);
        self.removal(&member.person, reason, String::new(), false)
    }

    fn hand(&self, by: &Person, up: bool, id: Option<&str>) -> Decision {
        let person = match id {
            Some(id) if id != by.id => {
                moderator_only(by)?;
                &self.present_member(id)?.person
            }
            _ => by,
        };
        if !up {
            return Ok(self.lower_hand(person));
        }
        if person.id != by.id {
            // A moderator may lower a hand, not raise it.
            return Err(Refusal::PersonUnknown);
        }
        if self.hands.contains(&by.id) {
            return Ok(vec![]);
        }
        let hands = self.hands.iter().chain([&by.id]).cloned().collect();
        Ok(vec![hand_event(by, true, hands)])
    }

    fn lower_hand(&self, person: &Person) -> Vec<Draft> {
        if !self.hands.contains(&person.id) {
            return vec![];
        }
        let others = self.hands.iter().filter(|id| **id != person.id);
        vec![hand_event(person, false, others.cloned().collect())]
    }

    fn open_poll(
        &self,
        question: String,
        options: Vec<String>,
        multiple: bool,
        secret: bool,
    ) -> Decision {
        if self.polls.len() >= MAX_POLLS {
            return Err(Refusal::PollTooMany { max: MAX_POLLS });
        }
        let different: BTreeSet<&str> = options.iter().map(|text| text.trim()).collect();
        let fits = |text: &str, max| check_text(text, max).is_ok();
        let valid = (2..=20).contains(&options.len())
            && different.len() == options.len()
            && fits(&question, MAX_QUESTION)
            && options.iter().all(|text| fits(text, MAX_TITLE));
        if !valid {
            return Err(Refusal::PollInvalid);
        }
        let poll = Poll {
            id: format!("p{}", self.offset + 1),
            question,
            options: options.into_iter().map(new_option).collect(),
            multiple,
            secret,
            open: true,
            voters: 0,
        };
        Ok(vec![What::Poll { poll }.into()])
    }

    fn open_poll_by_id(&self, id: &str) -> Result<&PollState, Refusal> {
        let poll = self.poll(id).ok_or(Refusal::PollUnknown)?;
        if poll.view.open {
            Ok(poll)
        } else {
            Err(Refusal::PollClosed)
        }
    }

    fn vote(&self, by: &Person, id: &str, mut choices: Vec<usize>) -> Decision {
        let poll = self.open_poll_by_id(id)?;
        choices.sort_unstable();
        choices.dedup();
        let most = if poll.view.multiple {
            poll.view.options.len()
        } else {
            1
        };
        let exists = |choice: &usize| *choice < poll.view.options.len();
        if choices.is_empty() || choices.len() > most || !choices.iter().all(exists) {
            return Err(Refusal::VoteInvalid);
        }
        let ballot = Ballot {
            person: by.id.clone(),
            choices,
        };
        let private = Private {
            ballot: Some(ballot.clone()),
            ..Private::default()
        };
        let what = What::Poll {
            poll: poll.after(ballot),
        };
        Ok(vec![Draft { what, private }])
    }

    fn close_poll(&self, id: &str) -> Decision {
        let poll = self.open_poll_by_id(id)?;
        let mut view = poll.counted();
        view.open = false;
        if !view.secret {
            for (index, option) in view.options.iter_mut().enumerate() {
                option.by = self.voters_for(poll, index);
            }
        }
        Ok(vec![What::Poll { poll: view }.into()])
    }

    fn voters_for(&self, poll: &PollState, option: usize) -> Vec<String> {
        let chose = |(id, choices): (&String, &Vec<usize>)| {
            choices.contains(&option).then(|| self.member(id)).flatten()
        };
        let voters = poll.ballots.iter().filter_map(chose);
        voters.map(|member| member.person.name.clone()).collect()
    }

    fn set_agenda(&self, items: Vec<AgendaItem>) -> Decision {
        let valid = |item: &AgendaItem| {
            check_text(&item.title, MAX_TITLE).is_ok() && item.minutes <= MAX_ITEM_MINUTES
        };
        if items.len() > MAX_AGENDA || !items.iter().all(valid) {
            return Err(Refusal::AgendaInvalid);
        }
        // The running item goes on when it is still in the same place.
        let same = |at: &usize| items.get(*at) == self.agenda.items.get(*at);
        let current = self.agenda.current.filter(same);
        let agenda = Agenda {
            started_at: self.agenda.started_at.filter(|_| current.is_some()),
            current,
            items,
        };
        Ok(vec![What::Agenda { agenda }.into()])
    }

    fn set_current(&self, item: Option<usize>, now: Timestamp) -> Decision {
        if item.is_some_and(|at| at >= self.agenda.items.len()) {
            return Err(Refusal::AgendaInvalid);
        }
        let agenda = Agenda {
            items: self.agenda.items.clone(),
            current: item,
            started_at: item.map(|_| now),
        };
        Ok(vec![What::Agenda { agenda }.into()])
    }

    fn edit_minutes(&self, by: &Person, base: u64, text: String) -> Decision {
        unmuted(by)?;
        if text.chars().count() > MAX_MINUTES {
            return Err(Refusal::TextTooLong { max: MAX_MINUTES });
        }
        if text == self.minutes.text {
            return Ok(vec![]);
        }
        if base != self.minutes.rev {
            return Err(Refusal::MinutesConflict);
        }
        let by = by.name.clone();
        let rev = base + 1;
        Ok(vec![What::Minutes { rev, text, by }.into()])
    }

    fn mute_person(&self, by: &Person, id: &str, on: bool) -> Decision {
        other_than(by, id)?;
        let person = &self.present_member(id)?.person;
        if person.muted == on {
            return Ok(vec![]);
        }
        let what = What::Muted {
            id: person.id.clone(),
            name: person.name.clone(),
            on,
            by: by.name.clone(),
        };
        Ok(vec![what.into()])
    }

    fn remove_person(&self, by: &Person, id: &str, reason: String) -> Decision {
        other_than(by, id)?;
        let person = &self.known_member(id)?.person;
        if reason.chars().count() > MAX_REASON {
            return Err(Refusal::TextTooLong { max: MAX_REASON });
        }
        Ok(self.removal(person, reason, by.name.clone(), true))
    }

    fn removal(&self, person: &Person, reason: String, by: String, barred: bool) -> Vec<Draft> {
        let what = What::Removed {
            id: person.id.clone(),
            name: person.name.clone(),
            reason,
            by,
        };
        let private = Private {
            barred,
            ..Private::default()
        };
        let mut drafts = self.lower_hand(person);
        drafts.push(Draft { what, private });
        drafts
    }

    fn lock(&self, by: &Person, on: bool) -> Vec<Draft> {
        if self.locked == on {
            return vec![];
        }
        let by = by.name.clone();
        vec![What::Locked { on, by }.into()]
    }
}

impl PollState {
    /// The view after one more ballot; a secret poll shows only how many have voted.
    fn after(&self, ballot: Ballot) -> Poll {
        let mut next = self.clone();
        next.ballots.insert(ballot.person, ballot.choices);
        if !next.view.secret {
            return next.counted();
        }
        next.view.voters = next.ballots.len();
        next.view
    }

    fn counted(&self) -> Poll {
        let mut view = self.view.clone();
        view.voters = self.ballots.len();
        for (index, option) in view.options.iter_mut().enumerate() {
            let chose = |choices: &&Vec<usize>| choices.contains(&index);
            option.votes = self.ballots.values().filter(chose).count();
        }
        view
    }
}

fn chat(asking: &Member, text: String, nonce: Option<String>) -> Decision {
    let by = &asking.person;
    unmuted(by)?;
    check_text(&text, MAX_TEXT)?;
    if let Some(nonce) = &nonce {
        check_text(nonce, MAX_NONCE)?;
        if asking.said_at(nonce).is_some() {
            return Ok(vec![]);
        }
    }
    let what = What::Chat {
        from: by.name.clone(),
        from_id: by.id.clone(),
        text,
        nonce,
    };
    Ok(vec![what.into()])
}

fn hand_event(person: &Person, up: bool, hands: Vec<String>) -> Draft {
    let what = What::Hand {
        id: person.id.clone(),
        name: person.name.clone(),
        up,
        hands,
    };
    what.into()
}

fn new_option(text: String) -> PollOption {
    PollOption {
        text,
        votes: 0,
        by: vec![],
    }
}

fn check_text(text: &str, max: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        Err(Refusal::TextEmpty)
    } else if text.chars().count() > max {
        Err(Refusal::TextTooLong { max })
    } else {
        Ok(())
    }
}

fn clip(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

fn moderator_only(person: &Person) -> Result<(), Refusal> {
    if person.role == Role::Moderator {
        Ok(())
    } else {
        Err(Refusal::ModeratorOnly)
    }
}

fn other_than(person: &Person, id: &str) -> Result<(), Refusal> {
    if person.id == id {
        Err(Refusal::PersonSelf)
    } else {
        Ok(())
    }
}

fn unmuted(person: &Person) -> Result<(), Refusal> {
    if person.muted {
        Err(Refusal::Muted)
    } else {
        Ok(())
    }
}
