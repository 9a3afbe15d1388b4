//! The first page: what runs, and a new meeting in one step.

use axum::extract::State;
use axum::response::Redirect;
use dabir_core::Timestamp;
use dabir_core::jalali::{Jalali, Names};
use dabir_core::text::persian_digits;
use dabir_http::{By, Form, Identity, Operator, Path, Problem, Stranger, Viewer};
use dabir_meetings::Meetings;
use dabir_meetings::model::{MeetingState, MeetingView, NewMeeting};
use dabir_room::model::Role;
use dabir_room::page::Lang;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::page::{Page, Reader, escape};
use super::sign_in::{Secure, password_form};
use crate::app::App;

/// How many meetings of a state, and how many in all, the page shows.
const SHOWN: u32 = 50;
/// What a person looks for first.
const FIRST: [MeetingState; 5] = [
    MeetingState::Failed,
    MeetingState::Held,
    MeetingState::Running,
    MeetingState::Starting,
    MeetingState::Stopping,
];

pub(super) async fn show_home(
    _: Stranger,
    reader: Reader,
    secure: Secure,
    State(app): State<App>,
    viewer: Result<Viewer, Problem>,
    identity: Option<axum::Extension<Identity>>,
) -> Result<Page, Problem> {
    let body = match (identity, viewer) {
        (None, _) => password_form(reader, &secure),
        (Some(_), Err(_)) => sign_out(reader),
        (Some(_), Ok(_)) => overview(reader, &app.timezone, &shown(&app.meetings).await?),
    };
    Ok(Page {
        reader,
        title: "",
        here: "",
        body,
    })
}

/// What is on or in trouble, then the rest, the latest end first.
async fn shown(meetings: &Meetings) -> Result<Vec<MeetingView>, Problem> {
    let mut shown: Vec<MeetingView> = Vec::new();
    for state in FIRST.map(Some).into_iter().chain([None]) {
        let page = meetings.list(state, None, SHOWN).await?;
        let new = page
            .items
            .into_iter()
            .filter(|one| !FIRST.contains(&one.state) || state.is_some());
        shown.extend(new);
    }
    Ok(shown)
}

fn overview(reader: Reader, timezone: &str, meetings: &[MeetingView]) -> String {
    format!(
        "{}<section class=\"jadval\"><h1>{}</h1>{}</section>{}",
        new_meeting(reader),
        reader.pick("جلسه‌ها", "Meetings"),
        list(reader, timezone, meetings),
        sign_out(reader),
    )
}

fn sign_out(reader: Reader) -> String {
    let (lang, word) = (reader.tag(), reader.pick("خروج", "Sign out"));
    format!(
        "<form method=\"post\" action=\"/home/sign-out?lang={lang}\"><button class=\"btn s\">{word}</button></form>"
    )
}

fn new_meeting(reader: Reader) -> String {
    let heading = reader.pick("جلسهٔ تازه", "New meeting");
    let label = reader.pick("نام جلسه", "Name");
    let make = reader.pick("ساختن و آغاز کردن", "Make and start");
    let lang = reader.tag();
    format!(
        "<form class=\"jadval new\" method=\"post\" action=\"/home/meetings?lang={lang}\"><h2>{heading}</h2>\
         <label for=\"name\">{label}</label>\
         <input id=\"name\" name=\"name\" dir=\"auto\" required maxlength=\"200\" placeholder=\" \">\
         <button class=\"btn\">{make}</button></form>"
    )
}

fn list(reader: Reader, timezone: &str, meetings: &[MeetingView]) -> String {
    if meetings.is_empty() {
        let empty = reader.pick("هنوز جلسه‌ای نیست.", "There is no meeting yet.");
        return format!("<p class=\"muted\">{empty}</p>");
    }
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    let rows: String = meetings
        .iter()
        .map(|meeting| row(reader, &zone, meeting))
        .collect();
    let timezone = format!("<bdi dir=\"ltr\">{}</bdi>", escape(timezone));
    let note = match reader.0 {
        Lang::Fa => format!("ساعت‌ها به وقت {timezone} است."),
        Lang::En => format!("Times are in {timezone}."),
    };
    format!("<p class=\"muted\">{note}</p><ul>{rows}</ul>")
}

fn row(reader: Reader, zone: &TimeZone, meeting: &MeetingView) -> String {
    let (shape, word) = state(reader, meeting.state);
    let name = escape(&meeting.name);
    let time = time(reader, zone, meeting.date_time);
    let error = meeting
        .last_error
        .as_deref()
        .filter(|_| meeting.state == MeetingState::Failed)
        .map_or(String::new(), |error| {
            let error = escape(error);
            format!("<p class=\"muted\" lang=\"en\" dir=\"ltr\">{error}</p>")
        });
    let (link, buttons) = if is_open(meeting.state) {
        let url = escape(&meeting.url);
        (
            format!("<p><a href=\"{url}\"><code>{url}</code></a></p>"),
            buttons(reader, &escape(&meeting.id)),
        )
    } else {
        (String::new(), String::new())
    };
    format!(
        "<li class=\"meeting\"><div class=\"what\"><p class=\"row\"><b><bdi>{name}</bdi></b>\
         <span class=\"st {shape}\"><i></i>{word}</span></p><p class=\"muted\">{time}</p>{link}{error}</div>\
         {buttons}</li>"
    )
}

