//! The one source of the current time, so that a test can own it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// Tells the time: the system's in production, a settable one in tests.
///
/// Clones share the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// `None` reads the system clock.
    fixed: Option<Arc<Mutex<Timestamp>>>,
}

impl Clock {
    /// A clock that follows the machine's.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at `now` until [`Clock::set`] or [`Clock::advance`] moves it.
    #[must_use]
    pub fn fixed(now: Timestamp) -> Self {
        Self {
            fixed: Some(Arc::new(Mutex::new(now))),
        }
    }

    /// The current instant, in whole milliseconds: what is kept in the database is what was meant.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that all others ask"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.fixed {
            None => whole_millis(Timestamp::now()),
            Some(fixed) => *fixed.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock to `now`; a system clock is left alone.
    pub fn set(&self, now: Timestamp) {
        if let Some(fixed) = &self.fixed {
            *fixed.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }

    /// Moves a fixed clock forward by `by`; a system clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Some(fixed) = &self.fixed {
            let mut now = fixed.lock().unwrap_or_else(PoisonError::into_inner);
            *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
        }
    }
}

/// `at` without what is finer than a millisecond.
#[must_use]
pub fn whole_millis(at: Timestamp) -> Timestamp {
    // Whatever was an instant stays one when its fraction is cut.
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let other = clock.clone();
        clock.advance(Duration::from_secs(90));
        assert_eq!(other.now().to_string(), "1970-01-01T00:01:30Z");
    }
}
