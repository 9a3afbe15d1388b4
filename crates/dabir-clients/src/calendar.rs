//! The hours and the days of the house: a day begins at its local midnight, whatever summer time does.

use dabir_core::Timestamp;
use dabir_core::jalali::Jalali;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long stretches of time are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ClientAnalyticsBy)]
pub enum By {
    Hour,
    #[default]
    Day,
}

/// An hour or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

const HOUR: i64 = 60 * 60 * 1_000;

impl By {
    /// How many seconds one has, as a rule.
    pub(crate) fn seconds(self) -> i32 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// The one in which an instant is.
    pub(crate) fn of(self, zone: &TimeZone, at: Timestamp) -> Result<Stretch, jiff::Error> {
        let midnight = at.to_zoned(zone.clone()).start_of_day()?;
        let next = midnight.tomorrow()?.start_of_day()?;
        let (from, to) = (midnight.timestamp(), next.timestamp());
        if self == Self::Day {
            return Ok(Stretch { from, to });
        }
        let passed = at.as_millisecond() - from.as_millisecond();
        let hour = from.as_millisecond() + passed - passed.rem_euclid(HOUR);
        let end = Timestamp::from_millisecond(hour + HOUR)?;
        Ok(Stretch {
            from: Timestamp::from_millisecond(hour)?,
            to: end.min(to),
        })
    }

    /// All that have something of a span of time, `most` of them and one more at most.
    pub(crate) fn all(
        self,
        zone: &TimeZone,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<Stretch>, jiff::Error> {
        let mut all = vec![self.of(zone, from)?];
        while let Some(last) = all.last()
            && last.to < to
            && all.len() <= most
        {
            all.push(self.of(zone, last.to)?);
        }
        Ok(all)
    }
}

/// An instant, or the midnight with which a day begins.
pub(crate) fn instant(zone: &TimeZone, text: &str) -> Option<Timestamp> {
    let midnight = |date: Date| date.to_zoned(zone.clone()).ok();
    text.parse().ok().or_else(|| {
        let date = text.parse::<Date>().ok().filter(|_| text.len() == 10)?;
        Some(midnight(date)?.start_of_day().ok()?.timestamp())
    })
}

/// The day of an instant: Jalali, and Gregorian.
pub(crate) fn days(zone: &TimeZone, at: Timestamp) -> (String, String) {
    let date = at.to_zoned(zone.clone()).date();
    let jalali = Jalali::from_gregorian(date).map(|day| {
        let (year, month, day) = (day.year(), day.month(), day.day());
        format!("{year:04}/{month:02}/{day:02}")
    });
    (jalali.unwrap_or_default(), date.to_string())
}

/// The time of day of an instant.
pub(crate) fn clock(zone: &TimeZone, at: Timestamp) -> String {
    let time = at.to_zoned(zone.clone()).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(zone: &str, day: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let from = instant(&zone, day).unwrap();
        let day = By::Day.of(&zone, from).unwrap();
        assert_eq!(day.from, from);
        let hours = By::Hour.all(&zone, day.from, day.to, 100).unwrap();
        assert_eq!(hours.last().unwrap().to, day.to);
        hours.iter().map(|hour| clock(&zone, hour.from)).collect()
    }

    #[test]
    fn days_have_as_many_hours_as_they_have() {
        assert_eq!(hours("Asia/Tehran", "2026-11-21").len(), 24);
        assert_eq!(hours("Europe/Berlin", "2026-03-29").len(), 23);
        assert_eq!(hours("Europe/Berlin", "2026-10-25").len(), 25);
        // Here summer time began at midnight: the day had no 00:00.
        let spring = hours("Asia/Tehran", "2022-03-22");
        assert_eq!((spring.len(), spring[0].as_str()), (23, "01:00"));
        assert_eq!(hours("Asia/Tehran", "2022-09-21").len(), 25);
        // And here it is half an hour.
        assert_eq!(hours("Australia/Lord_Howe", "2026-04-05").len(), 25);
    }

    #[test]
    fn a_day_of_tehran_begins_at_half_past_eight_in_the_evening_elsewhere() {
        let zone = TimeZone::get("Asia/Tehran").unwrap();
        let at = "2026-03-20T20:30:00Z".parse().unwrap();
        assert_eq!(instant(&zone, "2026-03-21"), Some(at));
        assert_eq!(
            days(&zone, at),
            ("1405/01/01".to_owned(), "2026-03-21".to_owned())
        );
        assert_eq!(
            days(&zone, at - jiff::SignedDuration::from_millis(1)).0,
            "1404/12/29"
        );
        assert_eq!(instant(&zone, "2026-03"), None);
        assert_eq!(instant(&zone, "2026-03-21T00:00"), None);
    }
}
