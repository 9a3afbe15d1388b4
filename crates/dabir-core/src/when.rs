//! Dates as people say them: «فردا ۱۰», «شنبهٔ بعد», `next Sat`, `in 2 weeks`, «۲۵ آذر».
//!
//! Persian and English, any digits and any spelling, with ZWNJ or without. A week begins on Saturday:
//! a weekday alone is the coming one and never today, *next* Saturday is that of the next week. An
//! hour without a part of the day is one of 24. `tests/when.json` is the table that the console's
//! twin of this module passes too.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::jalali::Jalali;
use crate::names;

/// What somebody said: a whole day, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Day(Date),
    At(Timestamp),
}

/// The text says no time that is understood here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not understood; write a day or a time such as `2026-12-16`, `1405/9/25 10:00`, `tomorrow 10`, \
     `next Sat`, `in 2 weeks`, `Dec 12 14:00`, «فردا ۱۰», «شنبه ساعت ۱۴:۳۰», «۲۵ آذر» or «۳ روز دیگر»"
)]
pub struct NotUnderstood(String);

/// The longest text that is looked at, in bytes.
const MAX_BYTES: usize = 100;

/// What `text` means to somebody who says it at `now` in this zone.
///
/// # Errors
/// When it means nothing, or more than is understood.
pub fn read(text: &str, now: Timestamp, zone: &TimeZone) -> Result<When, NotUnderstood> {
    let refuse = || NotUnderstood(crate::text::cut(&crate::text::one_line(text), MAX_BYTES));
    if let Ok(at) = text.trim().parse::<Timestamp>() {
        return Ok(When::At(at));
    }
    let tokens = tokens(text).ok_or_else(refuse)?;
    let here = Here { now, zone };
    here.understand(&tokens).ok_or_else(refuse)
}

/// A word or a number, by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Number(i16),
    Clock(i8, i8),
    Date(Date),
    /// Days from today.
    Ahead(i32),
    Tonight,
    /// Days since Saturday.
    Weekday(i32),
    Month(Calendar, u8),
    Unit(Unit),
    Next,
    This,
    /// «دیگر», `from now`
    Later,
    In,
    At,
    Part(Part),
    Half,
    Quarter,
    /// A word that changes nothing.
    Filler,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calendar {
    Jalali,
    Gregorian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month(Calendar),
    Year(Calendar),
}

/// A part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Am,
    Pm,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

use Calendar::{Gregorian, Jalali as Solar};
use Token as T;

