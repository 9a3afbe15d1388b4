//! People, for admins; auditors see who they are.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_core::Page;
use dabir_http::{Admin, Auditor, By, Json, PageQuery, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::LinkUrl;
use crate::model::{NewUser, UserFilter, UserPatch, UserView};
use crate::service::{Accounts, InvitedUser};

/// One page of people.
#[derive(Serialize, ToSchema)]
pub(super) struct UserPage {
    items: Vec<UserView>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Block {
    /// They are told it when they try to sign in.
    reason: String,
}

/// List people, by e-mail address.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "accounts", params(PageQuery, UserFilter),
    responses((status = 200, body = UserPage), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
pub(super) async fn list_users(
    _: Auditor,
    State(accounts): State<Accounts>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<UserFilter>,
) -> Result<Json<UserPage>, Problem> {
    let listed = accounts.list_users(&filter, page.cursor.as_deref(), page.limit()?);
    let Page { items, next_cursor } = listed.await?;
    Ok(Json(UserPage { items, next_cursor }))
}

/// Make an account; without a password the answer has an invitation to hand over.
#[utoipa::path(
    post, path = "/api/v1/users", tag = "accounts", request_body = NewUser,
    responses(
        (status = 201, body = InvitedUser), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_user(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
    Json(new): Json<NewUser>,
) -> Result<(StatusCode, Json<InvitedUser>), Problem> {
    let made = accounts.create_user(&by, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Show somebody, by id or e-mail address.
#[utoipa::path(
    get, path = "/api/v1/users/{id}", tag = "accounts", params(("id" = String, Path)),
    responses((status = 200, body = UserView), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn get_user(
    _: Admin,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(accounts.get_user(&id).await?))
}

/// Change somebody. A new role ends their sessions.
#[utoipa::path(
    patch, path = "/api/v1/users/{id}", tag = "accounts", params(("id" = String, Path)),
    request_body = UserPatch,
    responses(
        (status = 200, body = UserView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_user(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
    Json(patch): Json<UserPatch>,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(accounts.change_user(&by, &id, patch).await?))
}

/// Remove somebody, with their sessions and tokens.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}", tag = "accounts", params(("id" = String, Path)),
    responses(
        (status = 204), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`users.last_admin`"),
    ),
)]
pub(super) async fn delete_user(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    accounts.delete_user(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keep somebody out from now on: sessions, streams and rooms end within a second.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/block", tag = "accounts", params(("id" = String, Path)),
    request_body = Block,
    responses(
        (status = 200, body = UserView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn block_user(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
    Json(block): Json<Block>,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(accounts.block_user(&by, &id, &block.reason).await?))
}

/// Let somebody in again.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/unblock", tag = "accounts", params(("id" = String, Path)),
    responses(
        (status = 200, body = UserView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
pub(super) async fn unblock_user(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(accounts.unblock_user(&by, &id).await?))
}

/// Make a link with which somebody chooses a new password, within a day.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/reset-link", tag = "accounts", params(("id" = String, Path)),
    responses((status = 201, body = LinkUrl), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn create_reset_link(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<LinkUrl>), Problem> {
    let url = accounts.make_reset_link(&by, &id).await?;
    Ok((StatusCode::CREATED, Json(LinkUrl { url })))
}

/// End all sessions of somebody.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/sign-out", tag = "accounts", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn sign_out_user(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    accounts.sign_out_user(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
