//! Second factors.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_core::Secret;
use dabir_http::{By, Json, Person, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::service::{Accounts, NewFactor, RecoveryCodes};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    #[schema(example = "287082")]
    code: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    #[schema(value_type = String)]
    password: Secret,
}

/// Begin a second factor; it is on once a first code confirms it.
#[utoipa::path(
    post, path = "/api/v1/auth/totp", tag = "accounts", operation_id = "begin_second_factor",
    responses((status = 200, body = NewFactor), (status = 401, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn begin_factor(
    person: Person,
    By(by): By,
    State(accounts): State<Accounts>,
) -> Result<Json<NewFactor>, Problem> {
    Ok(Json(accounts.begin_factor(&by, &person.user_id).await?))
}

/// Turn the second factor on; the answer has the recovery codes, once.
#[utoipa::path(
    post, path = "/api/v1/auth/totp/confirm", tag = "accounts", operation_id = "confirm_second_factor",
    request_body = Code,
    responses((status = 200, body = RecoveryCodes), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn confirm_factor(
    person: Person,
    By(by): By,
    State(accounts): State<Accounts>,
    Json(Code { code }): Json<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let confirmed = accounts.confirm_factor(&by, &person.user_id, &code);
    Ok(Json(confirmed.await?))
}

/// Remove the second factor.
#[utoipa::path(
    delete, path = "/api/v1/auth/totp", tag = "accounts", operation_id = "remove_second_factor",
    request_body = Password,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)),
)]
pub(super) async fn remove_factor(
    person: Person,
    By(by): By,
    State(accounts): State<Accounts>,
    Json(Password { password }): Json<Password>,
) -> Result<StatusCode, Problem> {
    accounts
        .remove_factor(&by, &person.user_id, &password)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
