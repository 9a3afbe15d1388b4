//! Documents out of files, and folders as archives.

use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::{HeaderName, StatusCode, header};
use dabir_core::encode::percent;
use dabir_http::{By, Json, Problem, Query, SignedIn, Writer};
use serde::Deserialize;
use utoipa::IntoParams;

use super::bodies::DocumentImport;
use super::who;
use crate::documents::service::{Documents, Format, Import, Imported};

/// How many files one request brings.
const MAX_PARTS: usize = 200;

/// Which folder, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    /// The id of a folder; everything that is in none, and all folders, when not given.
    folder: Option<String>,
    /// `markdown` when not given.
    #[serde(default = "markdown")]
    #[param(inline)]
    format: Format,
}

fn markdown() -> Format {
    Format::Markdown
}

/// Make documents of files: Markdown, HTML, plain text, Word, and archives of these with folders and pictures.
#[utoipa::path(
    post, path = "/api/v1/documents/import", tag = "documents",
    request_body(content = DocumentImport, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Imported),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn import_documents(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    parts: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Imported>), Problem> {
    let broken = |detail: String| Problem::bad_request("request.body", detail);
    let mut parts = parts.map_err(|rejection| broken(rejection.body_text()))?;
    let (mut folder, mut files) = (None, Vec::new());
    while let Some(part) = parts
        .next_field()
        .await
        .map_err(|error| broken(error.body_text()))?
    {
        let name = part.file_name().map(str::to_owned);
        let is_folder = part.name() == Some("folder");
        let bytes = part.bytes().await;
        let bytes = bytes.map_err(|error| broken(error.body_text()))?;
        match name {
            Some(name) => files.push(Import { name, bytes }),
            None if is_folder => folder = Some(String::from_utf8_lossy(&bytes).into_owned()),
            None => {}
        }
        if files.len() > MAX_PARTS {
            return Err(broken(format!("bring at most {MAX_PARTS} files at once")));
        }
    }
    if files.is_empty() {
        return Err(broken("no part of the body is a file".to_owned()));
    }
    let folder = folder.filter(|folder| !folder.is_empty());
    let imported = documents.import(&who(by, &caller), folder, files).await?;
    Ok((StatusCode::CREATED, Json(imported)))
}

/// Take the documents of a folder home, as an archive of files.
#[utoipa::path(
    get, path = "/api/v1/documents/export", tag = "documents", params(ExportQuery),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/zip"),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn export_documents(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Query(query): Query<ExportQuery>,
) -> Result<([(HeaderName, String); 3], Vec<u8>), Problem> {
    let who = who(by, &caller);
    let export = documents
        .export(&who, query.folder.as_deref(), query.format)
        .await?;
    let name = attachment(&export.name);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, export.bytes))
}

/// A name as browsers take it, whatever language it is in.
fn attachment(name: &str) -> String {
    let coded = percent(name);
    format!("attachment; filename=\"documents.zip\"; filename*=UTF-8''{coded}")
}
