//! How a document was once.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, PageQuery, Path, Problem, Query, SignedIn, Writer};
use dabir_prose::diff::{Counts, Part};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bodies::NewDocumentVersion;
use super::{Body, cursor, who};
use crate::documents::model::{Document, Version, VersionDetail, VersionPage};
use crate::documents::service::Documents;

/// With which other version; with the document of now when not given.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DiffQuery {
    with: Option<i64>,
}

/// What became of a version.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentDiff {
    counts: DocumentDiffCounts,
    /// The nodes of both, each with its `change`.
    #[schema(value_type = Object)]
    content: Part,
}

/// How much was changed.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentDiffCounts {
    /// Words that are new.
    added: usize,
    /// Words that are gone.
    removed: usize,
    /// Blocks and stretches of text that look different.
    changed: usize,
}

impl From<Counts> for DocumentDiffCounts {
    fn from(counts: Counts) -> Self {
        let Counts {
            added,
            removed,
            changed,
        } = counts;
        Self {
            added,
            removed,
            changed,
        }
    }
}

/// List the versions of a document, the newest first.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/versions", tag = "documents", params(("id" = String, Path), PageQuery),
    responses(
        (status = 200, body = VersionPage),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_document_versions(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<VersionPage>, Problem> {
    let before = cursor(page.cursor.as_deref())?;
    let who = who(by, &caller);
    Ok(Json(
        documents.versions(&who, &id, before, page.limit()?).await?,
    ))
}

/// Keep how a document is now, under a name.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/versions", tag = "documents", params(("id" = String, Path)),
    request_body = NewDocumentVersion,
    responses(
        (status = 201, body = Version),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn keep_document_version(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<(StatusCode, Json<Version>), Problem> {
    let kept = documents.keep_version(&who(by, &caller), &id, body).await?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// Look at a version and its text.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/versions/{version}", tag = "documents", params(("id" = String, Path), ("version" = i64, Path)),
    responses(
        (status = 200, body = VersionDetail),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn get_document_version(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path((id, version)): Path<(String, i64)>,
) -> Result<Json<VersionDetail>, Problem> {
    Ok(Json(
        documents.version(&who(by, &caller), &id, version).await?,
    ))
}

/// Compare a version with a later one, or with the document of now.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/versions/{version}/diff", tag = "documents", params(("id" = String, Path), ("version" = i64, Path), DiffQuery),
    responses(
        (status = 200, body = DocumentDiff),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn compare_document_version(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path((id, version)): Path<(String, i64)>,
    Query(query): Query<DiffQuery>,
) -> Result<Json<DocumentDiff>, Problem> {
    let who = who(by, &caller);
    let (counts, content) = documents.diff(&who, &id, version, query.with).await?;
    let counts = counts.into();
    Ok(Json(DocumentDiff { counts, content }))
}

/// Bring a version back, as a change: what others write meanwhile stays.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/versions/{version}/restore", tag = "documents", params(("id" = String, Path), ("version" = i64, Path)),
    responses(
        (status = 200, body = Document),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 503, body = Problem),
    ),
)]
pub(super) async fn restore_document_version(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path((id, version)): Path<(String, i64)>,
) -> Result<Json<Document>, Problem> {
    let restored = documents
        .restore_version(&who(by, &caller), &id, version)
        .await?;
    Ok(Json(restored))
}
