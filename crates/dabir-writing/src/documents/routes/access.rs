//! Who else may do what with a document or a folder, and its page for everybody.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, Path, Problem, SignedIn, Writer};

use super::bodies::{DocumentGrants, DocumentPublication};
use super::{Body, who};
use crate::documents::model::{Access, NewLink};
use crate::documents::service::Documents;

/// Look who may do what with a document.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/access", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 200, body = Access),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn get_document_access(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<Json<Access>, Problem> {
    Ok(Json(documents.access(&who(by, &caller), &id).await?))
}

/// Share a document with these, and with nobody else.
#[utoipa::path(
    put, path = "/api/v1/documents/{id}/access", tag = "documents", params(("id" = String, Path)),
    request_body = DocumentGrants,
    responses(
        (status = 200, body = Access),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn share_document(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<Json<Access>, Problem> {
    Ok(Json(documents.share(&who(by, &caller), &id, body).await?))
}

/// Look who may do what with all that is in a folder.
#[utoipa::path(
    get, path = "/api/v1/documents/folders/{id}/access", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 200, body = Access),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn get_document_folder_access(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<Json<Access>, Problem> {
    Ok(Json(documents.folder_access(&who(by, &caller), &id).await?))
}

/// Share all that is in a folder with these, and with nobody else.
#[utoipa::path(
    put, path = "/api/v1/documents/folders/{id}/access", tag = "documents", params(("id" = String, Path)),
    request_body = DocumentGrants,
    responses(
        (status = 200, body = Access),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn share_document_folder(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<Json<Access>, Problem> {
    Ok(Json(
        documents.share_folder(&who(by, &caller), &id, body).await?,
    ))
}

/// Give a document a page that anybody with its address can read, without an account. The address is told this
/// once; the one before leads nowhere any more.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/link", tag = "documents", params(("id" = String, Path)),
    request_body = DocumentPublication,
    responses(
        (status = 201, body = NewLink),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn publish_document(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<(StatusCode, Json<NewLink>), Problem> {
    let made = documents.publish(&who(by, &caller), &id, body).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Take the page of a document back.
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}/link", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn unpublish_document(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    documents.unpublish(&who(by, &caller), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
