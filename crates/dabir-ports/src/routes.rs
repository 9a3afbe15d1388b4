//! `/api/v1/port/*`, with the bodies that existing programs know.

use axum::extract::{FromRef, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use dabir_core::{Actor, Clock, Span};
use dabir_db::Db;
use dabir_db::audit::{self, Change};
use dabir_http::{By, Json, Operator, Problem, Query, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes as paths;

use crate::views::{self, BackupView, HistoryView, StateView};
use crate::{PickRequest, PortManager, PortsState};

/// What the endpoints work with.
#[derive(Clone, Debug, FromRef)]
pub struct PortsApi {
    pub ports: PortManager,
    pub audit: PortAudit,
}

/// Where it is written who changed the ports through the API.
#[derive(Clone, Debug)]
pub struct PortAudit {
    pub db: Db,
    pub clock: Clock,
}

impl PortAudit {
    /// Notes what was done. The file is saved by then, and a failure here undoes nothing; it is told.
    async fn note(&self, by: &Actor, action: &'static str, target: String) {
        let change = Change {
            action,
            target_kind: "port",
            target_name: target.clone(),
            target_id: target,
            ..Change::default()
        };
        let noted = async {
            let tx = self.db.write().await?;
            audit::append(&tx, self.clock.now(), by, vec![change]).await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            let error: &dyn std::error::Error = &error;
            tracing::error!(
                error,
                action,
                "a change of the ports is not in the audit: {error}"
            );
        }
    }
}

/// All endpoints of the port manager.
pub fn routes() -> OpenApiRouter<PortsApi> {
    OpenApiRouter::new()
        .routes(paths!(get_port_state))
        .routes(paths!(pick_port))
        .routes(paths!(release_port))
        .routes(paths!(list_free_ports))
        .routes(paths!(list_used_ports))
        .routes(paths!(list_port_history))
        .routes(paths!(list_port_backups))
        .routes(paths!(download_port_backup))
        .routes(paths!(restore_port_backup))
        .routes(paths!(log_port_state))
}

/// Who wants a port; every part may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PickBody {
    /// What lists call the owner; the caller's own name when it is left out.
    owner: Option<String>,
    /// A process of this machine: when it ends, the port comes back.
    pid: Option<u32>,
    /// Taken when it is free; otherwise the lowest free port is.
    preferred: Option<u16>,
    /// After this the port comes back: `10m`, `1h`.
    #[schema(value_type = Option<String>, example = "10m")]
    ttl: Option<Span>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseBody {
    /// The active port when it is left out.
    port: Option<u16>,
}

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
struct Done {
    #[schema(example = "success")]
    status: &'static str,
}

const SUCCESS: Json<Done> = Json(Done { status: "success" });

/// The port that was picked.
#[derive(Debug, Serialize, ToSchema)]
struct Picked {
    #[schema(example = "success")]
    status: &'static str,
    port: u16,
}

#[derive(Debug, Serialize, ToSchema)]
struct FreePorts {
    free_ports: Vec<u16>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UsedPorts {
    used_ports: Vec<u16>,
}

#[derive(Debug, Serialize, ToSchema)]
struct History {
    history: Vec<HistoryView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Backups {
    backups: Vec<String>,
    /// The same in the same order, with what is known of each.
    files: Vec<BackupView>,
}

/// One of the names that the list of backups shows.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BackupName {
    #[schema(example = "dynamic_ports_20240721_155445.json")]
    filename: String,
}

/// See the whole state of the ports and the settings.
#[utoipa::path(
    get, path = "/api/v1/port/state", tag = "ports",
    responses((status = 200, body = StateView), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
async fn get_port_state(
    _: Viewer,
    State(ports): State<PortManager>,
) -> Result<Json<StateView>, Problem> {
    let state = ports.state().await?;
    Ok(Json(StateView::new(state, ports.time_zone())))
}

/// Take the lowest free port.
#[utoipa::path(
    post, path = "/api/v1/port/pick", tag = "ports", request_body = Option<PickBody>,
    responses(
        (status = 200, body = Picked),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem, description = "No port is free"),
        (status = 422, body = Problem),
    ),
)]
async fn pick_port(
    Operator(identity): Operator,
    By(by): By,
    State(ports): State<PortManager>,
    State(audit): State<PortAudit>,
    body: Option<Json<PickBody>>,
) -> Result<Json<Picked>, Problem> {
    let Json(body) = body.unwrap_or_default();
    let request = PickRequest {
        owner: body.owner.unwrap_or(identity.name),
        pid: body.pid,
        preferred: body.preferred,
        ttl: body.ttl.map(Span::get),
    };
    let lease = ports.pick(request).await?;
    audit.note(&by, "port.pick", lease.port.to_string()).await;
    Ok(Json(Picked {
        status: "success",
        port: lease.port,
    }))
}

/// Give a port back: the active one when none is named.
#[utoipa::path(
    post, path = "/api/v1/port/release", tag = "ports", request_body = Option<ReleaseBody>,
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "That port is not in use"),
        (status = 409, body = Problem, description = "No port is active"),
    ),
)]
async fn release_port(
    _: Operator,
    By(by): By,
    State(ports): State<PortManager>,
    State(audit): State<PortAudit>,
    body: Option<Json<ReleaseBody>>,
) -> Result<Json<Done>, Problem> {
    let Json(body) = body.unwrap_or_default();
    ports.release(body.port).await?;
    let port = body
        .port
        .map_or("active".to_owned(), |port| port.to_string());
    audit.note(&by, "port.release", port).await;
    Ok(SUCCESS)
}

