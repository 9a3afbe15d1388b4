//! Lists of files, one file, and what is done with it.

use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use dabir_core::Page;
use dabir_core::names::needles;
use dabir_http::{By, FieldError, Json, PageQuery, Path, Problem, Query, SignedIn, Writer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::FilesError;
use crate::analysis::Analysis;
use crate::model::{Attachment, File, FileFilter, FileState, NewUpload};
use crate::service::{Alike, Bulk, Files};

/// The most files that one request changes.
const MOST: usize = 200;
/// How many words may be asked for.
const MAX_WORDS: usize = 32;

/// Which files.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FilesQuery {
    /// Only one's own; others see no more anyway, but admins do.
    mine: Option<bool>,
    /// `pdf`, `document`, `picture` …
    kind: Option<String>,
    state: Option<FileState>,
    /// Words of the name.
    q: Option<String>,
    /// What they are attached to: `task:42`.
    attached: Option<String>,
    /// Those that were deleted, and can still be had back.
    deleted: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A page of files.
#[derive(Serialize, ToSchema)]
pub(super) struct FilePage {
    items: Vec<File>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// Files that were uploaded.
#[derive(Serialize, ToSchema)]
pub(super) struct Uploaded {
    items: Vec<File>,
}

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePatch {
    name: String,
    /// As it was seen; the name is left when the file has changed since.
    version: Option<i64>,
}

/// An order for many files.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkOrder {
    /// At most 200.
    ids: Vec<String>,
    action: Bulk,
}

/// What became of an order for many.
#[derive(Serialize, ToSchema)]
pub(super) struct BulkDone {
    /// How many files it was done to.
    done: usize,
    refused: Vec<BulkRefusal>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct BulkRefusal {
    id: String,
    #[schema(example = "files.not_found")]
    code: String,
    detail: String,
}

/// The text of a file.
#[derive(Serialize, ToSchema)]
pub(super) struct FileText {
    text: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AlikeList {
    items: Vec<Alike>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AttachmentList {
    items: Vec<Attachment>,
}

impl FilesQuery {
    fn filter(&self, mine: &str) -> Result<FileFilter, Problem> {
        let attached = self.attached.as_deref().map(subject).transpose()?;
        let words = self.q.as_deref().unwrap_or_default();
        if self.kind.as_ref().is_some_and(|kind| kind.contains('\0')) {
            return Err(not_allowed("kind", "NUL is no letter".to_owned()));
        }
        if words.split_whitespace().count() > MAX_WORDS {
            let detail = format!("write at most {MAX_WORDS} words");
            return Err(not_allowed("q", detail));
        }
        Ok(FileFilter {
            owner_id: self.mine.unwrap_or(false).then(|| mine.to_owned()),
            kind: self.kind.clone(),
            state: self.state,
            words: words.split_whitespace().map(needles).collect(),
            attached,
            deleted: self.deleted.unwrap_or(false),
        })
    }
}

fn not_allowed(field: &str, detail: String) -> Problem {
    let field = field.to_owned();
    Problem::invalid("request.query", vec![FieldError { field, detail }])
}

fn subject(text: &str) -> Result<Attachment, Problem> {
    let (kind, id) = text.split_once(':').ok_or_else(|| {
        let detail = "write a kind, a colon and an id, such as `task:42`";
        not_allowed("attached", detail.to_owned())
    })?;
    if text.contains('\0') {
        return Err(not_allowed("attached", "NUL is no letter".to_owned()));
    }
    Ok(Attachment {
        subject_kind: kind.to_owned(),
        subject_id: id.to_owned(),
    })
}

/// List files, the newest first: one's own, those attached to something that one may see, and to admins
/// those of all.
#[utoipa::path(
    get, path = "/api/v1/files", tag = "files", params(FilesQuery),
    responses((status = 200, body = FilePage), (status = 422, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_files(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Query(query): Query<FilesQuery>,
) -> Result<Json<FilePage>, Problem> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor.clone(),
    };
    let filter = query.filter(crate::service::owner_of(&who))?;
    let limit = page.limit()?;
    let Page { items, next_cursor } = files
        .list(&who, filter, page.cursor.as_deref(), limit)
        .await?;
    Ok(Json(FilePage { items, next_cursor }))
}

/// Upload one file or several in one request, for scripts: browsers use `/uploads`, which goes on after a
/// cut line.
#[utoipa::path(
    post, path = "/api/v1/files", tag = "files",
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Uploaded),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 411, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn upload_files(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    headers: HeaderMap,
    parts: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<(StatusCode, Json<Uploaded>), Problem> {
    let broken = |detail: String| Problem::bad_request("request.body", detail);
    let mut parts = parts.map_err(|rejection| broken(rejection.body_text()))?;
    // The quota is asked before the first byte is taken, and no part says how long it is.
    let size = content_length(&headers)?.min(files.config().max_size());
    let mut items = Vec::new();
    while let Some(part) = parts
        .next_field()
        .await
        .map_err(|e| broken(e.body_text()))?
    {
        let Some(name) = part.file_name().map(str::to_owned) else {
            continue;
        };
        let new = NewUpload { name, size };
        items.push(files.take(&by, &who, new, part).await?);
    }
    if items.is_empty() {
        return Err(broken("no part of the body is a file".to_owned()));
    }
    Ok((StatusCode::CREATED, Json(Uploaded { items })))
}

fn content_length(headers: &HeaderMap) -> Result<u64, Problem> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    length.ok_or_else(|| {
        let detail = "say with `Content-Length` how much is sent, or use `/uploads`";
        Problem::new(StatusCode::LENGTH_REQUIRED, "request.length", detail)
    })
}

/// Analyse, delete or restore many files. What cannot be done to one is told and stops nothing.
#[utoipa::path(
    post, path = "/api/v1/files/bulk", tag = "files", request_body = BulkOrder,
    responses((status = 200, body = BulkDone), (status = 422, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn change_files(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    Json(order): Json<BulkOrder>,
) -> Result<Json<BulkDone>, Problem> {
    if order.ids.is_empty() || order.ids.len() > MOST {
        let detail = format!("write 1 to {MOST} ids");
        return Err(FilesError::invalid("ids", detail).into());
    }
    let (mut done, mut refused) = (0, Vec::new());
    for id in order.ids {
        let did = match order.action {
            Bulk::Analyse => files.start_analysis(&by, &who, &id).await.map(drop),
            Bulk::Delete => files.delete(&by, &who, &id).await,
            Bulk::Restore => files.restore(&by, &who, &id).await.map(drop),
        };
        match did.map_err(Problem::from) {
            Ok(()) => done += 1,
            Err(Problem { code, detail, .. }) => refused.push(BulkRefusal { id, code, detail }),
        }
    }
    Ok(Json(BulkDone { done, refused }))
}

/// Show one file.
#[utoipa::path(
    get, path = "/api/v1/files/{id}", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = File), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_file(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<Json<File>, Problem> {
    Ok(Json(files.get(&who, &id).await?))
}

/// Give a file another name.
#[utoipa::path(
    patch, path = "/api/v1/files/{id}", tag = "files", params(("id" = String, Path)), request_body = FilePatch,
    responses(
        (status = 200, body = File),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn rename_file(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    Path(id): Path<String>,
    Json(patch): Json<FilePatch>,
) -> Result<Json<File>, Problem> {
    let file = files
        .rename(&by, &who, &id, &patch.name, patch.version)
        .await?;
    Ok(Json(file))
}

/// Delete a file; for thirty days it can be had back.
#[utoipa::path(
    delete, path = "/api/v1/files/{id}", tag = "files", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn delete_file(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    files.delete(&by, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have a deleted file back.
#[utoipa::path(
    post, path = "/api/v1/files/{id}/restore", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = File), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn restore_file(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<Json<File>, Problem> {
    Ok(Json(files.restore(&by, &who, &id).await?))
}

/// Analyse a file again.
#[utoipa::path(
    post, path = "/api/v1/files/{id}/analyse", tag = "files", params(("id" = String, Path)),
    responses(
        (status = 202, body = File),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn analyse_file(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<File>), Problem> {
    let file = files.start_analysis(&by, &who, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(file)))
}

/// Show what was found in a file.
#[utoipa::path(
    get, path = "/api/v1/files/{id}/analysis", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = Analysis), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_analysis(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<Json<Analysis>, Problem> {
    Ok(Json(files.analysis(&who, &id).await?))
}

/// Show the text of a file: its first 2 MiB.
#[utoipa::path(
    get, path = "/api/v1/files/{id}/text", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = FileText), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_text(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<Json<FileText>, Problem> {
    let text = files.text(&who, &id).await?;
    Ok(Json(FileText { text }))
}

/// List files that are the same as this one, byte for byte or nearly.
#[utoipa::path(
    get, path = "/api/v1/files/{id}/duplicates", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = AlikeList), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_duplicates(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<Json<AlikeList>, Problem> {
    let items = files.duplicates(&who, &id).await?;
    Ok(Json(AlikeList { items }))
}

/// List what a file is attached to.
#[utoipa::path(
    get, path = "/api/v1/files/{id}/attachments", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = AttachmentList), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_attachments(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<Json<AttachmentList>, Problem> {
    let items = files.attachments(&who, &id).await?;
    Ok(Json(AttachmentList { items }))
}

/// Attach a file: whoever sees that thing sees the file.
#[utoipa::path(
    post, path = "/api/v1/files/{id}/attachments", tag = "files", params(("id" = String, Path)), request_body = Attachment,
    responses(
        (status = 204, description = "Attached"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn attach_file(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    Path(id): Path<String>,
    Json(to): Json<Attachment>,
) -> Result<StatusCode, Problem> {
    files.attach(&by, &who, &id, to).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a file off something.
#[utoipa::path(
    delete, path = "/api/v1/files/{id}/attachments/{subject_kind}/{subject_id}", tag = "files",
    params(("id" = String, Path), ("subject_kind" = String, Path), ("subject_id" = String, Path)),
    responses(
        (status = 204, description = "It is not attached to it"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn detach_file(
    Writer(who): Writer,
    By(by): By,
    State(files): State<Files>,
    Path((id, subject_kind, subject_id)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let from = Attachment {
        subject_kind,
        subject_id,
    };
    files.detach(&by, &who, &id, from).await?;
    Ok(StatusCode::NO_CONTENT)
}
