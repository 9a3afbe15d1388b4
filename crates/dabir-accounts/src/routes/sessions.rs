//! Sessions: one's own, and for admins everybody's.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, Oneself, Path, Person, Problem, Query, Role, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::SessionView;
use crate::service::Accounts;

/// Whose.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Whose {
    /// An id or e-mail address; the caller when left out. Admins may name anybody.
    pub(super) user: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Sessions {
    items: Vec<SessionView>,
}

/// List sessions, the last used first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "accounts", params(Whose),
    responses((status = 200, body = Sessions), (status = 404, body = Problem)),
)]
pub(super) async fn list_sessions(
    SignedIn(caller): SignedIn,
    State(accounts): State<Accounts>,
    Query(whose): Query<Whose>,
) -> Result<Json<Sessions>, Problem> {
    let user = whose.user.as_deref();
    let items = accounts.list_sessions(&caller, user).await?;
    Ok(Json(Sessions { items }))
}

/// End a session of one's own; admins may end anybody's.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "accounts", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn end_session(
    Oneself(caller): Oneself,
    By(by): By,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let owner = caller.user_id.filter(|_| caller.role != Role::Admin);
    accounts.end_session(&by, &id, owner.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of one's own sessions but this one.
#[utoipa::path(
    delete, path = "/api/v1/sessions", tag = "accounts",
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
pub(super) async fn end_other_sessions(
    person: Person,
    By(by): By,
    State(accounts): State<Accounts>,
) -> Result<StatusCode, Problem> {
    accounts
        .end_other_sessions(&by, &person.user_id, &person.session_id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
