//! What is said about a task.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, PageQuery, Path, Problem, Query, Reader, Writer};

use super::bodies::{CommentPatch, NewComment};
use super::{Body, cursor};
use crate::comments::Comment;
use crate::people::Doer;
use crate::tasks::service::{CommentPage, Tasks};

/// List what is said about a task, the oldest first.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/comments", tag = "tasks", params(("id" = String, Path), PageQuery),
    responses(
        (status = 200, body = CommentPage), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_task_comments(
    _: Reader,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<CommentPage>, Problem> {
    let after = cursor(page.cursor.as_deref())?;
    Ok(Json(tasks.comments(&id, after, page.limit()?).await?))
}

/// Say something about a task.
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/comments", tag = "tasks", params(("id" = String, Path)),
    request_body = NewComment,
    responses(
        (status = 201, body = Comment), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_task_comment(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<(StatusCode, Json<Comment>), Problem> {
    let said = tasks.comment(&Doer::new(by, &caller), &id, body).await?;
    Ok((StatusCode::CREATED, Json(said)))
}

/// Change what one said.
#[utoipa::path(
    patch, path = "/api/v1/tasks/{id}/comments/{comment_id}", tag = "tasks",
    params(("id" = String, Path), ("comment_id" = String, Path)), request_body = CommentPatch,
    responses(
        (status = 200, body = Comment), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_task_comment(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path((id, comment_id)): Path<(String, String)>,
    dabir_http::Json(body): Body,
) -> Result<Json<Comment>, Problem> {
    let by = Doer::new(by, &caller);
    let changed = tasks.change_comment(&by, &id, &comment_id, body);
    Ok(Json(changed.await?))
}

/// Take back what one said; admins take back what others said, too.
#[utoipa::path(
    delete, path = "/api/v1/tasks/{id}/comments/{comment_id}", tag = "tasks",
    params(("id" = String, Path), ("comment_id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn delete_task_comment(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path((id, comment_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let by = Doer::new(by, &caller);
    tasks.delete_comment(&by, &id, &comment_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
