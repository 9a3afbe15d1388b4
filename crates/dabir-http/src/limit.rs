//! How often somebody may ask: a bucket for each key, which holds `burst` and refills steadily.
//!
//! One instant a key is enough (the generic cell rate algorithm): when the bucket will be full
//! again. Keys are hashes, and their number is bounded; the fullest buckets are forgotten first,
//! because a full bucket and none are the same.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use dabir_core::Clock;
use serde::{Deserialize, Serialize};

use crate::Problem;

/// How often, and how much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    pub per_second: u32,
    pub burst: u32,
}

/// Buckets of one kind.
pub struct Limiter {
    /// Asked each time: it may be another one than before.
    pace: Box<dyn Fn() -> Pace + Send + Sync>,
    clock: Clock,
    hasher: RandomState,
    /// Key → microseconds when its bucket is full again. A `std` mutex: held for a look-up.
    full_at: Mutex<HashMap<u64, i64>>,
}

/// A rate as it is counted with.
#[derive(Clone, Copy)]
struct Pace {
    /// Microseconds until one more is in the bucket.
    each: i64,
    /// Microseconds that fill it.
    room: i64,
}

/// It is too early: come back after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSoon(pub Duration);

/// More keys than these are not remembered.
const MAX_KEYS: usize = 100_000;

impl Limiter {
    #[must_use]
    pub fn new(rate: Rate, clock: Clock) -> Self {
        Self::following(move || rate, clock)
    }

    /// At the rate that `rate` answers, which may change: what was taken before stays taken.
    #[must_use]
    pub fn following(rate: impl Fn() -> Rate + Send + Sync + 'static, clock: Clock) -> Self {
        Self::at(move || Pace::of(rate()), clock)
    }

    /// For what is allowed less than once a second.
    #[must_use]
    pub fn every(each: Duration, burst: u32, clock: Clock) -> Self {
        let pace = Pace::every(each, burst);
        Self::at(move || pace, clock)
    }

    fn at(pace: impl Fn() -> Pace + Send + Sync + 'static, clock: Clock) -> Self {
        Self {
            pace: Box::new(pace),
            clock,
            hasher: RandomState::new(),
            full_at: Mutex::default(),
        }
    }

    /// Takes one from the bucket of `key`.
    ///
    /// # Errors
    /// When it is empty; nothing is taken then.
    pub fn take(&self, key: impl Hash) -> Result<(), TooSoon> {
        self.turn(key, true)
    }

    /// Whether [`Limiter::take`] would succeed.
    ///
    /// # Errors
    /// When the bucket is empty.
    pub fn look(&self, key: impl Hash) -> Result<(), TooSoon> {
        self.turn(key, false)
    }

    fn turn(&self, key: impl Hash, take: bool) -> Result<(), TooSoon> {
        let Pace { each, room } = (self.pace)();
        let now = self.clock.now().as_millisecond() * MICROS;
        let key = self.hasher.hash_one(key);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full) = full_at.get_mut(&key) {
            // No bucket is emptier than empty, as one of a slower rate might seem.
            *full = (*full).min(now + room);
        }
        let full = full_at.get(&key).copied().unwrap_or(now).max(now) + each;
        let early = full - now - room;
        if early > 0 {
            let wait = u64::try_from(early).unwrap_or_default();
            return Err(TooSoon(Duration::from_micros(wait)));
        }
        if take {
            make_room(&mut full_at, now);
            full_at.insert(key, full);
        }
        Ok(())
    }
}

impl Pace {
    fn of(rate: Rate) -> Self {
        Self::every(Duration::from_secs(1) / rate.per_second.max(1), rate.burst)
    }

    fn every(each: Duration, burst: u32) -> Self {
        let each = i64::try_from(each.as_micros()).unwrap_or(i64::MAX);
        let room = each.saturating_mul(i64::from(burst.max(1)));
        Self { each, room }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

/// Counted finer than the clock ticks, so that a rate need not divide a thousand.
const MICROS: i64 = 1_000;

/// Forgets the buckets that are full; when all are in use, whatever comes first.
fn make_room(full_at: &mut HashMap<u64, i64>, now: i64) {
    if full_at.len() < MAX_KEYS {
        return;
    }
    full_at.retain(|_, full| *full > now);
    let crowd = full_at.len().saturating_sub(MAX_KEYS / 2);
    if full_at.len() >= MAX_KEYS {
        let forgotten: Vec<u64> = full_at.keys().take(crowd).copied().collect();
        for key in forgotten {
            full_at.remove(&key);
        }
    }
}

impl From<TooSoon> for Problem {
    fn from(TooSoon(wait): TooSoon) -> Self {
        let seconds = wait.as_secs() + 1;
        let detail = format!("too many requests; try again in {seconds} s");
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate.limited", detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use dabir_core::Timestamp;

    use super::*;

    fn limiter(per_second: u32, burst: u32) -> (Clock, Limiter) {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        (
            clock.clone(),
            Limiter::new(Rate { per_second, burst }, clock),
        )
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let (clock, limiter) = limiter(5, 10);
        let taken = |key: u8| (0..50).filter(|_| limiter.take(key).is_ok()).count();
        assert_eq!(taken(1), 10);
        assert_eq!(taken(2), 10, "another key has its own bucket");
        clock.advance(Duration::from_secs(1));
        assert_eq!(taken(1), 5);
        let TooSoon(wait) = limiter.take(1_u8).unwrap_err();
        assert_eq!(wait, Duration::from_millis(200));
        clock.advance(Duration::from_secs(3_600));
        assert_eq!(taken(1), 10, "no more than the burst is saved up");
    }

    #[test]
    fn another_rate_bites_at_once_and_a_higher_one_relieves_at_once() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let rate = |per_second, burst| Rate { per_second, burst };
        let shared = std::sync::Arc::new(Mutex::new(rate(10, 20)));
        let asked = std::sync::Arc::clone(&shared);
        let limiter = Limiter::following(move || *asked.lock().unwrap(), clock);
        let taken = || (0..500).filter(|_| limiter.take(1).is_ok()).count();
        assert_eq!(taken(), 20);
        *shared.lock().unwrap() = rate(1, 3);
        assert_eq!(
            taken(),
            1,
            "two of the three seconds that fill it are still owed"
        );
        *shared.lock().unwrap() = rate(1_000, 100);
        assert_eq!(taken(), 0);
        limiter.clock.advance(Duration::from_millis(10));
        assert_eq!(taken(), 10);
    }

    #[test]
    fn looking_takes_nothing() {
        let (_, limiter) = limiter(1, 1);
        assert!(limiter.look(1).is_ok() && limiter.look(1).is_ok());
        limiter.take(1).unwrap();
        assert!(limiter.look(1).is_err());
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let (_, limiter) = limiter(1, 1);
        for key in 0..2 * MAX_KEYS {
            let _ = limiter.take(key);
        }
        assert!(limiter.full_at.lock().unwrap().len() <= MAX_KEYS);
    }
}
