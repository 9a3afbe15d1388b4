//! List, make, change and remove sources; sync one, try one out.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{Admin, By, Json, Operator, Path, Problem, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::model::{Mode, Run};
use crate::service::{SourceView, Syncs, Tested};
use crate::source::Source;

/// Every source.
#[derive(Serialize, ToSchema)]
pub(super) struct SourceList {
    items: Vec<SourceView>,
    /// Always `null`: they fit on one page.
    next_cursor: Option<String>,
}

/// How a source is synced.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SyncOrder)]
pub(super) struct Sync {
    mode: Mode,
}

/// List sources, without their secrets.
#[utoipa::path(
    get, path = "/api/v1/sources", tag = "sync",
    responses((status = 200, body = SourceList)),
)]
pub(super) async fn list_sources(
    _: Viewer,
    State(syncs): State<Syncs>,
) -> Result<Json<SourceList>, Problem> {
    Ok(Json(SourceList {
        items: syncs.list_sources().await?,
        next_cursor: None,
    }))
}

/// Make a source.
#[utoipa::path(
    post, path = "/api/v1/sources", tag = "sync", request_body = Source,
    responses(
        (status = 201, body = SourceView), (status = 400, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_source(
    _: Admin,
    By(by): By,
    State(syncs): State<Syncs>,
    Json(source): Json<Source>,
) -> Result<(StatusCode, Json<SourceView>), Problem> {
    let made = syncs.create_source(&by, source).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Look at one source, without its secrets.
#[utoipa::path(
    get, path = "/api/v1/sources/{name}", tag = "sync", params(("name" = String, Path)),
    responses((status = 200, body = SourceView), (status = 404, body = Problem)),
)]
pub(super) async fn get_source(
    _: Viewer,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
) -> Result<Json<SourceView>, Problem> {
    Ok(Json(syncs.get_source(&name).await?))
}

/// Change a source: what is given is merged into it, `null` removes a key, `********` keeps a secret.
#[utoipa::path(
    patch, path = "/api/v1/sources/{name}", tag = "sync", params(("name" = String, Path)),
    request_body = Object,
    responses(
        (status = 200, body = SourceView), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_source(
    _: Admin,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
    Json(patch): Json<Value>,
) -> Result<Json<SourceView>, Problem> {
    Ok(Json(syncs.patch_source(&by, &name, patch).await?))
}

/// Remove a source; its table and its runs stay.
#[utoipa::path(
    delete, path = "/api/v1/sources/{name}", tag = "sync", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn delete_source(
    _: Admin,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    syncs.delete_source(&by, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Start a run of a source: all rows, or those that changed.
#[utoipa::path(
    post, path = "/api/v1/sources/{name}/sync", tag = "sync", params(("name" = String, Path)),
    request_body = Option<Sync>,
    responses(
        (status = 202, body = Run), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn sync_source(
    _: Operator,
    By(by): By,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
    sync: Option<Json<Sync>>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let mode = sync.map(|Json(sync)| sync.mode).unwrap_or_default();
    let run = syncs.sync(&by, &name, mode).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

/// Try a source out: sign in, ask for the first page, show its first rows. Nothing is written.
#[utoipa::path(
    post, path = "/api/v1/sources/{name}/test", tag = "sync", params(("name" = String, Path)),
    responses((status = 200, body = Tested), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn test_source(
    _: Operator,
    State(syncs): State<Syncs>,
    Path(name): Path<String>,
) -> Result<Json<Tested>, Problem> {
    Ok(Json(syncs.test(&name).await?))
}
