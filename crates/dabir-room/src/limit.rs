//! How much of something a person may do in a while: a bucket that fills again with time.

use std::time::{Duration, Instant};

/// A bucket of tokens.
#[derive(Clone, Debug)]
pub struct Bucket {
    tokens: f64,
    burst: f64,
    per_second: f64,
    filled_at: Instant,
}

impl Bucket {
    /// A full bucket of `burst` tokens that gets `per_second` back.
    #[must_use]
    pub fn new(burst: u32, per_second: u32, now: Instant) -> Self {
        Self {
            tokens: f64::from(burst),
            burst: f64::from(burst),
            per_second: f64::from(per_second),
            filled_at: now,
        }
    }

    /// Takes `amount` tokens, or none when there are not that many.
    pub fn take(&mut self, amount: u32, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.filled_at);
        self.filled_at = now;
        self.tokens = (self.tokens + self.gained(elapsed)).min(self.burst);
        let enough = self.tokens >= f64::from(amount);
        if enough {
            self.tokens -= f64::from(amount);
        }
        enough
    }

    fn gained(&self, elapsed: Duration) -> f64 {
        elapsed.as_secs_f64() * self.per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_only_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(40, 20, start);
        assert_eq!((0..100).filter(|_| bucket.take(1, start)).count(), 40);
        let later = start + Duration::from_millis(500);
        assert_eq!((0..100).filter(|_| bucket.take(1, later)).count(), 10);
        let much_later = start + Duration::from_secs(3_600);
        assert!(!bucket.take(41, much_later));
        assert!(bucket.take(40, much_later));
    }
}
