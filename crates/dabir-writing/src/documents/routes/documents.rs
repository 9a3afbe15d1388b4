//! List, make, look at, change, mark, delete and restore documents.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use dabir_http::{Admin, By, Json, Oneself, PageQuery, Path, Problem, Query, SignedIn, Writer};

use super::bodies::{DocumentGift, DocumentPatch, NewDocument};
use super::{Body, looked_at, who};
use crate::documents::error::DocumentError;
use crate::documents::list::DocumentQuery;
use crate::documents::model::{Document, DocumentDetail, DocumentPage};
use crate::documents::service::Documents;

/// The version of a document, for `If-Match`.
type Tag = [(HeaderName, String); 1];

fn tag(version: i64) -> Tag {
    [(header::ETAG, format!("\"{version}\""))]
}

fn tagged(document: Document) -> (Tag, Json<Document>) {
    (tag(document.version), Json(document))
}

/// List the documents that the caller may see, the newest first.
#[utoipa::path(
    get, path = "/api/v1/documents", tag = "documents", params(DocumentQuery),
    responses(
        (status = 200, body = DocumentPage),
        (status = 400, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_documents(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Query(query): Query<DocumentQuery>,
) -> Result<Json<DocumentPage>, Problem> {
    let filter = query.read()?;
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let who = who(by, &caller);
    Ok(Json(documents.list(&who, &filter, page.limit()?).await?))
}

/// Make a document.
#[utoipa::path(
    post, path = "/api/v1/documents", tag = "documents",
    request_body = NewDocument,
    responses(
        (status = 201, body = Document),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_document(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    dabir_http::Json(body): Body,
) -> Result<(StatusCode, Tag, Json<Document>), Problem> {
    let made = documents.create(&who(by, &caller), body).await?;
    let (tag, made) = tagged(made);
    Ok((StatusCode::CREATED, tag, made))
}

/// Look at a document: what is known of it beside its text.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 200, body = DocumentDetail),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn get_document(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<(Tag, Json<DocumentDetail>), Problem> {
    let detail = documents.detail(&who(by, &caller), &id).await?;
    Ok((tag(detail.document.version), Json(detail)))
}

/// Change title, place or owner of a document. With `version`, or `If-Match`, somebody else's change since then
/// refuses it.
#[utoipa::path(
    patch, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path)),
    request_body = DocumentPatch,
    responses(
        (status = 200, body = Document),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`documents.changed`"),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_document(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    headers: HeaderMap,
    dabir_http::Json(body): Body,
) -> Result<(Tag, Json<Document>), Problem> {
    let (who, looked_at) = (who(by, &caller), looked_at(&headers)?);
    let changed = documents.patch(&who, &id, looked_at, body).await?;
    Ok(tagged(changed))
}

/// Delete a document. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`documents.changed`"),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn delete_document(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (who, looked_at) = (who(by, &caller), looked_at(&headers)?);
    documents.delete(&who, &id, looked_at).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring a deleted document back.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/restore", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 200, body = Document),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn restore_document(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<(Tag, Json<Document>), Problem> {
    let restored = documents.restore(&who(by, &caller), &id).await?;
    Ok(tagged(restored))
}

/// Mark a document, for oneself alone.
#[utoipa::path(
    put, path = "/api/v1/documents/{id}/star", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn star_document(
    Oneself(caller): Oneself,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    documents.star(&who(by, &caller), &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark a document no more.
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}/star", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn unstar_document(
    Oneself(caller): Oneself,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    documents.star(&who(by, &caller), &id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a document to somebody: for admins, when its owner is gone. They need not see it.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/give", tag = "documents", params(("id" = String, Path)),
    request_body = DocumentGift,
    responses(
        (status = 204),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn give_document(
    Admin(caller): Admin,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<StatusCode, Problem> {
    let to = body.get("to").and_then(|to| to.as_str());
    let to = to.ok_or_else(|| DocumentError::invalid("to", "write the id of a person"))?;
    documents.give(&who(by, &caller), &id, to).await?;
    Ok(StatusCode::NO_CONTENT)
}
