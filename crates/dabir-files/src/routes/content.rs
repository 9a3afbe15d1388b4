//! The bytes of files. They are downloads: what people upload never becomes a page of ours.

use std::ops::Range;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dabir_http::{Path, Problem, Query, SignedIn};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::model::File;
use crate::name::disposition;
use crate::objects::content_key;
use crate::service::Files;

/// Pictures that browsers show and that run nothing.
const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];
/// Should it be shown as a page all the same, nothing in it runs or loads.
const POLICY: &str = "sandbox; default-src 'none'";

/// How the bytes are wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ContentQuery {
    /// `1`: to be shown in a page, which pictures can be.
    inline: Option<u8>,
}

/// Download a file, or a range of it.
#[utoipa::path(
    get, path = "/api/v1/files/{id}/content", tag = "files",
    params(
        ("id" = String, Path), ContentQuery,
        ("Range" = Option<String>, Header, example = "bytes=0-1023"),
        ("If-None-Match" = Option<String>, Header),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The range", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "It is as it was"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 416, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn download_file(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Path(id): Path<String>,
    Query(query): Query<ContentQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = files.get(&who, &id).await?;
    let tag = format!("\"{}\"", file.sha256);
    if has_it(&headers, &tag) {
        return Ok(finish(
            StatusCode::NOT_MODIFIED,
            [(header::ETAG, tag)],
            Body::empty(),
        ));
    }
    let range = match wanted(&headers, &tag, file.size) {
        Ok(range) => range,
        Err(beyond) => return Ok(beyond),
    };
    let body = if file.size == 0 {
        Body::empty()
    } else {
        let bytes = files.objects().get(&content_key(&id), range.clone()).await;
        Body::from_stream(bytes.map_err(crate::FilesError::from)?)
    };
    let (status, length) = match &range {
        Some(range) => (StatusCode::PARTIAL_CONTENT, range.end - range.start),
        None => (StatusCode::OK, file.size),
    };
    let is_shown = query.inline == Some(1) && SHOWN.contains(&file.media_type.as_str());
    let how = if is_shown { "inline" } else { "attachment" };
    let mut answer = vec![
        (header::CONTENT_TYPE, media_type(&file)),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, disposition(how, &file.name)),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, tag),
    ];
    if let Some(Range { start, end }) = range {
        let told = format!("bytes {start}-{}/{}", end - 1, file.size);
        answer.push((header::CONTENT_RANGE, told));
    }
    Ok(finish(status, answer, body))
}

/// Show the small picture of a file.
#[utoipa::path(
    get, path = "/api/v1/files/{id}/thumbnail", tag = "files", params(("id" = String, Path)),
    responses(
        (status = 200, description = "A JPEG of at most 512 pixels a side", content_type = "image/jpeg", body = Vec<u8>),
        (status = 304, description = "It is as it was"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn get_thumbnail(
    SignedIn(who): SignedIn,
    State(files): State<Files>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = files.get(&who, &id).await?;
    let tag = format!("\"{}-{}\"", file.sha256, crate::ANALYSER);
    if has_it(&headers, &tag) && file.thumbnail {
        return Ok(finish(
            StatusCode::NOT_MODIFIED,
            [(header::ETAG, tag)],
            Body::empty(),
        ));
    }
    let jpeg = files.thumbnail(&who, &id).await?;
    let answer = [
        (header::CONTENT_TYPE, "image/jpeg".to_owned()),
        (header::ETAG, tag),
    ];
    Ok(finish(StatusCode::OK, answer, Body::from(jpeg)))
}

fn finish(
    status: StatusCode,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
    body: Body,
) -> Response {
    let mut response = (status, body).into_response();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        // Rights end: whoever has it asks again whether they still may.
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in fixed.into_iter().chain(headers) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What runs in a browser is told to be bytes.
fn media_type(file: &File) -> String {
    let is_page = ["html", "xml", "javascript"]
        .iter()
        .any(|word| file.media_type.contains(word))
        && !file.media_type.contains("officedocument");
    if is_page {
        return "application/octet-stream".to_owned();
    }
    file.media_type.clone()
}

fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    known.is_some_and(|known| {
        let mut tags = known
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/"));
        tags.any(|one| one == tag || one == "*")
    })
}

/// The range that is asked for; `None` is the whole. Several are answered by the whole.
fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Result<Option<Range<u64>>, Response> {
    let of_this = headers
        .get(header::IF_RANGE)
        .is_none_or(|known| known == tag);
    let asked = headers
        .get(header::RANGE)
        .and_then(|asked| asked.to_str().ok());
    let Some(asked) = asked.filter(|_| of_this) else {
        return Ok(None);
    };
    match range(asked, size) {
        Asked::Whole => Ok(None),
        Asked::Part(range) => Ok(Some(range)),
        Asked::Beyond => {
            let detail = format!("the file has {size} bytes");
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            let mut response = Problem::new(status, "files.range", detail).into_response();
            if let Ok(told) = HeaderValue::from_str(&format!("bytes */{size}")) {
                response.headers_mut().insert(header::CONTENT_RANGE, told);
            }
            Err(response)
        }
    }
}

#[derive(Debug, PartialEq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    Beyond,
}

fn range(asked: &str, size: u64) -> Asked {
    let one = asked
        .strip_prefix("bytes=")
        .filter(|one| !one.contains(','));
    let Some((first, last)) = one.and_then(|one| one.trim().split_once('-')) else {
        return Asked::Whole;
    };
    let found = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(last)) if first.is_empty() => size.saturating_sub(last)..size,
        _ => return Asked::Whole,
    };
    if found.is_empty() {
        return Asked::Beyond;
    }
    Asked::Part(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_browsers_write_them() {
        for (asked, expected) in [
            ("bytes=0-9", Asked::Part(0..10)),
            ("bytes=5-", Asked::Part(5..100)),
            ("bytes=-10", Asked::Part(90..100)),
            ("bytes=-1000", Asked::Part(0..100)),
            ("bytes=90-1000", Asked::Part(90..100)),
            ("bytes=0-18446744073709551615", Asked::Part(0..100)),
            ("bytes=100-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=9-5", Asked::Whole),
            ("bytes=0-1,5-9", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("bytes=x-y", Asked::Whole),
        ] {
            assert_eq!(range(asked, 100), expected, "{asked}");
        }
    }
}