/// Words as [`names::fold`] leaves them, several spellings with spaces between; `_` stands where there
/// may be a space or a ZWNJ.
const WORDS: &[(&str, Token)] = &[
    ("امروز today", T::Ahead(0)),
    ("فردا tomorrow tmr tmrw", T::Ahead(1)),
    ("پس_فردا day_after_tomorrow", T::Ahead(2)),
    ("امشب tonight", T::Tonight),
    ("شنبه sat saturday", T::Weekday(0)),
    ("یک_شنبه sun sunday", T::Weekday(1)),
    ("دو_شنبه mon monday", T::Weekday(2)),
    ("سه_شنبه tue tues tuesday", T::Weekday(3)),
    ("چهار_شنبه wed wednesday", T::Weekday(4)),
    ("پنج_شنبه thu thur thurs thursday", T::Weekday(5)),
    ("جمعه fri friday", T::Weekday(6)),
    ("فروردین farvardin", T::Month(Solar, 1)),
    ("اردی_بهشت ordibehesht", T::Month(Solar, 2)),
    ("خرداد khordad", T::Month(Solar, 3)),
    ("تیر tir", T::Month(Solar, 4)),
    ("مرداد امرداد mordad", T::Month(Solar, 5)),
    ("شهریور shahrivar", T::Month(Solar, 6)),
    ("مهر mehr", T::Month(Solar, 7)),
    ("ابان aban", T::Month(Solar, 8)),
    ("اذر azar", T::Month(Solar, 9)),
    ("دی dey", T::Month(Solar, 10)),
    ("بهمن bahman", T::Month(Solar, 11)),
    ("اسفند esfand", T::Month(Solar, 12)),
    ("jan january ژانویه", T::Month(Gregorian, 1)),
    ("feb february فوریه", T::Month(Gregorian, 2)),
    ("mar march مارس", T::Month(Gregorian, 3)),
    ("apr april اوریل", T::Month(Gregorian, 4)),
    ("may مه", T::Month(Gregorian, 5)),
    ("jun june ژوین", T::Month(Gregorian, 6)),
    ("jul july ژوییه", T::Month(Gregorian, 7)),
    ("aug august اوت", T::Month(Gregorian, 8)),
    ("sep sept september سپتامبر", T::Month(Gregorian, 9)),
    ("oct october اکتبر", T::Month(Gregorian, 10)),
    ("nov november نوامبر", T::Month(Gregorian, 11)),
    ("dec december دسامبر", T::Month(Gregorian, 12)),
    ("دقیقه min mins minute minutes", T::Unit(Unit::Minute)),
    ("ساعت h hour hours", T::Unit(Unit::Hour)),
    ("روز day days", T::Unit(Unit::Day)),
    ("هفته week weeks", T::Unit(Unit::Week)),
    ("ماه", T::Unit(Unit::Month(Solar))),
    ("month months", T::Unit(Unit::Month(Gregorian))),
    ("سال", T::Unit(Unit::Year(Solar))),
    ("year years", T::Unit(Unit::Year(Gregorian))),
    ("بعد بعدی اینده next", T::Next),
    ("این همین this", T::This),
    ("دیگر دیگه later from_now from_today", T::Later),
    ("in", T::In),
    ("at @", T::At),
    ("am a.m", T::Part(Part::Am)),
    ("pm p.m", T::Part(Part::Pm)),
    ("صبح morning", T::Part(Part::Morning)),
    ("ظهر noon", T::Part(Part::Noon)),
    ("بعد_از_ظهر afternoon", T::Part(Part::Afternoon)),
    ("عصر evening", T::Part(Part::Evening)),
    ("شب night", T::Part(Part::Night)),
    ("نیم و_نیم half_an", T::Half),
    ("ربع و_ربع quarter_of_an", T::Quarter),
    ("یک one a an", T::Number(1)),
    ("دو two", T::Number(2)),
    ("سه three", T::Number(3)),
    ("چهار four", T::Number(4)),
    ("پنج five", T::Number(5)),
    ("شش six", T::Number(6)),
    ("هفت seven", T::Number(7)),
    ("هشت eight", T::Number(8)),
    ("نه nine", T::Number(9)),
    ("ده ten", T::Number(10)),
    ("on by the of t تا در st nd rd th ام م ی", T::Filler),
];

/// `None` when there is a word that means nothing here.
fn tokens(text: &str) -> Option<Vec<Token>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let folded = names::fold(text);
    let mut rest = folded.trim_start_matches(is_gap);
    let mut tokens = Vec::new();
    while !rest.is_empty() {
        let (token, length) = number(rest).or_else(|| word(rest))?;
        if token != T::Filler {
            tokens.push(token);
        }
        rest = rest[length..].trim_start_matches(is_gap);
    }
    Some(tokens)
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200c}' | ',' | '،' | '.')
}

/// A number, a time of the day or a date at the beginning of `text`, and its length.
fn number(text: &str) -> Option<(Token, usize)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ':' | '/' | '-');
    let length = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let figures = &text[..length];
    let numbers = |by: char| {
        let numbers = figures.split(by).map(|part| part.parse::<i16>().ok());
        numbers.collect::<Option<Vec<_>>>()
    };
    let token = if figures.contains(':') {
        match numbers(':')?[..] {
            [hour, minute] | [hour, minute, 0..60] => clock(hour, minute)?,
            _ => return None,
        }
    } else {
        match numbers(if figures.contains('-') { '-' } else { '/' })?[..] {
            [number] => T::Number(number),
            [year, month, day] => T::Date(full_date(year, month, day)?),
            _ => return None,
        }
    };
    Some((token, length))
}

