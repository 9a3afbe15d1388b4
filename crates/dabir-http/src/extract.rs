//! Axum's extractors with our problem details: bad input names what is wrong, never a bare text.

use axum::body::Bytes;
use axum::extract::rejection::{
    BytesRejection, FormRejection, JsonRejection, PathRejection, QueryRejection,
};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{FieldError, Problem};

/// A JSON body, in and out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

/// The query string as a struct.
#[derive(Clone, Copy, Debug, Default, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// The variable parts of the path.
#[derive(Clone, Copy, Debug, Default, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// The fields of a page's form.
#[derive(Clone, Copy, Debug, Default, FromRequest)]
#[from_request(via(axum::extract::Form), rejection(Problem))]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        // With the head: the limit of a body's size travels in it.
        let whole = Request::from_parts(head.clone(), body);
        let bytes = Bytes::from_request(whole, state).await?;
        // A list would be taken for an object's fields in their order, which nobody documents.
        if bytes.trim_ascii_start().starts_with(b"[") {
            let detail = "a list stands where an object belongs";
            return Err(Problem::bad_request("request.body", detail));
        }
        let request = Request::from_parts(head, bytes.into());
        let axum::Json(body) =
            <axum::Json<T> as FromRequest<S>>::from_request(request, state).await?;
        Ok(Self(body))
    }
}

/// A body that may be missing: `Option<Json<T>>`. Missing means empty, whatever content type is
/// sent with it: many clients name one for every POST.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let (head, body) = request.into_parts();
        // With the head: the limit of a body's size travels in it.
        let whole = Request::from_parts(head.clone(), body);
        let bytes = Bytes::from_request(whole, state).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let request = Request::from_parts(head, bytes.into());
        let body = <Self as FromRequest<S>>::from_request(request, state).await?;
        Ok(Some(body))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        of_body(rejection.status(), rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        of_body(rejection.status(), rejection.body_text())
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        of_body(rejection.status(), rejection.body_text())
    }
}

/// What is wrong with a body, by the status that axum gives it.
fn of_body(status: StatusCode, detail: String) -> Problem {
    let code = match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "request.content_type",
        StatusCode::PAYLOAD_TOO_LARGE => "request.too_large",
        _ => "request.body",
    };
    Problem::new(status, code, detail)
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request("request.query", rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    /// A path whose variable has the wrong form names nothing that exists.
    fn from(rejection: PathRejection) -> Self {
        Self::not_found("request.path", rejection.body_text())
    }
}

/// `?limit=&cursor=` of every list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many rows at most: 1 to 1,000, 100 when not given.
    #[param(minimum = 1, maximum = 1_000)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The limit, within its bounds.
    ///
    /// # Errors
    /// A 422 that names the bounds.
    pub fn limit(&self) -> Result<u32, Problem> {
        use dabir_core::page::{DEFAULT_LIMIT, MAX_LIMIT};
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            return Ok(limit);
        }
        let detail = format!("{limit} is not between 1 and {MAX_LIMIT}");
        Err(Problem::invalid(
            "request.query",
            vec![FieldError {
                field: "limit".into(),
                detail,
            }],
        ))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header;

    use super::*;

    /// What an optional body with this content type is taken for.
    async fn optional(
        content_type: Option<&str>,
        body: &'static str,
    ) -> Result<Option<u8>, Problem> {
        let mut request = Request::new(Body::from(body));
        if let Some(kind) = content_type {
            let kind = kind.parse().unwrap();
            request.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        let read = <Json<u8> as OptionalFromRequest<()>>::from_request(request, &()).await;
        read.map(|body| body.map(|Json(number)| number))
    }

    #[tokio::test]
    async fn an_empty_body_is_none_whatever_it_is_called() {
        for kind in [None, Some("application/json"), Some("text/plain")] {
            assert_eq!(optional(kind, "").await.unwrap(), None, "{kind:?}");
        }
        let json = Some("application/json; charset=utf-8");
        assert_eq!(optional(json, "7").await.unwrap(), Some(7));
    }

    #[tokio::test]
    async fn a_body_that_is_no_json_is_refused_and_never_ignored() {
        for (kind, body, code) in [
            (None, "7", "request.content_type"),
            (Some("text/plain"), "7", "request.content_type"),
            (Some("application/json"), "seven", "request.body"),
            (Some("application/json"), " ", "request.body"),
            (Some("application/json"), " [7]", "request.body"),
        ] {
            assert_eq!(optional(kind, body).await.unwrap_err().code, code, "{body}");
        }
    }
}
