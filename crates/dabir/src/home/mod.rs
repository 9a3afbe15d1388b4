//! The house's first page, plain HTML: what runs, and a new meeting in one step. It looks like the
//! rooms do, from the same style.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use dabir_core::jalali::{Jalali, Names};
use dabir_core::text::persian_digits;
use dabir_http::{Identity, Operator, Problem};
use dabir_meetings::Meetings;
use dabir_meetings::model::{MeetingState, MeetingView, NewMeeting};
use dabir_room::assets;
use dabir_room::model::Role;
use dabir_room::page::Lang;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::app::App;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("home.css");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(show_home))
        .route("/home/home.css", get(show_style))
        .route("/home/{file}", get(show_asset))
        .route("/home/meetings", post(make_meeting))
        .route("/home/meetings/{id}/enter", post(enter_meeting))
        .route("/home/meetings/{id}/stop", post(stop_meeting))
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

async fn show_home(
    State(meetings): State<Meetings>,
    identity: Option<axum::Extension<Identity>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let lang = Lang::choose(asked.lang.as_deref(), accepted);
    let body = match identity {
        None => stranger(lang),
        Some(_) => {
            let page = meetings.list(None, None, 50).await?;
            overview(lang, &page.items)
        }
    };
    let html = fill(lang, &body);
    Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response())
}

/// One of two languages.
fn pick<'a>(lang: Lang, fa: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Fa => fa,
        Lang::En => en,
    }
}

fn fill(lang: Lang, body: &str) -> String {
    let fa = lang == Lang::Fa;
    TEMPLATE
        .replace("{{lang}}", if fa { "fa" } else { "en" })
        .replace("{{dir}}", if fa { "rtl" } else { "ltr" })
        .replace("{{title}}", pick(lang, "دبیر", "Dabir"))
        .replace("{{brand}}", pick(lang, "دبیر", "Dabir"))
        .replace("{{seal}}", pick(lang, "د", "D"))
        .replace("{{other}}", if fa { "en" } else { "fa" })
        .replace("{{other_language}}", pick(lang, "English", "فارسی"))
        .replace("{{icon}}", assets::name_of("seal-", ".svg"))
        .replace("{{style}}", assets::name_of("room-", ".css"))
        // Last, because what people wrote stands in it.
        .replace("{{body}}", body)
}

fn stranger(lang: Lang) -> String {
    let text = pick(
        lang,
        "برای ورود، پیوندی را باز کنید که برنامه هنگام آغاز چاپ کرده است؛ پیوند تازه را این فرمان می‌سازد:",
        "To come in, open the link that the server printed when it started; this command makes a new one:",
    );
    format!("<section class=\"jadval\"><p>{text}</p><p><code>dabir admin link</code></p></section>")
}

fn overview(lang: Lang, meetings: &[MeetingView]) -> String {
    let heading = pick(lang, "جلسهٔ تازه", "New meeting");
    let label = pick(lang, "نام جلسه", "Name");
    let make = pick(lang, "ساختن و آغاز کردن", "Make and start");
    let list: String = meetings.iter().map(|meeting| row(lang, meeting)).collect();
    let empty = pick(lang, "هنوز جلسه‌ای نیست.", "There is no meeting yet.");
    let list = if list.is_empty() {
        format!("<p class=\"muted\">{empty}</p>")
    } else {
        list
    };
    let title = pick(lang, "جلسه‌ها", "Meetings");
    format!(
        "<form class=\"jadval new\" method=\"post\" action=\"/home/meetings\"><h2>{heading}</h2>\
         <label for=\"name\">{label}</label>\
         <input id=\"name\" name=\"name\" dir=\"auto\" required maxlength=\"200\" placeholder=\" \">\
         <button class=\"btn\">{make}</button></form>\
         <section class=\"jadval\"><h1>{title}</h1>{list}</section>"
    )
}

