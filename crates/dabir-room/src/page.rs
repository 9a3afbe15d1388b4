//! The room's page, rendered on the server: it says what the meeting is and asks for a name before
//! any script has run.
//!
//! The words stand in `web/room/locales/page.*.json`, one file per language, and are the same that
//! the page's script uses. Whatever goes into the template is escaped; nothing is inserted raw.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_core::Timestamp;
use dabir_core::encode::html_into;
use dabir_core::jalali::{Jalali, Names};
use dabir_core::text::persian_digits;
use jiff::Zoned;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::assets;

/// The content security policy to send with the page: of styles, it allows the page's own alone.
pub static CSP: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(style()));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'sha256-{style}'; font-src 'self'; \
         img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
});

fn style() -> &'static str {
    let (_, style) = TEMPLATE.split_once("<style>").unwrap_or_default();
    style.split_once("</style>").map_or("", |(style, _)| style)
}

/// What the page shows before anybody has joined.
#[derive(Clone, Debug)]
pub struct PageView<'a> {
    /// The meeting's id: drafts and seats in the browser are kept under it.
    pub id: &'a str,
    pub name: &'a str,
    pub now: Timestamp,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// An IANA name such as `Asia/Tehran`.
    pub timezone: &'a str,
    pub participants: usize,
    pub guests: bool,
    pub locked: bool,
    pub full: bool,
    pub lang: Lang,
}

/// The languages of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Fa,
    En,
}

impl Lang {
    /// The language of a request: what `?lang=` asks for, else the first of ours in its
    /// `Accept-Language`, else English.
    #[must_use]
    pub fn choose(asked: Option<&str>, accept_language: Option<&str>) -> Self {
        asked
            .and_then(Self::from_tag)
            .or_else(|| {
                accept_language?
                    .split(',')
                    .find_map(|range| Self::from_tag(range.split(';').next()?.trim()))
            })
            .unwrap_or(Self::En)
    }

    /// `fa`, `fa-IR`, `en-GB` …
    fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "fa" => Some(Self::Fa),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// `page/page.html` with the style that was built for it.
const TEMPLATE: &str = include_str!(concat!(env!("OUT_DIR"), "/page.html"));

/// One language's words by their key.
type Words = BTreeMap<String, String>;

static FA: LazyLock<Words> =
    LazyLock::new(|| read_words(include_str!("../../../web/room/locales/page.fa.json")));
static EN: LazyLock<Words> =
    LazyLock::new(|| read_words(include_str!("../../../web/room/locales/page.en.json")));

/// The page of a meeting's room.
#[must_use]
pub fn render(view: &PageView<'_>) -> String {
    fill(TEMPLATE, |key| value(view, key))
}

/// What stands for `{{key}}` in the template.
fn value<'a>(view: &'a PageView<'_>, key: &str) -> Cow<'a, str> {
    if let Some(word) = key.strip_prefix("t.") {
        return view.lang.word(word).into();
    }
    match key {
        "lang" => view.lang.tag().into(),
        "dir" => view.lang.pick("rtl", "ltr").into(),
        "other" => view.lang.pick("en", "fa").into(),
        "id" => view.id.into(),
        "name" => view.name.into(),
        "zone" => view.timezone.into(),
        "phase" => phase(view).into(),
        "here" => here(view).into(),
        "when" => when(view).into(),
        "until_start" => until_start(view).into(),
        "starts" => instant(view.starts_at).into(),
        "ends" => instant(view.ends_at).into(),
        "now" => view.now.to_string().into(),
        "icon" => assets::name_of("seal-", ".svg").into(),
        "shared" => assets::name_of("shared-", ".js").into(),
        "script" => assets::name_of(view.lang.pick("fa-", "en-"), ".js").into(),
        _ => "".into(),
    }
}

/// The card's phase; the style sheet shows what belongs to it.
fn phase(view: &PageView<'_>) -> &'static str {
    if view.ends_at.is_some_and(|end| end <= view.now) {
        "ended"
    } else if view.starts_at.is_some_and(|start| start > view.now) {
        "soon"
    } else if view.locked {
        "locked"
    } else if !view.guests {
        "members"
    } else if view.full {
        "full"
    } else {
        "live"
    }
}

/// «در جریان · ۶۴ نفر حاضرند»
fn here(view: &PageView<'_>) -> String {
    let form = match view.participants {
        0 => "here_none",
        1 => "here_one",
        _ => "here_many",
    };
    let count = view.lang.digits(&view.participants.to_string());
    let people = view.lang.say(form, &[("n", &count)]);
    format!("{} · {people}", view.lang.word("live"))
}

/// «شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰ تا ۱۵:۰۰»
fn when(view: &PageView<'_>) -> String {
    let zone = TimeZone::get(view.timezone).unwrap_or(TimeZone::UTC);
    let local = |at: Option<Timestamp>| at.map(|at| at.to_zoned(zone.clone()));
    let (start, end) = (local(view.starts_at), local(view.ends_at));
    let day = |at: &Option<Zoned>| at.as_ref().map_or(String::new(), |at| view.lang.day(at));
    let clock = |at: &Option<Zoned>| at.as_ref().map_or(String::new(), |at| view.lang.clock(at));
    let form = match (&start, &end) {
        (Some(start), Some(end)) if start.date() == end.date() => "when_one_day",
        (Some(_), Some(_)) => "when_two_days",
        (Some(_), None) => "when_from",
        (None, Some(_)) => "when_until",
        (None, None) => return String::new(),
    };
    let values = [
        ("day", &*day(&start)),
        ("from", &*clock(&start)),
        ("end_day", &*day(&end)),
        ("to", &*clock(&end)),
    ];
    view.lang.say(form, &values)
}

/// What is left until the start, as `1:02:03` or `4:05`.
fn until_start(view: &PageView<'_>) -> String {
    let seconds = view
        .starts_at
        .map_or(0, |start| start.as_second() - view.now.as_second())
        .max(0);
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    view.lang.digits(&if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    })
}

fn instant(at: Option<Timestamp>) -> String {
    at.map_or(String::new(), |at| at.to_string())
}

impl Lang {
    /// `fa` or `en`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.pick("fa", "en")
    }

