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

/// With its style, which no name that is filled in can take the place of.
static TEMPLATE: LazyLock<String> =
    LazyLock::new(|| include_str!("page.html").replacen("/* join.css */", &STYLE, 1));

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
    /// Whether the house keeps them out.
    pub(super) blocked: bool,
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
        self.fill(&TEMPLATE)
            .replacen("<!-- refresh -->", &self.refresh(), 1)
            .replacen("<!-- card -->", &self.card(), 1)
    }

    /// `template` with what this view knows; whatever people wrote stays text.
    fn fill(&self, template: &str) -> String {
        fill(template, |key| self.value(key).into())
    }

    fn value(&self, key: &str) -> String {
        let (lang, invitation) = (self.lang(), self.invitation);
        if let Some(key) = key.strip_prefix("t.") {
            return words::word(lang, key).to_owned();
        }
        let text = match key {
            "lang" => lang.tag(),
            "dir" => lang.pick("rtl", "ltr"),
            "other" => lang.pick("en", "fa"),
            "icon" => assets::name_of("seal-", ".svg"),
            "script" => &SCRIPT_NAME,
            "url" => &invitation.url,
            "slug" => &invitation.slug,
            "name" => &invitation.name,
            "zone" => &self.zone_name,
            "standing" => invitation.standing.as_str(),
            "shape" => words::shape(invitation.standing),
            "note" => words::note(lang, invitation.standing, self.can_enter()),
            "waits" if invitation.standing.is_ahead() => "true",
            "typed" => self.typed,
            "self" => self.member.unwrap_or_default(),
            _ => return self.computed(key),
        };
        text.to_owned()
    }

    fn computed(&self, key: &str) -> String {
        let (lang, invitation) = (self.lang(), self.invitation);
        let (starts, ends) = (invitation.starts_at, invitation.ends_at);
        match key {
            "sign" => words::sign(lang, invitation.standing),
            "ended" => match invitation.standing {
                Standing::Over(Some(at)) => words::over_since(lang, &self.zone, at),
                _ => String::new(),
            },
            "now" => invitation.now.to_string(),
            "starts" => starts.to_string(),
            "ends" => ends.to_string(),
            "when" => words::when(lang, &self.zone, starts, ends),
            "countdown" => words::countdown(lang, self.seconds_left()),
            "refresh" => (self.seconds_left() + 1)
                .clamp(*REFRESH.start(), *REFRESH.end())
                .to_string(),
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

    /// Whole seconds until the start, the last one counted until it is over.
    fn seconds_left(&self) -> i64 {
        let Invitation { starts_at, now, .. } = self.invitation;
        let millis = starts_at.as_millisecond() - now.as_millisecond();
        millis.div_euclid(1_000) + i64::from(millis.rem_euclid(1_000) > 0)
    }

    fn can_enter(&self) -> bool {
        self.invitation.guests || self.member.is_some()
    }

    /// Whether this page is, or will be, a way into the room.
    fn leads_in(&self) -> bool {
        let standing = self.invitation.standing;
        !standing.is_past() && standing != Standing::Elsewhere
    }

    fn refresh(&self) -> String {
        if self.invitation.standing.is_ahead() {
            self.fill(REFRESHING)
        } else {
            String::new()
        }
    }

    fn card(&self) -> String {
        let frame = if self.leads_in() && self.can_enter() {
            "<form class=\"jadval\" method=\"post\" action=\"?lang={{lang}}\"><!-- parts --></form>"
        } else {
            "<section class=\"jadval\"><!-- parts --></section>"
        };
        let parts: String = self.parts().iter().map(|part| self.fill(part)).collect();
        self.fill(frame).replacen("<!-- parts -->", &parts, 1)
    }

    /// What belongs to the state: what the meeting is, what the state means, what the reader can do.
    fn parts(&self) -> Vec<&'static str> {
        let standing = self.invitation.standing;
        let mut parts = vec![HEAD];
        match standing {
            Standing::Soon => parts.push(COUNTDOWN),
            Standing::Over(Some(_)) => parts.push("<p>{{ended}}</p>"),
            _ => {}
        }
        if !words::note(self.lang(), standing, self.can_enter()).is_empty() {
            parts.push("<p>{{note}}</p>");
        }
        if standing.is_ahead() {
            parts.push(CUT);
        }
        if self.blocked {
            parts.push(BLOCKED);
        }
        parts.extend(self.way_in());
        if standing == Standing::Soon {
            parts.push(CALENDAR);
        }
        parts
    }

    fn way_in(&self) -> Vec<&'static str> {
        match self.invitation.standing {
            _ if !self.leads_in() => vec![],
            _ if !self.can_enter() => vec![MEMBERS_ONLY],
            Standing::Open { .. } => [self.who(), vec![JOIN, self.hint(), NO_SCRIPT]].concat(),
            Standing::Full => vec![LOADS_AGAIN],
            _ => self.lobby(),
        }
    }

    /// What whoever waits prepares, so that they come in by themselves.
    fn lobby(&self) -> Vec<&'static str> {
        let ready = if self.asks_name() {
            READY_OR_NOT
        } else {
            READY
        };
        let inside = [
            vec!["<div class=\"scripted\">"],
            self.who(),
            vec![ready, "</div>"],
        ];
        [inside.concat(), vec![LOADS_AGAIN]].concat()
    }

    /// The name that the room is told.
    fn who(&self) -> Vec<&'static str> {
        match (self.member, self.refused) {
            (Some(_), _) => vec![SELF],
            (None, _) if !self.invitation.own_room => vec![],
            (None, false) => vec![NAME],
            (None, true) => vec![REFUSED_NAME],
        }
    }

    fn asks_name(&self) -> bool {
        self.member.is_none() && self.invitation.own_room
    }

    fn hint(&self) -> &'static str {
        match self.member {
            Some(_) => "",
            None => HINT,
        }
    }
}

