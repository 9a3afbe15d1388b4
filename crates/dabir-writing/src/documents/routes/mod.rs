//! Documents over HTTP: `/api/v1/documents`, and `/p/…` for pages that need no account.

mod bodies;
mod documents;
mod folders;
mod access;
mod content;
mod versions;
mod comments;
mod transfer;
mod live;
mod published;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, header};
use dabir_http::{By, Identity};
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes as paths;

use super::Who;
use super::error::DocumentError;
use super::service::Documents;

/// The longest body that brings a text, and the longest that brings files.
const MAX_TEXT: usize = 16 * 1024 * 1024;
const MAX_FILES: usize = 64 * 1024 * 1024;

/// The body of a request; the service reads its fields.
type Body = dabir_http::Json<Map<String, Value>>;

/// The API of documents.
pub fn routes() -> OpenApiRouter<Documents> {
    let files = OpenApiRouter::new()
        .routes(paths!(transfer::import_documents))
        .layer(DefaultBodyLimit::max(MAX_FILES));
    OpenApiRouter::new()
        .routes(paths!(
            documents::list_documents,
            documents::create_document
        ))
        .routes(paths!(transfer::export_documents))
        .routes(paths!(
            folders::list_document_folders,
            folders::create_document_folder
        ))
        .routes(paths!(
            folders::change_document_folder,
            folders::delete_document_folder
        ))
        .routes(paths!(
            access::get_document_folder_access,
            access::share_document_folder
        ))
        .routes(paths!(
            documents::get_document,
            documents::change_document,
            documents::delete_document
        ))
        .routes(paths!(documents::restore_document))
        .routes(paths!(documents::star_document, documents::unstar_document))
        .routes(paths!(documents::give_document))
        .routes(paths!(
            content::get_document_content,
            content::put_document_content
        ))
        .routes(paths!(access::get_document_access, access::share_document))
        .routes(paths!(access::publish_document, access::unpublish_document))
        .routes(paths!(
            versions::list_document_versions,
            versions::keep_document_version
        ))
        .routes(paths!(versions::get_document_version))
        .routes(paths!(versions::compare_document_version))
        .routes(paths!(versions::restore_document_version))
        .routes(paths!(
            comments::list_document_comments,
            comments::create_document_comment
        ))
        .routes(paths!(
            comments::change_document_comment,
            comments::delete_document_comment
        ))
        .routes(paths!(comments::resolve_document_comment))
        .routes(paths!(comments::reopen_document_comment))
        .routes(paths!(live::edit_document))
        .layer(DefaultBodyLimit::max(MAX_TEXT))
        .merge(files)
}

/// The pages that anybody with their address can read.
pub fn published() -> axum::Router<Documents> {
    published::routes()
}

/// The caller, and what they may do at most.
fn who(By(by): By, caller: &Identity) -> Who {
    Who::new(by, caller)
}

/// The version that `If-Match` names; `None` when any will do.
fn looked_at(headers: &HeaderMap) -> Result<Option<i64>, DocumentError> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let bare = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    let detail = "write the `ETag` of what was looked at";
    let version = bare.parse().map(Some);
    version.map_err(|_| DocumentError::invalid("If-Match", detail))
}

/// A cursor that is a number.
fn cursor(text: Option<&str>) -> Result<Option<i64>, DocumentError> {
    let detail = "write `next_cursor` of the page before";
    let read = text.map(str::parse).transpose();
    read.map_err(|_| DocumentError::invalid("cursor", detail))
}
