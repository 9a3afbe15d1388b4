//! Uploads by the tus protocol, version 1.0: creation, creation-with-upload, expiration, checksum and
//! termination.

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_core::Timestamp;
use dabir_http::{By, Path, Problem, Stranger, Writer};
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::error::FilesError;
use crate::model::NewUpload;
use crate::service::{Checksum, Files, Outcome};

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,expiration,checksum,termination";
const OFFSET_OCTETS: &str = "application/offset+octet-stream";
/// The longest `Upload-Metadata`, in bytes.
const MAX_METADATA: usize = 4 << 10;

/// A request of the version of the protocol that is spoken here.
pub(super) struct Resumable;

impl<S: Sync> FromRequestParts<S> for Resumable {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let asked = parts.headers.get("tus-resumable");
        if asked.is_some_and(|version| version == VERSION) {
            return Ok(Self);
        }
        let detail = format!("send the header `Tus-Resumable: {VERSION}`");
        let status = StatusCode::PRECONDITION_FAILED;
        Err(Problem::new(status, "uploads.version", detail))
    }
}

/// Says with every answer which version is spoken here.
pub(super) async fn versioned(mut response: Response) -> Response {
    let version = HeaderValue::from_static(VERSION);
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("tus-version"), version.clone());
    headers.insert(HeaderName::from_static("tus-resumable"), version);
    response
}

/// Tell what this server does of the tus protocol.
#[utoipa::path(
    options, path = "/api/v1/uploads", tag = "files",
    responses((status = 204, description = "The headers `Tus-Version`, `Tus-Extension`, `Tus-Max-Size` and `Tus-Checksum-Algorithm`")),
)]
pub(super) async fn describe_uploads(_: Stranger, State(files): State<Files>) -> Response {
    let headers = [
        ("tus-extension", EXTENSIONS.to_owned()),
        ("tus-max-size", files.config().max_size().to_string()),
        ("tus-checksum-algorithm", "sha1,sha256".to_owned()),
    ];
    with(StatusCode::NO_CONTENT, headers)
}

