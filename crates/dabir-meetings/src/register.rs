//! What the rest of the house knows of people: whom rooms keep out and whom they let only listen, and
//! who is told where people are. Another domain keeps it; see [`Register`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dabir_room::orders;
pub use dabir_room::orders::{Bar, Ordered, Orders, Pause};
use tokio::sync::watch;

/// Whoever knows people by name beyond one room.
///
/// A name is what a join token has as `client`, else its `sub`, and for a guest the name that others
/// see. Names are the same when they are the same, letter by letter.
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

/// All orders after a change.
#[derive(Clone, Debug, Default)]
pub struct Issue {
    /// Grows by one with each change.
    pub number: u64,
    pub all: Arc<Orders>,
    /// What is other than in the issue before.
    pub changed: Arc<Orders>,
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

/// A house that orders nothing and asks nothing.
#[derive(Debug, Default)]
pub struct Nobody(watch::Sender<Arc<Issue>>);

impl Issue {
    /// The one after this, in which `all` is ordered.
    #[must_use]
    pub fn then(&self, all: Orders) -> Self {
        Self {
            number: self.number + 1,
            changed: Arc::new(orders::difference(&self.all, &all)),
            all: Arc::new(all),
        }
    }

    /// What is to be said to whoever knows an earlier one.
    #[must_use]
    pub(crate) fn since(&self, known: &Self) -> Arc<Orders> {
        if known.number + 1 == self.number {
            return self.changed.clone();
        }
        Arc::new(orders::difference(&known.all, &self.all))
    }
}

impl Register for Nobody {
    fn bar(&self, _: &str) -> Option<String> {
        None
    }

    fn orders(&self) -> watch::Receiver<Arc<Issue>> {
        self.0.subscribe()
    }

    fn hear(&self, _: Report) {}

    fn beat(&self) -> Duration {
        Duration::MAX
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
        let mut issues = vec![Issue::default()];
        for all in [&["a"][..], &["a", "b"], &["b"], &["b", "c"]] {
            let next = issues.last().map(|issue| issue.then(barred(all)));
            issues.extend(next);
        }
        for (at, known) in issues.iter().enumerate() {
            for issue in &issues[at..] {
                let mut orders = Orders::clone(&known.all);
                orders::take_in(&mut orders, Orders::clone(&issue.since(known)), false);
                assert_eq!(orders, *issue.all);
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
