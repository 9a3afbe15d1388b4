//! Jobs that are made again and again: every so often, or when a cron expression says.

use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use dabir_core::words::{named, word_of};
use dabir_core::{Span, Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::JobsError;

/// When a schedule fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// On a grid of this width, counted from 1970: `1h` fires at whole hours.
    Every(Span),
    /// Five fields, or six with seconds, in the schedule's zone.
    Cron(String),
}

/// What is done about times that passed while nobody could fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// Nothing; the next time comes.
    Skip,
    /// One job for all of them.
    Once,
    /// A job for each, [`MOST_CAUGHT_UP`] at most.
    All,
}

/// Every rule, and its word.
const RULES: [(CatchUp, &str); 3] = [
    (CatchUp::Skip, "skip"),
    (CatchUp::Once, "once"),
    (CatchUp::All, "all"),
];
/// How many missed times are made good, at most.
pub(crate) const MOST_CAUGHT_UP: usize = 100;
/// A time that is not longer past than this is not missed, but late.
const LATE: Duration = Duration::from_secs(60);
/// The narrowest grid.
const NARROWEST: Duration = Duration::from_secs(1);

impl CatchUp {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&RULES, self)
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        named(&RULES, word)
    }
}

/// A schedule that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSchedule {
    /// Names it for good: `sync:students`.
    pub name: String,
    pub kind: String,
    pub queue: String,
    pub args: Value,
    pub timing: Timing,
    /// The zone of a cron expression.
    pub timezone: String,
    pub catch_up: CatchUp,
    pub enabled: bool,
}

/// A schedule as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub spec: NewSchedule,
    pub next_at: Timestamp,
    pub last_at: Option<Timestamp>,
    pub last_job_id: Option<i64>,
}

/// A change of a schedule; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SchedulePatch {
    /// A width such as `1h`; takes the place of a cron expression.
    pub every: Option<String>,
    /// Five fields, or six with seconds; takes the place of a width.
    pub cron: Option<String>,
    /// An IANA name such as `Asia/Tehran`.
    pub timezone: Option<String>,
    pub catch_up: Option<CatchUp>,
    pub enabled: Option<bool>,
}

/// A schedule as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScheduleView {
    pub name: String,
    pub kind: String,
    pub queue: String,
    pub args: Value,
    /// A width such as `1h`, or `null` when `cron` says when.
    pub every: Option<String>,
    pub cron: Option<String>,
    pub timezone: String,
    pub catch_up: CatchUp,
    pub enabled: bool,
    /// The next five times, none while it is off.
    pub next: Vec<Timestamp>,
    pub last_at: Option<Timestamp>,
    pub last_job_id: Option<i64>,
}

/// What a schedule does now, and when it is looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fire {
    /// The times that get a job.
    pub(crate) times: Vec<Timestamp>,
    pub(crate) next_at: Timestamp,
}

impl NewSchedule {
    /// The first time after `after`.
    ///
    /// # Errors
    /// When the width, the expression or the zone is none, or no time ever comes.
    pub fn next_after(&self, after: Timestamp) -> Result<Timestamp, JobsError> {
        match &self.timing {
            Timing::Every(span) => every(span.get(), after),
            Timing::Cron(text) => {
                let zone = TimeZone::get(&self.timezone).map_err(|_| zone_error(&self.timezone))?;
                let cron = Cron::from_str(text).map_err(|error| cron_error(text, &error))?;
                let next = cron
                    .find_next_occurrence(&after.to_zoned(zone), false)
                    .map_err(|error| cron_error(text, &error))?;
                Ok(next.timestamp())
            }
        }
    }

    /// The next `count` times after `after`; fewer when no more come.
    #[must_use]
    pub fn next_times(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        let next = |at: &Timestamp| self.next_after(*at).ok();
        std::iter::successors(self.next_after(after).ok(), next)
            .take(count)
            .collect()
    }

