//! `GET /api/v1/events`: what happens, as server-sent events.
//!
//! Each event carries its number as `id`. A browser that reconnects sends `Last-Event-ID` and gets
//! what it missed; when that is no longer known it gets one `reset`, and reads the state anew. The
//! stream ends with the rights of whoever listens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse;
use dabir_core::Events;
use dabir_core::event::Numbered;
use futures_util::{Stream, StreamExt, stream};
use tokio_stream::wrappers::BroadcastStream;

use crate::{Problem, Viewer};

/// Follow everything that happens, live.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "live", operation_id = "stream_events",
    params(("Last-Event-ID" = Option<String>, Header, description = "The newest event already seen")),
    responses(
        (status = 200, description = "An endless stream of events", content_type = "text/event-stream", body = String),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn stream_events(
    Viewer(caller): Viewer,
    State(events): State<Events>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let since = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse().ok());
    let subscription = events.subscribe(since);
    let first = match subscription.missed {
        Some(missed) => missed.iter().map(encode).collect(),
        None => vec![reset(subscription.last)],
    };
    let hello = sse::Event::default()
        .event("hello")
        .id(subscription.last.to_string())
        .data("{}");
    let opening = if since.is_none() { vec![hello] } else { first };
    let live = BroadcastStream::new(subscription.receiver).map(|received| match received {
        Ok(event) => encode(&event),
        // This listener was too slow for the ring: it starts anew from the state.
        Err(_) => sse::Event::default().event("reset").data("{}"),
    });
    let stream = stream::iter(opening)
        .chain(live)
        .map(Ok)
        .take_until(caller.alive.cancelled_owned());
    Sse::new(stream).keep_alive(sse::KeepAlive::new().interval(Duration::from_secs(15)))
}

fn encode(numbered: &Numbered) -> sse::Event {
    let event = sse::Event::default().id(numbered.number.to_string());
    event
        .json_data(&numbered.event)
        .unwrap_or_else(|_| sse::Event::default().event("reset").data("{}"))
}

fn reset(last: u64) -> sse::Event {
    sse::Event::default()
        .event("reset")
        .id(last.to_string())
        .data("{}")
}
