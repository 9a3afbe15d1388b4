//! The layers around the whole router: a request id, one log line a request, problems in full,
//! limits, compressed JSON, and the headers that every answer carries.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::Problem;

/// The largest JSON body that the API reads.
const MAX_BODY_BYTES: usize = 1 << 20;
/// A body that stands still for this long is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// Below this, an answer fits into one packet as it is.
const COMPRESSED_FROM: u64 = 1_024;
/// Of Brotli and gzip alike. Brotli's next one below leaves twice as much of a list; this one takes
/// a millisecond for 25 kB.
const LEVEL: CompressionLevel = CompressionLevel::Precise(5);
const JSON: [&str; 2] = ["application/json", "application/problem+json"];

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
        .layer(compression())
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

/// Compresses JSON for whoever takes it compressed.
// That the length of an answer tells of secrets in it helps nobody here: for that, a foreign page
// has to make a browser ask with its person's cookies, which are SameSite=Strict, and what foreign
// origins ask is refused.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(LEVEL)
        .compress_when(SizeAbove::new(COMPRESSED_FROM).and(is_compressible))
}

/// Whether this is JSON that ends. A tag names the very bytes it came with, so they stay as they are.
fn is_compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.map_or(&b""[..], HeaderValue::as_bytes);
    let is_json = JSON.iter().any(|json| kind.starts_with(json.as_bytes()));
    is_json && !headers.contains_key(header::ETAG)
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

/// Below these a path's last part is the key of a link that signs in or shows a document.
const KEYED: [&str; 3] = ["/start/", "/api/v1/auth/links/", "/p/"];

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
    use std::convert::Infallible;
    use std::io::Read;

    use axum::Json;
    use axum::response::{Sse, sse};
    use axum::routing::get;
    use bytes::Bytes;
    use flate2::read::GzDecoder;
    use futures_util::{StreamExt, stream};
    use tower::ServiceExt;

    use super::*;

    const LONG: usize = 1_000;

    async fn list(length: usize) -> Json<Vec<usize>> {
        Json((0..length).collect())
    }

    /// One event, and then nothing for ever.
    async fn follow() -> Sse<impl stream::Stream<Item = Result<sse::Event, Infallible>>> {
        let word = sse::Event::default().data("x".repeat(2 * LONG));
        Sse::new(stream::iter([Ok(word)]).chain(stream::pending()))
    }

    async fn ask(path: &str, accepted: &str) -> Response {
        let router = Router::new()
            .route("/long", get(|| list(LONG)))
            .route("/short", get(|| list(3)))
            .route("/follow", get(follow))
            .route(
                "/tagged",
                get(|| async { ([(header::ETAG, "\"a\"")], list(LONG).await) }),
            )
            .route("/text", get(|| async { "x".repeat(LONG * 2) }))
            .route(
                "/packed",
                get(|| async { ([(header::CONTENT_ENCODING, "br")], list(LONG).await) }),
            )
            .route(
                "/wrong",
                get(|| async { Problem::internal(&"x").into_response() }),
            );
        let request = Request::get(path).header(header::ACCEPT_ENCODING, accepted);
        let request = request.body(Body::empty()).unwrap();
        wrap(router).oneshot(request).await.unwrap()
    }

    fn coding(answer: &Response) -> &str {
        let coding = answer.headers().get(header::CONTENT_ENCODING);
        coding.map_or("", |coding| coding.to_str().unwrap())
    }

    async fn bytes(answer: Response) -> Bytes {
        axum::body::to_bytes(answer.into_body(), usize::MAX)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_long_list_comes_compressed_to_whoever_takes_it_so() {
        let plain = ask("/long", "identity").await;
        assert_eq!(coding(&plain), "");
        assert_eq!(plain.headers()[header::VARY], "accept-encoding");
        let plain = bytes(plain).await;
        for (accepted, expected) in [
            ("gzip, deflate, br", "br"),
            ("gzip", "gzip"),
            ("br;q=0", ""),
        ] {
            let answer = ask("/long", accepted).await;
            assert_eq!(coding(&answer), expected, "{accepted}");
            assert_eq!(answer.headers()[header::VARY], "accept-encoding");
            let body = bytes(answer).await;
            assert_eq!(
                body.len() < plain.len() / 2,
                !expected.is_empty(),
                "{accepted}"
            );
            if expected == "gzip" {
                let mut unpacked = Vec::new();
                GzDecoder::new(&body[..])
                    .read_to_end(&mut unpacked)
                    .unwrap();
                assert_eq!(unpacked, plain);
            }
        }
    }

    #[tokio::test]
    async fn what_is_short_tagged_packed_or_no_json_stays_as_it_is() {
        for path in ["/short", "/tagged", "/text", "/wrong"] {
            assert_eq!(coding(&ask(path, "gzip, br").await), "", "{path}");
        }
        let packed = ask("/packed", "gzip").await;
        assert_eq!(coding(&packed), "br");
        assert_eq!(bytes(packed).await, bytes(ask("/long", "").await).await);
    }

    #[tokio::test]
    async fn an_event_is_sent_when_it_happens() {
        let answer = ask("/follow", "gzip, br").await;
        assert_eq!(coding(&answer), "");
        let first = answer.into_body().into_data_stream().next().await;
        assert!(first.unwrap().unwrap().starts_with(b"data: xxx"));
    }

    #[test]
    fn the_log_has_no_keys_and_no_line_breaks() {
        assert_eq!(loggable("/start/k3v9m2q8xw4t"), "/start/…");
        assert_eq!(loggable("/api/v1/auth/links/k3v"), "/api/v1/auth/links/…");
        assert_eq!(loggable("/api/v1/meetings"), "/api/v1/meetings");
        assert!(!loggable("/a\nb").contains('\n'));
    }
}
