//! The sample meetings: a week of a faculty, with one that is on. Nobody is named in them.

use dabir_meetings::samples::Sample;
use jiff::{SignedDuration, ToSpan, Zoned};

use super::Language;

/// When one of the samples begins.
enum Begin {
    /// So many minutes from now.
    Minutes(i64),
    /// So many days from today, at this hour and minute.
    Day(i64, i8, i8),
}

use Begin::{Day, Minutes};

/// Begin, length in minutes, Persian and English name. The second is on now.
#[rustfmt::skip]
const WEEK: [(Begin, i64, &str, &str); 7] = [
    (Day(-1, 11, 0),  60, "شورای آموزشی دانشکده",          "Teaching council of the faculty"),
    (Minutes(-20),   120, "جلسهٔ هفتگی گروه ریاضی",         "Weekly meeting of the mathematics group"),
    (Minutes(150),    90, "کارگاه نگارش علمی",              "Workshop on scientific writing"),
    (Day(1, 10, 0),  120, "دفاع پایان‌نامهٔ کارشناسی ارشد", "Defence of a master's thesis"),
    (Day(2, 14, 0),   45, "نشست هماهنگی کتابخانه",          "Library coordination"),
    (Day(4, 9, 30),   90, "کلاس جبرانی فیزیک ۲",           "Make-up class, Physics 2"),
    (Day(6, 16, 0),   60, "گروه مطالعهٔ دانشجویان ورودی",   "Reading group of first-year students"),
];

/// The week around `now`, in its zone.
pub(super) fn around(now: &Zoned, language: Language) -> Vec<Sample> {
    let samples = WEEK.iter().filter_map(|(begin, minutes, fa, en)| {
        let name = match language {
            Language::Fa => fa,
            Language::En => en,
        };
        Some(Sample {
            name: (*name).to_owned(),
            date_time: begin.after(now)?.timestamp(),
            duration_secs: minutes * 60,
        })
    });
    samples.collect()
}

impl Begin {
    /// `None` at the end of time.
    fn after(&self, now: &Zoned) -> Option<Zoned> {
        match *self {
            Minutes(minutes) => {
                let at = now.checked_add(SignedDuration::from_mins(minutes)).ok()?;
                at.with().second(0).subsec_nanosecond(0).build().ok()
            }
            Day(days, hour, minute) => {
                let day = now.date().checked_add(days.days()).ok()?;
                day.at(hour, minute, 0, 0)
                    .to_zoned(now.time_zone().clone())
                    .ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_on_some_are_over_and_the_others_come_within_the_week() {
        for text in [
            "2026-11-21T00:05:30+03:30[Asia/Tehran]",
            "2026-11-21T23:59:59+03:30[Asia/Tehran]",
            "2026-03-29T03:30:00+02:00[Europe/Berlin]",
        ] {
            let now: Zoned = text.parse().unwrap();
            let week = around(&now, Language::Fa);
            assert_eq!(week.len(), WEEK.len());
            let at = now.timestamp();
            let end = |sample: &Sample| {
                sample.date_time + SignedDuration::from_secs(sample.duration_secs)
            };
            let on = week
                .iter()
                .filter(|one| one.date_time <= at && at < end(one));
            assert_eq!(on.count(), 1, "{text}");
            assert_eq!(week.iter().filter(|one| end(one) <= at).count(), 1);
            assert!(
                week.iter()
                    .all(|one| one.date_time.duration_since(at).as_hours() < 7 * 24)
            );
        }
    }

    #[test]
    fn days_are_those_of_the_house() {
        let now: Zoned = "2026-11-21T22:00:00+03:30[Asia/Tehran]".parse().unwrap();
        let tomorrow = &around(&now, Language::En)[3];
        assert_eq!(tomorrow.date_time.to_string(), "2026-11-22T06:30:00Z");
        assert_eq!(tomorrow.name, "Defence of a master's thesis");
    }
}
