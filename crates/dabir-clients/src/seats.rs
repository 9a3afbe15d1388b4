//! Who sits where: rooms and pipelines that have room for so many, and who waits for a place.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Refused, Seat};
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

impl Target {
    /// What whoever finds it full is told.
    pub(crate) fn refuse(&self) -> Refused {
        Refused::Full {
            target: self.name.clone(),
            taken: self.taken,
            capacity: self.capacity,
        }
    }
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

    /// Who waits for which target, whose turn comes first.
    pub(crate) fn lines(&self) -> BTreeMap<(Seat, String), VecDeque<Wait>> {
        let mut all: Vec<&Wait> = self.waits.values().collect();
        all.sort_by_key(|wait| wait.turn);
        let mut lines: BTreeMap<_, VecDeque<Wait>> = BTreeMap::new();
        for wait in all {
            let line = lines.entry((wait.kind, wait.name.clone())).or_default();
            line.push_back(wait.clone());
        }
        lines
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
