//! What the join page says, in both languages. It is markup: a text of people's own is never among it.

use dabir_meetings::invitation::Standing;
use dabir_room::page::Lang;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What stands on a state's sign: its shape, and its word.
pub(super) fn sign(lang: Lang, standing: Standing) -> (&'static str, String) {
    let say = |shape, fa: &'static str, en| (shape, lang.pick(fa, en).to_owned());
    match standing {
        Standing::Soon => say("wait", "هنوز آغاز نشده", "Not started yet"),
        Standing::Late => say("wait", "هنوز باز نشده", "Not open yet"),
        Standing::Opening => say("wait", "در حال باز شدن", "Opening"),
        Standing::Open { people, .. } => ("live", here(lang, people)),
        Standing::Full => say("warn", "ظرفیت پر است", "Full"),
        Standing::Failed => say("bad", "باز نشد", "Could not be opened"),
        Standing::Over(_) => say("wait", "پایان یافته", "Ended"),
        Standing::CalledOff => say("warn", "برگزار نمی‌شود", "Called off"),
        Standing::Missed => say("warn", "برگزار نشد", "Did not take place"),
    }
}

/// «در جریان · ۶۴ نفر حاضرند»
fn here(lang: Lang, people: usize) -> String {
    let n = lang.digits(&people.to_string());
    match (lang, people) {
        (Lang::Fa, 0) => "در جریان · هنوز کسی نیامده".to_owned(),
        (Lang::Fa, 1) => format!("در جریان · {n} نفر حاضر است"),
        (Lang::Fa, _) => format!("در جریان · {n} نفر حاضرند"),
        (Lang::En, 0) => "Live · nobody here yet".to_owned(),
        (Lang::En, 1) => format!("Live · {n} person here"),
        (Lang::En, _) => format!("Live · {n} people here"),
    }
}

/// What the state means, and what to do next; `can_enter` is false for a guest where none is taken.
pub(super) fn note(lang: Lang, standing: Standing, can_enter: bool) -> &'static str {
    match standing {
        Standing::Soon => "",
        Standing::Late => lang.pick(
            "زمان آغاز رسیده، ولی برگزارکننده هنوز جلسه را باز نکرده است.",
            "Its time has come, but the organiser has not opened it yet.",
        ),
        Standing::Opening => lang.pick("تا چند لحظهٔ دیگر باز می‌شود.", "It opens in a moment."),
        Standing::Open { doubtful: true, .. } => lang.pick(
            "برگزارکننده این جلسه را از برنامه برداشته است و شاید زود به پایان برسد.",
            "The organiser has taken this meeting off the schedule, so it may end soon.",
        ),
        Standing::Open { .. } => "",
        Standing::Full if can_enter => lang.pick(
            "همین که جایی خالی شود می‌توانید بپیوندید؛ این صفحه خودش باخبر می‌شود.",
            "You can join as soon as somebody leaves; this page will notice.",
        ),
        Standing::Full => "",
        Standing::Failed => lang.pick(
            "مشکلی در سرور نمی‌گذارد جلسه باز شود؛ ایراد از شما یا دستگاه شما نیست. به برگزارکننده خبر بدهید.",
            "A problem on the server keeps the meeting from opening; it is nothing that you or your device did. Please tell the organiser.",
        ),
        Standing::Over(_) => lang.pick(
            "اگر یادداشت‌های جلسه را می‌خواهید، از برگزارکننده بپرسید.",
            "Ask the organiser if you need its minutes.",
        ),
        Standing::CalledOff => lang.pick(
            "این جلسه پیش از آغاز لغو شد. اگر منتظرش بودید، از برگزارکننده بپرسید.",
            "This meeting was called off before it began. Ask the organiser if you expected it.",
        ),
        Standing::Missed => lang.pick(
            "زمان این جلسه گذشت و باز نشد. از برگزارکننده بپرسید زمان دیگری دارد یا نه.",
            "Its time passed and nobody opened it. Ask the organiser whether it gets another time.",
        ),
    }
}

/// Whether whoever waits comes in by themselves: what is said with a name, and without one.
pub(super) fn ready(lang: Lang) -> (&'static str, &'static str) {
    (
        lang.pick(
            "آماده‌اید. این صفحه را باز نگه دارید؛ جلسه که باز شود خودتان وارد می‌شوید.",
            "You are ready. Keep this page open; you come in by yourself when the meeting opens.",
        ),
        lang.pick(
            "نامتان را بنویسید و این صفحه را باز نگه دارید؛ جلسه که باز شود خودتان وارد می‌شوید.",
            "Write your name and keep this page open; you come in by yourself when the meeting opens.",
        ),
    )
}

