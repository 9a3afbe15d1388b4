//! What the rest of the house knows of people: whom rooms keep out and whom they let only listen, and
//! who is told where people are. Another domain keeps it; see [`Register`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use dabir_room::orders::{Bar, Ordered, Orders, Pause};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use tokio::sync::watch;

/// Whoever knows people by name beyond one room.
///
/// A name is what a join token has as `client`, else its `sub`, and for a guest the name that others
/// see. Names are the same when they have the same [`dabir_core::names::key`].
pub trait Register: fmt::Debug + Send + Sync + 'static {
    /// Why nobody by this name is let in now. A way in is given only after this said nothing.
    fn bar(&self, name: &str) -> Option<String>;

    /// What every room enforces, from now on.
    fn orders(&self) -> watch::Receiver<Arc<Issue>>;

    /// Takes what a room tells.
    fn hear(&self, report: Report);

    /// How often rooms say that people are still there.
    fn beat(&self) -> Duration;
}

/// All orders after a change. The next issue shares with this one what is the same in both.
#[derive(Clone, Debug, Default)]
pub struct Issue {
    /// Grows by one with each change.
    number: u64,
    all: OrdMap<String, Ordered>,
    /// What is other than in the issue before.
    changed: Arc<Orders>,
}

/// What a room tells of its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    Came {
        room: String,
        name: String,
    },
    Went {
        room: String,
        name: String,
    },
    /// These are there, and nobody else.
    Here {
        room: String,
        names: BTreeSet<String>,
    },
}

impl Issue {
    /// The one after this, in which this is ordered about these names.
    #[must_use]
    pub fn then(&self, changed: Orders) -> Self {
        let mut all = self.all.clone();
        for (name, ordered) in &changed {
            if ordered.is_free() {
                all.remove(name);
            } else {
                all.insert(name.clone(), ordered.clone());
            }
        }
        Self {
            number: self.number + 1,
            all,
            changed: Arc::new(changed),
        }
    }

    /// All that is ordered.
    #[must_use]
    pub fn list(&self) -> Orders {
        let one = |(name, ordered): (&String, &Ordered)| (name.clone(), ordered.clone());
        self.all.iter().map(one).collect()
    }

    /// What is ordered about a name.
    pub(crate) fn about(&self, name: &str) -> Ordered {
        self.all.get(name).cloned().unwrap_or_default()
    }

    /// What is to be said to whoever knows an earlier one.
    #[must_use]
    pub(crate) fn since(&self, known: &Self) -> Arc<Orders> {
        if known.number + 1 == self.number {
            return self.changed.clone();
        }
        let changed = known.all.diff(&self.all).map(|item| match item {
            DiffItem::Add(name, _) | DiffItem::Remove(name, _) => name,
            DiffItem::Update { new: (name, _), .. } => name,
        });
        let one = |name: &String| (name.clone(), self.about(name));
        Arc::new(changed.map(one).collect())
    }
}

/// Who is in one room by what the register calls them: two guests of one name are one client.
#[derive(Debug, Default)]
pub(crate) struct Roll(BTreeMap<String, String>);

impl Roll {
    /// Somebody came; answers what that changes.
    pub(crate) fn come(&mut self, room: &str, id: String, name: String) -> Vec<Report> {
        let is_first = !self.has(&name);
        let before = self.0.insert(id, name.clone());
        let went = before.filter(|before| !self.has(before));
        let room = room.to_owned();
        let came = is_first.then(|| Report::Came {
            room: room.clone(),
            name,
        });
        let went = went.map(|name| Report::Went { room, name });
        came.into_iter().chain(went).collect()
    }

    /// Somebody left; answers what that changes.
    pub(crate) fn leave(&mut self, room: &str, id: &str) -> Option<Report> {
        let name = self.0.remove(id).filter(|name| !self.has(name))?;
        let room = room.to_owned();
        Some(Report::Went { room, name })
    }

    /// The room says who is there: each person's id, and their name.
    pub(crate) fn call(&mut self, room: &str, here: BTreeMap<String, String>) -> Report {
        self.0 = here;
        Report::Here {
            room: room.to_owned(),
            names: self.0.values().cloned().collect(),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.values().any(|known| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn barred(names: &[&str]) -> Orders {
        let bar = Bar {
            reason: String::new(),
            until: None,
        };
        let ordered = Ordered {
            bar: Some(bar),
            pause: None,
        };
        let names = names.iter().map(|name| (*name).to_owned());
        names.map(|name| (name, ordered.clone())).collect()
    }

    #[test]
    fn whoever_knows_any_earlier_issue_learns_what_is_other() {
        let free = Orders::from([("a".to_owned(), Ordered::default())]);
        let mut issues = vec![Issue::default()];
        for changed in [barred(&["a"]), barred(&["b"]), free, barred(&["c"])] {
            let next = issues.last().map(|issue| issue.then(changed));
            issues.extend(next);
        }
        assert_eq!(issues[4].list(), barred(&["b", "c"]));
        for (at, known) in issues.iter().enumerate() {
            for issue in &issues[at..] {
                let mut orders = known.list();
                orders.extend(Orders::clone(&issue.since(known)));
                orders.retain(|_, ordered| !ordered.is_free());
                assert_eq!(orders, issue.list());
            }
        }
    }

    #[test]
    fn a_name_comes_with_the_first_and_goes_with_the_last_who_has_it() {
        let mut roll = Roll::default();
        let (came, went) = (
            |name: &str| Report::Came {
                room: "r".to_owned(),
                name: name.to_owned(),
            },
            |name: &str| Report::Went {
                room: "r".to_owned(),
                name: name.to_owned(),
            },
        );
        let mut come = |id: &str, name: &str| roll.come("r", id.to_owned(), name.to_owned());
        assert_eq!(come("1", "Ali"), [came("Ali")]);
        assert_eq!(come("2", "Ali"), []);
        assert_eq!(come("2", "Sara"), [came("Sara")]);
        assert_eq!(come("1", "Sara"), [went("Ali")]);
        assert_eq!(roll.leave("r", "1"), None);
        assert_eq!(roll.leave("r", "2"), Some(went("Sara")));
        assert_eq!(roll.leave("r", "2"), None);
    }
}
