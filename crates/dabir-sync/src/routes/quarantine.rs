//! Rows that could not be taken: list them, try them again, let them go.

use axum::extract::State;
use dabir_core::Page;
use dabir_http::{By, Json, Operator, PageQuery, Path, Problem, Query, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cursor;
use crate::model::Quarantined;
use crate::service::Syncs;

/// One page of rows in quarantine.
#[derive(Serialize, ToSchema)]
pub(super) struct QuarantinePage {
    items: Vec<Quarantined>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// Which rows are meant.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = QuarantineOrder)]
pub(super) struct Which {
    /// All of them when absent.
    ids: Option<Vec<i64>>,
}

/// How many rows it was done to.
#[derive(Serialize, ToSchema)]
pub(super) struct RowsDone {
    rows: u64,
}

/// List the rows of a source that could not be taken, the newest first.
#[utoipa::path(
    get, path = "/api/v1/sources/{name}/quarantine", tag = "sync",
    params(("name" = String, Path), PageQuery),
    responses((status = 200, body = QuarantinePage), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_quarantined(
    _: Viewer,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<QuarantinePage>, Problem> {
    let before = cursor(page.cursor.as_deref())?;
    let Page { items, next_cursor } = syncs.list_quarantined(&name, before, page.limit()?).await?;
    Ok(Json(QuarantinePage { items, next_cursor }))
}

/// Try rows again that could not be taken.
#[utoipa::path(
    post, path = "/api/v1/sources/{name}/quarantine/replay", tag = "sync",
    params(("name" = String, Path)), request_body = Option<Which>,
    responses(
        (status = 200, body = RowsDone), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn replay_quarantined(
    _: Operator,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
    which: Option<Json<Which>>,
) -> Result<Json<RowsDone>, Problem> {
    let ids = which.and_then(|Json(which)| which.ids);
    let rows = syncs.replay(&by, &name, ids.as_deref()).await?;
    Ok(Json(RowsDone { rows }))
}

/// Let rows go that could not be taken.
#[utoipa::path(
    delete, path = "/api/v1/sources/{name}/quarantine", tag = "sync",
    params(("name" = String, Path)), request_body = Option<Which>,
    responses(
        (status = 200, body = RowsDone), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn discard_quarantined(
    _: Operator,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
    which: Option<Json<Which>>,
) -> Result<Json<RowsDone>, Problem> {
    let ids = which.and_then(|Json(which)| which.ids);
    let rows = syncs.discard(&by, &name, ids.as_deref()).await?;
    Ok(Json(RowsDone { rows }))
}
