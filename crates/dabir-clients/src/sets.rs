//! The lists that other programs read, kept up to date one client at a time: a change costs the
//! logarithm of their number, however many there are, and so does a copy of them all.

use imbl::OrdSet;

use crate::model::{Facts, Presence};
use crate::name::Username;

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Whom the house knows and counts on.
    Available,
    /// Who is connected.
    Active,
    Paused,
    Blocked,
    /// `(available − active) ∪ (available ∩ blocked)`.
    Deactivated,
    /// Who was connected and is not heard of.
    Lost,
    /// Who is to be put out.
    ToClose,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Available,
        Self::Active,
        Self::Paused,
        Self::Blocked,
        Self::Deactivated,
        Self::Lost,
        Self::ToClose,
    ];

    fn has(self, facts: &Facts) -> bool {
        let is_active = facts.presence() == Presence::Connected;
        let is_blocked = facts.block.is_some();
        match self {
            Self::Available => facts.is_available(),
            Self::Active => is_active,
            Self::Paused => facts.pause.is_some(),
            Self::Blocked => is_blocked,
            Self::Deactivated => facts.is_available() && (!is_active || is_blocked),
            Self::Lost => facts.presence() == Presence::Lost,
            Self::ToClose => facts.close.is_some(),
        }
    }
}

/// All lists, each sorted by code point. A clone shares them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sets {
    lists: [OrdSet<Username>; Kind::ALL.len()],
}

impl Sets {
    #[must_use]
    pub fn of(&self, kind: Kind) -> &OrdSet<Username> {
        &self.lists[kind as usize]
    }

    /// Takes in how a client stands now, `None` when nothing is known of them any more, and tells
    /// which lists are other than before.
    pub fn put(&mut self, name: &Username, facts: Option<&Facts>) -> Vec<Kind> {
        let mut changed = Vec::new();
        for kind in Kind::ALL {
            let list = &mut self.lists[kind as usize];
            let has = facts.is_some_and(|facts| kind.has(facts));
            if has == list.contains(name) {
                continue;
            }
            match has {
                true => list.insert(name.clone()),
                false => list.remove(name),
            };
            changed.push(kind);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use dabir_core::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Action, NewProfile, Sign, Terms};

    /// What may happen to a client.
    #[derive(Clone, Debug)]
    enum Step {
        Order(Action),
        Report(&'static str, Sign),
    }

    fn step() -> impl Strategy<Value = Step> {
        let order = prop_oneof![
            Just(Action::Add(NewProfile::default())),
            Just(Action::Withdraw),
            Just(Action::Remove),
            Just(Action::Pause(Terms::default())),
            Just(Action::Resume),
            Just(Action::Block(Terms::default())),
            Just(Action::Unblock),
            Just(Action::Close(Terms::default())),
            Just(Action::Admit),
        ];
        let sign = prop_oneof![
            Just(Sign::Joined),
            Just(Sign::Left),
            Just(Sign::Lost),
            Just(Sign::Heartbeat),
        ];
        let place = prop_oneof![Just("board"), Just("redis")];
        prop_oneof![
            order.prop_map(Step::Order),
            (place, sign).prop_map(|(place, sign)| Step::Report(place, sign)),
        ]
    }

    fn happen(name: &Username, facts: &mut Facts, step: Step) {
        let now = Timestamp::UNIX_EPOCH;
        match step {
            // What is refused changes nothing.
            Step::Order(action) => drop(facts.obey(name, &action, "", now)),
            Step::Report(place, sign) => drop(facts.hear(&place.into(), sign, now)),
        }
    }

    /// The seed's formula, over whole sets.
    fn deactivated(sets: &Sets) -> BTreeSet<Username> {
        let all = |kind| sets.of(kind).iter().cloned().collect::<BTreeSet<_>>();
        let available = all(Kind::Available);
        let away = &available - &all(Kind::Active);
        &away | &(&available & &all(Kind::Blocked))
    }

    proptest! {
        #[test]
        fn the_lists_hold_whatever_happens(steps in prop::collection::vec((0..5_usize, step()), 1..200)) {
            let names = ["ali", "mina", "reza", "sara", "علی"];
            let mut all: BTreeMap<Username, Facts> = BTreeMap::new();
            let mut sets = Sets::default();
            for (who, step) in steps {
                let name: Username = names[who].parse().unwrap();
                let facts = all.entry(name.clone()).or_default();
                let before = sets.clone();
                happen(&name, facts, step);
                let changed = sets.put(&name, Some(facts));
                let kept: BTreeSet<Username> = sets.of(Kind::Deactivated).iter().cloned().collect();
                prop_assert_eq!(kept, deactivated(&sets));
                for kind in Kind::ALL {
                    prop_assert_eq!(changed.contains(&kind), before.of(kind) != sets.of(kind));
                    let fresh: BTreeSet<Username> = all
                        .iter()
                        .filter(|(_, facts)| kind.has(facts))
                        .map(|(name, _)| name.clone())
                        .collect();
                    let kept: BTreeSet<Username> = sets.of(kind).iter().cloned().collect();
                    prop_assert_eq!(kept, fresh);
                }
            }
        }
    }

    #[test]
    fn whoever_is_forgotten_is_in_no_list() {
        let name: Username = "ali".parse().unwrap();
        let mut sets = Sets::default();
        let mut facts = Facts::default();
        happen(
            &name,
            &mut facts,
            Step::Order(Action::Add(NewProfile::default())),
        );
        let changed = sets.put(&name, Some(&facts));
        assert_eq!(changed, [Kind::Available, Kind::Deactivated]);
        assert_eq!(sets.put(&name, None).len(), 2);
        assert_eq!(sets, Sets::default());
    }
}