    /// One of two texts.
    #[must_use]
    pub fn pick(self, fa: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Fa => fa,
            Self::En => en,
        }
    }

    /// The words under `key`, which a test knows to exist.
    fn word(self, key: &str) -> &'static str {
        let words = match self {
            Self::Fa => &*FA,
            Self::En => &*EN,
        };
        words.get(key).map_or("", String::as_str)
    }

    /// The words under `key` with each `{name}` set.
    fn say(self, key: &str, values: &[(&str, &str)]) -> String {
        values
            .iter()
            .fold(self.word(key).to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
    }

    /// `text` with the digits of the language.
    #[must_use]
    pub fn digits(self, text: &str) -> String {
        match self {
            Self::Fa => persian_digits(text),
            Self::En => text.to_owned(),
        }
    }

    /// «شنبه ۳۰ آبان ۱۴۰۵» or “Saturday 21 November 2026”.
    #[must_use]
    pub fn day(self, at: &Zoned) -> String {
        match (self, Jalali::from_gregorian(at.date())) {
            (Self::Fa, Some(day)) => day.long(Names::Persian),
            _ => at.strftime("%A %-d %B %Y").to_string(),
        }
    }

    /// «۱۴:۰۵» or “14:05”.
    #[must_use]
    pub fn clock(self, at: &Zoned) -> String {
        self.digits(&at.strftime("%H:%M").to_string())
    }
}

/// The words of a language's file; they are compiled in, and a test reads both.
fn read_words(json: &str) -> Words {
    serde_json::from_str(json).unwrap_or_default()
}

