//! One's own notifications, and how one wants to hear of what.

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use dabir_core::{Page, Timestamp};
use dabir_http::{By, Identity, Json, Oneself, PageQuery, Path, Problem, Query, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wrong_cursor;
use crate::choices::{Choices, NewChoices};
use crate::inbox::{InboxFilter, Notification, Place, Seen};
use crate::service::Notify;

/// One page of notifications.
#[derive(Serialize, ToSchema)]
pub(super) struct NotificationPage {
    items: Vec<Notification>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// How many notifications were not seen.
#[derive(Serialize, ToSchema)]
pub(super) struct NotificationCount {
    unread: u64,
}

/// Until when a notification sleeps.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationSleep)]
pub(super) struct Sleep {
    until: Timestamp,
}

/// Whose inbox is looked at.
pub(super) struct Looked(String);

/// Whose inbox is changed.
pub(super) struct Changed(String);

impl<S: Sync> FromRequestParts<S> for Looked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        owner(caller).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Changed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Oneself(caller) = Oneself::from_request_parts(parts, state).await?;
        owner(caller).map(Self)
    }
}

/// The house's own token is nobody's.
fn owner(caller: Identity) -> Result<String, Problem> {
    let nobody = "this token belongs to nobody, and only people have an inbox";
    caller.user_id.ok_or_else(|| Problem::forbidden(nobody))
}

/// List one's notifications, the newest first; what happened to one thing again and again is one line.
#[utoipa::path(
    get, path = "/api/v1/notifications", tag = "notifications", params(InboxFilter, PageQuery),
    responses((status = 200, body = NotificationPage), (status = 422, body = Problem)),
)]
pub(super) async fn list_notifications(
    Looked(user): Looked,
    State(notify): State<Notify>,
    Query(filter): Query<InboxFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Json<NotificationPage>, Problem> {
    let after = match page.cursor.as_deref() {
        Some(text) => Some(Place::parse(text).ok_or_else(wrong_cursor)?),
        None => None,
    };
    let limit = page.limit()?;
    let found = notify.list_notifications(&user, filter.unread, after, limit);
    let Page { items, next_cursor } = found.await?;
    Ok(Json(NotificationPage { items, next_cursor }))
}

/// Count one's notifications that were not seen.
#[utoipa::path(
    get, path = "/api/v1/notifications/count", tag = "notifications",
    responses((status = 200, body = NotificationCount)),
)]
pub(super) async fn count_notifications(
    Looked(user): Looked,
    State(notify): State<Notify>,
) -> Result<Json<NotificationCount>, Problem> {
    let unread = notify.count_unread(&user).await?;
    Ok(Json(NotificationCount { unread }))
}

/// Mark notifications as seen: some, or all until an instant.
#[utoipa::path(
    post, path = "/api/v1/notifications/seen", tag = "notifications", request_body = Seen,
    responses(
        (status = 200, body = NotificationCount), (status = 400, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn see_notifications(
    Changed(user): Changed,
    State(notify): State<Notify>,
    Json(seen): Json<Seen>,
) -> Result<Json<NotificationCount>, Problem> {
    let unread = notify.see(&user, &seen).await?;
    Ok(Json(NotificationCount { unread }))
}

/// Put a notification to sleep: it comes back as the newest, unread.
#[utoipa::path(
    post, path = "/api/v1/notifications/{id}/snooze", tag = "notifications",
    params(("id" = i64, Path)), request_body = Sleep,
    responses(
        (status = 200, body = Notification), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn snooze_notification(
    Changed(user): Changed,
    State(notify): State<Notify>,
    Path(id): Path<i64>,
    Json(sleep): Json<Sleep>,
) -> Result<Json<Notification>, Problem> {
    Ok(Json(notify.snooze(&user, id, sleep.until).await?))
}

/// Remove a notification.
#[utoipa::path(
    delete, path = "/api/v1/notifications/{id}", tag = "notifications",
    params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn delete_notification(
    Changed(user): Changed,
    State(notify): State<Notify>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    notify.delete_notification(&user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at how one hears of what, and which channels the house has.
#[utoipa::path(
    get, path = "/api/v1/notifications/choices", tag = "notifications",
    responses((status = 200, body = Choices)),
)]
pub(super) async fn get_notification_choices(
    Looked(user): Looked,
    State(notify): State<Notify>,
) -> Result<Json<Choices>, Problem> {
    Ok(Json(notify.choices(&user).await?))
}

/// Choose how one hears of what. It takes the place of all that was chosen before.
#[utoipa::path(
    put, path = "/api/v1/notifications/choices", tag = "notifications",
    request_body = NewChoices,
    responses(
        (status = 200, body = Choices), (status = 400, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_notification_choices(
    Changed(user): Changed,
    By(by): By,
    State(notify): State<Notify>,
    Json(new): Json<NewChoices>,
) -> Result<Json<Choices>, Problem> {
    Ok(Json(notify.choose(&by, &user, &new).await?))
}
