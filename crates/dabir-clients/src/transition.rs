//! Which orders are obeyed, and what comes of them.
//!
//! | order | refused when | leads to |
//! |---|---|---|
//! | pause | blocked | paused, connected or not |
//! | resume | not paused | as connected as before |
//! | block | – | blocked, whatever else |
//! | unblock | not blocked | paused if a pause still stands, else as connected as before |
//! | disconnect | not connected | put out, and kept out for a moment |
//! | close | – | put out, and kept out until admitted |
//! | admit | not closed | may come back |
//! | add | known already | known |
//! | rename | not known | called otherwise |
//! | assign | not known, not counted on, or full | seated, or in line |
//! | unassign | neither seated nor in line | neither |
//! | withdraw | not known | known, not counted on, and without a seat |
//! | remove | not known | not known; orders stay |
//!
//! How somebody is connected is a fact that places report and nothing refuses; it is at the door that
//! a blocked client is refused.

use std::sync::Arc;
use std::time::Duration;

use dabir_core::Timestamp;

use crate::model::{
    Action, Facts, Happening, NewProfile, Order, Place, PlaceState, Presence, Profile, Refused,
    Seat, Sign, Terms,
};
use crate::name::Username;

/// How long a person who was put out cannot come back: their page would do so by itself.
const PUT_OUT: Duration = Duration::from_secs(10);
/// The longest reason, in characters.
const MAX_REASON: usize = 500;
/// What stands where a username could, in addresses of the API.
const WORDS: [&str; 8] = [
    "analytics",
    "assignments",
    "bulk",
    "import",
    "problems",
    "status",
    "stream",
    "ws",
];
/// The longest name that people call a client by, in characters.
pub(crate) const MAX_WORDS: usize = 200;

impl Facts {
    /// Does what is ordered, and tells what happened: nothing when it is so already.
    ///
    /// # Errors
    /// When the state forbids it; nothing is changed then.
    pub fn obey(
        &mut self,
        username: &Username,
        action: &Action,
        by: &str,
        now: Timestamp,
    ) -> Result<Vec<Happening>, Refused> {
        let order = |terms: &Terms| terms.order(by, now);
        match action {
            Action::Pause(terms) => {
                self.refuse_blocked(username)?;
                Ok(replace(&mut self.pause, "paused", order(terms)?))
            }
            Action::Resume => {
                lift(&mut self.pause, "resumed").ok_or_else(|| Refused::NotPaused(username.clone()))
            }
            Action::Block(terms) => Ok(replace(&mut self.block, "blocked", order(terms)?)),
            Action::Unblock => lift(&mut self.block, "unblocked")
                .ok_or_else(|| Refused::NotBlocked(username.clone())),
            Action::Disconnect { reason } => {
                if self.presence() == Presence::Away {
                    return Err(Refused::NotConnected(username.clone()));
                }
                let terms = Terms {
                    reason: reason.clone(),
                    until: now.checked_add(PUT_OUT).ok(),
                };
                let holds = |close: &Order| close.until.is_none() || close.until >= terms.until;
                if self.close.as_deref().is_some_and(holds) {
                    // They are to stay out for longer.
                    return Ok(Vec::new());
                }
                Ok(replace(&mut self.close, "disconnected", order(&terms)?))
            }
            Action::Close(terms) => Ok(replace(&mut self.close, "closed", order(terms)?)),
            Action::Admit => lift(&mut self.close, "admitted")
                .ok_or_else(|| Refused::NotClosed(username.clone())),
            Action::Add(_) if self.profile.is_some() => Err(Refused::Exists(username.clone())),
            Action::Add(new) | Action::Put(new) => self.put(username, new, now),
            Action::Rename(name) => self.rename(username, name, now),
            Action::Withdraw => {
                let known = self.profile.as_mut();
                let known = known.ok_or_else(|| Refused::Unknown(username.clone()))?;
                let was_there = std::mem::take(&mut known.is_available);
                Ok(match was_there {
                    true => happened("withdrawn", ""),
                    false => Vec::new(),
                })
            }
            Action::Remove => {
                let known = self.profile.take();
                let known = known.ok_or_else(|| Refused::Unknown(username.clone()))?;
                Ok(happened("removed", &known.name))
            }
            Action::Expire => Ok(self.expire(now)),
            // Whether there is room is not a matter of one client: see `seats.rs`.
            Action::Assign { .. } | Action::Unassign(_) => Ok(Vec::new()),
        }
    }

