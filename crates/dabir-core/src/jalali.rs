//! Dates of the Jalali (Solar Hijri) calendar, in the one place that knows how to count them.
//!
//! The days come from `icu_calendar`, which follows the University of Tehran's table of leap
//! years; `tests/jalali.rs` checks every day of 1206–1498 against a table of its own. The common
//! rule of 2,820 years is wrong for 1403 and 1404, so no arithmetic is done here.

use std::fmt;

use icu_calendar::Date as IcuDate;
use icu_calendar::cal::Persian;
use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// A day of the Jalali calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Jalali {
    year: i16,
    month: u8,
    day: u8,
}

/// In whose words a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// فروردین, شنبه
    Persian,
    /// Farvardin, Saturday
    English,
    /// farvardin, shanbe: as the port manager's files and log lines have them
    Seed,
}

/// A text or a set of numbers that is no Jalali date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JalaliError {
    #[error("{year}/{month}/{day} is not a day of the Jalali calendar")]
    NoSuchDay { year: i16, month: u8, day: u8 },
    #[error("`{0}` is not a Jalali time; write it as `1403/05/01 12:00 doshanbe`")]
    Stamp(String),
}

/// Years that this module answers for.
pub const YEARS: std::ops::RangeInclusive<i16> = 1..=3000;

const PERSIAN_MONTHS: [&str; 12] = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
];
const ENGLISH_MONTHS: [&str; 12] = [
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
];
const SEED_MONTHS: [&str; 12] = [
    "farvardin",
    "ordibehesht",
    "khordad",
    "tir",
    "mordad",
    "shahrivar",
    "mehr",
    "aban",
    "azar",
    "dey",
    "bahman",
    "esfand",
];
/// Saturday first, as the week begins.
const PERSIAN_WEEKDAYS: [&str; 7] = [
    "شنبه",
    "یکشنبه",
    "دوشنبه",
    "سه‌شنبه",
    "چهارشنبه",
    "پنجشنبه",
    "جمعه",
];
const ENGLISH_WEEKDAYS: [&str; 7] = [
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
];
const SEED_WEEKDAYS: [&str; 7] = [
    "shanbe",
    "yekshanbe",
    "doshanbe",
    "seshanbe",
    "chaharshanbe",
    "panjshanbe",
    "jome",
];

impl Jalali {
    /// The day `year`/`month`/`day`.
    ///
    /// # Errors
    /// When the calendar has no such day, such as 30 Esfand of a common year.
    pub fn new(year: i16, month: u8, day: u8) -> Result<Self, JalaliError> {
        let refuse = || JalaliError::NoSuchDay { year, month, day };
        if !YEARS.contains(&year) {
            return Err(refuse());
        }
        IcuDate::try_new_persian(i32::from(year), month, day).map_err(|_| refuse())?;
        Ok(Self { year, month, day })
    }

    /// The Jalali day of a Gregorian one; `None` outside [`YEARS`].
    #[must_use]
    pub fn from_gregorian(date: civil::Date) -> Option<Self> {
        let iso = IcuDate::try_new_iso(
            i32::from(date.year()),
            u8::try_from(date.month()).ok()?,
            u8::try_from(date.day()).ok()?,
        )
        .ok()?;
        let persian = iso.to_calendar(Persian);
        let year = i16::try_from(persian.year().extended_year())
            .ok()
            .filter(|y| YEARS.contains(y))?;
        Some(Self {
            year,
            month: persian.month().ordinal,
            day: persian.day_of_month().0,
        })
    }

    /// The Gregorian day of this one.
    ///
    /// # Panics
    /// Never: every day of [`YEARS`] has a Gregorian one.
    #[must_use]
    pub fn to_gregorian(self) -> civil::Date {
        let iso = IcuDate::try_new_persian(i32::from(self.year), self.month, self.day)
            .expect("a Jalali value was checked when it was made")
            .to_calendar(icu_calendar::Iso);
        let number = |n: u8| i8::try_from(n).expect("months and days are below 32");
        let year = i16::try_from(iso.year().extended_year()).expect("years below 3622 fit");
        civil::date(
            year,
            number(iso.month().ordinal),
            number(iso.day_of_month().0),
        )
    }

    #[must_use]
    pub fn year(self) -> i16 {
        self.year
    }

    /// 1 is Farvardin.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// Days since Saturday: 0 is شنبه, 6 is جمعه.
    #[must_use]
    pub fn weekday(self) -> usize {
        let since_monday = self.to_gregorian().weekday().to_monday_zero_offset();
        (usize::try_from(since_monday).unwrap_or(0) + 2) % 7
    }

    #[must_use]
    pub fn weekday_name(self, names: Names) -> &'static str {
        match names {
            Names::Persian => PERSIAN_WEEKDAYS[self.weekday()],
            Names::English => ENGLISH_WEEKDAYS[self.weekday()],
            Names::Seed => SEED_WEEKDAYS[self.weekday()],
        }
    }

    #[must_use]
    pub fn month_name(self, names: Names) -> &'static str {
        let month = usize::from(self.month) - 1;
        match names {
            Names::Persian => PERSIAN_MONTHS[month],
            Names::English => ENGLISH_MONTHS[month],
            Names::Seed => SEED_MONTHS[month],
        }
    }

    /// «شنبه ۳۰ آبان ۱۴۰۵» or `Saturday 30 Aban 1405`.
    #[must_use]
    pub fn long(self, names: Names) -> String {
        let text = format!(
            "{} {} {} {}",
            self.weekday_name(names),
            self.day,
            self.month_name(names),
            self.year
        );
        if names == Names::Persian {
            crate::text::persian_digits(&text)
        } else {
            text
        }
    }
}

/// `1405/08/30`.
impl fmt::Display for Jalali {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}/{:02}/{:02}", self.year, self.month, self.day)
    }
}

/// The port manager's way to write a time: `1403/05/01 12:00 doshanbe`, in zone `tz`.
#[must_use]
pub fn stamp(at: Timestamp, tz: &TimeZone) -> String {
    let local: Zoned = at.to_zoned(tz.clone());
    let clock = format!("{:02}:{:02}", local.hour(), local.minute());
    match Jalali::from_gregorian(local.date()) {
        Some(day) => format!("{day} {clock} {}", day.weekday_name(Names::Seed)),
        None => format!("{} {clock}", local.date()),
    }
}

/// Reads what [`stamp`] writes; the weekday may be missing, digits may be Persian.
///
/// # Errors
/// When the text has another form or names no day of the calendar.
pub fn parse_stamp(text: &str, tz: &TimeZone) -> Result<Timestamp, JalaliError> {
    let refuse = || JalaliError::Stamp(crate::text::one_line(text));
    let ascii = crate::text::ascii_digits(text);
    let mut words = ascii.split_whitespace();
    let day = parse_day(words.next().ok_or_else(refuse)?).ok_or_else(refuse)??;
    let (hour, minute) = words
        .next()
        .and_then(|w| w.split_once(':'))
        .ok_or_else(refuse)?;
    let number = |text: &str| text.parse::<i8>().map_err(|_| refuse());
    let time = civil::Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| refuse())?;
    let local = day
        .to_gregorian()
        .to_datetime(time)
        .to_zoned(tz.clone())
        .map_err(|_| refuse())?;
    Ok(local.timestamp())
}

/// `1403/05/01` or `1403-05-01`; `None` when the text has another form.
fn parse_day(text: &str) -> Option<Result<Jalali, JalaliError>> {
    let mut parts = text.split(['/', '-']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Jalali::new(
        year.parse().ok()?,
        month.parse().ok()?,
        day.parse().ok()?,
    ))
}
