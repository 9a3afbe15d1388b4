//! All clients as they stand, in memory: what the database knows, one change at a time.

use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use dabir_core::{Timestamp, names};
use imbl::{OrdMap, OrdSet};

use crate::model::{ClientState, Facts, Order, OrderKind};
use crate::name::Username;
use crate::sets::{Kind, Sets};

/// How all clients stood at one moment. A clone shares everything: it costs next to nothing.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The newest change that is in it.
    pub offset: i64,
    all: OrdMap<Username, Arc<Known>>,
    sets: Sets,
    /// When each list was changed last, as an offset.
    changed_at: [i64; Kind::ALL.len()],
    /// Ends of orders, the next one first.
    ends: OrdSet<(Timestamp, Username)>,
    /// The newest changes, by offset.
    recent: OrdMap<i64, Username>,
    /// Everything after this offset is in `recent`.
    recent_from: i64,
    states: [usize; ClientState::ALL.len()],
    guests: usize,
    orders: Arc<Orders>,
}

/// What rooms have to enforce.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    /// The newest change that is in it.
    pub offset: i64,
    pub paused: OrdMap<Username, Arc<Order>>,
    pub blocked: OrdMap<Username, Arc<Order>>,
    pub to_close: OrdMap<Username, Arc<Order>>,
    /// Who is blocked or to be put out, by [`names::key`].
    barred: OrdMap<Box<str>, OrdSet<Username>>,
}

/// What is known of one name.
#[derive(Debug)]
pub(crate) struct Known {
    facts: Facts,
    /// Made when somebody is looked for.
    search: OnceLock<Box<str>>,
}

/// How many changes somebody who comes back may have missed.
const RECENT: usize = 10_000;

impl Snapshot {
    /// What is known of a name.
    #[must_use]
    pub fn get(&self, username: &Username) -> Option<&Facts> {
        self.all.get(username).map(|known| &known.facts)
    }

    /// One of the lists, sorted by code point.
    #[must_use]
    pub fn of(&self, kind: Kind) -> &OrdSet<Username> {
        self.sets.of(kind)
    }

    /// The offset at which a list was changed last.
    #[must_use]
    pub fn changed_at(&self, kind: Kind) -> i64 {
        self.changed_at[kind as usize]
    }

    /// How many names something is known of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many are in this state.
    #[must_use]
    pub fn count(&self, state: ClientState) -> usize {
        self.states[state as usize]
    }

    /// How many are known only because they once came into a room.
    pub(crate) fn guests(&self) -> usize {
        self.guests
    }

    /// Everybody after a name, in the order of names.
    pub fn after<'a>(
        &'a self,
        username: Option<&Username>,
    ) -> impl Iterator<Item = (&'a Username, &'a Facts)> + use<'a> {
        let all = self.list(None, username);
        all.map(|(name, known)| (name, &known.facts))
    }

    /// Everybody after a name, or everybody of a list, in the order of names.
    pub(crate) fn list<'a>(
        &'a self,
        kind: Option<Kind>,
        after: Option<&Username>,
    ) -> Box<dyn Iterator<Item = (&'a Username, &'a Known)> + 'a> {
        let from = after.map_or(Bound::Unbounded, |name| Bound::Excluded(name.clone()));
        let range = (from, Bound::Unbounded);
        match kind {
            None => Box::new(self.all.range(range).map(|(name, known)| (name, &**known))),
            Some(kind) => {
                let known = |name| Some((name, &**self.all.get(name)?));
                Box::new(self.of(kind).range(range).filter_map(known))
            }
        }
    }

    /// Makes what searches look into.
    pub(crate) fn fold_names(&self) {
        for (username, known) in self.list(None, None) {
            known.search_text(username);
        }
    }

    /// Whom the changes after an offset are about; `None` when they are no longer all known.
    #[must_use]
    pub fn since(&self, offset: i64) -> Option<OrdSet<Username>> {
        if offset < self.recent_from || offset > self.offset {
            return None;
        }
        let changed = self.recent.range(offset + 1..);
        Some(changed.map(|(_, name)| name.clone()).collect())
    }

    /// When the next order ends.
    #[must_use]
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        self.ends.get_min().map(|(at, _)| *at)
    }

    /// Whose orders have ended at `now`.
    pub(crate) fn ended(&self, now: Timestamp) -> Vec<Username> {
        let due = self.ends.iter().take_while(|(at, _)| *at <= now);
        due.map(|(_, name)| name.clone()).collect()
    }

    #[must_use]
    pub(crate) fn orders(&self) -> &Arc<Orders> {
        &self.orders
    }

    /// An empty one that starts at an offset.
    pub(crate) fn at(offset: i64) -> Self {
        Self {
            offset,
            recent_from: offset,
            changed_at: [offset; Kind::ALL.len()],
            ..Self::default()
        }
    }

    /// Takes in how a client stands since a change.
    pub(crate) fn put(&mut self, offset: i64, username: &Username, facts: Facts) {
        self.take_out(username);
        let known = (!facts.is_nothing()).then_some(&facts);
        for kind in self.sets.put(username, known) {
            self.changed_at[kind as usize] = offset;
        }
        self.put_orders(offset, username, known);
        if let Some(facts) = known {
            self.states[facts.state() as usize] += 1;
            self.guests += usize::from(facts.is_guest());
            let end = facts.next_end().map(|at| (at, username.clone()));
            self.ends.extend(end);
        }
        if !facts.is_nothing() {
            let search = OnceLock::new();
            let known = Known { facts, search };
            self.all.insert(username.clone(), Arc::new(known));
        }
    }

    /// Notes that a change happened.
    pub(crate) fn note(&mut self, offset: i64, username: &Username) {
        self.offset = self.offset.max(offset);
        self.recent.insert(offset, username.clone());
        while self.recent.len() > RECENT {
            let Some((oldest, _)) = self.recent.get_min().cloned() else {
                return;
            };
            self.recent.remove(&oldest);
            self.recent_from = oldest;
        }
    }

    fn take_out(&mut self, username: &Username) {
        let Some(known) = self.all.remove(username) else {
            return;
        };
        self.states[known.facts.state() as usize] -= 1;
        self.guests -= usize::from(known.facts.is_guest());
        if let Some(at) = known.facts.next_end() {
            self.ends.remove(&(at, username.clone()));
        }
    }

    fn put_orders(&mut self, offset: i64, username: &Username, facts: Option<&Facts>) {
        for kind in OrderKind::ALL {
            let new = facts.and_then(|facts| facts.order(kind));
            if self.orders.of(kind).get(username).map(|old| &**old) == new {
                continue;
            }
            let orders = Arc::make_mut(&mut self.orders);
            orders.offset = offset;
            let list = orders.of_mut(kind);
            match new {
                Some(order) => list.insert(username.clone(), Arc::new(order.clone())),
                None => list.remove(username),
            };
            orders.spell(username);
        }
    }
}