fn clock(hour: i16, minute: i16) -> Option<Token> {
    let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
    let is_one = (0..24).contains(&hour) && (0..60).contains(&minute);
    is_one.then_some(T::Clock(hour, minute))
}

/// The year says of which calendar it is.
fn full_date(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    match year {
        1200..1600 => date_in(Solar, year, month, day),
        1900..2400 => date_in(Gregorian, year, month, day),
        _ => None,
    }
}

fn date_in(calendar: Calendar, year: i16, month: u8, day: u8) -> Option<Date> {
    match calendar {
        Solar => Jalali::new(year, month, day).ok().map(Jalali::to_gregorian),
        Gregorian => Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok(),
    }
}

/// The longest word of [`WORDS`] at the beginning of `text`, and its length there.
fn word(text: &str) -> Option<(Token, usize)> {
    let spellings = WORDS
        .iter()
        .flat_map(|(words, token)| words.split(' ').map(move |word| (word, *token)));
    let found = spellings.filter_map(|(word, token)| Some((token, length_of(word, text)?)));
    found.max_by_key(|(_, length)| *length)
}

/// How much of `text` is the word that it begins with.
fn length_of(word: &str, text: &str) -> Option<usize> {
    let mut rest = text;
    for part in word.split('_') {
        rest = rest.trim_start_matches(is_gap).strip_prefix(part)?;
    }
    let goes_on = rest.chars().next().is_some_and(char::is_alphabetic);
    (!goes_on).then_some(text.len() - rest.len())
}

/// Who says something, when and where.
struct Here<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
}

/// A time of the day.
struct Hour {
    time: Time,
    /// Midnight at the end of a day is the beginning of the next.
    is_next_day: bool,
    /// It says that it is one: a number alone may be anything.
    is_clear: bool,
}

impl Here<'_> {
    fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    fn understand(&self, tokens: &[Token]) -> Option<When> {
        if let Some(moment) = self.moment(tokens) {
            return Some(moment);
        }
        if let Some((day, rest)) = self.day(tokens) {
            if rest.is_empty() {
                return Some(When::Day(day));
            }
            let (hour, rest) = hour(rest)?;
            return rest.is_empty().then(|| self.at(day, &hour))?;
        }
        let (hour, rest) = hour(tokens)?;
        if rest.is_empty() {
            return hour.is_clear.then(|| self.coming_hour(&hour))?;
        }
        let (day, rest) = self.day(rest)?;
        rest.is_empty().then(|| self.at(day, &hour))?
    }

    /// So many minutes or hours from now.
    fn moment(&self, tokens: &[Token]) -> Option<When> {
        let minutes = match *tokens {
            [T::In, T::Number(n), T::Unit(unit)]
            | [T::Number(n), T::Unit(unit), T::Later | T::Next] => match unit {
                Unit::Minute => i64::from(n),
                Unit::Hour => i64::from(n) * 60,
                _ => return None,
            },
            [T::In, T::Half, T::Unit(Unit::Hour)]
            | [T::Half, T::Unit(Unit::Hour), T::Later | T::Next] => 30,
            [T::In, T::Quarter, T::Unit(Unit::Hour)]
            | [T::Quarter, T::Unit(Unit::Hour), T::Later | T::Next] => 15,
            _ => return None,
        };
        let minute = self.now.as_second().div_euclid(60) + minutes;
        Timestamp::from_second(minute * 60).ok().map(When::At)
    }

    /// The day that the tokens begin with, and what follows.
    fn day<'t>(&self, tokens: &'t [Token]) -> Option<(Date, &'t [Token])> {
        let today = self.today();
        let (day, rest) = match tokens {
            [T::Date(date), rest @ ..] => (Some(*date), rest),
            [T::Ahead(days), rest @ ..] => (ahead(today, *days), rest),
            // What says tonight says an hour, too.
            [T::Tonight, ..] => return self.tonight(tokens),
            [T::Unit(Unit::Day), T::Weekday(_), ..] => return self.day(&tokens[1..]),
            [T::Next, T::Weekday(day), rest @ ..]
            | [T::Weekday(day), T::Next, T::Unit(Unit::Week), rest @ ..]
            | [T::Weekday(day), T::Unit(Unit::Week), T::Next, rest @ ..]
            | [T::Weekday(day), T::Next, rest @ ..] => (next_week(today, *day), rest),
            [T::This, T::Weekday(day), rest @ ..] | [T::Weekday(day), rest @ ..] => {
                (coming(today, *day), rest)
            }
            [T::Next, T::Unit(unit), rest @ ..] | [T::Unit(unit), T::Next, rest @ ..] => {
                (step(today, 1, *unit), rest)
            }
            [T::In, T::Number(n), T::Unit(unit), rest @ ..]
            | [T::Number(n), T::Unit(unit), T::Later | T::Next, rest @ ..] => {
                (step(today, *n, *unit), rest)
            }
            _ => return day_of_month(today, tokens),
        };
        Some((day?, rest))
    }

    fn tonight<'t>(&self, tokens: &'t [Token]) -> Option<(Date, &'t [Token])> {
        const NIGHT: &[Token] = &[T::Part(Part::Night)];
        let rest = tokens.get(1..)?;
        Some((self.today(), if rest.is_empty() { NIGHT } else { rest }))
    }

    fn at(&self, day: Date, hour: &Hour) -> Option<When> {
        let day = ahead(day, i32::from(hour.is_next_day))?;
        let local = day.to_datetime(hour.time).to_zoned(self.zone.clone());
        local.ok().map(|local| When::At(local.timestamp()))
    }

    /// The hour of today, or of tomorrow when it is over.
    fn coming_hour(&self, hour: &Hour) -> Option<When> {
        let today = self.at(self.today(), hour)?;
        match today {
            When::At(at) if at <= self.now => self.at(ahead(self.today(), 1)?, hour),
            _ => Some(today),
        }
    }
}