fn is_open(state: MeetingState) -> bool {
    matches!(
        state,
        MeetingState::Running | MeetingState::Held | MeetingState::Starting
    )
}

fn buttons(reader: Reader, id: &str) -> String {
    let enter = reader.pick("ورود به جلسه", "Enter");
    let stop = reader.pick("پایان دادن", "End");
    let lang = reader.tag();
    format!(
        "<div class=\"do\"><form method=\"post\" action=\"/home/meetings/{id}/enter?lang={lang}\">\
         <button class=\"btn\">{enter}</button></form>\
         <form method=\"post\" action=\"/home/meetings/{id}/stop?lang={lang}\">\
         <button class=\"btn bad-btn\">{stop}</button></form></div>"
    )
}

fn state(reader: Reader, state: MeetingState) -> (&'static str, &'static str) {
    let pick = |fa, en| reader.pick(fa, en);
    match state {
        MeetingState::Scheduled => ("wait", pick("زمان‌بندی‌شده", "Scheduled")),
        MeetingState::Starting => ("wait", pick("در حال آغاز", "Starting")),
        MeetingState::Running => ("live", pick("در جریان", "Live")),
        MeetingState::Held => ("warn", pick("نگه‌داشته", "Held")),
        MeetingState::Stopping => ("wait", pick("در حال پایان", "Ending")),
        MeetingState::Ended => ("wait", pick("پایان‌یافته", "Ended")),
        MeetingState::Failed => ("bad", pick("ناموفق", "Failed")),
    }
}

/// An instant in the zone of the house; a pointer that rests on it sees the other calendar and UTC.
fn time(reader: Reader, zone: &TimeZone, at: Timestamp) -> String {
    let other = match reader.0 {
        Lang::Fa => Lang::En,
        Lang::En => Lang::Fa,
    };
    format!(
        "<time datetime=\"{at}\" title=\"{} · {}\">{}</time>",
        spoken(other, zone, at),
        at.strftime("%F %R UTC"),
        spoken(reader.0, zone, at),
    )
}

/// «شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰» or “Saturday 21 November 2026, 14:00”.
fn spoken(lang: Lang, zone: &TimeZone, at: Timestamp) -> String {
    let local = at.to_zoned(zone.clone());
    match (lang, Jalali::from_gregorian(local.date())) {
        (Lang::Fa, Some(day)) => {
            let clock = persian_digits(&local.strftime("%R").to_string());
            format!("{}، ساعت {clock}", day.long(Names::Persian))
        }
        _ => local.strftime("%A %-d %B %Y, %R").to_string(),
    }
}

#[derive(Deserialize)]
pub(super) struct NewMeetingForm {
    name: String,
}

pub(super) async fn make_meeting(
    _: Operator,
    By(by): By,
    reader: Reader,
    State(meetings): State<Meetings>,
    Form(form): Form<NewMeetingForm>,
) -> Result<Redirect, Problem> {
    meetings
        .create(
            &by,
            NewMeeting {
                name: form.name,
                ..NewMeeting::default()
            },
        )
        .await?;
    Ok(reader.back_home())
}

pub(super) async fn enter_meeting(
    Operator(caller): Operator,
    reader: Reader,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    let user = caller.user_id.as_deref();
    let joined = meetings
        .join(&id, user, &caller.name, Role::Moderator)
        .await?;
    // The token stands behind the `#`, where no server and no log sees it.
    let url = joined
        .url
        .replacen('#', &format!("?lang={}#", reader.tag()), 1);
    Ok(Redirect::to(&url))
}

pub(super) async fn stop_meeting(
    _: Operator,
    By(by): By,
    reader: Reader,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    meetings.stop(&by, &id).await?;
    Ok(reader.back_home())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_tell_the_time_of_the_same_place() {
        let at: Timestamp = "2026-11-21T10:30:00Z".parse().unwrap();
        let zone = TimeZone::get("Asia/Tehran").unwrap();
        for (zone, clock, persian) in [(zone, "14:00", "۱۴:۰۰"), (TimeZone::UTC, "10:30", "۱۰:۳۰")]
        {
            let fa = format!("شنبه ۳۰ آبان ۱۴۰۵، ساعت {persian}");
            let en = format!("Saturday 21 November 2026, {clock}");
            let shown = |lang| time(Reader(lang), &zone, at);
            assert_eq!(
                shown(Lang::En),
                format!(
                    "<time datetime=\"2026-11-21T10:30:00Z\" title=\"{fa} · 2026-11-21 10:30 UTC\">{en}</time>"
                )
            );
            assert!(shown(Lang::Fa).ends_with(&format!(">{fa}</time>")));
        }
    }
}
