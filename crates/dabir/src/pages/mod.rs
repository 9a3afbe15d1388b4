//! The pages that people see before the console or instead of it, plain HTML that needs no script: the
//! ways in, a word to those who run nothing, and what went wrong. They look like the rooms do, from the same
//! style.

mod reader;
mod next;
mod page;
mod sign_in;
mod welcome;
mod failure;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use dabir_http::{Path, Problem};
use dabir_room::assets;

use crate::app::App;

pub(crate) use failure::{is_for_people, readable};
pub(crate) use next::Next;
pub(crate) use reader::{Look, Reader};
pub(crate) use sign_in::{Secure, ask_to_sign_in};
pub(crate) use welcome::welcome;

const STYLE: &str = include_str!("pages.css");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/start/{key}",
            get(sign_in::show_link).post(sign_in::use_link),
        )
        .route("/sign-in", get(sign_in::show_form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/pages/pages.css", get(show_style))
        .route("/pages/{file}", get(show_asset))
}

async fn show_style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// The rooms' own style, font and icon; they are the same here.
async fn show_asset(Path(file): Path<String>) -> Result<Response, Problem> {
    let asset = assets::find(&file)
        .ok_or_else(|| Problem::not_found("request.path", "there is no such file"))?;
    let mut response = asset.body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(assets::CACHE_CONTROL),
    );
    if asset.gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
