//! List, make, change, start, stop, extend and join meetings.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_core::Page;
use dabir_http::{By, Json, Operator, PageQuery, Path, Problem, Query, Viewer};
use dabir_room::model::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Meetings;
use crate::entry::{Account, Joined};
use crate::model::{MeetingDetail, MeetingFilter, MeetingPatch, MeetingView, NewMeeting, Totals};
use crate::plan::PlanFilter;
use crate::service::{PlanView, SourceStatus};

/// One page of meetings.
#[derive(Serialize, ToSchema)]
pub(super) struct MeetingPage {
    items: Vec<MeetingView>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
    /// How many there are on all pages, in every state; `state` does not narrow this.
    totals: Totals,
}

/// By how much the end moves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Extension {
    /// 1 to 1,440.
    #[schema(minimum = 1, maximum = 1440, example = 30)]
    minutes: i64,
}

/// Who comes in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinRequest {
    /// The name that others see, 1 to 64 characters; the caller's own when not given.
    name: Option<String>,
    /// Whether they may moderate; operators do, unless they say otherwise.
    role: Option<JoinRole>,
}

/// What somebody may do in a room.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum JoinRole {
    Moderator,
    Participant,
}

impl From<JoinRole> for Role {
    fn from(role: JoinRole) -> Self {
        match role {
            JoinRole::Moderator => Self::Moderator,
            JoinRole::Participant => Self::Participant,
        }
    }
}

/// Somebody who is in a room.
#[derive(Serialize, ToSchema)]
pub(super) struct ParticipantView {
    id: String,
    name: String,
    role: JoinRole,
    /// May listen only.
    muted: bool,
    joined_at: dabir_core::Timestamp,
}

/// Everybody who is in a room.
#[derive(Serialize, ToSchema)]
pub(super) struct Participants {
    items: Vec<ParticipantView>,
}

/// Somebody who was in a room.
#[derive(Serialize, ToSchema)]
pub(super) struct AttendanceView {
    id: String,
    name: String,
    /// The first time.
    joined_at: dabir_core::Timestamp,
    /// The last time; `null` while they are there.
    left_at: Option<dabir_core::Timestamp>,
    /// All stays together.
    seconds: i64,
}

/// Everybody who was in a room.
#[derive(Serialize, ToSchema)]
pub(super) struct AttendanceList {
    items: Vec<AttendanceView>,
}

