//! Queues and the workers that work them off.

use axum::extract::State;
use dabir_http::{By, Json, Operator, Path, Problem, Viewer};
use serde::Serialize;
use utoipa::ToSchema;

use super::JobsApi;
use crate::model::{KindView, Queue, QueuePatch, WorkerView};

/// Every queue, and every kind of job.
#[derive(Serialize, ToSchema)]
pub(super) struct Queues {
    items: Vec<Queue>,
    /// The kinds that this version knows, by name.
    kinds: Vec<KindView>,
}

/// Every worker.
#[derive(Serialize, ToSchema)]
pub(super) struct Workers {
    items: Vec<WorkerView>,
}

/// List queues with what waits in them, and the kinds of jobs.
#[utoipa::path(
    get, path = "/api/v1/queues", tag = "jobs",
    responses((status = 200, body = Queues)),
)]
pub(super) async fn list_queues(
    _: Viewer,
    State(api): State<JobsApi>,
) -> Result<Json<Queues>, Problem> {
    let items = api.jobs.queues().await?;
    let kinds = api.handlers.list();
    Ok(Json(Queues { items, kinds }))
}

/// Pause a queue, let it go on, or set its weight and limits.
#[utoipa::path(
    patch, path = "/api/v1/queues/{name}", tag = "jobs", params(("name" = String, Path)),
    request_body = QueuePatch,
    responses(
        (status = 200, body = Queue), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_queue(
    _: Operator,
    By(by): By,
    State(api): State<JobsApi>,
    Path(name): Path<String>,
    Json(patch): Json<QueuePatch>,
) -> Result<Json<Queue>, Problem> {
    Ok(Json(api.jobs.patch_queue(&by, &name, &patch).await?))
}

/// List the processes that work jobs off.
#[utoipa::path(
    get, path = "/api/v1/workers", tag = "jobs",
    responses((status = 200, body = Workers)),
)]
pub(super) async fn list_workers(
    _: Viewer,
    State(api): State<JobsApi>,
) -> Result<Json<Workers>, Problem> {
    let items = api.jobs.workers().await?;
    Ok(Json(Workers { items }))
}
