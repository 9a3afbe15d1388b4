//! `GET /api/v1/events`: what happens, as server-sent events; and what happened last, as a list.
//!
//! Each event carries its number as `id` and as `event_id`, and when it happened as
//! `at`. A browser that reconnects sends `Last-Event-ID` and gets what it missed; when that is no
//! longer known it gets one `reset`, and reads the state anew. The stream ends with the rights of
//! whoever listens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse;
use dabir_core::event::{Numbered, TOLD};
use dabir_core::{Event, Events, Page, Timestamp};
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio_stream::wrappers::BroadcastStream;
use utoipa::{IntoParams, ToSchema};

use crate::{FieldError, Identity, Json, Problem, Query, Role, SignedIn, Viewer};

/// Follow everything that happens, live.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "live", operation_id = "stream_events",
    params(("Last-Event-ID" = Option<String>, Header, description = "The newest event already seen")),
    responses(
        (status = 200, description = "An endless stream of events", content_type = "text/event-stream", body = StreamedEvent),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn stream_events(
    SignedIn(caller): SignedIn,
    State(events): State<Events>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let since = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse().ok());
    let subscription = events.subscribe(since);
    let alive = caller.alive.clone();
    let seen = |event: &Numbered| may_see(&caller, &event.event);
    let first = match subscription.missed {
        Some(missed) => missed
            .iter()
            .filter(|event| seen(event))
            .map(encode)
            .collect(),
        None => vec![reset(subscription.last)],
    };
    let hello = sse::Event::default()
        .event("hello")
        .id(subscription.last.to_string())
        .data("{}");
    let opening = if since.is_none() { vec![hello] } else { first };
    let live = BroadcastStream::new(subscription.receiver).filter_map(move |received| {
        std::future::ready(match received {
            Ok(event) => may_see(&caller, &event.event).then(|| encode(&event)),
            // This listener was too slow for the ring: it starts anew from the state.
            Err(_) => Some(sse::Event::default().event("reset").data("{}")),
        })
    });
    let stream = stream::iter(opening)
        .chain(live)
        .map(Ok)
        .take_until(alive.cancelled_owned());
    Sse::new(stream).keep_alive(sse::KeepAlive::new().interval(Duration::from_secs(15)))
}

/// One event of a stream, field by field.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it only describes what is sent")]
pub struct StreamedEvent {
    /// To be sent as `Last-Event-ID` by whoever comes back.
    id: Option<String>,
    /// `hello`, `reset`, or nothing.
    event: Option<String>,
    /// JSON, or a line of text where lines are followed.
    data: Option<String>,
}

/// How far back.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecentQuery {
    /// How many at most: 1 to 200, 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<u64>,
}

/// What happened last, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentEvents {
    #[schema(value_type = Vec<RecentEvent>)]
    items: Vec<Numbered>,
    /// Pass this as `cursor` for what happened before; `null` when no more is known.
    next_cursor: Option<String>,
}

/// Something that happened: beside these, each type has keys of its own, the same as in the stream.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it only describes what is sent")]
struct RecentEvent {
    /// Its place in the stream: the `id` of the same event there.
    event_id: u64,
    at: Timestamp,
    #[schema(example = "meeting_changed")]
    r#type: String,
}

/// How many events an answer has when nobody says.
const FEW: usize = 50;

/// List what happened last; of people who come and go in one meeting only the newest.
#[utoipa::path(
    get, path = "/api/v1/events/recent", tag = "live",
    params(RecentQuery),
    responses(
        (status = 200, body = RecentEvents),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list_recent_events(
    Viewer(caller): Viewer,
    State(events): State<Events>,
    Query(query): Query<RecentQuery>,
) -> Result<Json<RecentEvents>, Problem> {
    let limit = query.limit.unwrap_or(FEW);
    if !(1..=TOLD).contains(&limit) {
        let field = "limit".to_owned();
        let detail = format!("{limit} is not between 1 and {TOLD}");
        return Err(Problem::invalid(
            "request.query",
            vec![FieldError { field, detail }],
        ));
    }
    let told = events.told(query.cursor, limit + 1, |event| may_see(&caller, event));
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let Page { items, next_cursor } = Page::cut(told, limit, |event| event.number.to_string());
    Ok(Json(RecentEvents { items, next_cursor }))
}

/// Whether somebody may hear of it: whose session ended and why is for admins and for that person,
/// whose inbox changed for that person alone, what is audited for whoever may read the audit, and how
/// the house runs for whoever may see that.
fn may_see(caller: &Identity, event: &Event) -> bool {
    match event {
        Event::SessionEnded { user_id, .. } => {
            caller.role == Role::Admin || caller.user_id.as_ref() == Some(user_id)
        }
        Event::FileChanged { owner_id, .. } => {
            caller.role == Role::Admin || caller.user_id.as_ref() == Some(owner_id)
        }
        Event::NotificationsChanged { user_id } => caller.user_id.as_ref() == Some(user_id),
        Event::Audited { .. } => matches!(caller.role, Role::Admin | Role::Auditor),
        Event::TaskChanged { .. } | Event::TaskRemoved { .. } | Event::DocumentChanged { .. } => {
            caller.role != Role::Participant
        }
        _ => matches!(caller.role, Role::Auditor | Role::Operator | Role::Admin),
    }
}

fn encode(numbered: &Numbered) -> sse::Event {
    let event = sse::Event::default().id(numbered.number.to_string());
    event
        .json_data(numbered)
        .unwrap_or_else(|_| sse::Event::default().event("reset").data("{}"))
}

fn reset(last: u64) -> sse::Event {
    sse::Event::default()
        .event("reset")
        .id(last.to_string())
        .data("{}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_audited_is_for_whoever_may_read_the_audit() {
        let audited = Event::Audited {
            action: "user.block".to_owned(),
            target_kind: "user".to_owned(),
            target_id: "sara".to_owned(),
        };
        let hears = |role| may_see(&Identity::of("reza", role), &audited);
        assert!(hears(Role::Admin) && hears(Role::Auditor));
        assert!(!hears(Role::Operator));
    }

    #[test]
    fn an_inbox_is_its_owner_s_alone() {
        let user_id = "sara".to_owned();
        let changed = Event::NotificationsChanged { user_id };
        assert!(may_see(&Identity::of("sara", Role::Participant), &changed));
        assert!(!may_see(&Identity::of("reza", Role::Admin), &changed));
        let token = Identity {
            user_id: None,
            ..Identity::of("admin", Role::Admin)
        };
        assert!(!may_see(&token, &changed));
    }

    #[test]
    fn how_the_house_runs_is_not_for_everybody_who_is_signed_in() {
        let released = Event::PortReleased { port: 3000 };
        for role in [Role::Participant, Role::Writer] {
            assert!(!may_see(&Identity::of("sara", role), &released));
        }
    }

    #[test]
    fn whose_session_ended_is_for_admins_and_for_themselves() {
        let caller = |role, user: &str| Identity::of(user, role);
        let ended = Event::SessionEnded {
            user_id: "sara".to_owned(),
            reason: "the account is blocked".to_owned(),
            last: true,
        };
        assert!(may_see(&caller(Role::Admin, "reza"), &ended));
        assert!(may_see(&caller(Role::Auditor, "sara"), &ended));
        assert!(!may_see(&caller(Role::Operator, "reza"), &ended));
        let released = Event::PortReleased { port: 3000 };
        assert!(may_see(&caller(Role::Operator, "reza"), &released));
    }
}
