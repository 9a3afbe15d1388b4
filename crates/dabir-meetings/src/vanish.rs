//! The vanish guard: a list that suddenly misses many running meetings is not believed at once.

use std::collections::BTreeMap;

/// Meetings that vanished from the list and are held, with how many polls have agreed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VanishGuard {
    held: BTreeMap<String, u32>,
}

/// What one poll means for the meetings that it does not list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Believed to be gone.
    pub(crate) gone: Vec<String>,
    /// Newly held.
    pub(crate) held: Vec<String>,
}

impl VanishGuard {
    /// Judges one poll. `running` are the ids of the source's meetings that run, `missing` those of
    /// them that the poll does not list. More than `share` missing at once are held until `polls`
    /// polls in a row agree.
    pub(crate) fn judge(
        &mut self,
        running: usize,
        missing: &[String],
        share: f64,
        polls: u32,
    ) -> Verdict {
        self.held.retain(|id, _| missing.contains(id));
        let suspicious = missing.len() as f64 > share * running as f64 && polls > 1;
        let mut verdict = Verdict::default();
        for id in missing {
            match self.held.get_mut(id) {
                None if suspicious => {
                    self.held.insert(id.clone(), 1);
                    verdict.held.push(id.clone());
                }
                None => verdict.gone.push(id.clone()),
                Some(agreed) => {
                    *agreed += 1;
                    if *agreed >= polls {
                        verdict.gone.push(id.clone());
                    }
                }
            }
        }
        for id in &verdict.gone {
            self.held.remove(id);
        }
        verdict
    }

    #[must_use]
    pub(crate) fn holds_nobody(&self) -> bool {
        self.held.is_empty()
    }

    /// How many polls agree that this meeting is gone; `None` when it is not held.
    #[must_use]
    pub(crate) fn polls(&self, id: &str) -> Option<u32> {
        self.held.get(id).copied()
    }

    /// An operator said what becomes of it.
    pub(crate) fn release(&mut self, id: &str) {
        self.held.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: std::ops::Range<u32>) -> Vec<String> {
        numbers.map(|n| n.to_string()).collect()
    }

    #[test]
    fn a_few_may_vanish_and_are_believed() {
        let verdict = VanishGuard::default().judge(10, &ids(0..3), 0.3, 3);
        assert_eq!((verdict.gone.len(), verdict.held.len()), (3, 0));
    }

    #[test]
    fn many_are_held_until_enough_polls_agree() {
        let mut guard = VanishGuard::default();
        assert_eq!(guard.judge(10, &ids(0..4), 0.3, 3).held.len(), 4);
        assert_eq!(guard.judge(10, &ids(0..4), 0.3, 3), Verdict::default());
        assert_eq!(guard.polls("0"), Some(2));
        assert_eq!(guard.judge(10, &ids(0..4), 0.3, 3).gone.len(), 4);
        assert_eq!(guard.polls("0"), None);
    }

    #[test]
    fn who_comes_back_starts_from_nought_the_next_time() {
        let mut guard = VanishGuard::default();
        guard.judge(2, &ids(0..2), 0.3, 3);
        guard.judge(2, &[], 0.3, 3);
        assert_eq!(guard.judge(2, &ids(0..2), 0.3, 3).held.len(), 2);
    }

    #[test]
    fn the_only_meeting_is_held_too() {
        let mut guard = VanishGuard::default();
        assert_eq!(guard.judge(1, &ids(0..1), 0.3, 3).held, ["0"]);
        guard.release("0");
        assert_eq!(guard.polls("0"), None);
    }
}
