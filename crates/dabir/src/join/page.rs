//! The join page's markup: a card that says only what belongs to the meeting's state.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_meetings::invitation::{Invitation, Standing};
use dabir_room::assets;
use dabir_room::page::{Lang, fill};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::{NO_STORE, ROBOTS, SCRIPT_NAME, words};
use crate::pages::{Next, Reader};

/// Without a script, a page that waits loads itself again: at the latest after this many seconds.
const REFRESH: std::ops::RangeInclusive<i64> = 5..=30;

/// In the page itself: a browser that had to ask for it would paint later.
static STYLE: LazyLock<String> = LazyLock::new(|| {
    let built = include_str!("../../../../web/dist/join/join.css");
    built.trim().replace("url(./", "url(/pages/")
});

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(&*STYLE));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'sha256-{style}'; font-src 'self'; \
         img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
});

/// What one reader sees of an invitation.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    pub(super) reader: Reader,
    pub(super) invitation: &'a Invitation,
    /// The name of whoever is signed in.
    pub(super) member: Option<&'a str>,
    pub(super) zone: TimeZone,
    pub(super) zone_name: String,
    /// The name that was sent and led to nothing.
    pub(super) typed: &'a str,
    /// Whether that was the name's fault.
    pub(super) refused: bool,
}

/// What changes when the page has to show something else.
pub(super) fn tag(invitation: &Invitation, is_member: bool) -> HeaderValue {
    let Invitation {
        standing,
        starts_at,
        guests,
        ..
    } = invitation;
    let (state, starts) = (standing.as_str(), starts_at.as_millisecond());
    let (guests, member) = (u8::from(*guests), u8::from(is_member));
    // Words and numbers are visible ASCII.
    HeaderValue::from_str(&format!("\"{state}.{starts}.{guests}{member}\""))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

impl View<'_> {
    pub(super) fn answer(&self, status: StatusCode) -> Response {
        let headers = [
            NO_STORE,
            ROBOTS,
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (
                header::VARY,
                HeaderValue::from_static("accept-language, cookie"),
            ),
        ];
        let mut response = (status, headers, self.html()).into_response();
        // The policy has no character that a header may not have.
        if let Ok(policy) = HeaderValue::from_str(&POLICY) {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    pub(super) fn html(&self) -> String {
        self.fill(include_str!("page.html"))
            .replacen("/* join.css */", &STYLE, 1)
            .replacen("<!-- refresh -->", &self.refresh(), 1)
            .replacen("<!-- card -->", &self.card(), 1)
    }

    /// `template` with what this view knows; whatever people wrote stays text.
    fn fill(&self, template: &str) -> String {
        fill(template, |key| self.value(key).into())
    }

    fn value(&self, key: &str) -> String {
        let (lang, invitation) = (self.lang(), self.invitation);
        let text = match key {
            "lang" => lang.tag(),
            "dir" => lang.pick("rtl", "ltr"),
            "other" => lang.pick("en", "fa"),
            "other_language" => lang.pick("English", "فارسی"),
            "brand" => lang.pick("دبیر", "Dabir"),
            "seal" => lang.pick("د", "D"),
            "icon" => assets::name_of("seal-", ".svg"),
            "script" => &SCRIPT_NAME,
            "url" => &invitation.url,
            "slug" => &invitation.slug,
            "name" => &invitation.name,
            "zone" => &self.zone_name,
            "standing" => invitation.standing.as_str(),
            "waits" if invitation.standing.is_ahead() => "true",
            "typed" => self.typed,
            "self" => self.member.unwrap_or_default(),
            "one_day" => words::one_day(lang),
            "day" => words::days(lang).0,
            "days" => words::days(lang).1,
            "named" => words::ready(lang).0,
            "nameless" => words::ready(lang).1,
            _ => return self.computed(key),
        };
        text.to_owned()
    }

    fn computed(&self, key: &str) -> String {
        let (lang, invitation) = (self.lang(), self.invitation);
        let (starts, ends) = (invitation.starts_at, invitation.ends_at);
        match key {
            "now" => invitation.now.to_string(),
            "starts" => starts.to_string(),
            "ends" => ends.to_string(),
            "when" => words::when(lang, &self.zone, starts, ends),
            "countdown" => words::countdown(lang, self.seconds_left()),
            "tag" => {
                let tag = tag(invitation, self.member.is_some());
                tag.to_str().unwrap_or_default().to_owned()
            }
            "sign_in" => {
                let next = Next::parse(&format!("/j/{}", invitation.slug));
                format!("{}&lang={}", next.sign_in(), lang.tag())
            }
            _ => String::new(),
        }
    }

    fn lang(&self) -> Lang {
        self.reader.lang
    }

    fn say(&self, fa: &'static str, en: &'static str) -> &'static str {
        self.lang().pick(fa, en)
    }

    /// Whole seconds until the start, the last one counted until it is over.
    fn seconds_left(&self) -> i64 {
        let Invitation { starts_at, now, .. } = self.invitation;
        let millis = starts_at.as_millisecond() - now.as_millisecond();
        millis.div_euclid(1_000) + i64::from(millis.rem_euclid(1_000) > 0)
    }

    fn refresh(&self) -> String {
        if !self.invitation.standing.is_ahead() {
            return String::new();
        }
        let seconds = (self.seconds_left() + 1).clamp(*REFRESH.start(), *REFRESH.end());
        format!("<noscript><meta http-equiv=\"refresh\" content=\"{seconds}\"></noscript>")
    }

    fn can_enter(&self) -> bool {
        self.invitation.guests || self.member.is_some()
    }

    fn card(&self) -> String {
        let inner = format!("{}{}{}", self.head(), self.middle(), self.way_in());
        match self.invitation.standing {
            standing if standing.is_past() || !self.can_enter() => section(&inner),
            _ => format!(
                "<form class=\"jadval\" method=\"post\" action=\"?lang={}\">{inner}</form>",
                self.lang().tag()
            ),
        }
    }

    fn head(&self) -> String {
        let (shape, word) = words::sign(self.lang(), self.invitation.standing);
        let head = "<h1><bdi>{{name}}</bdi></h1><p class=\"muted\"><time datetime=\"{{starts}}\">{{when}}</time></p>";
        let your_time = self.say("به وقت شما: ", "Your time: ");
        format!(
            "<p class=\"st {shape}\" role=\"status\"><i></i><span>{word}</span></p>{}{}",
            self.fill(head),
            self.fill(&format!(
                "<p class=\"muted\" id=\"your-time\" data-form=\"{your_time}{{{{one_day}}}}\" hidden></p>"
            )),
        )
    }

    /// What the state means.
    fn middle(&self) -> String {
        let standing = self.invitation.standing;
        let mut middle = match standing {
            Standing::Soon => self.countdown(),
            Standing::Over(Some(at)) => paragraph(&words::over_since(self.lang(), &self.zone, at)),
            _ => String::new(),
        };
        middle += &paragraph(words::note(self.lang(), standing, self.can_enter()));
        if standing.is_ahead() {
            let cut = self.say(
                "ارتباط با سرور نیست؛ این صفحه دوباره می‌کوشد.",
                "The server cannot be reached; this page keeps trying.",
            );
            middle += &format!("<p class=\"refused\" id=\"cut\" role=\"status\" hidden>{cut}</p>");
        }
        middle
    }

    fn countdown(&self) -> String {
        let label = self.say("تا آغاز جلسه", "Starts in");
        self.fill(&format!(
            "<div class=\"countdown scripted\"><span class=\"muted\">{label}</span>\
             <b id=\"countdown\" role=\"timer\" data-day=\"{{{{day}}}}\" data-days=\"{{{{days}}}}\">{{{{countdown}}}}</b></div>"
        ))
    }

    /// What the reader can do.
    fn way_in(&self) -> String {
        let standing = self.invitation.standing;
        match standing {
            standing if standing.is_past() => String::new(),
            _ if !self.can_enter() => self.members_only(),
            Standing::Open { .. } => self.door(),
            Standing::Full => self.refreshes(),
            _ => format!("{}{}{}", self.lobby(), self.refreshes(), self.calendar()),
        }
    }

    fn members_only(&self) -> String {
        let why = self.say(
            "این جلسه مهمان نمی‌پذیرد. با حساب خود وارد شوید؛ پس از آن به همین صفحه برمی‌گردید.",
            "This meeting takes no guests. Sign in with your account; it brings you back to this page.",
        );
        let button = self.say("ورود با حساب", "Sign in");
        let ask = self.say(
            "حساب ندارید؟ از برگزارکننده دعوت بخواهید.",
            "No account? Ask the organiser for an invitation.",
        );
        let link = format!("<a class=\"btn wide\" href=\"{{{{sign_in}}}}\">{button}</a>");
        format!(
            "<p>{why}</p>{}<p class=\"muted\">{ask}</p>{}",
            self.fill(&link),
            self.calendar(),
        )
    }

    fn door(&self) -> String {
        let join = self.say("پیوستن به جلسه", "Join meeting");
        let script = self.say(
            "برای گفت‌وگو در جلسه، جاوااسکریپت مرورگر باید روشن باشد.",
            "Talking in the meeting needs JavaScript, which is off in this browser.",
        );
        format!(
            "{}<button class=\"btn wide\">{join}</button>{}<noscript><p class=\"no-script\">{script}</p></noscript>",
            self.who(),
            self.account_hint(),
        )
    }

    /// The name that the room is told, as a field for guests.
    fn who(&self) -> String {
        if self.member.is_some() {
            let sentence = self.say(
                "با نام <b><bdi>{{self}}</bdi></b> می‌آیید.",
                "You come as <b><bdi>{{self}}</bdi></b>.",
            );
            return self.fill(&paragraph(sentence));
        }
        if !self.invitation.own_room {
            return String::new();
        }
        let label = self.say("نام شما", "Your name");
        let field = format!(
            "<label for=\"name\">{label}</label><input id=\"name\" name=\"name\" value=\"{{{{typed}}}}\" \
             placeholder=\" \" autocomplete=\"name\" dir=\"auto\" required maxlength=\"64\"{}>{}",
            if self.refused { REFUSED } else { "" },
            self.why_refused(),
        );
        self.fill(&field)
    }

    fn why_refused(&self) -> String {
        if !self.refused {
            return String::new();
        }
        let why = self.say(
            "این نام پذیرفته نمی‌شود؛ ۱ تا ۶۴ نویسه، بی‌نشانه‌های ناپیدا.",
            "This name is not accepted; write 1 to 64 characters that can be seen.",
        );
        format!("<p class=\"refused\" id=\"refused\" role=\"alert\">{why}</p>")
    }

    fn account_hint(&self) -> String {
        if self.member.is_some() {
            return String::new();
        }
        let hint = self.say(
            "نیازی به نصب برنامه یا حساب کاربری نیست. اگر حساب دارید،",
            "No app and no account needed. If you have one,",
        );
        let link = self.say("وارد شوید", "sign in");
        self.fill(&format!(
            "<p class=\"muted\">{hint} <a href=\"{{{{sign_in}}}}\">{link}</a>.</p>"
        ))
    }

    /// What whoever waits prepares, so that they come in by themselves.
    fn lobby(&self) -> String {
        let ready = if self.member.is_some() || !self.invitation.own_room {
            "<p class=\"muted\">{{named}}</p>"
        } else {
            "<p class=\"muted\" id=\"ready\" role=\"status\" data-named=\"{{named}}\" data-nameless=\"{{nameless}}\">{{nameless}}</p>"
        };
        format!(
            "<div class=\"scripted\">{}{}</div>",
            self.who(),
            self.fill(ready)
        )
    }

    fn refreshes(&self) -> String {
        let text = self.say(
            "این صفحه خودش تازه می‌شود؛ جلسه که باز شود، همین‌جا می‌توانید بپیوندید.",
            "This page refreshes itself; join here when the meeting opens.",
        );
        format!("<noscript><p>{text}</p></noscript>")
    }

    fn calendar(&self) -> String {
        if self.invitation.standing != Standing::Soon {
            return String::new();
        }
        let add = self.say("افزودن به تقویم", "Add to calendar");
        self.fill(&format!(
            "<p class=\"way\"><a class=\"btn s\" href=\"/j/{{{{slug}}}}.ics?lang={{{{lang}}}}\">{add}</a></p>"
        ))
    }
}

const REFUSED: &str = " aria-invalid=\"true\" aria-describedby=\"refused\"";

fn section(inner: &str) -> String {
    format!("<section class=\"jadval\">{inner}</section>")
}

fn paragraph(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("<p>{text}</p>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(standing: Standing) -> Invitation {
        let at = |text: &str| text.parse().unwrap();
        Invitation {
            now: at("2026-11-21T09:30:00.400Z"),
            id: "k3v9m2q8xw4t".to_owned(),
            slug: "7m2k9x4qv0tc".to_owned(),
            url: "https://meet.example/j/7m2k9x4qv0tc".to_owned(),
            name: "\"><img src=x onerror='1'>{{slug}}<!-- card -->".to_owned(),
            starts_at: at("2026-11-21T10:30:00Z"),
            ends_at: at("2026-11-21T11:30:00Z"),
            created_at: at("2026-11-20T10:30:00Z"),
            revised_at: at("2026-11-20T10:30:00Z"),
            standing,
            guests: true,
            own_room: true,
        }
    }

    fn html(invitation: &Invitation, lang: Lang, change: impl FnOnce(&mut View<'_>)) -> String {
        let mut view = View {
            reader: Reader { lang, asked: true },
            invitation,
            member: None,
            zone: TimeZone::UTC,
            zone_name: "UTC".to_owned(),
            typed: "",
            refused: false,
        };
        change(&mut view);
        view.html()
    }

    const STANDINGS: [Standing; 9] = [
        Standing::Soon,
        Standing::Late,
        Standing::Opening,
        Standing::Open {
            people: 2,
            doubtful: true,
        },
        Standing::Full,
        Standing::Failed,
        Standing::Over(None),
        Standing::CalledOff,
        Standing::Missed,
    ];

    #[test]
    fn nothing_that_people_wrote_becomes_markup_in_any_state() {
        for standing in STANDINGS {
            for lang in [Lang::Fa, Lang::En] {
                let page = html(&invitation(standing), lang, |view| {
                    (view.typed, view.refused) = ("\" autofocus onfocus=\"1", true);
                });
                assert!(
                    !page.contains("<img") && !page.contains("\" autofocus"),
                    "{page}"
                );
                let open = page.replace("{{slug}}", "").contains("{{");
                assert!(!open && page.matches("<form").count() <= 1, "{page}");
                assert_eq!(page.matches("class=\"jadval\"").count(), 1, "{page}");
            }
        }
    }

    #[test]
    fn the_policy_needs_no_exceptions() {
        let page = html(&invitation(Standing::Soon), Lang::En, |_| {});
        assert!(!page.contains(" style=") && page.matches("<style").count() == 1);
        assert!(page.contains(&format!("<style>{}</style>", &*STYLE)));
        assert!(!page.contains(" onclick=") && !page.contains("<script>"));
        assert!(!POLICY.contains("unsafe"));
        assert!(!STYLE.contains("{{") && !STYLE.contains("</") && !STYLE.contains("<!--"));
    }

    #[test]
    fn a_button_is_there_only_for_whoever_can_come_in() {
        let has_button = |standing, guests, member| {
            let invitation = Invitation {
                guests,
                ..invitation(standing)
            };
            let page = html(&invitation, Lang::En, |view| view.member = member);
            page.contains("<button")
        };
        let open = STANDINGS[3];
        assert!(has_button(open, true, None) && has_button(open, false, Some("Sara")));
        assert!(!has_button(open, false, None));
        for standing in STANDINGS.into_iter().filter(|standing| *standing != open) {
            assert!(!has_button(standing, true, Some("Sara")), "{standing:?}");
        }
    }

    #[test]
    fn a_foreign_room_asks_for_the_name_itself() {
        let foreign = Invitation {
            own_room: false,
            ..invitation(STANDINGS[3])
        };
        let page = html(&foreign, Lang::En, |_| {});
        assert!(
            page.contains("<button") && !page.contains("<input"),
            "{page}"
        );
    }

    #[test]
    fn what_is_left_is_counted_to_the_end_of_its_last_second() {
        let page = html(&invitation(Standing::Soon), Lang::En, |_| {});
        assert!(page.contains(">1:00:00</b>"), "{page}");
    }

    #[test]
    fn a_page_that_waits_without_a_script_loads_itself_again() {
        for standing in STANDINGS {
            let page = html(&invitation(standing), Lang::Fa, |_| {});
            assert_eq!(page.contains("http-equiv=\"refresh\""), standing.is_ahead());
        }
    }

    #[test]
    fn whatever_changes_the_page_changes_its_tag() {
        let soon = invitation(Standing::Soon);
        let moved = Invitation {
            starts_at: soon.ends_at,
            ..soon.clone()
        };
        let closed = Invitation {
            guests: false,
            ..soon.clone()
        };
        let opened = invitation(STANDINGS[3]);
        let pages = [&soon, &moved, &closed, &opened].map(|page| (page, false));
        let pages = pages.into_iter().chain([(&soon, true)]);
        let tags = pages.map(|(invitation, is_member)| tag(invitation, is_member));
        assert_eq!(tags.collect::<std::collections::BTreeSet<_>>().len(), 5);
    }
}