    /// What is to be done at `now` about a time that was due at `due`.
    ///
    /// # Errors
    /// As [`NewSchedule::next_after`].
    pub(crate) fn fire(&self, due: Timestamp, now: Timestamp) -> Result<Fire, JobsError> {
        let next_at = self.next_after(now)?;
        let is_late =
            now.duration_since(due) <= jiff::SignedDuration::try_from(LATE).unwrap_or_default();
        let mut times = vec![due];
        match self.catch_up {
            CatchUp::Skip if !is_late => times.clear(),
            CatchUp::Skip | CatchUp::Once => {}
            CatchUp::All => {
                let later = self.next_times(due, MOST_CAUGHT_UP - 1);
                times.extend(later.into_iter().take_while(|at| *at <= now));
            }
        }
        Ok(Fire { times, next_at })
    }
}

/// The next line of the grid.
fn every(width: Duration, after: Timestamp) -> Result<Timestamp, JobsError> {
    if width < NARROWEST {
        return Err(JobsError::invalid(
            "every",
            "write a second or more, such as `60m`",
        ));
    }
    let width = i64::try_from(width.as_millis()).unwrap_or(i64::MAX);
    let next = (after.as_millisecond().div_euclid(width) + 1).saturating_mul(width);
    Timestamp::from_millisecond(next)
        .map_err(|_| JobsError::invalid("every", "write a shorter time, such as `60m`"))
}

fn zone_error(zone: &str) -> JobsError {
    JobsError::invalid(
        "timezone",
        format!("`{zone}` is no time zone; write an IANA name such as `Asia/Tehran`"),
    )
}

fn cron_error(text: &str, error: &dyn std::fmt::Display) -> JobsError {
    JobsError::invalid(
        "cron",
        format!(
            "`{text}` says no times: {error}; write minute, hour, day, month and weekday, such as `30 2 * * sat`"
        ),
    )
}

impl Schedule {
    #[must_use]
    pub fn view(self, now: Timestamp) -> ScheduleView {
        let next = if self.spec.enabled {
            let mut next = vec![self.next_at];
            next.extend(self.spec.next_times(self.next_at.max(now), 4));
            next
        } else {
            Vec::new()
        };
        let (every, cron) = match self.spec.timing {
            Timing::Every(span) => (Some(span.to_string()), None),
            Timing::Cron(text) => (None, Some(text)),
        };
        ScheduleView {
            name: self.spec.name,
            kind: self.spec.kind,
            queue: self.spec.queue,
            args: self.spec.args,
            every,
            cron,
            timezone: self.spec.timezone,
            catch_up: self.spec.catch_up,
            enabled: self.spec.enabled,
            next,
            last_at: self.last_at,
            last_job_id: self.last_job_id,
        }
    }
}

