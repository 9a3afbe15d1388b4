//! How long a delivery that failed waits before it is tried again, and when it is given up.
//!
//! The pauses are those that the Standard Webhooks specification recommends, and then a day each
//! until the fifth is over.

use std::time::Duration;

use dabir_core::Timestamp;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const HOUR: u64 = 3_600;
const DAY: Duration = secs(24 * HOUR);
/// After the first attempt, the second, and so on; the last one is for all that follow.
const PAUSES: [Duration; 9] = [
    secs(5),
    secs(300),
    secs(1_800),
    secs(2 * HOUR),
    secs(5 * HOUR),
    secs(10 * HOUR),
    secs(14 * HOUR),
    secs(20 * HOUR),
    DAY,
];
/// How long a delivery is tried, counted from its first attempt; and how long an endpoint may fail
/// before nothing more is sent to it.
pub(crate) const LIFE: Duration = secs(5 * 24 * HOUR);
/// The part of a pause that luck may add to it, so that those who failed together come back apart.
const JITTER: f64 = 0.1;

/// When a delivery that failed at `now` for the `attempts`th time is tried again; `None` when that
/// was its last time. An endpoint may ask for a longer pause, up to a day. `luck` goes from 0 to 1.
pub(crate) fn next_try(
    first_at: Timestamp,
    attempts: i32,
    now: Timestamp,
    asked: Option<Duration>,
    luck: f64,
) -> Option<Timestamp> {
    let end = first_at.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
    if now >= end {
        return None;
    }
    let nth = usize::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    let pause = PAUSES[nth.min(PAUSES.len() - 1)].mul_f64(1.0 + JITTER * luck.clamp(0.0, 1.0));
    let pause = pause.max(asked.unwrap_or_default().min(DAY));
    Some(now.saturating_add(pause).unwrap_or(end).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hours after the first attempt at which a delivery that always fails is tried.
    fn tries(luck: f64) -> Vec<f64> {
        let first = Timestamp::UNIX_EPOCH;
        let mut now = first;
        let mut hours = vec![0.0];
        while let Some(next) = next_try(first, hours.len() as i32, now, None, luck) {
            now = next;
            hours.push(now.as_millisecond() as f64 / 3_600_000.0);
        }
        hours
    }

    #[test]
    fn what_fails_is_tried_for_five_days_and_not_longer() {
        let hours: Vec<i64> = tries(0.0)
            .iter()
            .map(|hours| (hours * 100.0) as i64)
            .collect();
        assert_eq!(
            hours,
            [
                0, 0, 8, 58, 258, 758, 1_758, 3_158, 5_158, 7_558, 9_958, 12_000
            ]
        );
        for luck in [0.3, 1.0] {
            assert_eq!(tries(luck).last(), Some(&120.0));
        }
    }

    #[test]
    fn an_endpoint_may_ask_for_more_time_but_not_for_less_and_not_for_ever() {
        let now = Timestamp::UNIX_EPOCH;
        let wait = |attempts, asked| {
            let asked = Some(Duration::from_secs(asked));
            let next = next_try(now, attempts, now, asked, 0.0).unwrap();
            next.as_second()
        };
        assert_eq!(wait(1, 60), 60);
        assert_eq!(wait(1, 0), 5);
        assert_eq!(wait(3, 60), 1_800);
        assert_eq!(wait(1, u64::MAX), 86_400);
    }
}
