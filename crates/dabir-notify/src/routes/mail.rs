//! Try out whether mail gets through.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{Admin, Json, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::service::{Language, Notify};

/// Where a test goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MailTest {
    #[schema(example = "sara@example.org")]
    to: String,
    /// `fa` or `en`.
    #[serde(default)]
    language: Language,
}

/// Send a mail that says only that mail gets through, and wait for what the server says.
#[utoipa::path(
    post, path = "/api/v1/mail/test", tag = "notifications", request_body = MailTest,
    responses(
        (status = 204), (status = 400, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 502, body = Problem),
    ),
)]
pub(super) async fn test_mail(
    _: Admin,
    State(notify): State<Notify>,
    Json(test): Json<MailTest>,
) -> Result<StatusCode, Problem> {
    notify.test_mail(&test.to, test.language).await?;
    Ok(StatusCode::NO_CONTENT)
}
