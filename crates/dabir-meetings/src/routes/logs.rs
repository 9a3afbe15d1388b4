//! What a room printed: its last lines, or every line from now on.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use dabir_http::live::StreamedEvent;
use dabir_http::{FieldError, Json, Path, Problem, Query, Viewer};
use futures_util::StreamExt;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::rooms::{LogTail, follow_log, read_log};
use crate::{MeetingError, Meetings};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// How many of the last lines: 1 to 10,000, 200 when not given.
    #[param(minimum = 1, maximum = 10_000)]
    lines: Option<usize>,
    /// Instead, send every new line as it is written, as server-sent events.
    #[serde(default)]
    follow: bool,
}

const MAX_LINES: usize = 10_000;

/// Read what a meeting's room printed.
#[utoipa::path(
    get, path = "/api/v1/meetings/{id}/logs", tag = "meetings",
    params(("id" = String, Path), LogQuery),
    responses(
        (status = 200, content((LogTail = "application/json"), (StreamedEvent = "text/event-stream"))),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn read_meeting_log(
    Viewer(caller): Viewer,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
) -> Result<Response, Problem> {
    let file = meetings.log_file(&id).await?;
    if query.follow {
        let lines = follow_log(file)
            .map(|line| Ok::<_, Infallible>(Event::default().data(line)))
            .take_until(caller.alive.cancelled_owned());
        return Ok(Sse::new(lines)
            .keep_alive(KeepAlive::default())
            .into_response());
    }
    let lines = query.lines.unwrap_or(200);
    if !(1..=MAX_LINES).contains(&lines) {
        let detail = format!("{lines} is not between 1 and {MAX_LINES}");
        return Err(Problem::invalid(
            "request.query",
            vec![FieldError {
                field: "lines".into(),
                detail,
            }],
        ));
    }
    let tail = tokio::task::spawn_blocking(move || read_log(&file, lines)).await;
    let tail = tail.map_err(|error| Problem::internal(&error))?;
    Ok(Json(tail.map_err(MeetingError::from)?).into_response())
}
