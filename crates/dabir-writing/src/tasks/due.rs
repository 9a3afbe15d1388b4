//! Until when a task is to be done, read and compared in the days of the house.

use dabir_core::Timestamp;
use dabir_core::when::{self, When};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::model::Due;

/// What is kept of a task that is never due; it comes after all others.
pub(crate) const NEVER: i64 = i64::MAX;

/// Reads a day, an instant, or what people say: «فردا ۱۰».
///
/// # Errors
/// With what is understood, when it is none of these.
pub(crate) fn read(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Due, String> {
    match when::read(text, now, zone) {
        Ok(When::Day(day)) => Ok(Due::Day(day)),
        Ok(When::At(at)) => Ok(Due::At(dabir_core::clock::whole_millis(at))),
        Err(refused) => Err(refused.to_string()),
    }
}

/// The last millisecond in which a task is not overdue, in milliseconds.
pub(crate) fn last_millis(due: Option<Due>, zone: &TimeZone) -> i64 {
    match due {
        None => NEVER,
        Some(Due::At(at)) => at.as_millisecond(),
        Some(Due::Day(day)) => {
            let next = day.tomorrow().unwrap_or(day);
            begin_millis(Due::Day(next), zone) - 1
        }
    }
}

/// When it begins, in milliseconds.
pub(crate) fn begin_millis(due: Due, zone: &TimeZone) -> i64 {
    match due {
        Due::At(at) => at.as_millisecond(),
        Due::Day(day) => first_instant(day, zone).as_millisecond(),
    }
}

fn first_instant(day: Date, zone: &TimeZone) -> Timestamp {
    let midnight = day.to_zoned(zone.clone());
    // Days at the edge of the calendar may begin beyond it.
    midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