    /// Takes in what a place reports, and tells what happened: nothing when it is known.
    pub fn hear(&mut self, place: &Arc<str>, sign: Sign, now: Timestamp) -> Vec<Happening> {
        let at = self.places.binary_search_by(|known| known.place.cmp(place));
        let is_beat = sign == Sign::Heartbeat;
        match (at, sign) {
            (Err(at), Sign::Joined | Sign::Heartbeat) => {
                let here = Place {
                    place: place.clone(),
                    state: PlaceState::Connected,
                    since: now,
                    heartbeat_at: is_beat.then_some(now),
                };
                self.places.insert(at, here);
                self.seen("joined", place, now)
            }
            (Ok(at), Sign::Joined | Sign::Heartbeat) => {
                let known = &mut self.places[at];
                known.heartbeat_at = is_beat.then_some(now).or(known.heartbeat_at.and(Some(now)));
                self.be(at, PlaceState::Connected, now)
            }
            (Ok(at), Sign::Lost) => self.be(at, PlaceState::Lost, now),
            (Ok(at), Sign::Left) => {
                self.places.remove(at);
                self.seen("left", place, now)
            }
            (Err(_), Sign::Left | Sign::Lost) => Vec::new(),
        }
    }

    fn be(&mut self, at: usize, state: PlaceState, now: Timestamp) -> Vec<Happening> {
        let known = &mut self.places[at];
        if known.state == state {
            return Vec::new();
        }
        (known.state, known.since) = (state, now);
        let place = known.place.clone();
        let kind = match state {
            PlaceState::Connected => "rejoined",
            PlaceState::Lost => "lost",
        };
        self.seen(kind, &place, now)
    }

    fn seen(&mut self, kind: &'static str, place: &str, now: Timestamp) -> Vec<Happening> {
        self.last_seen = Some(now);
        happened(kind, place)
    }

    fn put(
        &mut self,
        username: &Username,
        new: &NewProfile,
        now: Timestamp,
    ) -> Result<Vec<Happening>, Refused> {
        new.check()?;
        let Some(known) = &mut self.profile else {
            refuse_word(username)?;
            let fresh = Profile {
                name: username.to_string(),
                source: new.source,
                is_available: true,
                created_at: now,
                updated_at: now,
                ..Profile::default()
            };
            self.profile = Some(fresh.with(new));
            return Ok(happened("added", new.source.as_str()));
        };
        let changed = known.clone().with(new);
        if changed == *known {
            return Ok(Vec::new());
        }
        *known = Profile {
            updated_at: now,
            ..changed
        };
        Ok(happened("changed", ""))
    }

    fn rename(
        &mut self,
        username: &Username,
        name: &str,
        now: Timestamp,
    ) -> Result<Vec<Happening>, Refused> {
        check_name(name)?;
        let known = self.profile.as_mut();
        let known = known.ok_or_else(|| Refused::Unknown(username.clone()))?;
        if known.name == name {
            return Ok(Vec::new());
        }
        (known.name, known.updated_at) = (name.to_owned(), now);
        Ok(happened("changed", ""))
    }

    /// Lifts what has ended. Whatever is in doubt holds: only a clock that has reached the end, and
    /// has not gone back behind the order itself, lifts it.
    fn expire(&mut self, now: Timestamp) -> Vec<Happening> {
        let is_over = |order: &Option<Box<Order>>| {
            let order = order.as_ref()?;
            (order.at <= now && order.until? <= now).then_some(())
        };
        let ended = [
            is_over(&self.pause).and_then(|()| lift(&mut self.pause, "resumed")),
            is_over(&self.block).and_then(|()| lift(&mut self.block, "unblocked")),
            is_over(&self.close).and_then(|()| lift(&mut self.close, "admitted")),
        ];
        ended.into_iter().flatten().flatten().collect()
    }

    fn refuse_blocked(&self, username: &Username) -> Result<(), Refused> {
        match &self.block {
            Some(block) => Err(Refused::Blocked {
                username: username.clone(),
                reason: block.reason.clone(),
            }),
            None => Ok(()),
        }
    }
}