fn row(lang: Lang, meeting: &MeetingView) -> String {
    let (shape, word) = state(lang, meeting.state);
    let name = escape(&meeting.name);
    let url = escape(&meeting.url);
    let when = escape(&when(lang, meeting));
    let error = meeting
        .last_error
        .as_deref()
        .filter(|_| meeting.state == MeetingState::Failed);
    let error = error.map_or(String::new(), |error| {
        format!("<p class=\"muted\"><bdi>{}</bdi></p>", escape(error))
    });
    let living = matches!(
        meeting.state,
        MeetingState::Running | MeetingState::Held | MeetingState::Starting
    );
    let buttons = if living {
        buttons(lang, &escape(&meeting.id))
    } else {
        String::new()
    };
    let link = if living {
        format!("<p><a href=\"{url}\"><code>{url}</code></a></p>")
    } else {
        String::new()
    };
    format!(
        "<div class=\"meeting\"><div><p><b><bdi>{name}</bdi></b></p><p class=\"muted\">{when}</p>{link}{error}</div>\
         <span class=\"st {shape}\"><i></i>{word}</span>{buttons}</div>"
    )
}

fn buttons(lang: Lang, id: &str) -> String {
    let enter = pick(lang, "ورود به جلسه", "Enter");
    let stop = pick(lang, "پایان دادن", "End");
    format!(
        "<form method=\"post\" action=\"/home/meetings/{id}/enter\"><button class=\"btn\">{enter}</button></form>\
         <form method=\"post\" action=\"/home/meetings/{id}/stop\"><button class=\"btn bad-btn\">{stop}</button></form>"
    )
}

fn state(lang: Lang, state: MeetingState) -> (&'static str, &'static str) {
    match state {
        MeetingState::Scheduled => ("wait", pick(lang, "زمان‌بندی‌شده", "Scheduled")),
        MeetingState::Starting => ("wait", pick(lang, "در حال آغاز", "Starting")),
        MeetingState::Running => ("live", pick(lang, "در جریان", "Live")),
        MeetingState::Held => ("warn", pick(lang, "نگه‌داشته", "Held")),
        MeetingState::Stopping => ("wait", pick(lang, "در حال پایان", "Ending")),
        MeetingState::Ended => ("wait", pick(lang, "پایان‌یافته", "Ended")),
        MeetingState::Failed => ("bad", pick(lang, "ناموفق", "Failed")),
    }
}

/// «شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰» in Tehran, or `2026-11-21 10:30 UTC`.
fn when(lang: Lang, meeting: &MeetingView) -> String {
    let zone = match lang {
        Lang::Fa => TimeZone::get("Asia/Tehran").unwrap_or(TimeZone::UTC),
        Lang::En => TimeZone::UTC,
    };
    let local = meeting.date_time.to_zoned(zone);
    let clock = format!("{:02}:{:02}", local.hour(), local.minute());
    match (lang, Jalali::from_gregorian(local.date())) {
        (Lang::Fa, Some(day)) => format!(
            "{}، ساعت {}",
            day.long(Names::Persian),
            persian_digits(&clock)
        ),
        _ => format!("{} {clock} UTC", local.date()),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

async fn show_style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// The rooms' own style, font and icon; they are the same here.
async fn show_asset(Path(file): Path<String>) -> Result<Response, Problem> {
    let asset = assets::find(&file)
        .ok_or_else(|| Problem::not_found("request.path", "there is no such file"))?;
    let mut response = asset.body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(assets::CACHE_CONTROL),
    );
    if asset.gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

#[derive(Deserialize)]
struct NewMeetingForm {
    name: String,
}

async fn make_meeting(
    _: Operator,
    State(meetings): State<Meetings>,
    Form(form): Form<NewMeetingForm>,
) -> Result<Redirect, Problem> {
    meetings
        .create(NewMeeting {
            name: form.name,
            ..NewMeeting::default()
        })
        .await?;
    Ok(Redirect::to("/"))
}

async fn enter_meeting(
    Operator(caller): Operator,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    Ok(Redirect::to(
        &meetings.join(&id, &caller.name, Role::Moderator).await?.url,
    ))
}

async fn stop_meeting(
    _: Operator,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    meetings.stop(&id).await?;
    Ok(Redirect::to("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_text() {
        assert_eq!(escape("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
    }
}
