//! The pages of the house, plain HTML that needs no script: the way in, what runs, a new meeting in
//! one step, and what went wrong in words. They look like the rooms do, from the same style.

mod page;
mod sign_in;
mod overview;
mod failure;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use dabir_http::{Path, Problem};
use dabir_room::assets;

use crate::app::App;

pub(crate) use failure::readable;

const STYLE: &str = include_str!("pages.css");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(overview::show_home))
        .route(
            "/start/{key}",
            get(sign_in::show_link).post(sign_in::use_link),
        )
        .route("/home/sign-in", post(sign_in::sign_in))
        .route("/home/sign-out", post(sign_in::sign_out))
        .route("/home/home.css", get(show_style))
        .route("/home/{file}", get(show_asset))
        .route("/home/meetings", post(overview::make_meeting))
        .route("/home/meetings/{id}/enter", post(overview::enter_meeting))
        .route("/home/meetings/{id}/stop", post(overview::stop_meeting))
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