impl Facts {
    /// Seats them there, or nowhere; `None` when they sit so already or are not known.
    pub(crate) fn sit(
        &mut self,
        seat: Seat,
        target: Option<&str>,
        now: Timestamp,
    ) -> Option<Vec<Happening>> {
        let known = self.profile.as_mut()?;
        if known.seat(seat) == target {
            return None;
        }
        known.updated_at = now;
        let place = match seat {
            Seat::Room => &mut known.room,
            Seat::Pipeline => &mut known.pipeline,
        };
        let before = std::mem::replace(place, target.map(str::to_owned));
        Some(match target {
            Some(target) => happened("assigned", target),
            None => happened("unassigned", &before.unwrap_or_default()),
        })
    }
}

impl Profile {
    fn with(mut self, new: &NewProfile) -> Self {
        if let Some(name) = &new.name {
            self.name.clone_from(name);
        }
        if let Some(photo) = &new.photo {
            self.photo.clone_from(photo);
        }
        self.is_available = true;
        self
    }
}

impl NewProfile {
    fn check(&self) -> Result<(), Refused> {
        self.name.as_deref().map_or(Ok(()), check_name)
    }
}

fn check_name(name: &str) -> Result<(), Refused> {
    check_text("name", name, MAX_WORDS)?;
    if name.trim().is_empty() {
        let (field, why) = ("name", "it has no letter".to_owned());
        return Err(Refused::Invalid { field, why });
    }
    Ok(())
}

impl Terms {
    fn order(&self, by: &str, now: Timestamp) -> Result<Order, Refused> {
        check_text("reason", &self.reason, MAX_REASON)?;
        if self.until.is_some_and(|until| until <= now) {
            return Err(Refused::Invalid {
                field: "until",
                why: "it is over already; name a later time, or none".to_owned(),
            });
        }
        Ok(Order {
            reason: self.reason.clone(),
            until: self.until,
            by: by.to_owned(),
            at: now,
        })
    }
}

/// Refuses names of clients whom no address of the API would lead to.
fn refuse_word(username: &Username) -> Result<(), Refused> {
    if !WORDS.contains(&username.as_str()) {
        return Ok(());
    }
    let (field, why) = ("username", "the API means something else by it".to_owned());
    Err(Refused::Invalid { field, why })
}

pub(crate) fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), Refused> {
    if text.chars().any(char::is_control) {
        let why = "write it on one line".to_owned();
        return Err(Refused::Invalid { field, why });
    }
    if text.chars().nth(most).is_some() {
        let why = format!("write at most {most} letters");
        return Err(Refused::Invalid { field, why });
    }
    Ok(())
}

fn happened(kind: &'static str, detail: &str) -> Vec<Happening> {
    let detail = detail.to_owned();
    vec![Happening { kind, detail }]
}

/// Puts an order in place of another one; one that says the same leaves that one as it is.
fn replace(place: &mut Option<Box<Order>>, kind: &'static str, order: Order) -> Vec<Happening> {
    let is_same = place
        .as_ref()
        .is_some_and(|old| old.reason == order.reason && old.until == order.until);
    if is_same {
        return Vec::new();
    }
    happened(kind, &place.insert(Box::new(order)).reason)
}

