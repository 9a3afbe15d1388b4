//! A client's photo, for pages.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dabir_http::{Path, Problem, Viewer};

use super::named;
use crate::portrait::Portrait;
use crate::service::Clients;

/// Whatever a browser makes of it, it runs nothing.
const POLICY: &str = "sandbox; default-src 'none'";

/// Look at a client's photo: a JPEG of at most 256 pixels a side, drawn anew from the one in the folder.
#[utoipa::path(
    get, path = "/api/v1/clients/{username}/photo", tag = "clients",
    params(
        ("username" = String, Path),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the one that you have"),
    ),
    responses(
        (status = 200, content_type = "image/jpeg", body = Vec<u8>),
        (status = 304, description = "It is the one that you have"),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn get_client_photo(
    _: Viewer,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let username = named(&name)?;
    let found = clients.portrait(&username, |tag| has(&headers, tag));
    let none = || Problem::not_found("clients.no_photo", "there is no photo of this client");
    let Portrait { tag, jpeg } = found.await?.ok_or_else(none)?;
    let kept = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    let Some(jpeg) = jpeg else {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    };
    let shown = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    Ok((kept, shown, jpeg.to_vec()).into_response())
}

fn has(headers: &HeaderMap, tag: &str) -> bool {
    let had = headers.get(header::IF_NONE_MATCH);
    let had = had.and_then(|had| had.to_str().ok()).unwrap_or_default();
    let mut had = had.split(',').map(str::trim);
    had.any(|had| had == "*" || had.trim_start_matches("W/") == tag)
}