/// List the free ports.
#[utoipa::path(
    get, path = "/api/v1/port/free", tag = "ports",
    responses((status = 200, body = FreePorts), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
async fn list_free_ports(
    _: Viewer,
    State(ports): State<PortManager>,
) -> Result<Json<FreePorts>, Problem> {
    let free_ports = ports.free().await?;
    Ok(Json(FreePorts { free_ports }))
}

/// List the ports in use.
#[utoipa::path(
    get, path = "/api/v1/port/used", tag = "ports",
    responses((status = 200, body = UsedPorts), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
async fn list_used_ports(
    _: Viewer,
    State(ports): State<PortManager>,
) -> Result<Json<UsedPorts>, Problem> {
    let used_ports = ports.used().await?;
    Ok(Json(UsedPorts { used_ports }))
}

/// List the changes of the active port.
#[utoipa::path(
    get, path = "/api/v1/port/history", tag = "ports",
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
async fn list_port_history(
    _: Viewer,
    State(ports): State<PortManager>,
) -> Result<Json<History>, Problem> {
    let history = views::history(ports.history().await?, ports.time_zone());
    Ok(Json(History { history }))
}

/// List the backups of the state file, newest first.
#[utoipa::path(
    get, path = "/api/v1/port/backup/list", tag = "ports",
    responses((status = 200, body = Backups), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
async fn list_port_backups(
    _: Viewer,
    State(ports): State<PortManager>,
) -> Result<Json<Backups>, Problem> {
    let files = ports.backup_files().await?;
    let backups = files.iter().map(|file| file.name.clone()).collect();
    let view = |file| BackupView::new(file, ports.time_zone());
    Ok(Json(Backups {
        backups,
        files: files.into_iter().map(view).collect(),
    }))
}

/// Download one backup.
#[utoipa::path(
    get, path = "/api/v1/port/backup/download", tag = "ports", params(BackupName),
    responses(
        (status = 200, body = PortsState, description = "The state as it was"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    ),
)]
async fn download_port_backup(
    _: Viewer,
    State(ports): State<PortManager>,
    Query(BackupName { filename }): Query<BackupName>,
) -> Result<Response, Problem> {
    let text = ports.read_backup(filename.clone()).await?;
    // The name is one of our own: digits and the state file's stem.
    let disposition = format!("attachment; filename=\"{}\"", filename.escape_default());
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, text).into_response())
}

/// Go back to one backup; leases that hold now go on.
#[utoipa::path(
    post, path = "/api/v1/port/backup/restore", tag = "ports", request_body = BackupName,
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "That backup is spoiled"),
    ),
)]
async fn restore_port_backup(
    _: Operator,
    By(by): By,
    State(ports): State<PortManager>,
    State(audit): State<PortAudit>,
    Json(BackupName { filename }): Json<BackupName>,
) -> Result<Json<Done>, Problem> {
    ports.restore_backup(filename.clone()).await?;
    audit.note(&by, "port.restore", filename).await;
    Ok(SUCCESS)
}

/// Write the whole state to the log as one structured line.
#[utoipa::path(
    get, path = "/api/v1/port/log/json", tag = "ports",
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
async fn log_port_state(
    _: Viewer,
    State(ports): State<PortManager>,
) -> Result<Json<Done>, Problem> {
    ports.log_json().await?;
    Ok(Json(Done { status: "ok" }))
}