fn lift(place: &mut Option<Box<Order>>, kind: &'static str) -> Option<Vec<Happening>> {
    place.take().map(|order| happened(kind, &order.reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClientState, Source};

    const NOW: i64 = 1_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn terms(reason: &str, until: Option<i64>) -> Terms {
        Terms {
            reason: reason.to_owned(),
            until: until.map(at),
        }
    }

    fn ali() -> Username {
        "ali".parse().unwrap()
    }

    fn obeyed(facts: &mut Facts, action: &Action) -> Result<bool, Refused> {
        let happened = facts.obey(&ali(), action, "an admin", at(NOW))?;
        Ok(!happened.is_empty())
    }

    fn actions() -> Vec<Action> {
        vec![
            Action::Pause(terms("late", None)),
            Action::Resume,
            Action::Block(terms("spam", None)),
            Action::Unblock,
            Action::Disconnect {
                reason: "the day is over".to_owned(),
            },
            Action::Close(terms("update", None)),
            Action::Admit,
            Action::Add(NewProfile::default()),
            Action::Put(NewProfile::default()),
            Action::Rename("Ali".to_owned()),
            Action::Withdraw,
            Action::Remove,
            Action::Expire,
        ]
    }

    /// Every combination of facts: connected or not, and each order or not.
    fn every_standing() -> Vec<Facts> {
        let room: Arc<str> = "room".into();
        let mut all = Vec::new();
        for bits in 0..48 {
            let mut facts = Facts::default();
            let mut put = |action: Action| assert!(obeyed(&mut facts, &action).unwrap());
            if bits & 1 > 0 {
                put(Action::Pause(terms("late", None)));
            }
            if bits & 2 > 0 {
                put(Action::Block(terms("spam", None)));
            }
            if bits & 4 > 0 {
                put(Action::Close(terms("update", None)));
            }
            if bits & 8 > 0 {
                put(Action::Add(NewProfile::default()));
            }
            if bits >= 16 {
                drop(facts.hear(&room, Sign::Joined, at(1)));
            }
            if bits >= 32 {
                drop(facts.hear(&room, Sign::Lost, at(2)));
            }
            all.push(facts);
        }
        all
    }

    /// The table of this module, as a question of what is known before.
    fn refusal(before: &Facts, action: &Action) -> Option<Refused> {
        let refused = match action {
            Action::Pause(_) => {
                let reason = before.block.as_ref()?.reason.clone();
                let username = ali();
                return Some(Refused::Blocked { username, reason });
            }
            Action::Resume => (before.pause.is_none(), Refused::NotPaused(ali())),
            Action::Unblock => (before.block.is_none(), Refused::NotBlocked(ali())),
            Action::Disconnect { .. } => (before.places.is_empty(), Refused::NotConnected(ali())),
            Action::Admit => (before.close.is_none(), Refused::NotClosed(ali())),
            Action::Add(_) => (before.profile.is_some(), Refused::Exists(ali())),
            Action::Rename(_) | Action::Withdraw | Action::Remove => {
                (before.profile.is_none(), Refused::Unknown(ali()))
            }
            _ => return None,
        };
        refused.0.then_some(refused.1)
    }

    #[test]
    fn every_order_is_obeyed_or_refused_as_the_table_says() {
        for before in every_standing() {
            for action in actions() {
                let mut after = before.clone();
                let done = obeyed(&mut after, &action);
                assert_eq!(done.clone().err(), refusal(&before, &action), "{action:?}");
                if done != Ok(true) {
                    assert_eq!(after, before, "{action:?}");
                }
                assert_eq!(after.places, before.places, "orders move nobody");
                let wanted = match action {
                    _ if done != Ok(true) => before.state(),
                    Action::Block(_) => ClientState::Blocked,
                    Action::Pause(_) => ClientState::Paused,
                    Action::Unblock => Facts {
                        block: None,
                        ..before.clone()
                    }
                    .state(),
                    Action::Resume => Facts {
                        pause: None,
                        ..before.clone()
                    }
                    .state(),
                    _ => before.state(),
                };
                assert_eq!(after.state(), wanted, "{action:?}");
            }
        }
    }

    #[test]
    fn what_places_report_is_taken_in_whatever_is_ordered() {
        let (room, other): (Arc<str>, Arc<str>) = ("room".into(), "other".into());
        for before in every_standing() {
            let mut facts = before.clone();
            drop(facts.hear(&room, Sign::Joined, at(3)));
            drop(facts.hear(&other, Sign::Joined, at(3)));
            drop(facts.hear(&room, Sign::Lost, at(4)));
            assert_eq!(facts.presence(), Presence::Connected, "one place is enough");
            drop(facts.hear(&other, Sign::Left, at(5)));
            assert_eq!(facts.presence(), Presence::Lost);
            drop(facts.hear(&room, Sign::Heartbeat, at(6)));
            assert_eq!(facts.presence(), Presence::Connected);
            drop(facts.hear(&room, Sign::Left, at(7)));
            assert_eq!(facts.presence(), Presence::Away);
            assert_eq!(facts.last_seen, Some(at(7)));
            assert_eq!(facts.block, before.block);
        }
    }

    #[test]
    fn what_is_known_already_is_no_news() {
        let room: Arc<str> = "room".into();
        let mut facts = Facts::default();
        assert!(facts.hear(&room, Sign::Left, at(1)).is_empty());
        assert!(facts.hear(&room, Sign::Lost, at(1)).is_empty());
        assert_eq!(facts.hear(&room, Sign::Heartbeat, at(1)).len(), 1);
        assert!(facts.hear(&room, Sign::Heartbeat, at(2)).is_empty());
        assert!(facts.hear(&room, Sign::Joined, at(3)).is_empty());
        assert_eq!(facts.places[0].heartbeat_at, Some(at(3)));
        assert_eq!(facts.places[0].since, at(1));
    }

    #[test]
    fn the_same_order_again_is_no_change_and_keeps_who_gave_it() {
        let mut facts = Facts::default();
        let late = Action::Pause(terms("late", None));
        assert_eq!(obeyed(&mut facts, &late), Ok(true));
        let again = facts.obey(&ali(), &late, "somebody else", at(NOW));
        assert_eq!(again, Ok(Vec::new()));
        assert_eq!(facts.pause.as_ref().unwrap().by, "an admin");
        let longer = Action::Pause(terms("late", Some(NOW + 1)));
        assert_eq!(obeyed(&mut facts, &longer), Ok(true));
    }

    #[test]
    fn to_put_somebody_out_shortens_no_closing() {
        for until in [None, Some(NOW + 3_600)] {
            let mut facts = Facts::default();
            drop(facts.hear(&"room".into(), Sign::Joined, at(1)));
            let close = Action::Close(terms("update", until));
            assert_eq!(obeyed(&mut facts, &close), Ok(true));
            let disconnect = Action::Disconnect {
                reason: "the day is over".to_owned(),
            };
            assert_eq!(obeyed(&mut facts, &disconnect), Ok(false));
            assert_eq!(facts.close.as_ref().unwrap().until, until.map(at));
        }
    }

    #[test]
    fn orders_end_when_their_time_has_come_and_hold_in_doubt() {
        let mut facts = Facts::default();
        drop(obeyed(
            &mut facts,
            &Action::Pause(terms("a", Some(NOW + 10))),
        ));
        drop(obeyed(
            &mut facts,
            &Action::Block(terms("b", Some(NOW + 20))),
        ));
        let ended = |second: i64| {
            let mut later = facts.clone();
            let happened = later.expire(at(second));
            happened.iter().map(|one| one.kind).collect::<Vec<_>>()
        };
        assert_eq!(facts.next_end(), Some(at(NOW + 10)));
        assert!(ended(NOW + 9).is_empty());
        assert_eq!(ended(NOW + 10), ["resumed"]);
        assert_eq!(ended(NOW + 20), ["resumed", "unblocked"]);
        // The clock went back to before the order, or its end cannot be read.
        facts.block.as_mut().unwrap().at = at(NOW + 100);
        assert!(facts.clone().expire(at(NOW + 50)).len() < 2);
        facts.block.as_mut().unwrap().until = Some(Timestamp::MAX);
        assert!(facts.clone().expire(at(NOW + 1_000_000)).len() < 2);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let invalid = |action: Action| {
            let refused = obeyed(&mut Facts::default(), &action);
            matches!(refused, Err(Refused::Invalid { .. }))
        };
        assert!(invalid(Action::Block(terms("b", Some(NOW)))));
        assert!(invalid(Action::Block(terms("two\nlines", None))));
        assert!(invalid(Action::Pause(terms(&"x".repeat(501), None))));
        let nameless = NewProfile {
            name: Some(" ".to_owned()),
            ..NewProfile::default()
        };
        assert!(invalid(Action::Put(nameless)));
        let mut facts = Facts::default();
        let status = "status".parse().unwrap();
        let add = Action::Add(NewProfile::default());
        facts.obey(&status, &add, "", at(NOW)).unwrap_err();
    }

    #[test]
    fn what_is_put_changes_what_is_named_and_nothing_else() {
        let mut facts = Facts::default();
        let new = NewProfile {
            name: Some("علی رضایی".to_owned()),
            source: Source::Import,
            ..NewProfile::default()
        };
        assert_eq!(obeyed(&mut facts, &Action::Add(new.clone())), Ok(true));
        assert_eq!(obeyed(&mut facts, &Action::Put(new)), Ok(false));
        let other = NewProfile {
            name: Some("علی".to_owned()),
            ..NewProfile::default()
        };
        assert_eq!(obeyed(&mut facts, &Action::Put(other)), Ok(true));
        let known = facts.profile.unwrap();
        assert_eq!(known.name, "علی");
        assert_eq!(known.source, Source::Import, "where they came from stays");
    }
}
