//! The layers around the whole router: a request id, one log line a request, problems in full,
//! limits, and the headers that every answer carries.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::Problem;

/// The largest JSON body that the API reads.
const MAX_BODY_BYTES: usize = 1 << 20;
/// A body that stands still for this long is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Identifies one request in the log and in problem details.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps the finished router in everything that holds for every request.
pub fn wrap(router: Router) -> Router {
    let header = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    router
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "request.method",
                "this path does not know that method; the `Allow` header names those it knows",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(observe))
        .layer(header("x-content-type-options", "nosniff"))
        .layer(header("referrer-policy", "same-origin"))
        .layer(header("x-frame-options", "DENY"))
        .layer(header("cross-origin-opener-policy", "same-origin"))
        .layer(header("cross-origin-resource-policy", "same-origin"))
        .layer(header(
            "permissions-policy",
            "camera=(), microphone=(), geolocation=()",
        ))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the panic over by value"
)]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Problem::internal(&format!("a handler panicked: {text}")).into_response()
}

/// Gives the request its id, logs how it ended, and completes a problem's body.
async fn observe(mut request: Request, next: Next) -> Response {
    let id = dabir_core::new_id();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let started = Instant::now();
    let span = tracing::info_span!("request", request_id = %id);
    let response = tracing::Instrument::instrument(next.run(request), span).await;
    let status = response.status().as_u16();
    tracing::debug!(
        request_id = %id, %method, path = %loggable(&path), status,
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "{method} {status}",
    );
    complete(response, path, &id)
}

/// Below these a path's last part is the key of a link that signs in.
const KEYED: [&str; 2] = ["/start/", "/api/v1/auth/links/"];

/// A path as the log may have it: in one line, and without the key of a link that signs in.
fn loggable(path: &str) -> String {
    match KEYED.iter().find(|keyed| path.starts_with(**keyed)) {
        Some(keyed) => format!("{keyed}…"),
        None => dabir_core::text::one_line(path),
    }
}

fn complete(mut response: Response, path: String, id: &str) -> Response {
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.instance = path;
        problem.request_id = id.to_owned();
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_no_keys_and_no_line_breaks() {
        assert_eq!(loggable("/start/k3v9m2q8xw4t"), "/start/…");
        assert_eq!(loggable("/api/v1/auth/links/k3v"), "/api/v1/auth/links/…");
        assert_eq!(loggable("/api/v1/meetings"), "/api/v1/meetings");
        assert!(!loggable("/a\nb").contains('\n'));
    }
}
