//! Orders about one client.

use axum::extract::State;
use dabir_core::{Actor, Timestamp};
use dabir_http::{By, Json, Operator, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::named;
use crate::client::Client;
use crate::model::{Action, Command, Terms};
use crate::service::Clients;

/// What a pause or a block says.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ClientTerms)]
pub(super) struct NewTerms {
    /// Why; the client and everybody who looks at them are told.
    reason: String,
    /// When it ends by itself; never when not given.
    until: Option<Timestamp>,
    /// The version that was looked at: somebody else's change since then refuses the order.
    version: Option<i64>,
}

/// Why a client is put out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ClientDisconnect)]
pub(super) struct Disconnect {
    reason: String,
    version: Option<i64>,
}

/// The version that was looked at.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ClientSeen)]
pub(super) struct Seen {
    /// Somebody else's change since then refuses the order.
    version: Option<i64>,
}

impl NewTerms {
    fn split(body: Option<Json<Self>>) -> (Terms, Option<i64>) {
        let Json(terms) = body.unwrap_or_default();
        let Self {
            reason,
            until,
            version,
        } = terms;
        (Terms { reason, until }, version)
    }
}

async fn order(
    clients: &Clients,
    by: &Actor,
    name: &str,
    action: Action,
    version: Option<i64>,
) -> Result<Json<Client>, Problem> {
    let username = named(name)?;
    let command = Command {
        username,
        action,
        version,
    };
    Ok(Json(clients.apply(by, command).await?))
}

/// Pause a client: they may listen only.
#[utoipa::path(
    post, path = "/api/v1/clients/{username}/pause", tag = "clients", params(("username" = String, Path)),
    request_body = Option<NewTerms>,
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn pause_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    body: Option<Json<NewTerms>>,
) -> Result<Json<Client>, Problem> {
    let (terms, version) = NewTerms::split(body);
    order(&clients, &by, &name, Action::Pause(terms), version).await
}

/// End a client's pause.
#[utoipa::path(
    post, path = "/api/v1/clients/{username}/resume", tag = "clients", params(("username" = String, Path)),
    request_body = Option<Seen>,
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn resume_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    body: Option<Json<Seen>>,
) -> Result<Json<Client>, Problem> {
    let Json(seen) = body.unwrap_or_default();
    order(&clients, &by, &name, Action::Resume, seen.version).await
}

/// Block a client: they are put out everywhere, and kept out. A name that is not known can be blocked
/// as well.
#[utoipa::path(
    post, path = "/api/v1/clients/{username}/block", tag = "clients", params(("username" = String, Path)),
    request_body = Option<NewTerms>,
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn block_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    body: Option<Json<NewTerms>>,
) -> Result<Json<Client>, Problem> {
    let (terms, version) = NewTerms::split(body);
    order(&clients, &by, &name, Action::Block(terms), version).await
}

/// End a client's block.
#[utoipa::path(
    post, path = "/api/v1/clients/{username}/unblock", tag = "clients", params(("username" = String, Path)),
    request_body = Option<Seen>,
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn unblock_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    body: Option<Json<Seen>>,
) -> Result<Json<Client>, Problem> {
    let Json(seen) = body.unwrap_or_default();
    order(&clients, &by, &name, Action::Unblock, seen.version).await
}

/// Put a connected client out; they may come back after ten seconds.
#[utoipa::path(
    post, path = "/api/v1/clients/{username}/disconnect", tag = "clients", params(("username" = String, Path)),
    request_body = Option<Disconnect>,
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn disconnect_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    body: Option<Json<Disconnect>>,
) -> Result<Json<Client>, Problem> {
    let Json(Disconnect { reason, version }) = body.unwrap_or_default();
    order(&clients, &by, &name, Action::Disconnect { reason }, version).await
}