/// Begin an upload: `Upload-Length` says its size, `Upload-Metadata` its `filename`. Its first bytes may
/// come along.
#[utoipa::path(
    post, path = "/api/v1/uploads", tag = "files",
    params(
        ("Tus-Resumable" = String, Header, example = "1.0.0"),
        ("Upload-Length" = u64, Header),
        ("Upload-Metadata" = Option<String>, Header, description = "`filename` and its value in base64"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha256` or `sha1`, and the body's in base64"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 201, description = "Begun; `Location` is where it goes on"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_upload(
    Writer(who): Writer,
    _: Resumable,
    By(by): By,
    State(files): State<Files>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let size = number(&headers, "upload-length")?;
    let name = filename(&headers)?;
    let brings = match headers.get(header::CONTENT_TYPE) {
        None => false,
        Some(kind) => is_octets(kind),
    };
    let checksum = checksum(&headers)?;
    let upload = files.create_upload(&who, NewUpload { name, size }).await?;
    let id = upload.id.clone();
    let body = if brings { body } else { Body::empty() };
    let begun = files
        .append(
            &by,
            &who,
            &id,
            0,
            body.into_data_stream(),
            checksum.filter(|_| brings),
        )
        .await;
    let outcome = match begun {
        Ok(outcome) => outcome,
        // It is begun: what did not come now is sent to where it goes on.
        Err(FilesError::BrokenOff(_)) => files.find_upload(&by, &who, &id).await?,
        Err(error) => {
            // Whoever is not told where it goes on cannot go on.
            files.end_upload(&who, &id).await?;
            return Err(error.into());
        }
    };
    let mut response = told(StatusCode::CREATED, &outcome);
    let location = HeaderValue::from_str(&format!("/api/v1/uploads/{id}"));
    let location = location.map_err(|error| Problem::internal(&error))?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// Tell how far an upload is.
#[utoipa::path(
    head, path = "/api/v1/uploads/{id}", tag = "files",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, example = "1.0.0")),
    responses((status = 200, description = "The headers `Upload-Offset`, `Upload-Length` and `Upload-Expires`"), (status = 404, description = "There is none"), (status = 412, description = "Another version of the protocol")),
)]
pub(super) async fn get_upload(
    Writer(who): Writer,
    _: Resumable,
    By(by): By,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let outcome = files.find_upload(&by, &who, &id).await?;
    let mut response = told(StatusCode::OK, &outcome);
    let length = HeaderValue::from(outcome.upload.size);
    response.headers_mut().insert("upload-length", length);
    Ok(response)
}

/// Send what comes next of an upload, from `Upload-Offset` on. What the answer tells is durable; with the
/// last byte it is a file under the same id.
#[utoipa::path(
    patch, path = "/api/v1/uploads/{id}", tag = "files",
    params(
        ("id" = String, Path),
        ("Tus-Resumable" = String, Header, example = "1.0.0"),
        ("Upload-Offset" = u64, Header),
        ("Upload-Checksum" = Option<String>, Header),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "Taken; `Upload-Offset` tells up to where"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn append_to_upload(
    Writer(who): Writer,
    _: Resumable,
    By(by): By,
    State(files): State<Files>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if !headers.get(header::CONTENT_TYPE).is_some_and(is_octets) {
        let detail = format!("send `Content-Type: {OFFSET_OCTETS}`");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "request.content_type", detail));
    }
    let offset = number(&headers, "upload-offset")?;
    let checksum = checksum(&headers)?;
    let body = body.into_data_stream();
    let outcome = files.append(&by, &who, &id, offset, body, checksum).await?;
    Ok(told(StatusCode::NO_CONTENT, &outcome))
}

/// Give an upload up.
#[utoipa::path(
    delete, path = "/api/v1/uploads/{id}", tag = "files",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, example = "1.0.0")),
    responses(
        (status = 204, description = "Given up"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_upload(
    Writer(who): Writer,
    _: Resumable,
    State(files): State<Files>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    files.end_upload(&who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn told(status: StatusCode, outcome: &Outcome) -> Response {
    let upload = &outcome.upload;
    let mut headers = vec![
        ("upload-offset", upload.received.to_string()),
        ("cache-control", "no-store".to_owned()),
    ];
    if outcome.file.is_none() {
        headers.extend(http_date(upload.expires_at).map(|at| ("upload-expires", at)));
    }
    with(status, headers)
}

fn with(status: StatusCode, headers: impl IntoIterator<Item = (&'static str, String)>) -> Response {
    let mut response = status.into_response();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn http_date(at: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

fn is_octets(kind: &HeaderValue) -> bool {
    kind.as_bytes()
        .eq_ignore_ascii_case(OFFSET_OCTETS.as_bytes())
}

/// A header that has to be there and be a whole number.
fn number(headers: &HeaderMap, name: &str) -> Result<u64, Problem> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    let digits = value.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse::<i64>().ok());
    let number = number.and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| {
        let detail = format!("the header `{name}` has to be a whole number of bytes");
        Problem::bad_request("uploads.header", detail)
    })
}

/// The file's name among what `Upload-Metadata` says; clients write `filename` or `name`.
fn filename(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(all) = headers.get("upload-metadata") else {
        return Ok(String::new());
    };
    let wrong = || {
        let detail = "`Upload-Metadata` is a list of keys, each with a value in base64";
        Problem::bad_request("uploads.header", detail)
    };
    let all = all.to_str().map_err(|_| wrong())?;
    if all.len() > MAX_METADATA {
        return Err(wrong());
    }
    let mut found = String::new();
    for pair in all
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).map_err(|_| wrong())?;
        if key == "filename" || (key == "name" && found.is_empty()) {
            found = String::from_utf8(value).map_err(|_| wrong())?;
        }
    }
    Ok(found)
}

fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(value) = headers.get("upload-checksum") else {
        return Ok(None);
    };
    let wrong = || {
        let detail = "`Upload-Checksum` is `sha256` or `sha1`, a space, and the hash in base64";
        Problem::bad_request("uploads.header", detail)
    };
    let value = value.to_str().map_err(|_| wrong())?;
    let (algorithm, hash) = value.split_once(' ').ok_or_else(wrong)?;
    let hash = STANDARD.decode(hash).map_err(|_| wrong())?;
    match (algorithm, hash.len()) {
        ("sha1", 20) => Ok(Some(Checksum::Sha1(hash))),
        ("sha256", 32) => Ok(Some(Checksum::Sha256(hash))),
        _ => Err(wrong()),
    }
}
