//! What is said about a document.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, PageQuery, Path, Problem, Query, SignedIn, Writer};

use super::bodies::{DocumentCommentPatch, NewDocumentComment};
use super::{Body, cursor, who};
use crate::documents::model::{DocumentComment, DocumentCommentPage};
use crate::documents::service::Documents;

/// List what is said about a document, the oldest first.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/comments", tag = "documents", params(("id" = String, Path), PageQuery),
    responses(
        (status = 200, body = DocumentCommentPage),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_document_comments(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<DocumentCommentPage>, Problem> {
    let after = cursor(page.cursor.as_deref())?;
    let who = who(by, &caller);
    Ok(Json(
        documents.comments(&who, &id, after, page.limit()?).await?,
    ))
}

/// Say something about a document, or about a place in it.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/comments", tag = "documents", params(("id" = String, Path)),
    request_body = NewDocumentComment,
    responses(
        (status = 201, body = DocumentComment),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_document_comment(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<(StatusCode, Json<DocumentComment>), Problem> {
    let said = documents.comment(&who(by, &caller), &id, body).await?;
    Ok((StatusCode::CREATED, Json(said)))
}

/// Change what one said.
#[utoipa::path(
    patch, path = "/api/v1/documents/{id}/comments/{comment}", tag = "documents", params(("id" = String, Path), ("comment" = String, Path)),
    request_body = DocumentCommentPatch,
    responses(
        (status = 200, body = DocumentComment),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_document_comment(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path((id, comment)): Path<(String, String)>,
    dabir_http::Json(body): Body,
) -> Result<Json<DocumentComment>, Problem> {
    let who = who(by, &caller);
    let changed = documents.change_comment(&who, &id, &comment, body);
    Ok(Json(changed.await?))
}

/// Take back what one said; owners of the document take back what others said, too.
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}/comments/{comment}", tag = "documents", params(("id" = String, Path), ("comment" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn delete_document_comment(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path((id, comment)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    documents
        .delete_comment(&who(by, &caller), &id, &comment)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Settle a thread.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/comments/{comment}/resolve", tag = "documents", params(("id" = String, Path), ("comment" = String, Path)),
    responses(
        (status = 200, body = DocumentComment),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn resolve_document_comment(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path((id, comment)): Path<(String, String)>,
) -> Result<Json<DocumentComment>, Problem> {
    let who = who(by, &caller);
    let settled = documents.resolve(&who, &id, &comment, true);
    Ok(Json(settled.await?))
}

/// Open a thread again.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/comments/{comment}/reopen", tag = "documents", params(("id" = String, Path), ("comment" = String, Path)),
    responses(
        (status = 200, body = DocumentComment),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn reopen_document_comment(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path((id, comment)): Path<(String, String)>,
) -> Result<Json<DocumentComment>, Problem> {
    let who = who(by, &caller);
    let settled = documents.resolve(&who, &id, &comment, false);
    Ok(Json(settled.await?))
}
