//! Make, look at and remove clients.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_core::Page;
use dabir_http::{By, Json, Operator, PageQuery, Path, Problem, Query, Viewer};
use imbl::OrdSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{named, refuse, username};
use crate::client::Client;
use crate::model::{Action, Command, NewProfile};
use crate::name::Username;
use crate::service::Clients;
use crate::sets::Kind;
use crate::store::events::ClientEvent;

/// A client that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewClient {
    username: String,
    /// What people call them; the username when not given.
    name: Option<String>,
}

/// What is to be known of a client otherwise.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientPatch {
    /// What people call them.
    name: String,
    /// The version that was seen: of two at once one wins, and the other is told.
    version: Option<i64>,
}

/// The lists as they stand in Redis.
#[derive(Serialize, ToSchema)]
pub(super) struct ClientsStatus {
    #[schema(value_type = Vec<String>)]
    active_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    paused_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    blocked_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    deactivate_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    connecting_internet_error: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    clients_to_close: OrdSet<Username>,
}

/// One page of what happened to a client, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ClientEventPage {
    items: Vec<ClientEvent>,
    /// Pass this as `cursor` for what happened before; `null` when no more is known.
    next_cursor: Option<String>,
}

/// Make a client by hand.
#[utoipa::path(
    post, path = "/api/v1/clients", tag = "clients", request_body = NewClient,
    responses(
        (status = 201, body = Client), (status = 400, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Json(new): Json<NewClient>,
) -> Result<(StatusCode, Json<Client>), Problem> {
    let profile = NewProfile {
        name: new.name,
        ..NewProfile::default()
    };
    let command = Command {
        username: username("username", &new.username)?,
        action: Action::Add(profile),
        version: None,
    };
    let made = clients.apply(&by, command).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Look at one client.
#[utoipa::path(
    get, path = "/api/v1/clients/{username}", tag = "clients", params(("username" = String, Path)),
    responses((status = 200, body = Client), (status = 404, body = Problem)),
)]
pub(super) async fn get_client(
    _: Viewer,
    State(clients): State<Clients>,
    Path(name): Path<String>,
) -> Result<Json<Client>, Problem> {
    Ok(Json(clients.get(&named(&name)?)?))
}

/// Call a client otherwise.
#[utoipa::path(
    patch, path = "/api/v1/clients/{username}", tag = "clients", request_body = ClientPatch,
    params(("username" = String, Path)),
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    Json(patch): Json<ClientPatch>,
) -> Result<Json<Client>, Problem> {
    let command = Command {
        username: named(&name)?,
        action: Action::Rename(patch.name),
        version: patch.version,
    };
    Ok(Json(clients.apply(&by, command).await?))
}

/// Remove a client. Orders about them stay: whoever is blocked stays out.
#[utoipa::path(
    delete, path = "/api/v1/clients/{username}", tag = "clients", params(("username" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn delete_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let command = Command {
        username: named(&name)?,
        action: Action::Remove,
        version: None,
    };
    clients.apply(&by, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at what happened to a client, the newest first.
#[utoipa::path(
    get, path = "/api/v1/clients/{username}/events", tag = "clients",
    params(("username" = String, Path), PageQuery),
    responses(
        (status = 200, body = ClientEventPage), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_client_events(
    _: Viewer,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ClientEventPage>, Problem> {
    let limit = page.limit()?;
    let before = page.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| refuse("cursor", "write `next_cursor` of the page before"))?;
    let username = named(&name)?;
    let known = clients.get(&username);
    let history = clients
        .history(&username, before, u64::from(limit) + 1)
        .await?;
    if history.is_empty() {
        // Of whom nothing is known nothing happened either.
        known?;
    }
    let Page { items, next_cursor } =
        Page::cut(history, limit, |event: &ClientEvent| event.id.to_string());
    Ok(Json(ClientEventPage { items, next_cursor }))
}

/// Look at the lists, as they stand in Redis under `Clients_status`.
#[utoipa::path(
    get, path = "/api/v1/clients/status", tag = "clients",
    responses((status = 200, body = ClientsStatus)),
)]
pub(super) async fn get_clients_status(
    _: Viewer,
    State(clients): State<Clients>,
) -> Json<ClientsStatus> {
    let snapshot = clients.snapshot();
    let list = |kind| snapshot.of(kind).clone();
    Json(ClientsStatus {
        active_clients: list(Kind::Active),
        paused_clients: list(Kind::Paused),
        blocked_clients: list(Kind::Blocked),
        deactivate_clients: list(Kind::Deactivated),
        connecting_internet_error: list(Kind::Lost),
        clients_to_close: list(Kind::ToClose),
    })
}
