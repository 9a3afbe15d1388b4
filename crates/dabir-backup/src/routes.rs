//! Backups over HTTP, for admins: whoever has one has everything, passwords' hashes and keys too.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use dabir_http::{Admin, By, Json, Path, Problem};
use dabir_jobs::Job;
use serde::Serialize;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::model::Backup;
use crate::service::Backups;

/// The API of backups.
pub fn routes() -> OpenApiRouter<Backups> {
    OpenApiRouter::new()
        .routes(routes!(list_backups, make_backup))
        .routes(routes!(verify_backup))
        .routes(routes!(download_backup))
}

/// How much of a backup is read at once.
const PIECE: usize = 256 << 10;

/// All backups: those that are kept are few.
#[derive(Serialize, ToSchema)]
struct BackupPage {
    items: Vec<Backup>,
    /// Always `null`: the list is whole.
    next_cursor: Option<String>,
    /// From which age on the newest verified backup tells that the house makes none any more: two of
    /// its intervals.
    #[schema(example = 172_800)]
    old_after_secs: u64,
}

/// List the backups, the newest first, then those that failed.
#[utoipa::path(
    get, path = "/api/v1/backups", tag = "house",
    responses((status = 200, body = BackupPage)),
)]
async fn list_backups(
    _: Admin,
    State(backups): State<Backups>,
) -> Result<Json<BackupPage>, Problem> {
    Ok(Json(BackupPage {
        items: backups.list().await?,
        next_cursor: None,
        old_after_secs: backups.old_after().as_secs(),
    }))
}

/// Make a backup now: the job that does it, or the one that is at it already.
#[utoipa::path(
    post, path = "/api/v1/backups", tag = "house",
    responses((status = 202, body = Job)),
)]
async fn make_backup(
    _: Admin,
    By(by): By,
    State(backups): State<Backups>,
) -> Result<(StatusCode, Json<Job>), Problem> {
    let job = backups.start(&by).await?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}

/// Open a backup, read every byte and count its rows: the job that does it.
#[utoipa::path(
    post, path = "/api/v1/backups/{name}/verify", tag = "house", params(("name" = String, Path)),
    responses((status = 202, body = Job), (status = 404, body = Problem)),
)]
async fn verify_backup(
    _: Admin,
    By(by): By,
    State(backups): State<Backups>,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Job>), Problem> {
    let job = backups.start_verify(&by, &name).await?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}

/// Download a backup. It holds the house's keys: keep it as you keep those.
#[utoipa::path(
    get, path = "/api/v1/backups/{name}/download", tag = "house", params(("name" = String, Path)),
    responses(
        (status = 200, description = "The backup", content_type = "application/zstd", body = Vec<u8>),
        (status = 404, body = Problem),
    ),
)]
async fn download_backup(
    _: Admin,
    By(by): By,
    State(backups): State<Backups>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let (name, file) = backups.take_away(&by, &name).await?;
    let size = file
        .metadata()
        .map_err(|error| Problem::internal(&error))?
        .len();
    let file = tokio::fs::File::from_std(file);
    let headers = [
        (header::CONTENT_TYPE, "application/zstd".to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    let body = Body::from_stream(ReaderStream::with_capacity(file, PIECE));
    Ok((headers, body).into_response())
}
