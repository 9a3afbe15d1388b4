//! The house's first page, until a script is wanted: what runs, and a new meeting in one step.

use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use dabir_http::{Operator, Problem};
use dabir_meetings::Meetings;
use dabir_meetings::model::{MeetingView, NewMeeting};
use serde::Deserialize;

use crate::app::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(show_home))
        .route("/meetings/new", post(make_meeting))
}

async fn show_home(_: Operator, State(meetings): State<Meetings>) -> Result<Response, Problem> {
    let page = meetings.list(None, None, 50).await?;
    let rows: String = page.items.iter().map(row).collect();
    let body = format!("<ul>{rows}</ul>");
    let policy = HeaderValue::from_static("default-src 'none'; form-action 'self'");
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(body)).into_response())
}

fn row(meeting: &MeetingView) -> String {
    format!(
        "<li><a href=\"{}\">{}</a> {}</li>",
        meeting.url, meeting.name, meeting.state
    )
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