/// «این جلسه شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۵:۰۰ پایان یافت.»
pub(super) fn over_since(lang: Lang, zone: &TimeZone, at: Timestamp) -> String {
    let at = at.to_zoned(zone.clone());
    let (day, clock) = (lang.day(&at), lang.clock(&at));
    match lang {
        Lang::Fa => format!("این جلسه {day}، ساعت {clock} پایان یافت."),
        Lang::En => format!("This meeting ended on {day} at {clock}."),
    }
}

/// The form of a meeting's time on one day; the page's script fills it in as well.
pub(super) fn one_day(lang: Lang) -> &'static str {
    lang.pick("{day}، ساعت {from} تا {to}", "{day}, {from}–{to}")
}

/// «شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰ تا ۱۵:۰۰»
pub(super) fn when(lang: Lang, zone: &TimeZone, start: Timestamp, end: Timestamp) -> String {
    let (start, end) = (start.to_zoned(zone.clone()), end.to_zoned(zone.clone()));
    let form = if start.date() == end.date() {
        one_day(lang)
    } else {
        lang.pick(
            "{day}، ساعت {from} تا {end_day}، ساعت {to}",
            "{day}, {from} – {end_day}, {to}",
        )
    };
    form.replace("{day}", &lang.day(&start))
        .replace("{from}", &lang.clock(&start))
        .replace("{end_day}", &lang.day(&end))
        .replace("{to}", &lang.clock(&end))
}

/// How a countdown of one day, and of several, is written.
pub(super) fn days(lang: Lang) -> (&'static str, &'static str) {
    (
        lang.pick("{n} روز و {t}", "{n} day, {t}"),
        lang.pick("{n} روز و {t}", "{n} days, {t}"),
    )
}

/// What is left, as `4:05`, `1:02:03` or “2 days, 1:02:03”.
pub(super) fn countdown(lang: Lang, seconds: i64) -> String {
    const DAY: i64 = 86_400;
    let seconds = seconds.max(0);
    let (days_left, rest) = (seconds / DAY, seconds % DAY);
    let (hours, minutes, rest) = (rest / 3_600, rest / 60 % 60, rest % 60);
    let clock = if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    };
    let (one, many) = days(lang);
    let form = match days_left {
        0 => "{t}",
        1 => one,
        _ => many,
    };
    let text = form.replace("{n}", &days_left.to_string());
    lang.digits(&text.replace("{t}", &clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_told_in_the_zone_of_the_house_and_the_calendar_of_the_reader() {
        let tehran = TimeZone::get("Asia/Tehran").unwrap();
        let (start, end) = (at("2026-11-21T10:30:00Z"), at("2026-11-21T11:30:00Z"));
        assert_eq!(
            when(Lang::Fa, &tehran, start, end),
            "شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰ تا ۱۵:۰۰"
        );
        assert_eq!(
            when(Lang::En, &TimeZone::UTC, start, end),
            "Saturday 21 November 2026, 10:30–11:30"
        );
        let night = at("2026-11-21T21:30:00Z");
        assert_eq!(
            when(Lang::En, &tehran, start, night),
            "Saturday 21 November 2026, 14:00 – Sunday 22 November 2026, 01:00"
        );
        assert_eq!(
            over_since(Lang::Fa, &tehran, end),
            "این جلسه شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۵:۰۰ پایان یافت."
        );
    }

    #[test]
    fn what_is_left_is_short_and_never_below_nothing() {
        let check = |seconds, en: &str, fa: &str| {
            assert_eq!(countdown(Lang::En, seconds), en);
            assert_eq!(countdown(Lang::Fa, seconds), fa);
        };
        check(-5, "0:00", "۰:۰۰");
        check(245, "4:05", "۴:۰۵");
        check(86_399, "23:59:59", "۲۳:۵۹:۵۹");
        check(86_400, "1 day, 0:00", "۱ روز و ۰:۰۰");
        check(3 * 86_400 + 3_723, "3 days, 1:02:03", "۳ روز و ۱:۰۲:۰۳");
    }

    #[test]
    fn every_state_has_words_in_both_languages() {
        let open = |people| Standing::Open {
            people,
            doubtful: true,
        };
        for standing in [
            Standing::Soon,
            Standing::Late,
            Standing::Opening,
            open(0),
            open(1),
            open(64),
            Standing::Full,
            Standing::Failed,
            Standing::Over(None),
            Standing::CalledOff,
            Standing::Missed,
        ] {
            let (fa, en) = (sign(Lang::Fa, standing), sign(Lang::En, standing));
            assert_eq!(fa.0, en.0);
            assert!(fa.1 != en.1 && en.1.is_ascii() != fa.1.is_ascii() || en.1.contains('·'));
            let notes = [Lang::Fa, Lang::En].map(|lang| note(lang, standing, true));
            assert_eq!(notes[0].is_empty(), notes[1].is_empty());
        }
        assert_eq!(sign(Lang::Fa, open(64)).1, "در جریان · ۶۴ نفر حاضرند");
    }
}
