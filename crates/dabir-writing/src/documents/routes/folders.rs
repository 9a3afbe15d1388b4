//! List, make, change and delete folders.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use dabir_http::{By, Json, Path, Problem, SignedIn, Writer};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::{DocumentFolderPatch, NewDocumentFolder};
use super::{Body, looked_at, who};
use crate::documents::model::Folder;
use crate::documents::service::Documents;

/// Every folder that the caller may see.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentFolders {
    items: Vec<Folder>,
}

/// List the folders that the caller may see, by title.
#[utoipa::path(
    get, path = "/api/v1/documents/folders", tag = "documents",
    responses(
        (status = 200, body = DocumentFolders),
    ),
)]
pub(super) async fn list_document_folders(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
) -> Result<Json<DocumentFolders>, Problem> {
    let items = documents.folders(&who(by, &caller)).await?;
    Ok(Json(DocumentFolders { items }))
}

/// Make a folder.
#[utoipa::path(
    post, path = "/api/v1/documents/folders", tag = "documents",
    request_body = NewDocumentFolder,
    responses(
        (status = 201, body = Folder),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_document_folder(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    dabir_http::Json(body): Body,
) -> Result<(StatusCode, Json<Folder>), Problem> {
    let made = documents.create_folder(&who(by, &caller), body).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Call a folder something else, or put it elsewhere.
#[utoipa::path(
    patch, path = "/api/v1/documents/folders/{id}", tag = "documents", params(("id" = String, Path)),
    request_body = DocumentFolderPatch,
    responses(
        (status = 200, body = Folder),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`documents.changed`"),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_document_folder(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    headers: HeaderMap,
    dabir_http::Json(body): Body,
) -> Result<Json<Folder>, Problem> {
    let (who, looked_at) = (who(by, &caller), looked_at(&headers)?);
    let changed = documents.patch_folder(&who, &id, looked_at, body).await?;
    Ok(Json(changed))
}

/// Delete a folder and what is in it. Its documents can be restored for 30 days, outside of it.
#[utoipa::path(
    delete, path = "/api/v1/documents/folders/{id}", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn delete_document_folder(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    documents.delete_folder(&who(by, &caller), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