impl Known {
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The folded text by which they are found, see [`names::search_text`].
    pub(crate) fn search_text(&self, username: &Username) -> &str {
        self.search.get_or_init(|| {
            let called = self.facts.profile.as_ref().map_or("", |known| &known.name);
            names::search_text(&format!("{username} {called}")).into()
        })
    }
}

impl Orders {
    /// What keeps out whoever comes by this name, however it was spelt.
    #[must_use]
    pub fn bar(&self, name: &str) -> Option<&Order> {
        let names = self.barred.get(&*names::key(name))?;
        let of = |list| names.iter().find_map(|name| OrdMap::get(list, name));
        let found = of(&self.blocked).or_else(|| of(&self.to_close));
        found.map(|order| &**order)
    }

    /// Brings `barred` to what the lists say of a name.
    fn spell(&mut self, username: &Username) {
        let is_barred = self.blocked.contains_key(username) || self.to_close.contains_key(username);
        let key = names::key(username.as_str()).into_boxed_str();
        let mut spelt = self.barred.remove(&key).unwrap_or_default();
        match is_barred {
            true => spelt.insert(username.clone()),
            false => spelt.remove(username),
        };
        if !spelt.is_empty() {
            self.barred.insert(key, spelt);
        }
    }

    #[must_use]
    pub fn of(&self, kind: OrderKind) -> &OrdMap<Username, Arc<Order>> {
        match kind {
            OrderKind::Pause => &self.paused,
            OrderKind::Block => &self.blocked,
            OrderKind::Close => &self.to_close,
        }
    }

    fn of_mut(&mut self, kind: OrderKind) -> &mut OrdMap<Username, Arc<Order>> {
        match kind {
            OrderKind::Pause => &mut self.paused,
            OrderKind::Block => &mut self.blocked,
            OrderKind::Close => &mut self.to_close,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, NewProfile, Sign, Terms};

    fn name(text: &str) -> Username {
        text.parse().unwrap()
    }

    fn obeyed(before: &Facts, action: &Action) -> Facts {
        let mut facts = before.clone();
        let now = Timestamp::UNIX_EPOCH;
        facts.obey(&name("ali"), action, "", now).unwrap();
        facts
    }

    #[test]
    fn what_is_kept_follows_from_what_is_put() {
        let ali = name("ali");
        let mut all = Snapshot::at(7);
        let mut facts = obeyed(&Facts::default(), &Action::Add(NewProfile::default()));
        all.put(8, &ali, facts.clone());
        all.note(8, &ali);
        assert_eq!((all.len(), all.count(ClientState::Deactivated)), (1, 1));
        let earlier = all.clone();
        let until = Timestamp::from_second(9).ok();
        let reason = "spam".to_owned();
        facts = obeyed(&facts, &Action::Block(Terms { reason, until }));
        all.put(9, &ali, facts.clone());
        all.note(9, &ali);
        assert_eq!(all.count(ClientState::Blocked), 1);
        assert_eq!((all.next_end(), all.orders().offset), (until, 9));
        assert_eq!(all.orders().blocked[&ali].reason, "spam");
        assert_eq!(all.changed_at(Kind::Blocked), 9);
        assert_eq!(all.changed_at(Kind::Available), 8);
        assert_eq!(earlier.count(ClientState::Blocked), 0, "a copy stays");
        drop(facts.hear(&"board".into(), Sign::Joined, Timestamp::UNIX_EPOCH));
        facts = obeyed(&facts, &Action::Unblock);
        all.put(10, &ali, facts);
        assert_eq!(all.count(ClientState::Active), 1);
        assert_eq!(all.next_end(), None);
        all.put(11, &ali, Facts::default());
        assert!(all.is_empty() && all.of(Kind::Active).is_empty());
    }

    #[test]
    fn whoever_missed_too_much_is_told_so() {
        let ali = name("ali");
        let mut all = Snapshot::at(100);
        assert!(all.since(100).is_some_and(|names| names.is_empty()));
        assert!(all.since(99).is_none() && all.since(101).is_none());
        for offset in 101..=100 + 2 * i64::try_from(RECENT).unwrap() {
            all.note(offset, &ali);
        }
        assert!(all.since(100).is_none());
        assert_eq!(all.since(all.offset - 5).unwrap().len(), 1);
        assert!(all.since(all.offset).unwrap().is_empty());
    }
}
