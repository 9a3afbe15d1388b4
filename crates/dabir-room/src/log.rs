//! The room's log: one line at a time on standard output, which its supervisor keeps as a file.

use std::cell::Cell;
use std::fmt::Display;
use std::io::Write;
use std::time::{Duration, Instant};

use dabir_core::{Clock, text};

/// Writes a line; who gave the room no standard output does not want one.
pub fn line(clock: &Clock, message: impl Display) {
    let message = text::one_line(&message.to_string());
    let _ = writeln!(std::io::stdout(), "{:.3} {message}", clock.now());
}

/// How often the same trouble is told.
const SELDOM: Duration = Duration::from_secs(60);

/// Trouble that may come many times a second, and is told once a minute.
#[derive(Debug, Default)]
pub struct Seldom {
    told_at: Cell<Option<Instant>>,
    untold: Cell<u64>,
}

impl Seldom {
    /// Writes a line, unless the last is not a minute old.
    pub fn line(&self, clock: &Clock, message: impl Display) {
        match self.take(Instant::now()) {
            None => {}
            Some(0) => line(clock, message),
            Some(untold) => line(
                clock,
                format_args!("{message} ({untold} times more before)"),
            ),
        }
    }

    /// How often it went untold, when it may be told now.
    fn take(&self, now: Instant) -> Option<u64> {
        let is_too_soon = |told_at| now.saturating_duration_since(told_at) < SELDOM;
        if self.told_at.get().is_some_and(is_too_soon) {
            self.untold.update(|untold| untold + 1);
            return None;
        }
        self.told_at.set(Some(now));
        Some(self.untold.take())
    }
}

/// Writes a line for whoever started the room by hand.
pub fn say(message: impl Display) {
    let _ = writeln!(std::io::stdout(), "{message}");
}

/// Writes to standard error.
pub fn complain(message: impl Display) {
    let _ = writeln!(std::io::stderr(), "{message}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_once_a_minute_with_how_often_it_came() {
        let seldom = Seldom::default();
        let start = Instant::now();
        assert_eq!(seldom.take(start), Some(0));
        assert_eq!(seldom.take(start + Duration::from_secs(1)), None);
        assert_eq!(seldom.take(start + Duration::from_secs(59)), None);
        assert_eq!(seldom.take(start + SELDOM), Some(2));
        assert_eq!(seldom.take(start + SELDOM * 2), Some(0));
    }
}