fn ahead(day: Date, days: i32) -> Option<Date> {
    day.checked_add(days.days()).ok()
}

fn since_saturday(day: Date) -> i32 {
    (i32::from(day.weekday().to_monday_zero_offset()) + 2) % 7
}

/// The next such weekday after today.
fn coming(today: Date, weekday: i32) -> Option<Date> {
    let days = (weekday - since_saturday(today)).rem_euclid(7);
    ahead(today, if days == 0 { 7 } else { days })
}

/// That weekday of the week that begins with the coming Saturday.
fn next_week(today: Date, weekday: i32) -> Option<Date> {
    ahead(today, 7 - since_saturday(today) + weekday)
}

fn step(day: Date, count: i16, unit: Unit) -> Option<Date> {
    let gregorian = |span: Span| day.checked_add(span).ok();
    match unit {
        Unit::Minute | Unit::Hour => None,
        Unit::Day => ahead(day, i32::from(count)),
        Unit::Week => ahead(day, i32::from(count) * 7),
        Unit::Month(Gregorian) => gregorian(i32::from(count).months()),
        // There are more numbers than years that a span can hold.
        Unit::Year(Gregorian) => gregorian(Span::new().try_years(count).ok()?),
        Unit::Month(Solar) => jalali_months(day, i32::from(count)),
        Unit::Year(Solar) => jalali_months(day, i32::from(count) * 12),
    }
}

/// The same day so many months later, or the last one of a month that is too short for it.
fn jalali_months(day: Date, count: i32) -> Option<Date> {
    let jalali = Jalali::from_gregorian(day)?;
    let months = i32::from(jalali.year()) * 12 + i32::from(jalali.month()) - 1 + count;
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = u8::try_from(months.rem_euclid(12) + 1).ok()?;
    let mut days = (1..=jalali.day()).rev();
    days.find_map(|day| date_in(Solar, year, month, day))
}

