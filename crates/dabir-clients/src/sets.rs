//! The lists that other programs read, kept up to date one client at a time: a change costs the
//! logarithm of their number, however many there are.

use std::collections::BTreeSet;

use crate::model::{Facts, Presence};
use crate::name::Username;

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Whom the house knows.
    Available,
    /// Who is connected.
    Active,
    Paused,
    Blocked,
    /// `(available − active) ∪ (available ∩ blocked)`.
    Deactivated,
    /// Who was connected and is not heard of.
    Lost,
}

const KINDS: [Kind; 6] = [
    Kind::Available,
    Kind::Active,
    Kind::Paused,
    Kind::Blocked,
    Kind::Deactivated,
    Kind::Lost,
];

impl Kind {
    fn has(self, facts: &Facts) -> bool {
        let is_active = facts.presence == Presence::Connected;
        let is_blocked = facts.block.is_some();
        match self {
            Self::Available => facts.is_available,
            Self::Active => is_active,
            Self::Paused => facts.pause.is_some(),
            Self::Blocked => is_blocked,
            Self::Deactivated => facts.is_available && (!is_active || is_blocked),
            Self::Lost => facts.presence == Presence::Lost,
        }
    }
}

/// All lists, each sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sets {
    lists: [BTreeSet<Username>; KINDS.len()],
}

impl Sets {
    #[must_use]
    pub fn of(&self, kind: Kind) -> &BTreeSet<Username> {
        &self.lists[kind as usize]
    }

    /// Takes in how a client stands now, `None` when nothing is known of them any more, and tells
    /// which lists are other than before.
    pub fn put(&mut self, name: &Username, facts: Option<&Facts>) -> Vec<Kind> {
        let mut changed = Vec::new();
        for kind in KINDS {
            let list = &mut self.lists[kind as usize];
            let is_other = match facts.is_some_and(|facts| kind.has(facts)) {
                true => list.insert(name.clone()),
                false => list.remove(name),
            };
            if is_other {
                changed.push(kind);
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dabir_core::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Command, Order};

    fn order() -> Order {
        Order {
            reason: String::new(),
            until: None,
            by: String::new(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    /// What may happen to a client; `None` is that they come or go as such.
    fn step() -> impl Strategy<Value = Option<Command>> {
        prop_oneof![
            Just(None),
            Just(Some(Command::Connect)),
            Just(Some(Command::Lose)),
            Just(Some(Command::Disconnect)),
            Just(Some(Command::Pause(order()))),
            Just(Some(Command::Resume)),
            Just(Some(Command::Block(order()))),
            Just(Some(Command::Unblock)),
        ]
    }

    /// The seed's formula, over whole sets.
    fn deactivated(sets: &Sets) -> BTreeSet<Username> {
        let available = sets.of(Kind::Available);
        let away = available - sets.of(Kind::Active);
        &away | &(available & sets.of(Kind::Blocked))
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
                match step {
                    None => facts.is_available = !facts.is_available,
                    // What is refused changes nothing.
                    Some(command) => drop(facts.obey(command)),
                }
                let changed = sets.put(&name, Some(facts));
                prop_assert_eq!(sets.of(Kind::Deactivated), &deactivated(&sets));
                for kind in KINDS {
                    prop_assert_eq!(changed.contains(&kind), before.of(kind) != sets.of(kind));
                    let fresh: BTreeSet<Username> = all
                        .iter()
                        .filter(|(_, facts)| kind.has(facts))
                        .map(|(name, _)| name.clone())
                        .collect();
                    prop_assert_eq!(sets.of(kind), &fresh);
                }
            }
        }
    }

    #[test]
    fn whoever_is_forgotten_is_in_no_list() {
        let name: Username = "ali".parse().unwrap();
        let mut sets = Sets::default();
        let facts = Facts {
            is_available: true,
            ..Facts::default()
        };
        assert_eq!(
            sets.put(&name, Some(&facts)),
            [Kind::Available, Kind::Deactivated]
        );
        assert_eq!(sets.put(&name, None).len(), 2);
        assert_eq!(sets, Sets::default());
    }
}