/// List meetings: the latest end first, unless `sort` says otherwise.
#[utoipa::path(
    get, path = "/api/v1/meetings", tag = "meetings",
    params(PageQuery, MeetingFilter),
    responses(
        (status = 200, body = MeetingPage),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_meetings(
    _: Viewer,
    State(meetings): State<Meetings>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<MeetingFilter>,
) -> Result<Json<MeetingPage>, Problem> {
    let list = meetings.list(&filter, page.cursor.as_deref(), page.limit()?);
    let (Page { items, next_cursor }, totals) = tokio::try_join!(list, meetings.totals(&filter))?;
    Ok(Json(MeetingPage {
        items,
        next_cursor,
        totals,
    }))
}

/// Make a meeting; it begins at its `date_time`, or at once.
#[utoipa::path(
    post, path = "/api/v1/meetings", tag = "meetings",
    request_body = NewMeeting,
    responses(
        (status = 201, body = MeetingView),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_meeting(
    _: Operator,
    By(by): By,
    State(meetings): State<Meetings>,
    Json(new): Json<NewMeeting>,
) -> Result<(StatusCode, Json<MeetingView>), Problem> {
    Ok((StatusCode::CREATED, Json(meetings.create(&by, new).await?)))
}

/// Show one meeting, by its id, its source's id or its whole name.
#[utoipa::path(
    get, path = "/api/v1/meetings/{id}", tag = "meetings",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = MeetingDetail),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn get_meeting(
    _: Viewer,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Json<MeetingDetail>, Problem> {
    Ok(Json(meetings.detail(&id).await?))
}

/// Change a meeting that was made here.
#[utoipa::path(
    patch, path = "/api/v1/meetings/{id}", tag = "meetings",
    params(("id" = String, Path)), request_body = MeetingPatch,
    responses(
        (status = 200, body = MeetingView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn change_meeting(
    _: Operator,
    By(by): By,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
    Json(patch): Json<MeetingPatch>,
) -> Result<Json<MeetingView>, Problem> {
    Ok(Json(meetings.change(&by, &id, patch).await?))
}

/// Remove a meeting that was made here, with what was said in it.
#[utoipa::path(
    delete, path = "/api/v1/meetings/{id}", tag = "meetings",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_meeting(
    _: Operator,
    By(by): By,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    meetings.delete(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Start a meeting now, whatever its source says.
#[utoipa::path(
    post, path = "/api/v1/meetings/{id}/start", tag = "meetings",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = MeetingView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn start_meeting(
    _: Operator,
    By(by): By,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Json<MeetingView>, Problem> {
    Ok(Json(meetings.start(&by, &id).await?))
}

/// End a meeting now.
#[utoipa::path(
    post, path = "/api/v1/meetings/{id}/stop", tag = "meetings",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = MeetingView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn stop_meeting(
    _: Operator,
    By(by): By,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Json<MeetingView>, Problem> {
    Ok(Json(meetings.stop(&by, &id).await?))
}

/// Move a meeting's end.
#[utoipa::path(
    post, path = "/api/v1/meetings/{id}/extend", tag = "meetings",
    params(("id" = String, Path)), request_body = Extension,
    responses(
        (status = 200, body = MeetingView),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn extend_meeting(
    _: Operator,
    By(by): By,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
    Json(extension): Json<Extension>,
) -> Result<Json<MeetingView>, Problem> {
    Ok(Json(meetings.extend(&by, &id, extension.minutes).await?))
}

/// Get a way into the room, good for one use within a minute.
#[utoipa::path(
    post, path = "/api/v1/meetings/{id}/join", tag = "meetings",
    params(("id" = String, Path)), request_body(content = Option<JoinRequest>),
    responses(
        (status = 200, body = Joined),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn join_meeting(
    Operator(caller): Operator,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
    request: Option<Json<JoinRequest>>,
) -> Result<Json<Joined>, Problem> {
    let (name, role) = request.map_or((None, None), |Json(request)| (request.name, request.role));
    // A person comes in, whatever they call themselves there. Whom a program names is somebody else.
    let is_person = caller.session_id.is_some();
    let account = caller.user_id.as_deref().zip(caller.username.as_deref());
    let account = account.filter(|_| is_person || name.is_none());
    let account = account.map(|(id, username)| Account { id, username });
    let name = name.as_deref().unwrap_or(&caller.name);
    let role = role.unwrap_or(JoinRole::Moderator);
    let joined = meetings.join(&id, account, name, role.into());
    Ok(Json(joined.await?))
}

/// List who is in the room now.
#[utoipa::path(
    get, path = "/api/v1/meetings/{id}/participants", tag = "meetings",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Participants),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_participants(
    _: Viewer,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Json<Participants>, Problem> {
    let present = meetings.participants(&id).await?;
    let items = present.into_iter().map(|present| ParticipantView {
        id: present.person.id,
        name: present.person.name,
        role: match present.person.role {
            Role::Moderator => JoinRole::Moderator,
            Role::Participant => JoinRole::Participant,
        },
        muted: present.person.muted,
        joined_at: present.joined_at,
    });
    Ok(Json(Participants {
        items: items.collect(),
    }))
}

/// List who was in the room, and for how long.
#[utoipa::path(
    get, path = "/api/v1/meetings/{id}/attendance", tag = "meetings",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = AttendanceList),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_attendance(
    _: Viewer,
    State(meetings): State<Meetings>,
    Path(id): Path<String>,
) -> Result<Json<AttendanceList>, Problem> {
    let people = meetings.attendance(&id).await?;
    let items = people.into_iter().map(|person| AttendanceView {
        id: person.id,
        name: person.name,
        joined_at: person.joined_at,
        left_at: person.left_at,
        seconds: person.seconds,
    });
    Ok(Json(AttendanceList {
        items: items.collect(),
    }))
}

/// Show what the supervisor would do now, and why.
#[utoipa::path(
    get, path = "/api/v1/meetings/plan", tag = "meetings",
    params(PlanFilter),
    responses((status = 200, body = PlanView), (status = 401, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn plan_meetings(
    _: Viewer,
    State(meetings): State<Meetings>,
    Query(filter): Query<PlanFilter>,
) -> Json<PlanView> {
    Json(meetings.plan(&filter))
}

/// Ask the source now; for its webhook, and for impatient operators.
#[utoipa::path(
    post, path = "/api/v1/meetings/refresh", tag = "meetings",
    responses(
        (status = 200, body = SourceStatus),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn refresh_meetings(
    _: Operator,
    State(meetings): State<Meetings>,
) -> Result<Json<SourceStatus>, Problem> {
    Ok(Json(meetings.refresh().await?))
}
