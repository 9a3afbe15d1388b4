//! Who is to sit in which room or pipeline.

use axum::extract::State;
use dabir_http::{By, Json, Operator, Problem, Viewer};
use serde::Deserialize;
use utoipa::ToSchema;

use super::username;
use crate::client::Client;
use crate::model::{Action, Command, Seat};
use crate::service::{Assignments, Clients};

/// Who is to sit where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientAssign)]
pub(super) struct Assign {
    username: String,
    kind: Seat,
    /// The room or the pipeline.
    name: String,
    /// Waits for a freed place when it is full, instead of being refused.
    #[serde(default)]
    wait: bool,
    version: Option<i64>,
}

/// Who is to sit nowhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientUnassign)]
pub(super) struct Unassign {
    username: String,
    kind: Seat,
    version: Option<i64>,
}

/// How many a room or a pipeline has room for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientCapacity)]
pub(super) struct Capacity {
    kind: Seat,
    name: String,
    /// `null` for any number.
    #[schema(minimum = 0, maximum = 1_000_000)]
    capacity: Option<u64>,
}

/// Look at who is to sit where.
#[utoipa::path(
    get, path = "/api/v1/clients/assignments", tag = "clients",
    responses((status = 200, body = Assignments)),
)]
pub(super) async fn get_client_assignments(
    _: Viewer,
    State(clients): State<Clients>,
) -> Result<Json<Assignments>, Problem> {
    Ok(Json(clients.assignments().await?))
}

/// Assign a client to a room or a pipeline; a full one refuses, or has them wait.
#[utoipa::path(
    post, path = "/api/v1/clients/assignments/assign", tag = "clients", request_body = Assign,
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn assign_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Json(assign): Json<Assign>,
) -> Result<Json<Client>, Problem> {
    let command = Command {
        username: username("username", &assign.username)?,
        action: Action::Assign {
            seat: assign.kind,
            target: assign.name,
            waits: assign.wait,
        },
        version: assign.version,
    };
    Ok(Json(clients.apply(&by, command).await?))
}

/// Take a client's seat or place in the line away; whoever waits longest gets the seat.
#[utoipa::path(
    post, path = "/api/v1/clients/assignments/unassign", tag = "clients", request_body = Unassign,
    responses(
        (status = 200, body = Client), (status = 400, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn unassign_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Json(unassign): Json<Unassign>,
) -> Result<Json<Client>, Problem> {
    let command = Command {
        username: username("username", &unassign.username)?,
        action: Action::Unassign(unassign.kind),
        version: unassign.version,
    };
    Ok(Json(clients.apply(&by, command).await?))
}

/// Say how many a room or a pipeline has room for. Whoever sits there stays.
#[utoipa::path(
    post, path = "/api/v1/clients/assignments/capacity", tag = "clients", request_body = Capacity,
    responses((status = 200, body = Assignments), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn set_client_capacity(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Json(capacity): Json<Capacity>,
) -> Result<Json<Assignments>, Problem> {
    clients
        .set_capacity(&by, capacity.kind, &capacity.name, capacity.capacity)
        .await?;
    Ok(Json(clients.assignments().await?))
}
