//! Axum's extractors with our problem details: bad input names what is wrong, never a bare text.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{FieldError, Problem};

/// A JSON body, in and out.
#[derive(Clone, Copy, Debug, Default, FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Json<T>(pub T);

/// The query string as a struct.
#[derive(Clone, Copy, Debug, Default, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// The variable parts of the path.
#[derive(Clone, Copy, Debug, Default, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// A body that may be missing: `Option<Json<T>>`.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let body = <axum::Json<T> as OptionalFromRequest<S>>::from_request(request, state).await?;
        Ok(body.map(|axum::Json(body)| Self(body)))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let status = rejection.status();
        let code = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "request.content_type",
            StatusCode::PAYLOAD_TOO_LARGE => "request.too_large",
            _ => "request.body",
        };
        Self::new(status, code, rejection.body_text())
    }
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
