//! Which backups are kept.

use std::collections::{BTreeMap, BTreeSet};

use dabir_core::Timestamp;

use crate::config::Keep;
use crate::model::Name;

/// A backup as this rule sees it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) name: Name,
    pub(crate) is_verified: bool,
}

/// The backups that are to go. `all` is in the order of time, the newest last; `made` was made just now.
///
/// Beside the newest ones, the newest of each of the last hours, days and weeks that have one stays, a
/// verified one before others; and whatever the numbers say, so do `made` and the newest one that was
/// verified. What a clock that was wrong named for a time to come takes nobody's place, and has its own
/// once that time is there.
pub(crate) fn to_go(all: &[Kept], keep: &Keep, made: &Name, now: Timestamp) -> Vec<Name> {
    let second = |kept: &Kept| kept.name.at().unwrap_or(Timestamp::UNIX_EPOCH).as_second();
    let past = all.partition_point(|kept| second(kept) <= now.as_second());
    let past = &all[..past];
    let newest_first = || past.iter().rev();
    let mut stay: BTreeSet<&Name> = newest_first()
        .take(keep.newest as usize)
        .chain(newest_first().find(|kept| kept.is_verified))
        .map(|kept| &kept.name)
        .chain([made])
        .collect();
    for (count, period) in [
        (keep.hourly, HOUR),
        (keep.daily, 24 * HOUR),
        (keep.weekly, 7 * 24 * HOUR),
    ] {
        let mut best = BTreeMap::new();
        for kept in past {
            let place = best.entry(second(kept).div_euclid(period)).or_insert(kept);
            if kept.is_verified || !place.is_verified {
                *place = kept;
            }
        }
        let newest = best.values().rev().take(count as usize);
        stay.extend(newest.map(|kept| &kept.name));
    }
    let goes = past.iter().filter(|kept| !stay.contains(&kept.name));
    goes.map(|kept| kept.name.clone()).collect()
}

const HOUR: i64 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(times: &[&str]) -> Vec<Kept> {
        let kept = |at: &&str| Kept {
            name: Name::of(at.parse().unwrap(), 1),
            is_verified: true,
        };
        times.iter().map(kept).collect()
    }

    #[track_caller]
    fn check(all: &[Kept], keep: [u32; 4], goes: &[usize]) {
        let [newest, hourly, daily, weekly] = keep;
        let keep = Keep {
            newest,
            hourly,
            daily,
            weekly,
        };
        let expected: Vec<Name> = goes.iter().map(|at| all[*at].name.clone()).collect();
        let (made, now) = (&all[all.len() - 1].name, "2026-11-21T04:00:00Z");
        assert_eq!(to_go(all, &keep, made, now.parse().unwrap()), expected);
    }

    #[test]
    fn the_newest_of_each_period_stays() {
        let all = all(&[
            "2026-11-01T03:00:00Z",
            "2026-11-19T03:00:00Z",
            "2026-11-20T03:00:00Z",
            "2026-11-21T01:10:00Z",
            "2026-11-21T02:10:00Z",
            "2026-11-21T02:50:00Z",
        ]);
        check(&all, [9, 0, 0, 0], &[]);
        check(&all, [2, 0, 0, 0], &[0, 1, 2, 3]);
        check(&all, [0, 2, 0, 0], &[0, 1, 2, 4]);
        check(&all, [0, 0, 2, 0], &[0, 1, 3, 4]);
        check(&all, [0, 0, 0, 2], &[1, 2, 3, 4]);
        check(&all, [1, 2, 3, 9], &[4]);
    }

    #[test]
    fn the_newest_verified_one_never_goes() {
        let mut all = all(&[
            "2026-11-18T03:00:00Z",
            "2026-11-19T03:00:00Z",
            "2026-11-20T03:00:00Z",
            "2026-11-21T03:00:00Z",
        ]);
        all[2].is_verified = false;
        all[3].is_verified = false;
        check(&all, [1, 0, 0, 0], &[0, 2]);
        check(&all, [0, 0, 0, 0], &[0, 2]);
    }

    #[test]
    fn an_unverified_one_takes_no_verified_one_s_place() {
        let mut all = all(&[
            "2026-11-19T03:00:00Z",
            "2026-11-19T04:00:00Z",
            "2026-11-20T03:00:00Z",
            "2026-11-20T04:00:00Z",
            "2026-11-21T03:00:00Z",
        ]);
        all[1].is_verified = false;
        all[2].is_verified = false;
        all[3].is_verified = false;
        check(&all, [0, 0, 3, 0], &[1, 2]);
    }

    #[test]
    fn one_of_a_time_to_come_takes_nobody_s_place_and_stays() {
        let all = all(&[
            "2026-11-20T03:00:00Z",
            "2026-11-21T03:00:00Z",
            "2026-11-22T03:00:00Z",
            "2030-01-01T03:00:00Z",
        ]);
        check(&all, [1, 0, 0, 0], &[0]);
        check(&all, [0, 0, 1, 1], &[0]);
    }
}
