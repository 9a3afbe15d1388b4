//! The text of a document as a whole.

use axum::extract::State;
use axum::http::{HeaderName, header};
use dabir_http::{By, Json, Path, Problem, Query, SignedIn, Writer};
use serde::Deserialize;
use utoipa::IntoParams;

use super::bodies::DocumentContent;
use super::{Body, who};
use crate::documents::model::Document;
use crate::documents::service::{Documents, Format};

/// In which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ContentQuery {
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// No page of ours runs what stands in a document.
const HARMLESS: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Read the text of a document.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/content", tag = "documents", params(("id" = String, Path), ContentQuery),
    responses(
        (status = 200, content(
            (serde_json::Value = "application/json"), (String = "text/html"), (String = "text/markdown"),
            (String = "text/plain"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (Vec<u8> = "application/pdf"),
        )),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn get_document_content(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    Query(query): Query<ContentQuery>,
) -> Result<([(HeaderName, &'static str); 3], Vec<u8>), Problem> {
    let format = query.format;
    let text = documents.content(&who(by, &caller), &id, format).await?;
    let headers = [
        (header::CONTENT_TYPE, format.media_type()),
        (header::CONTENT_SECURITY_POLICY, HARMLESS),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, text))
}

/// Put a whole text in the place of what a document says. What both say stays as it is, so that whoever writes in
/// it meanwhile loses nothing.
#[utoipa::path(
    put, path = "/api/v1/documents/{id}/content", tag = "documents", params(("id" = String, Path)),
    request_body = DocumentContent,
    responses(
        (status = 200, body = Document),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
        (status = 503, body = Problem),
    ),
)]
pub(super) async fn put_document_content(
    Writer(caller): Writer,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    dabir_http::Json(body): Body,
) -> Result<Json<Document>, Problem> {
    let changed = documents.put_content(&who(by, &caller), &id, body).await?;
    Ok(Json(changed))
}
