//! Move cards, and change many tasks at once.

use axum::extract::State;
use axum::http::HeaderMap;
use dabir_http::{By, Json, Path, Problem, Writer};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::{TaskBulk, TaskPlace};
use super::{Body, looked_at};
use crate::people::Doer;
use crate::tasks::model::Task;
use crate::tasks::service::{BulkAnswer, Tasks};

/// What became of each, in the order of the request.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskBulkAnswers)]
pub(super) struct BulkAnswers {
    changed: usize,
    refused: usize,
    items: Vec<BulkAnswer>,
}

/// Move a card on the board: into a column, before or after another one.
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/move", tag = "tasks", params(("id" = String, Path)),
    request_body = TaskPlace,
    responses(
        (status = 200, body = Task), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`tasks.moved`: the neighbour is elsewhere now; `tasks.changed`"),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn move_task(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
    headers: HeaderMap,
    dabir_http::Json(body): Body,
) -> Result<Json<Task>, Problem> {
    let by = Doer::new(by, &caller);
    let moved = tasks.move_to(&by, &id, looked_at(&headers)?, body);
    Ok(Json(moved.await?))
}

/// Change, delete or restore many tasks; each is changed or refused for itself.
#[utoipa::path(
    post, path = "/api/v1/tasks/bulk", tag = "tasks", request_body = TaskBulk,
    responses((status = 200, body = BulkAnswers), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn change_many_tasks(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    dabir_http::Json(body): Body,
) -> Result<Json<BulkAnswers>, Problem> {
    let items = tasks.bulk(&Doer::new(by, &caller), body).await?;
    Ok(Json(BulkAnswers {
        changed: items.iter().filter(|item| item.changed).count(),
        refused: items.iter().filter(|item| item.task.is_none()).count(),
        items,
    }))
}
