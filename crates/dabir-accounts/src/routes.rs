//! The middleware that says who calls, and the API's way to a link that signs the owner in.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dabir_http::{Admin, Json, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes as paths;

use crate::service::Accounts;

/// The API of accounts.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(paths!(create_link))
}

/// A way in for the owner of the house.
#[derive(Serialize, ToSchema)]
struct Link {
    /// Shows a button that works once, within a quarter of an hour.
    url: String,
}

/// Make a link that signs the owner in, once.
#[utoipa::path(
    post, path = "/api/v1/auth/links", tag = "accounts",
    responses(
        (status = 201, body = Link),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn create_link(_: Admin, State(accounts): State<Accounts>) -> (StatusCode, Json<Link>) {
    (
        StatusCode::CREATED,
        Json(Link {
            url: accounts.make_link(),
        }),
    )
}

/// Puts the caller's identity into the request; a wrong token ends it.
pub async fn authenticate(
    State(accounts): State<Accounts>,
    mut request: Request,
    next: Next,
) -> Response {
    let Ok(identity) = accounts.identify(request.headers()) else {
        let wrong = Problem::new(
            StatusCode::UNAUTHORIZED,
            "auth.token",
            "this token is unknown or revoked",
        );
        return wrong.into_response();
    };
    if let Some(identity) = identity {
        let by_cookie = !request.headers().contains_key(header::AUTHORIZATION);
        if by_cookie && !is_ours(request.method(), request.headers()) {
            let foreign = "the request comes from a page of another site";
            return Problem::new(StatusCode::FORBIDDEN, "auth.forgery", foreign).into_response();
        }
        request.extensions_mut().insert(identity);
    }
    next.run(request).await
}

/// Whether a request that a browser's cookie speaks for was made by a page of ours. Rooms live on
/// other ports of the same host, so `same-site` is not enough.
fn is_ours(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, from)| from == host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something_by_cookie() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            is_ours(&Method::POST, &headers)
        };
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        assert!(
            !check(&[("sec-fetch-site", "same-site")]),
            "a room on another port"
        );
        assert!(!check(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://h"),
            ("host", "h")
        ]));
        assert!(check(&[("origin", "http://h:8000"), ("host", "h:8000")]));
        assert!(!check(&[("origin", "http://h:3000"), ("host", "h:8000")]));
        assert!(
            !check(&[("host", "h:8000")]),
            "neither says where it comes from"
        );
        assert!(is_ours(&Method::GET, &HeaderMap::new()));
    }
}