/// `template` with each `{{key}}` replaced by its value, made safe for text and attributes.
#[must_use]
pub fn fill<'a>(template: &str, value: impl Fn(&str) -> Cow<'a, str>) -> String {
    let mut page = String::with_capacity(template.len() * 2);
    let mut pieces = template.split("{{");
    page.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (key, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        html_into(&mut page, &value(key));
        page.push_str(rest);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A room from 10:30 to 11:30 UTC on 30 Aban 1405, looked at ten minutes after its start.
    fn view() -> PageView<'static> {
        PageView {
            id: "14",
            name: "برنامه‌ریزی اسپرینت",
            now: at("2026-11-21T10:40:00Z"),
            starts_at: Some(at("2026-11-21T10:30:00Z")),
            ends_at: Some(at("2026-11-21T11:30:00Z")),
            timezone: "Asia/Tehran",
            participants: 64,
            guests: true,
            locked: false,
            full: false,
            lang: Lang::Fa,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_page_says_what_the_meeting_is_in_both_languages() {
        let fa = render(&view());
        assert!(fa.contains("<html lang=\"fa\" dir=\"rtl\">"));
        assert!(fa.contains("شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰ تا ۱۵:۰۰"));
        assert!(fa.contains("در جریان · ۶۴ نفر حاضرند"));
        let en = render(&PageView {
            lang: Lang::En,
            participants: 1,
            ..view()
        });
        assert!(en.contains("<html lang=\"en\" dir=\"ltr\">"));
        assert!(en.contains("Saturday 21 November 2026, 14:00–15:00"));
        assert!(en.contains("Live · 1 person here"));
    }

    #[test]
    fn the_worst_that_is_true_decides_the_phase() {
        let check = |expected: &str, change: fn(&mut PageView<'_>)| {
            let mut view = view();
            change(&mut view);
            assert_eq!(phase(&view), expected);
        };
        check("live", |_| {});
        check("full", |view| view.full = true);
        check("members", |view| (view.full, view.guests) = (true, false));
        check("locked", |view| (view.guests, view.locked) = (false, true));
        check("soon", |view| {
            (view.locked, view.now) = (true, at("2026-11-21T10:29:59Z"));
        });
        check("ended", |view| {
            (view.locked, view.now) = (true, at("2026-11-21T11:30:00Z"));
        });
    }

    #[test]
    fn a_meeting_may_cross_midnight_or_lack_a_start_or_an_end() {
        let said = |starts_at: Option<&str>, ends_at: Option<&str>| {
            when(&PageView {
                starts_at: starts_at.map(at),
                ends_at: ends_at.map(at),
                timezone: "UTC",
                lang: Lang::En,
                ..view()
            })
        };
        let (start, end) = ("2026-11-21T23:00:00Z", "2026-11-22T01:00:00Z");
        assert_eq!(
            said(Some(start), Some(end)),
            "Saturday 21 November 2026, 23:00 – Sunday 22 November 2026, 01:00"
        );
        assert_eq!(said(Some(start), None), "Saturday 21 November 2026, 23:00");
        assert_eq!(
            said(None, Some(end)),
            "Until Sunday 22 November 2026, 01:00"
        );
        assert_eq!(said(None, None), "");
    }

    #[test]
    fn an_unknown_zone_is_told_in_utc() {
        let view = PageView {
            timezone: "Nowhere/Land",
            lang: Lang::En,
            ..view()
        };
        assert_eq!(when(&view), "Saturday 21 November 2026, 10:30–11:30");
    }

    #[test]
    fn the_countdown_is_written_with_the_digits_of_the_language() {
        let at_nine = PageView {
            now: at("2026-11-21T09:27:05Z"),
            ..view()
        };
        assert_eq!(until_start(&at_nine), "۱:۰۲:۵۵");
        assert_eq!(until_start(&view()), "۰:۰۰");
    }

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let page = render(&PageView {
            id: "\"><script>1</script>",
            name: "</title><img src=x onerror='1'>&{{t.join}}",
            timezone: "\" onload=\"1",
            ..view()
        });
        assert!(!page.contains("<script>1"));
        assert!(!page.contains("<img"));
        assert!(!page.contains("\" onload"));
        assert!(
            page.contains("&lt;/title&gt;&lt;img src=x onerror=&#39;1&#39;&gt;&amp;{{t.join}}")
        );
    }

    #[test]
    fn both_languages_have_every_word_of_the_template_and_the_same_keys() {
        assert_eq!(FA.keys().collect::<Vec<_>>(), EN.keys().collect::<Vec<_>>());
        for key in keys() {
            if let Some(word) = key.strip_prefix("t.") {
                assert!(!Lang::Fa.word(word).is_empty(), "{word}");
                assert!(!Lang::En.word(word).is_empty(), "{word}");
            } else {
                assert!(!value(&view(), key).is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn what_the_page_links_to_is_embedded_and_relative() {
        let page = render(&view());
        let addresses: Vec<&str> = page
            .split(['"', '\'', '(', ')'])
            .filter(|text| text.contains("assets/"))
            .collect();
        assert_eq!(addresses.len(), 5, "{addresses:?}");
        for address in addresses {
            let name = address.strip_prefix("assets/").expect(address);
            assert!(assets::find(name).is_some(), "{address}");
        }
    }

    #[test]
    fn the_policy_needs_no_exceptions() {
        let page = render(&view());
        assert!(!page.contains(" style=") && page.matches("<style").count() == 1);
        assert!(!page.contains(" onclick=") && !page.contains("<script>"));
        assert!(style().len() > 1_000 && page.contains(style()));
        assert!(!CSP.contains("unsafe"));
    }

    #[test]
    fn the_address_decides_the_language_before_the_browser_does() {
        let check = |asked, accepted, lang| assert_eq!(Lang::choose(asked, accepted), lang);
        check(Some("fa"), Some("en"), Lang::Fa);
        check(Some("de"), Some("de, fa-IR;q=0.8, en;q=0.5"), Lang::Fa);
        check(None, Some("en-GB,fa;q=0.9"), Lang::En);
        check(None, Some("*"), Lang::En);
        check(None, None, Lang::En);
    }

    fn keys() -> impl Iterator<Item = &'static str> {
        TEMPLATE
            .split("{{")
            .skip(1)
            .filter_map(|piece| Some(piece.split_once("}}")?.0))
    }
}
