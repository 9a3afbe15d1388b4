//! How many rows tables have: remembered for a moment, as counting millions takes its time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Counts, Status};

/// How the last run of a source stands.
type State = Option<(i64, Status, Counts)>;

/// A count is good for this long when no run changed it: other processes take rows out of quarantine.
const GOOD: Duration = Duration::from_secs(60);
/// While a run changes it all the time, it is counted this often.
const OFTEN: Duration = Duration::from_secs(2);

/// Counts by source.
#[derive(Debug, Default)]
pub(super) struct Counted {
    counts: Mutex<BTreeMap<String, (Instant, State, u64)>>,
}

impl Counted {
    pub(super) fn get(&self, source: &str, state: State) -> Option<u64> {
        let counts = self.locked();
        let (at, then, rows) = counts.get(source)?;
        let good = match state {
            Some((_, status, _)) if !status.is_end() => OFTEN,
            _ if state == *then => GOOD,
            _ => return None,
        };
        (at.elapsed() < good).then_some(*rows)
    }

    pub(super) fn put(&self, source: &str, state: State, rows: u64) {
        let counted = (Instant::now(), state, rows);
        self.locked().insert(source.to_owned(), counted);
    }

    pub(super) fn forget(&self, source: &str) {
        self.locked().remove(source);
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, (Instant, State, u64)>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
