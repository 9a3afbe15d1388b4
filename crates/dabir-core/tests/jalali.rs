//! The calendar against a table that did not come from the library that computes it.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use dabir_core::Timestamp;
use dabir_core::jalali::{Jalali, Names, parse_stamp, stamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// (Jalali year, Gregorian day of its Nowruz), in order.
fn nowruz() -> Vec<(i16, Date)> {
    include_str!("nowruz.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (year, day) = line.split_once(' ').unwrap();
            (year.parse().unwrap(), day.parse().unwrap())
        })
        .collect()
}

/// Lengths of the twelve months: six of 31 days, five of 30, and Esfand takes the rest.
fn month_lengths(days_of_year: i32) -> [u8; 12] {
    let mut lengths = [30; 12];
    lengths[..6].fill(31);
    lengths[11] = u8::try_from(days_of_year - 336).unwrap();
    lengths
}

#[test]
fn every_day_of_1206_to_1498_is_the_table_s() {
    let table = nowruz();
    let mut checked = 0;
    for pair in table.windows(2) {
        let ((year, first), (_, next)) = (pair[0], pair[1]);
        let days = first.until(next).unwrap().get_days();
        let mut gregorian = first;
        for (month, length) in (1..).zip(month_lengths(days)) {
            for day in 1..=length {
                let jalali = Jalali::new(year, month, day).unwrap();
                assert_eq!(jalali.to_gregorian(), gregorian, "{jalali}");
                assert_eq!(Jalali::from_gregorian(gregorian), Some(jalali));
                gregorian = gregorian.tomorrow().unwrap();
                checked += 1;
            }
            assert!(
                Jalali::new(year, month, length + 1).is_err(),
                "{year}/{month}/{}",
                length + 1
            );
        }
        assert_eq!(gregorian, next, "the year {year} has another length");
    }
    assert_eq!(checked, 107_016);
}

#[test]
fn names_come_in_three_spellings() {
    let day = Jalali::new(1405, 8, 30).unwrap();
    assert_eq!(day.long(Names::Persian), "شنبه ۳۰ آبان ۱۴۰۵");
    assert_eq!(day.long(Names::English), "Saturday 30 Aban 1405");
    assert_eq!(day.long(Names::Seed), "shanbe 30 aban 1405");
    assert_eq!(day.to_string(), "1405/08/30");
}

#[test]
fn the_seed_s_stamp_is_written_and_read() {
    let tehran = TimeZone::get("Asia/Tehran").unwrap();
    let at: Timestamp = "2024-07-22T08:30:00Z".parse().unwrap();
    assert_eq!(stamp(at, &tehran), "1403/05/01 12:00 doshanbe");
    for text in [
        "1403/05/01 12:00 doshanbe",
        "1403-05-01 12:00",
        "۱۴۰۳/۰۵/۰۱ ۱۲:۰۰ doshanbe",
    ] {
        assert_eq!(parse_stamp(text, &tehran), Ok(at), "{text}");
    }
}

#[test]
fn what_is_no_stamp_is_refused() {
    for text in [
        "",
        "1403/05/01",
        "1403/13/01 10:00",
        "1404/12/30 10:00",
        "x/y/z 10:00",
        "1403/1/1 25:00",
        "1/1/1/1 1:1",
    ] {
        assert!(parse_stamp(text, &TimeZone::UTC).is_err(), "{text}");
    }
    assert!(Jalali::new(1403, 12, 30).is_ok(), "1403 is a leap year");
    assert!(Jalali::new(1404, 12, 30).is_err(), "1404 is not");
    assert!(Jalali::new(0, 1, 1).is_err());
    assert!(Jalali::new(i16::MAX, 1, 1).is_err());
}
