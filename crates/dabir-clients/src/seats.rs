//! Who sits where: rooms and pipelines that have room for so many, and who waits for a place.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::Seat;
use crate::name::Username;

/// A room or a pipeline that has room for so many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientTarget)]
pub struct Target {
    pub kind: Seat,
    pub name: String,
    pub capacity: u64,
    /// How many are assigned to it.
    pub taken: u64,
}

/// Somebody who waits for a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientWait)]
pub struct Wait {
    #[schema(value_type = String)]
    pub username: Username,
    pub kind: Seat,
    pub name: String,
    /// The lower it is, the sooner is their turn.
    pub turn: i64,
}

/// All of it, as far as a change may move it. What has no capacity has room for all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats {
    targets: BTreeMap<(Seat, String), Target>,
    waits: BTreeMap<(Seat, Username), Wait>,
    /// What is to be written: capacities, and lines that got longer or shorter.
    pub(crate) changed_targets: Vec<(Seat, String)>,
    pub(crate) changed_waits: Vec<(Seat, Username)>,
}

impl Seats {
    pub(crate) fn new(targets: Vec<Target>, waits: Vec<Wait>) -> Self {
        let target = |target: Target| ((target.kind, target.name.clone()), target);
        let wait = |wait: Wait| ((wait.kind, wait.username.clone()), wait);
        Self {
            targets: targets.into_iter().map(target).collect(),
            waits: waits.into_iter().map(wait).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.targets.values()
    }

    pub(crate) fn waits(&self) -> impl Iterator<Item = &Wait> {
        self.waits.values()
    }

    pub(crate) fn target(&self, kind: Seat, name: &str) -> Option<&Target> {
        self.targets.get(&(kind, name.to_owned()))
    }

    pub(crate) fn wait_of(&self, kind: Seat, username: &Username) -> Option<&Wait> {
        self.waits.get(&(kind, username.clone()))
    }

    /// The target that is full, when it is.
    pub(crate) fn full(&self, kind: Seat, name: &str) -> Option<&Target> {
        let target = self.target(kind, name);
        target.filter(|target| target.taken >= target.capacity)
    }

    /// Counts somebody who comes (`true`) or goes.
    pub(crate) fn count(&mut self, kind: Seat, name: &str, comes: bool) {
        if let Some(target) = self.targets.get_mut(&(kind, name.to_owned())) {
            target.taken = match comes {
                true => target.taken + 1,
                false => target.taken.saturating_sub(1),
            };
        }
    }

    /// Has somebody wait at the end of the line.
    pub(crate) fn wait(&mut self, wait: Wait) {
        let key = (wait.kind, wait.username.clone());
        self.changed_waits.push(key.clone());
        self.waits.insert(key, wait);
    }

    /// Tells whether they waited.
    pub(crate) fn stop_waiting(&mut self, kind: Seat, username: &Username) -> bool {
        let key = (kind, username.clone());
        let waited = self.waits.remove(&key).is_some();
        if waited {
            self.changed_waits.push(key);
        }
        waited
    }

    /// Whose turn it is for a place that is free.
    pub(crate) fn next(&self) -> Option<Wait> {
        let mut line: Vec<&Wait> = self.waits.values().collect();
        line.sort_by_key(|wait| wait.turn);
        let next = line
            .into_iter()
            .find(|wait| self.full(wait.kind, &wait.name).is_none());
        next.cloned()
    }

    /// How many a target has room for; any number when `None`.
    pub(crate) fn set_capacity(
        &mut self,
        kind: Seat,
        name: &str,
        capacity: Option<u64>,
        taken: u64,
    ) {
        let key = (kind, name.to_owned());
        self.changed_targets.push(key.clone());
        match capacity {
            None => drop(self.targets.remove(&key)),
            Some(capacity) => {
                let name = name.to_owned();
                let target = Target {
                    kind,
                    name,
                    capacity,
                    taken,
                };
                self.targets.insert(key, target);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_places_go_to_whoever_waits_longest() {
        let wait = |name: &str, target: &str, turn| Wait {
            username: name.parse().unwrap(),
            kind: Seat::Room,
            name: target.to_owned(),
            turn,
        };
        let mut seats = Seats::default();
        seats.set_capacity(Seat::Room, "board", Some(2), 2);
        seats.set_capacity(Seat::Room, "hall", Some(1), 1);
        seats.wait(wait("ali", "board", 5));
        seats.wait(wait("mina", "board", 3));
        seats.wait(wait("reza", "hall", 1));
        assert_eq!(seats.next(), None);
        seats.count(Seat::Room, "board", false);
        assert_eq!(seats.next().unwrap().username.as_str(), "mina");
        assert!(seats.stop_waiting(Seat::Room, &"mina".parse().unwrap()));
        assert_eq!(seats.next().unwrap().username.as_str(), "ali");
        seats.set_capacity(Seat::Room, "hall", None, 1);
        assert_eq!(seats.next().unwrap().username.as_str(), "reza");
    }
}
