//! Which backups are kept.

use std::collections::BTreeSet;

use dabir_core::Timestamp;

use crate::config::Keep;
use crate::model::Name;

/// A backup as this rule sees it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) name: Name,
    pub(crate) is_verified: bool,
}

/// The backups that are to go. `all` is in the order of time, the newest last.
///
/// Beside the newest ones, the newest of each of the last hours, days and weeks that have one stays;
/// and whatever the numbers say, so does the newest one that was verified.
pub(crate) fn to_go(all: &[Kept], keep: &Keep) -> Vec<Name> {
    let newest_first = || all.iter().rev();
    let mut stay: BTreeSet<&Name> = newest_first()
        .take(keep.newest as usize)
        .map(|kept| &kept.name)
        .collect();
    stay.extend(
        newest_first()
            .find(|kept| kept.is_verified)
            .map(|kept| &kept.name),
    );
    for (count, period) in [
        (keep.hourly, HOUR),
        (keep.daily, 24 * HOUR),
        (keep.weekly, 7 * 24 * HOUR),
    ] {
        let mut seen = BTreeSet::new();
        let first_of_its_period = newest_first().filter(|kept| {
            let at = kept.name.at().unwrap_or(Timestamp::UNIX_EPOCH);
            seen.insert(at.as_second().div_euclid(period))
        });
        let first = first_of_its_period.take(count as usize);
        stay.extend(first.map(|kept| &kept.name));
    }
    let goes = all.iter().filter(|kept| !stay.contains(&kept.name));
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
        assert_eq!(to_go(all, &keep), expected);
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
            "2026-11-19T03:00:00Z",
            "2026-11-20T03:00:00Z",
            "2026-11-21T03:00:00Z",
        ]);
        all[1].is_verified = false;
        all[2].is_verified = false;
        check(&all, [1, 0, 0, 0], &[1]);
        check(&all, [0, 0, 0, 0], &[1, 2]);
    }
}
