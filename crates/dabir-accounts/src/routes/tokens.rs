//! Tokens for programs.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, Oneself, Path, Problem, Query, Role, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

use super::sessions::Whose;
use crate::model::{NewToken, TokenView};
use crate::service::{Accounts, NewTokenView};

#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    items: Vec<TokenView>,
}

/// List tokens, the newest first.
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "accounts", params(Whose),
    responses((status = 200, body = Tokens), (status = 404, body = Problem)),
)]
pub(super) async fn list_tokens(
    SignedIn(caller): SignedIn,
    State(accounts): State<Accounts>,
    Query(whose): Query<Whose>,
) -> Result<Json<Tokens>, Problem> {
    let items = accounts.list_tokens(&caller, whose.user.as_deref()).await?;
    Ok(Json(Tokens { items }))
}

/// Make a token; the answer is the only place that ever shows it.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "accounts", request_body = NewToken,
    responses(
        (status = 201, body = NewTokenView), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_token(
    Oneself(caller): Oneself,
    By(by): By,
    State(accounts): State<Accounts>,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<NewTokenView>), Problem> {
    let made = accounts.create_token(&by, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revoke a token of one's own; admins may revoke anybody's.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", tag = "accounts", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn delete_token(
    Oneself(caller): Oneself,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let owner = caller.user_id.filter(|_| caller.role != Role::Admin);
    accounts.delete_token(&by, &id, owner.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