/// «۲۵ آذر», `Dec 12 2027`; without a year the coming one.
fn day_of_month(today: Date, tokens: &[Token]) -> Option<(Date, &[Token])> {
    let (calendar, month, day, rest) = match tokens {
        [T::Number(day), T::Month(calendar, month), rest @ ..]
        | [T::Month(calendar, month), T::Number(day), rest @ ..] => {
            (*calendar, *month, u8::try_from(*day).ok()?, rest)
        }
        _ => return None,
    };
    if let [T::Number(year @ 1200..2400), rest @ ..] = rest {
        return Some((date_in(calendar, *year, month, day)?, rest));
    }
    let this_year = match calendar {
        Solar => Jalali::from_gregorian(today)?.year(),
        Gregorian => today.year(),
    };
    // The last day of a leap year comes again after eight years at the latest.
    let mut years = this_year..=this_year.saturating_add(8);
    let coming =
        years.find_map(|year| date_in(calendar, year, month, day).filter(|date| *date >= today));
    Some((coming?, rest))
}

/// The time of the day that the tokens begin with, and what follows.
fn hour(tokens: &[Token]) -> Option<(Hour, &[Token])> {
    let (part, tokens) = match tokens {
        [T::Part(part), rest @ ..] => (Some(*part), rest),
        _ => (None, tokens),
    };
    let (is_said, tokens) = match tokens {
        [T::At | T::Unit(Unit::Hour), rest @ ..] => (true, rest),
        _ => (false, tokens),
    };
    let (hour, minute, is_clock, tokens) = match tokens {
        [T::Clock(hour, minute), rest @ ..] => (*hour, *minute, true, rest),
        [T::Number(hour), T::Half, rest @ ..] => (i8::try_from(*hour).ok()?, 30, true, rest),
        [T::Number(hour), T::Quarter, rest @ ..] => (i8::try_from(*hour).ok()?, 15, true, rest),
        [T::Number(hour), rest @ ..] => (i8::try_from(*hour).ok()?, 0, false, rest),
        _ if is_said => match tokens {
            [T::Part(Part::Noon), rest @ ..] => (12, 0, true, rest),
            _ => return None,
        },
        _ => return Some((usual(part?)?, tokens)),
    };
    let (part, tokens) = match (part, tokens) {
        (None, [T::Part(part), rest @ ..]) => (Some(*part), rest),
        (part, tokens) => (part, tokens),
    };
    let (hour, is_next_day) = part.map_or(Some((hour, false)), |part| in_part(hour, part))?;
    let hour = Hour {
        time: Time::new(hour, minute, 0, 0).ok()?,
        is_next_day,
        is_clear: is_said || is_clock || part.is_some(),
    };
    Some((hour, tokens))
}

/// What a part of the day means without an hour.
fn usual(part: Part) -> Option<Hour> {
    let hour = match part {
        Part::Am | Part::Pm => return None,
        Part::Morning => 9,
        Part::Noon => 12,
        Part::Afternoon => 15,
        Part::Evening => 18,
        Part::Night => 20,
    };
    Some(Hour {
        time: Time::new(hour, 0, 0, 0).ok()?,
        is_next_day: false,
        is_clear: true,
    })
}

/// The hour of 24 that an hour of this part of the day is, and whether it belongs to the next day.
fn in_part(hour: i8, part: Part) -> Option<(i8, bool)> {
    let of_24 = match (part, hour) {
        (Part::Am | Part::Morning, 12) => 0,
        (Part::Am | Part::Morning, 0..12) => hour,
        (Part::Noon, 11..=15) => hour,
        (Part::Noon, 1..=3) => hour + 12,
        (Part::Pm | Part::Afternoon | Part::Evening, 1..=11) => hour + 12,
        (Part::Pm | Part::Afternoon, 12) => 12,
        (Part::Pm | Part::Afternoon | Part::Evening, 13..=23) => hour,
        (Part::Night, 0 | 12) => return Some((0, true)),
        (Part::Night, 1..=4) => return Some((hour, true)),
        (Part::Night, 5..12) => hour + 12,
        (Part::Night, 17..24) => hour,
        _ => return None,
    };
    Some((of_24, false))
}
