//! List runs, look at one, end it, try again what failed, accept what it held back.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_core::Page;
use dabir_http::{By, Json, Operator, PageQuery, Path, Problem, Query, Viewer};
use serde::Serialize;
use utoipa::ToSchema;

use super::cursor;
use crate::model::{Change, Run};
use crate::service::{RunDetail, Syncs};

/// One page of runs.
#[derive(Serialize, ToSchema)]
#[schema(as = SyncRunPage)]
pub(super) struct RunPage {
    items: Vec<Run>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// One page of differences.
#[derive(Serialize, ToSchema)]
#[schema(as = SyncChangePage)]
pub(super) struct ChangePage {
    items: Vec<Change>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List the runs of a source, the newest first.
#[utoipa::path(
    get, path = "/api/v1/sources/{name}/runs", tag = "sync",
    params(("name" = String, Path), PageQuery),
    responses((status = 200, body = RunPage), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_runs(
    _: Viewer,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<RunPage>, Problem> {
    let before = cursor(page.cursor.as_deref())?;
    let Page { items, next_cursor } = syncs.list_runs(&name, before, page.limit()?).await?;
    Ok(Json(RunPage { items, next_cursor }))
}

/// Look at one run: its partitions, what it found, its first differences.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}", tag = "sync", params(("id" = i64, Path)),
    responses((status = 200, body = RunDetail), (status = 404, body = Problem)),
)]
pub(super) async fn get_run(
    _: Viewer,
    State(syncs): State<Syncs>,
    Path(id): Path<i64>,
) -> Result<Json<RunDetail>, Problem> {
    Ok(Json(syncs.run_detail(id).await?))
}

/// List the differences that a run made, as far as they are kept.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}/changes", tag = "sync", params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = ChangePage), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_run_changes(
    _: Viewer,
    State(syncs): State<Syncs>,
    Path(id): Path<i64>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ChangePage>, Problem> {
    let after = cursor(page.cursor.as_deref())?.unwrap_or(0);
    let Page { items, next_cursor } = syncs.run_changes(id, after, page.limit()?).await?;
    Ok(Json(ChangePage { items, next_cursor }))
}

/// End a run: at once when it waits, within two seconds when it runs.
#[utoipa::path(
    post, path = "/api/v1/runs/{id}/cancel", tag = "sync", params(("id" = i64, Path)),
    responses((status = 200, body = Run), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn cancel_run(
    _: Operator,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(id): Path<i64>,
) -> Result<Json<Run>, Problem> {
    Ok(Json(syncs.cancel_run(&by, id).await?))
}

/// Start a run for the partitions that this one did not finish.
#[utoipa::path(
    post, path = "/api/v1/runs/{id}/retry", tag = "sync", params(("id" = i64, Path)),
    responses((status = 202, body = Run), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn retry_run(
    _: Operator,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let run = syncs.retry_run(&by, id).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

/// Mark the rows as gone that a run held back because they were too many.
#[utoipa::path(
    post, path = "/api/v1/runs/{id}/accept", tag = "sync", params(("id" = i64, Path)),
    responses((status = 200, body = Run), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn accept_run(
    _: Operator,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(id): Path<i64>,
) -> Result<Json<Run>, Problem> {
    Ok(Json(syncs.accept_run(&by, id).await?))
}
