//! A list that others may write as well as we: what of it they changed.
//!
//! Between two programs that each read, change and write a whole list, a comparison with the newest
//! list alone would take back what it does not know of yet. So those of a moment ago count too: a name
//! is added when none of them has it, and taken out when all of them have it. Whatever is in doubt
//! stays as the registry knows it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use imbl::OrdSet;

use crate::name::Username;

/// What the other side may have read last, the newest at the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Agreed {
    lists: Vec<List>,
}

#[derive(Clone, Debug)]
struct List {
    names: OrdSet<Username>,
    /// When another one took its place.
    replaced: Option<Instant>,
}

/// What others did to a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Edits {
    pub(super) added: Vec<Username>,
    pub(super) removed: Vec<Username>,
}

/// How long another program may take from its read to its write.
const GRACE: Duration = Duration::from_millis(500);
/// How many lists are told apart; more are there only while none can be written.
const MOST: usize = 8;

impl Edits {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl Agreed {
    /// As one that ended has left it: which of the lists others saw is not known.
    pub(super) fn of(lists: impl IntoIterator<Item = OrdSet<Username>>, now: Instant) -> Self {
        let mut agreed = Self::default();
        for names in lists {
            agreed.put(names, now);
        }
        agreed
    }

    /// Somebody else wrote this list: whatever they read before, they know this one.
    pub(super) fn accept(&mut self, found: OrdSet<Username>, now: Instant) {
        *self = Self::of([found], now);
    }

    /// What somebody did who wrote this list.
    pub(super) fn edits(&self, found: &BTreeSet<Username>) -> Edits {
        let has = |list: &List, name: &Username| list.names.contains(name);
        let added = found
            .iter()
            .filter(|name| !self.lists.iter().any(|list| has(list, name)));
        let newest = self.lists.last();
        let known = newest.into_iter().flat_map(|list| &list.names);
        let removed = known
            .filter(|name| !found.contains(*name))
            .filter(|name| self.lists.iter().all(|list| has(list, name)));
        Edits {
            added: added.cloned().collect(),
            removed: removed.cloned().collect(),
        }
    }

    /// Others see this list from now on, or one of those before if it cannot be written.
    pub(super) fn put(&mut self, names: OrdSet<Username>, now: Instant) {
        if let Some(newest) = self.lists.last_mut() {
            if newest.names == names {
                return;
            }
            newest.replaced = Some(now);
        }
        if self.lists.len() >= MOST {
            let replaced = Some(now);
            let folded = self.folded().map(|names| List { names, replaced });
            self.lists = folded.to_vec();
        }
        let replaced = None;
        self.lists.push(List { names, replaced });
    }

    /// Two lists that say as much as all of these: what every one has, and what any one has.
    fn folded(&self) -> [OrdSet<Username>; 2] {
        let mut lists = self.lists.iter().map(|list| &list.names);
        let first = lists.next().cloned().unwrap_or_default();
        lists.fold([first.clone(), first], |[every, any], names| {
            [every.intersection(names.clone()), any.union(names.clone())]
        })
    }

    /// Forgets lists that nobody can have in hand any more. Tells whether there were any.
    pub(super) fn settle(&mut self, now: Instant) -> bool {
        let before = self.lists.len();
        let is_recent = |replaced: Instant| now.saturating_duration_since(replaced) < GRACE;
        self.lists
            .retain(|list| list.replaced.is_none_or(is_recent));
        self.lists.len() < before
    }

    /// Nobody will write who has an older list in hand.
    pub(super) fn close(&mut self) {
        self.lists.retain(|list| list.replaced.is_none());
    }

    /// What the next process has to know: the newest list, which may not have come into the file any
    /// more, and what those before come to.
    pub(super) fn last(&self) -> Vec<OrdSet<Username>> {
        let Some((newest, before)) = self.lists.split_last() else {
            return Vec::new();
        };
        let before = Self {
            lists: before.to_vec(),
        };
        let mut last = match before.lists.as_slice() {
            [] => Vec::new(),
            [one] => vec![one.names.clone()],
            _ => before.folded().to_vec(),
        };
        last.push(newest.names.clone());
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<C: FromIterator<Username>>(names: &str) -> C {
        let names = names.split_whitespace();
        names.map(|name| name.parse().unwrap()).collect()
    }

    fn check(lists: &[&str], found: &str, added: &str, removed: &str) {
        let lists = lists.iter().map(|list| names(list));
        let edits = Agreed::of(lists, Instant::now()).edits(&names(found));
        let (added, removed) = (names(added), names(removed));
        assert_eq!(edits, Edits { added, removed });
    }

    #[test]
    fn what_others_changed_is_found() {
        check(&["a b"], "a b", "", "");
        check(&["a b"], "b c", "c", "a");
        check(&[""], "a", "a", "");
        check(&[], "a", "a", "");
    }

    #[test]
    fn whoever_had_an_older_list_in_hand_takes_nothing_back() {
        // `c` was put in by us meanwhile, and they put in `d`.
        check(&["a b", "a b c"], "a b d", "d", "");
        // `b` was taken out by us meanwhile, and they took out `a`.
        check(&["a b", "b"], "b", "", "");
        check(&["a b", "a"], "b", "", "a");
    }

    #[test]
    fn whoever_takes_their_own_change_back_is_heard() {
        let now = Instant::now();
        let mut agreed = Agreed::of([names("a"), names("a b")], now);
        agreed.accept(names("a b c"), now);
        agreed.put(names("a b c"), now);
        let edits = agreed.edits(&names("a b"));
        assert_eq!(edits.removed, names::<Vec<_>>("c"));
    }

    #[test]
    fn lists_that_could_not_be_written_are_all_in_doubt() {
        let now = Instant::now();
        // `a` stands in the file; what came after could not be written.
        let mut agreed = Agreed::of([names("a x")], now);
        for turn in 0..100 {
            agreed.put(names(&format!("a b{turn}")), now);
            agreed.put(names(&format!("a b{turn}")), now);
        }
        assert!(agreed.lists.len() <= MOST);
        let next = Agreed::of(agreed.last(), now);
        for agreed in [agreed, next] {
            assert!(
                agreed.edits(&names("a x")).is_empty(),
                "nobody did anything"
            );
            let edits = agreed.edits(&names("x theirs"));
            assert_eq!(edits.added, names::<Vec<_>>("theirs"));
            assert_eq!(edits.removed, names::<Vec<_>>("a"));
        }
    }

    #[test]
    fn an_older_list_is_forgotten_after_a_while() {
        let begin = Instant::now();
        let mut agreed = Agreed::of([names("a"), names("a b")], begin);
        assert!(!agreed.settle(begin));
        assert!(agreed.settle(begin + GRACE));
        assert!(!agreed.settle(begin + GRACE));
        let edits = agreed.edits(&names("a"));
        assert_eq!(edits.removed, names::<Vec<_>>("b"));
    }
}
