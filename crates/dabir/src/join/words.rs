//! What the join page says, in both languages.

use dabir_meetings::invitation::Standing;
use dabir_room::page::Lang;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The words that do not depend on the meeting. A test knows that the page asks for no others.
pub(super) fn word(lang: Lang, key: &str) -> &'static str {
    let (fa, en) = match key {
        "brand" => ("دبیر", "Dabir"),
        "seal" => ("د", "D"),
        "other_language" => ("English", "فارسی"),
        "your_time" => (
            "به وقت شما: {day}، ساعت {from} تا {to}",
            "Your time: {day}, {from}–{to}",
        ),
        "starts_in" => ("تا آغاز جلسه", "Starts in"),
        "one_day_left" => ("{n} روز و {t}", "{n} day, {t}"),
        "days_left" => ("{n} روز و {t}", "{n} days, {t}"),
        "cut" => (
            "ارتباط با سرور نیست؛ این صفحه دوباره می‌کوشد.",
            "The server cannot be reached; this page keeps trying.",
        ),
        "your_name" => ("نام شما", "Your name"),
        "refused" => (
            "این نام پذیرفته نمی‌شود؛ ۱ تا ۶۴ نویسه، بی‌نشانه‌های ناپیدا.",
            "This name is not accepted; write 1 to 64 characters that can be seen.",
        ),
        "blocked" => (
            "راه شما به جلسه‌های اینجا بسته است. اگر اشتباهی شده، با برگزارکننده گفت‌وگو کنید.",
            "You are kept out of the meetings here. If this is a mistake, talk to the organiser.",
        ),
        "come_as" => ("با نام", "You come as"),
        "come_as_end" => (" می‌آیید.", "."),
        "join" => ("پیوستن به جلسه", "Join meeting"),
        "no_account" => (
            "نیازی به نصب برنامه یا حساب کاربری نیست. اگر حساب دارید،",
            "No app and no account needed. If you have one,",
        ),
        "do_sign_in" => ("وارد شوید", "sign in"),
        "no_script" => (
            "برای گفت‌وگو در جلسه، جاوااسکریپت مرورگر باید روشن باشد.",
            "Talking in the meeting needs JavaScript, which is off in this browser.",
        ),
        "ready" => (
            "آماده‌اید. این صفحه را باز نگه دارید؛ جلسه که باز شود خودتان وارد می‌شوید.",
            "You are ready. Keep this page open; you come in by yourself when the meeting opens.",
        ),
        "not_ready" => (
            "نامتان را بنویسید و این صفحه را باز نگه دارید؛ جلسه که باز شود خودتان وارد می‌شوید.",
            "Write your name and keep this page open; you come in by yourself when the meeting opens.",
        ),
        "loads_again" => (
            "این صفحه خودش تازه می‌شود؛ جلسه که باز شود، همین‌جا می‌توانید بپیوندید.",
            "This page refreshes itself; join here when the meeting opens.",
        ),
        "members_only" => (
            "این جلسه مهمان نمی‌پذیرد. با حساب خود وارد شوید؛ پس از آن به همین صفحه برمی‌گردید.",
            "This meeting takes no guests. Sign in with your account; it brings you back to this page.",
        ),
        "sign_in" => ("ورود با حساب", "Sign in"),
        "ask_for_account" => (
            "حساب ندارید؟ از برگزارکننده دعوت بخواهید.",
            "No account? Ask the organiser for an invitation.",
        ),
        "calendar" => ("افزودن به تقویم", "Add to calendar"),
        _ => ("", ""),
    };
    lang.pick(fa, en)
}

/// The shape of a state's sign; its colour comes with it.
pub(super) fn shape(standing: Standing) -> &'static str {
    match standing {
        Standing::Soon | Standing::Late | Standing::Opening | Standing::Over(_) => "wait",
        Standing::Open { .. } | Standing::Elsewhere => "live",
        Standing::Full | Standing::CalledOff | Standing::Missed => "warn",
        Standing::Failed => "bad",
    }
}

/// What stands on a state's sign.
pub(super) fn sign(lang: Lang, standing: Standing) -> String {
    let word = match standing {
        Standing::Soon => lang.pick("هنوز آغاز نشده", "Not started yet"),
        Standing::Late => lang.pick("هنوز باز نشده", "Not open yet"),
        Standing::Opening => lang.pick("در حال باز شدن", "Opening"),
        Standing::Open { people, .. } => return here(lang, people),
        Standing::Elsewhere => lang.pick("در جریان، در نشانی دیگر", "Live, at another address"),
        Standing::Full => lang.pick("ظرفیت پر است", "Full"),
        Standing::Failed => lang.pick("باز نشد", "Could not be opened"),
        Standing::Over(_) => lang.pick("پایان یافته", "Ended"),
        Standing::CalledOff => lang.pick("برگزار نمی‌شود", "Called off"),
        Standing::Missed => lang.pick("برگزار نشد", "Did not take place"),
    };
    word.to_owned()
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
        Standing::Elsewhere => lang.pick(
            "این جلسه باز است، ولی در نشانی دیگری از همین سامانه؛ از این صفحه نمی‌توان به آن پیوست. آن نشانی را از برگزارکننده بگیرید.",
            "This meeting is open, but at the house's other address; this page does not lead into it. Ask the organiser for that address.",
        ),
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

/// «این جلسه شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۵:۰۰ پایان یافت.»
pub(super) fn over_since(lang: Lang, zone: &TimeZone, at: Timestamp) -> String {
    let at = at.to_zoned(zone.clone());
    let (day, clock) = (lang.day(&at), lang.clock(&at));
    match lang {
        Lang::Fa => format!("این جلسه {day}، ساعت {clock} پایان یافت."),
        Lang::En => format!("This meeting ended on {day} at {clock}."),
    }
}

/// «شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰ تا ۱۵:۰۰»
pub(crate) fn when(lang: Lang, zone: &TimeZone, start: Timestamp, end: Timestamp) -> String {
    let (start, end) = (start.to_zoned(zone.clone()), end.to_zoned(zone.clone()));
    let form = if start.date() == end.date() {
        lang.pick("{day}، ساعت {from} تا {to}", "{day}, {from}–{to}")
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
    let form = match days_left {
        0 => "{t}",
        1 => word(lang, "one_day_left"),
        _ => word(lang, "days_left"),
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
            Standing::Elsewhere,
            Standing::Full,
            Standing::Failed,
            Standing::Over(None),
            Standing::CalledOff,
            Standing::Missed,
        ] {
            let (fa, en) = (sign(Lang::Fa, standing), sign(Lang::En, standing));
            assert!(
                !fa.is_ascii() && en.replace('·', "").is_ascii(),
                "{fa} {en}"
            );
            assert!(!shape(standing).is_empty());
            let notes = [Lang::Fa, Lang::En].map(|lang| note(lang, standing, true));
            assert_eq!(notes[0].is_empty(), notes[1].is_empty());
        }
        assert_eq!(sign(Lang::Fa, open(64)), "در جریان · ۶۴ نفر حاضرند");
    }
}
