//! Values of the field that grows: which of two is later, what lies before one, and which can be no
//! time at which anything changed.

use std::time::Duration;

use dabir_core::jalali::Jalali;
use dabir_core::{Span, Timestamp};
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// Whether one value comes after another: numbers by their value, times and other texts by their
/// letters.
pub(crate) fn is_later(value: &str, than: &str) -> bool {
    match (value.parse::<f64>(), than.parse::<f64>()) {
        (Ok(value), Ok(than)) => value > than,
        _ => value > than,
    }
}

/// A time a little earlier, written as it was; whatever is no time of day stays as it is.
pub(crate) fn earlier(value: &str, by: Span) -> String {
    let by = by.get();
    if let Ok(at) = value.parse::<Timestamp>() {
        return at
            .saturating_sub(by)
            .map_or_else(|_| value.to_owned(), |at| at.to_string());
    }
    earlier_local(value, by).unwrap_or_else(|| value.to_owned())
}

/// Whether this is a time after tomorrow, wherever its zone: `9999-12-31` says that something has no
/// end, and would hide all that changes until then.
pub(crate) fn is_beyond(value: &str, now: Timestamp) -> bool {
    let Ok(limit) = now.checked_add(2 * DAY) else {
        return false;
    };
    let day =
        Day::read(value).filter(|day| day.rest.is_empty() || day.rest.starts_with([' ', 'T']));
    day.is_some_and(|day| day.date > limit.to_zoned(TimeZone::UTC).date())
}

const DAY: Duration = Duration::from_secs(86_400);
/// Jalali years that a date may be written in; Gregorian ones of those numbers are long gone.
const JALALI: std::ops::Range<i16> = 1_200..1_700;

/// A day as it is written at the beginning of a value.
struct Day<'a> {
    date: Date,
    is_jalali: bool,
    /// `-` or `/`.
    mark: char,
    /// What follows it.
    rest: &'a str,
}

impl<'a> Day<'a> {
    fn read(value: &'a str) -> Option<Self> {
        let (day, rest) = value.split_at_checked("2026-11-21".len())?;
        let mark = day.chars().nth(4).filter(|mark| "-/".contains(*mark))?;
        let mut numbers = day.split(mark).map(|part| {
            let is_digits = part.bytes().all(|byte| byte.is_ascii_digit());
            is_digits.then(|| part.parse::<i16>().ok()).flatten()
        });
        let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let is_jalali = JALALI.contains(&year);
        let date = if is_jalali {
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            Jalali::new(year, month, day).ok()?.to_gregorian()
        } else {
            Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?
        };
        Some(Self {
            date,
            is_jalali,
            mark,
            rest,
        })
    }

    fn write(&self, date: Date) -> Option<String> {
        let written = if self.is_jalali {
            Jalali::from_gregorian(date)?.to_string()
        } else {
            date.strftime("%Y/%m/%d").to_string()
        };
        Some(written.replace('/', &self.mark.to_string()))
    }
}

/// A day with a clock of no zone, perhaps with a fraction of a second.
fn earlier_local(value: &str, by: Duration) -> Option<String> {
    let day = Day::read(value)?;
    let between = day.rest.chars().next().filter(|c| matches!(c, ' ' | 'T'))?;
    let (clock, fraction) = day.rest.get(1..)?.split_at_checked("10:00:00".len())?;
    let digits = fraction.strip_prefix('.').unwrap_or(fraction);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let time = Time::strptime("%H:%M:%S", clock).ok()?;
    let seconds = i64::try_from(by.as_secs()).ok()?;
    let at = day
        .date
        .to_datetime(time)
        .checked_sub(seconds.seconds())
        .ok()?;
    let clock = at.time().strftime("%H:%M:%S");
    Some(format!(
        "{}{between}{clock}{fraction}",
        day.write(at.date())?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_asked_for_a_little_earlier_in_its_own_form() {
        let by = Span::from_secs(600);
        for (value, earlier_one) in [
            ("2026-11-21T00:05:00Z", "2026-11-20T23:55:00Z"),
            ("2026-11-21 00:05:00", "2026-11-20 23:55:00"),
            ("2026/11/21 00:05:00", "2026/11/20 23:55:00"),
            ("2026-11-21T00:05:00.1234567", "2026-11-20T23:55:00.1234567"),
            ("1405/08/30 00:05:00", "1405/08/29 23:55:00"),
            ("1405/01/01 00:05:00", "1404/12/29 23:55:00"),
            ("1405/08/30", "1405/08/30"),
            ("2026-11-21 ten o'clock", "2026-11-21 ten o'clock"),
            ("4711", "4711"),
            ("x", "x"),
        ] {
            assert_eq!(earlier(value, by), earlier_one);
        }
    }

    #[test]
    fn what_never_ends_is_no_time_of_a_change() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        for beyond in [
            "9999-12-31",
            "9999-12-31T23:59:59.9999999",
            "9999-12-31T23:59:59Z",
            "2026-11-24T00:00:00Z",
            "1499/12/29 00:00:00",
        ] {
            assert!(is_beyond(beyond, now), "{beyond}");
        }
        for plain in [
            "2026-11-22T10:00:00",
            "1405/08/30 23:00:00",
            "99999999",
            "z",
            "",
        ] {
            assert!(!is_beyond(plain, now), "{plain}");
        }
    }

    #[test]
    fn times_and_numbers_are_told_apart() {
        for (later, than) in [
            ("2026-11-21T10:00:00Z", "2026-11-21T09:59:59Z"),
            ("1405/08/30", "1405/08/29"),
            ("10", "9"),
        ] {
            assert!(is_later(later, than) && !is_later(than, later) && !is_later(than, than));
        }
    }
}
