//! How long a job that failed waits before it is tried again.

use std::time::Duration;

use dabir_core::id::random_bytes;

/// Waits that double with each error, up to a most; each is drawn between its half and its whole,
/// so that jobs which failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub most: Duration,
}

impl Backoff {
    /// Two seconds, doubling up to an hour.
    pub const DEFAULT: Self = Self {
        first: Duration::from_secs(2),
        most: Duration::from_secs(3_600),
    };

    /// The wait after the `errors`th error, counted from 1.
    #[must_use]
    pub fn after(&self, errors: i32) -> Duration {
        self.drawn(
            errors,
            f64::from(u32::from_le_bytes(random_bytes())) / f64::from(u32::MAX),
        )
    }

    /// `luck` goes from 0, half of the wait, to 1, all of it.
    fn drawn(&self, errors: i32, luck: f64) -> Duration {
        let doublings = u32::try_from(errors.saturating_sub(1)).unwrap_or(0).min(31);
        let whole = self.first.saturating_mul(1 << doublings).min(self.most);
        whole.mul_f64(0.5 + luck.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most() {
        let backoff = Backoff::DEFAULT;
        let secs = |errors| backoff.drawn(errors, 1.0).as_secs();
        assert_eq!(
            [secs(1), secs(2), secs(3), secs(12), secs(i32::MAX)],
            [2, 4, 8, 3_600, 3_600]
        );
        assert_eq!(backoff.drawn(1, 0.0), Duration::from_secs(1));
        assert_eq!(secs(i32::MIN), 2);
    }

    #[test]
    fn jobs_that_failed_together_come_back_apart() {
        let waits: std::collections::BTreeSet<_> =
            (0..50).map(|_| Backoff::DEFAULT.after(5)).collect();
        assert!(waits.len() > 10, "{waits:?}");
    }
}
