//! How often rooms may be started again: per room, and for the whole machine.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dabir_core::Span;
use tokio::time::Instant;

/// The wait before the first restart: a stumble is over before anybody notices.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// One room's crashes within a window.
#[derive(Debug)]
pub(super) struct RoomBudget {
    pub(super) max: u32,
    pub(super) window: Span,
    crashes: VecDeque<Instant>,
}

impl RoomBudget {
    pub(super) fn new(max: u32, window: Span) -> Self {
        Self {
            max,
            window,
            crashes: VecDeque::new(),
        }
    }

    /// Counts a crash at `now`. Answers how long to wait before the next start, or `None` when the
    /// room has crashed more than `max` times within the window.
    pub(super) fn crashed(&mut self, now: Instant) -> Option<Duration> {
        while self
            .crashes
            .front()
            .is_some_and(|at| now - *at > self.window.get())
        {
            self.crashes.pop_front();
        }
        self.crashes.push_back(now);
        if self.crashes.len() > self.max as usize {
            return None;
        }
        let doublings = u32::try_from(self.crashes.len() - 1)
            .unwrap_or(u32::MAX)
            .min(16);
        Some((FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT))
    }

    pub(super) fn forget(&mut self) {
        self.crashes.clear();
    }

    /// When the oldest crash leaves the window, and the room may be tried again.
    pub(super) fn open_again(&self) -> Option<Instant> {
        self.crashes.front().map(|at| *at + self.window.get())
    }
}

/// The whole machine's restarts: so many a minute, with a tenth of a minute's worth at once.
#[derive(Debug)]
pub(super) struct MachineBudget {
    every: Duration,
    burst: Duration,
    /// When the last granted restart would have been due at an even pace (GCRA's theoretical
    /// arrival time).
    due: Mutex<Option<Instant>>,
}

impl MachineBudget {
    pub(super) fn new(per_minute: u32) -> Self {
        let every = Duration::from_secs(60) / per_minute.max(1);
        let burst = Duration::from_secs(6).max(every);
        Self {
            every,
            burst,
            due: Mutex::new(None),
        }
    }

    /// Takes one restart and answers how long to wait until it may be used.
    pub(super) fn take(&self, now: Instant) -> Duration {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let at = due.map_or(now, |due| due.max(now));
        *due = Some(at + self.every);
        (at + self.every).saturating_duration_since(now + self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_until_the_budget_is_spent() {
        let mut budget = RoomBudget::new(5, Span::from_secs(600));
        let now = Instant::now();
        let waits: Vec<_> = (0..6)
            .map(|_| budget.crashed(now).map(|w| w.as_millis()))
            .collect();
        assert_eq!(
            waits,
            [
                Some(100),
                Some(200),
                Some(400),
                Some(800),
                Some(1_600),
                None
            ]
        );
        assert_eq!(
            budget.crashed(now + Duration::from_secs(601)),
            Some(FIRST_WAIT),
            "the window slid"
        );
    }

    #[test]
    fn the_machine_paces_what_goes_beyond_a_burst() {
        let budget = MachineBudget::new(60);
        let now = Instant::now();
        let waits: Vec<u64> = (0..9).map(|_| budget.take(now).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 1, 2, 3]);
    }
}
