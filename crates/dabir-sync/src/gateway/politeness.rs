//! How many requests are under way at a time: more while all goes well, half as many when the
//! gateway is in trouble, none while it asked for a pause.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Lets requests out. Additive increase, multiplicative decrease.
pub(crate) struct Politeness {
    state: Mutex<State>,
    most: f64,
    freed: Notify,
}

struct State {
    allowed: f64,
    under_way: u32,
    pause_until: Option<Instant>,
    /// One trouble is told by many requests at once, and halves once.
    halved_at: Option<Instant>,
}

/// A request under way.
pub(crate) struct Permit<'a>(&'a Politeness);

/// Between two halvings.
const SETTLE: Duration = Duration::from_secs(1);

impl Politeness {
    pub(crate) fn new(most: u32) -> Self {
        Self {
            state: Mutex::new(State {
                allowed: f64::from(most),
                under_way: 0,
                pause_until: None,
                halved_at: None,
            }),
            most: f64::from(most),
            freed: Notify::new(),
        }
    }

    pub(crate) async fn permit(&self) -> Permit<'_> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let wait = match self.state().ask(Instant::now()) {
                Leave::Go => return Permit(self),
                Leave::Wait => None,
                Leave::Pause(until) => Some(until),
            };
            match wait {
                Some(until) => tokio::time::sleep_until(until).await,
                None => freed.await,
            }
        }
    }

    /// A request went well.
    pub(crate) fn went_well(&self) {
        self.state().grow(self.most);
    }

    /// The gateway is in trouble, and may have asked for a pause.
    pub(crate) fn in_trouble(&self, pause: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        state.halve(now);
        if let Some(pause) = pause {
            state.pause_until = state.pause_until.max(Some(now + pause));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of a request that wants out.
#[derive(Debug, PartialEq, Eq)]
enum Leave {
    Go,
    /// Until another one is back.
    Wait,
    Pause(Instant),
}

impl State {
    fn ask(&mut self, now: Instant) -> Leave {
        self.pause_until = self.pause_until.filter(|until| *until > now);
        if let Some(until) = self.pause_until {
            return Leave::Pause(until);
        }
        if f64::from(self.under_way) + 1.0 > self.allowed {
            return Leave::Wait;
        }
        self.under_way += 1;
        Leave::Go
    }

    fn grow(&mut self, most: f64) {
        self.allowed = (self.allowed + 1.0 / self.allowed).min(most);
    }

    fn halve(&mut self, now: Instant) {
        if self.halved_at.is_none_or(|at| now - at >= SETTLE) {
            self.allowed = (self.allowed / 2.0).max(1.0);
            self.halved_at = Some(now);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_halves_once_and_success_comes_back_slowly() {
        let politeness = Politeness::new(8);
        let mut state = politeness.state();
        let now = Instant::now();
        (0..5).for_each(|_| state.halve(now));
        assert_eq!(state.allowed, 4.0);
        (0..4).for_each(|_| state.grow(8.0));
        assert!((4.5..5.1).contains(&state.allowed));
        (1..10).for_each(|n| state.halve(now + SETTLE * n));
        assert_eq!(state.allowed, 1.0);
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept() {
        let politeness = Politeness::new(2);
        politeness.in_trouble(Some(Duration::from_secs(7)));
        politeness.in_trouble(Some(Duration::from_secs(3)));
        let mut state = politeness.state();
        let now = Instant::now();
        let Leave::Pause(until) = state.ask(now) else {
            panic!("the longer pause counts");
        };
        assert!(until > now + Duration::from_secs(6));
        assert_eq!(state.ask(until), Leave::Go);
    }

    #[tokio::test]
    async fn no_more_are_under_way_than_allowed() {
        let politeness = Politeness::new(1);
        let first = politeness.permit().await;
        assert_eq!(politeness.state().ask(Instant::now()), Leave::Wait);
        drop(first);
        politeness.permit().await;
    }
}