const REFRESHING: &str =
    r#"<noscript><meta http-equiv="refresh" content="{{refresh}}"></noscript>"#;
const HEAD: &str = r#"<p class="st {{shape}}" role="status"><i></i><span>{{sign}}</span></p>
<h1><bdi>{{name}}</bdi></h1>
<p class="muted"><time datetime="{{starts}}">{{when}}</time></p>
<p class="muted" id="your-time" data-form="{{t.your_time}}" hidden></p>
"#;
const COUNTDOWN: &str = r#"<div class="countdown scripted"><span class="muted">{{t.starts_in}}</span>
<b id="countdown" role="timer" data-day="{{t.one_day_left}}" data-days="{{t.days_left}}">{{countdown}}</b></div>
"#;
const BLOCKED: &str = r#"<p class="refused" role="alert">{{t.blocked}}</p>
"#;
const CUT: &str = r#"<p class="refused" id="cut" role="status" hidden>{{t.cut}}</p>
"#;
const NAME: &str = r#"<label for="name">{{t.your_name}}</label>
<input id="name" name="name" value="{{typed}}" placeholder=" " autocomplete="name" dir="auto" required maxlength="64">
"#;
const REFUSED_NAME: &str = r#"<label for="name">{{t.your_name}}</label>
<input id="name" name="name" value="{{typed}}" placeholder=" " autocomplete="name" dir="auto" required maxlength="64" aria-invalid="true" aria-describedby="refused">
<p class="refused" id="refused" role="alert">{{t.refused}}</p>
"#;
const SELF: &str = r#"<p>{{t.come_as}} <b><bdi>{{self}}</bdi></b>{{t.come_as_end}}</p>
"#;
const JOIN: &str = r#"<button class="btn wide">{{t.join}}</button>
"#;
const HINT: &str = r#"<p class="muted">{{t.no_account}} <a href="{{sign_in}}">{{t.do_sign_in}}</a>.</p>
"#;
const NO_SCRIPT: &str = r#"<noscript><p class="no-script">{{t.no_script}}</p></noscript>
"#;
const READY: &str = r#"<p class="muted">{{t.ready}}</p>
"#;
const READY_OR_NOT: &str = r#"<p class="muted" id="ready" role="status" data-named="{{t.ready}}" data-nameless="{{t.not_ready}}">{{t.not_ready}}</p>
"#;
const LOADS_AGAIN: &str = r#"<noscript><p>{{t.loads_again}}</p></noscript>
"#;
const MEMBERS_ONLY: &str = r#"<p>{{t.members_only}}</p>
<a class="btn wide" href="{{sign_in}}">{{t.sign_in}}</a>
<p class="muted">{{t.ask_for_account}}</p>
"#;
const CALENDAR: &str = r#"<p class="way"><a class="btn s" href="/j/{{slug}}.ics?lang={{lang}}">{{t.calendar}}</a></p>
"#;

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
            blocked: false,
        };
        change(&mut view);
        view.html()
    }

    const STANDINGS: [Standing; 10] = [
        Standing::Soon,
        Standing::Late,
        Standing::Opening,
        Standing::Open {
            people: 2,
            doubtful: true,
        },
        Standing::Elsewhere,
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
    fn every_word_that_the_page_asks_for_is_there() {
        let templates = [
            include_str!("page.html"),
            HEAD,
            COUNTDOWN,
            CUT,
            REFUSED_NAME,
            SELF,
            JOIN,
            HINT,
            NO_SCRIPT,
            READY_OR_NOT,
            LOADS_AGAIN,
            MEMBERS_ONLY,
            CALENDAR,
        ];
        for key in templates.iter().flat_map(|text| text.split("{{t.").skip(1)) {
            let key = key.split("}}").next().unwrap();
            let words = [Lang::Fa, Lang::En].map(|lang| words::word(lang, key));
            assert!(!words[0].is_empty() && words[0] != words[1], "{key}");
        }
    }

    #[test]
    fn the_policy_needs_no_exceptions() {
        let page = html(&invitation(Standing::Soon), Lang::En, |_| {});
        assert!(!page.contains(" style=") && page.matches("<style").count() == 1);
        assert!(page.contains(&format!("<style>{}</style>", &*STYLE)));
        let mut named = invitation(Standing::Soon);
        named.name = "/* join.css */".to_owned();
        let page = html(&named, Lang::En, |_| {});
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
    fn whoever_comes_to_the_wrong_server_is_asked_for_nothing() {
        for guests in [true, false] {
            let elsewhere = Invitation {
                guests,
                ..invitation(Standing::Elsewhere)
            };
            let page = html(&elsewhere, Lang::En, |_| {});
            assert!(page.contains("other address"), "{page}");
            assert!(
                !page.contains("<form") && !page.contains("<input"),
                "{page}"
            );
            assert!(!page.contains("/sign-in"), "{page}");
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