impl SchedulePatch {
    /// The schedule with this change.
    ///
    /// # Errors
    /// When both timings are given, or one that is none.
    pub fn onto(self, mut spec: NewSchedule) -> Result<NewSchedule, JobsError> {
        match (self.every, self.cron) {
            (Some(_), Some(_)) => {
                return Err(JobsError::invalid(
                    "cron",
                    "write `every` or `cron`, not both",
                ));
            }
            (Some(every), None) => {
                let span = every
                    .parse()
                    .map_err(|error: dabir_core::span::SpanError| {
                        JobsError::invalid("every", error.to_string())
                    })?;
                spec.timing = Timing::Every(span);
            }
            (None, Some(cron)) => spec.timing = Timing::Cron(cron),
            (None, None) => {}
        }
        if let Some(timezone) = self.timezone {
            TimeZone::get(&timezone).map_err(|_| zone_error(&timezone))?;
            spec.timezone = timezone;
        }
        spec.catch_up = self.catch_up.unwrap_or(spec.catch_up);
        spec.enabled = self.enabled.unwrap_or(spec.enabled);
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn schedule(timing: Timing, catch_up: CatchUp) -> NewSchedule {
        NewSchedule {
            name: "x".into(),
            kind: "x".into(),
            queue: "x".into(),
            args: Value::Null,
            timing,
            timezone: "Asia/Tehran".into(),
            catch_up,
            enabled: true,
        }
    }

    fn hourly(catch_up: CatchUp) -> NewSchedule {
        schedule(Timing::Every(Span::from_secs(3_600)), catch_up)
    }

    #[test]
    fn a_width_is_a_grid_that_no_restart_moves() {
        let hourly = hourly(CatchUp::Once);
        assert_eq!(
            hourly.next_after(at("2026-11-21T10:00:00Z")).unwrap(),
            at("2026-11-21T11:00:00Z")
        );
        assert_eq!(
            hourly.next_after(at("2026-11-21T10:59:59.999Z")).unwrap(),
            at("2026-11-21T11:00:00Z")
        );
        assert!(
            schedule(Timing::Every(Span::from_millis(10)), CatchUp::Once)
                .next_after(at("2026-11-21T10:00:00Z"))
                .is_err()
        );
    }

    #[test]
    fn a_cron_expression_is_read_in_its_zone() {
        let nightly = schedule(Timing::Cron("30 2 * * *".into()), CatchUp::Once);
        assert_eq!(
            nightly.next_after(at("2026-11-21T10:00:00Z")).unwrap(),
            at("2026-11-21T23:00:00Z")
        );
        let times = nightly.next_times(at("2026-11-21T10:00:00Z"), 5);
        assert_eq!(times.len(), 5);
        assert_eq!(times[4], at("2026-11-25T23:00:00Z"));
    }

    #[test]
    fn an_hour_that_comes_twice_fires_once_and_one_that_is_left_out_does_not_stop_it() {
        let mut nightly = schedule(Timing::Cron("30 2 * * *".into()), CatchUp::Once);
        nightly.timezone = "Europe/Berlin".into();
        let autumn = nightly.next_times(at("2026-10-24T12:00:00Z"), 2);
        assert_eq!(
            autumn[1].duration_since(autumn[0]).as_hours(),
            25 - i64::from(autumn[0] == at("2026-10-25T01:30:00Z"))
        );
        let spring = nightly.next_times(at("2026-03-28T12:00:00Z"), 2);
        assert_eq!(spring[1], at("2026-03-30T00:30:00Z"));
    }

    #[test]
    fn missed_times_are_made_good_as_the_rule_says() {
        let (due, now) = (at("2026-11-21T05:00:00Z"), at("2026-11-21T10:30:00Z"));
        let times = |rule| hourly(rule).fire(due, now).unwrap().times.len();
        assert_eq!(
            [
                times(CatchUp::Skip),
                times(CatchUp::Once),
                times(CatchUp::All)
            ],
            [0, 1, 6]
        );
        let fire = hourly(CatchUp::Skip)
            .fire(due, at("2026-11-21T05:00:30Z"))
            .unwrap();
        assert_eq!(fire.times, [due], "late is not missed");
        assert_eq!(fire.next_at, at("2026-11-21T06:00:00Z"));
        let long_ago = hourly(CatchUp::All)
            .fire(at("2020-01-01T00:00:00Z"), now)
            .unwrap();
        assert_eq!(long_ago.times.len(), MOST_CAUGHT_UP);
    }

    #[test]
    fn what_says_no_time_is_refused_with_an_example() {
        for text in ["", "x", "99 * * * *", "* * * *", "0 0 31 2 *"] {
            let error = schedule(Timing::Cron(text.into()), CatchUp::Once)
                .next_after(at("2026-11-21T10:00:00Z"))
                .unwrap_err();
            let JobsError::Invalid(fields) = error else {
                panic!("{text}: {error}");
            };
            assert_eq!(fields[0].field, "cron");
        }
    }
}
