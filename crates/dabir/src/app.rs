//! Builds every service from the configuration, and the router from the services.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_accounts::{Accounts, AccountsSetup, Cost, Door, Secrets};
use dabir_clients::{Clients, ClientsSetup, LEASE, Mirrors, MirrorsSetup};
use dabir_core::id::random_bytes;
use dabir_core::{Clock, Events};
use dabir_db::{DataFolder, Lease, Sealer};
use dabir_http::{Json, Problem};
use dabir_jobs::JobsApi;
use dabir_meetings::register::Report;
use dabir_meetings::rooms::launch::RoomCommand;
use dabir_meetings::rooms::{self, Changed, Rooms};
use dabir_meetings::{Meetings, MeetingsSetup, Servers};
use dabir_ports::{Options, PortAudit, PortManager, PortsApi, PortsConfig};
use dabir_room::spec::RoomSpec;
use dabir_room::token::SigningKey;
use dabir_search::Search;
use dabir_writing::{Documents, DocumentsSetup, Tasks, TasksSetup};
use jiff::tz::TimeZone;
use prometheus_client::registry::Registry;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::base::{Base, passed_on};
use crate::config::{Config, Loaded};
use crate::directory::{self, Directory};
use crate::found::Kinds;
use crate::minutes::{self, Secretary};
use crate::people::People;
use crate::settings::Settings;
use crate::writers::{Album, Colleagues, Shelf};
use crate::{console, join, pages, sample};

/// Every service of one server.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) accounts: Accounts,
    door: Door,
    pub(crate) base: Base,
    pub(crate) meetings: Meetings,
    /// This server among those on its database.
    pub(crate) servers: Servers,
    pub(crate) clients: Clients,
    pub(crate) mirrors: Mirrors,
    pub(crate) ports: PortManager,
    ports_api: PortsApi,
    pub(crate) tasks: Tasks,
    pub(crate) documents: Documents,
    pub(crate) search: Search,
    /// `[meetings] timezone`: where the house is.
    pub(crate) timezone: String,
    registry: Arc<Registry>,
}

/// What belongs to the loops that `serve` starts.
pub(crate) struct Loops {
    pub(crate) polls: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
    pub(crate) rooms_changed: mpsc::UnboundedReceiver<Changed>,
    pub(crate) people: Arc<People>,
    pub(crate) reports: mpsc::Receiver<Report>,
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Dabir",
    description = "An institution's online meetings and paperwork.",
    license(name = "Apache-2.0")
))]
struct ApiDoc;

impl App {
    /// Opens the data folder's services. `address` is where the server listens.
    pub(crate) async fn build(
        loaded: &Loaded,
        address: SocketAddr,
    ) -> anyhow::Result<(Self, Loops)> {
        let mut registry = Registry::default();
        let secrets = Secrets::of(&loaded.config.data_dir);
        let sealer = Sealer::load(&secrets)?;
        let base = Base::open(loaded, address, sealer, &mut registry).await?;
        let Base {
            clock,
            events,
            db,
            settings,
            ..
        } = base.clone();
        let config = &settings.running();
        let ports = open_ports(&config.ports, &clock, &events)?;
        ports.register_metrics(&mut registry);
        let signing_key = room_key(&secrets)?;
        let public_url = config.server.url(address);
        let setup = AccountsSetup {
            db: db.clone(),
            clock: clock.clone(),
            events: events.clone(),
            config: settings.auth(),
            limits: settings.limits(),
            public_url: public_url.clone(),
            data_dir: config.data_dir.clone(),
            timezone: TimeZone::get(&config.meetings.timezone).unwrap_or(TimeZone::UTC),
            cost: Cost::default(),
        };
        let accounts = Accounts::open(setup).await?;
        let door = Door::new(
            accounts.clone(),
            &settings.limits(),
            &clock,
            config.server.trusted_proxies.clone(),
            config.server.origins(address),
            &mut registry,
        );
        let clients = Clients::load(ClientsSetup {
            db: db.clone(),
            clock: clock.clone(),
            events: events.clone(),
            config: settings.clients(),
            timezone: TimeZone::get(&config.meetings.timezone).unwrap_or(TimeZone::UTC),
        })
        .await?;
        let mirrors = MirrorsSetup {
            clients: clients.clone(),
            lease: Lease::new(db.clone(), LEASE),
            redis: config.redis.url.clone(),
        };
        let mirrors = Mirrors::new(mirrors, &mut registry);
        let (people, reports) = People::new(clients.clone(), settings.clients());
        let room_settings = room_settings(
            config,
            &settings,
            &signing_key,
            &public_url,
            Arc::clone(&people),
        )?;
        let (rooms, rooms_changed) = Rooms::new(room_settings, ports.clone(), clock.clone());
        let server = DataFolder::server_id(&config.data_dir)?;
        let servers = Servers::new(&db, server);
        let setup = MeetingsSetup {
            db: db.clone(),
            servers: servers.clone(),
            clock: clock.clone(),
            events: events.clone(),
            rooms,
            config: settings.meetings(),
            ports: config.ports.range[0]..=config.ports.range[1],
            public_url,
            signing_key,
        };
        let (meetings, polls) = Meetings::load(setup, &mut registry).await?;
        let audit = PortAudit {
            db: db.clone(),
            clock: clock.clone(),
        };
        let ports_api = PortsApi {
            ports: ports.clone(),
            audit,
        };
        let tasks = tasks(&base, &accounts);
        let documents = documents(&base, &accounts);
        base.rights.know(tasks.clone(), documents.clone());
        let kinds = Kinds {
            tasks: tasks.clone(),
            documents: documents.clone(),
            files: base.files.clone(),
            accounts: accounts.clone(),
            clients: clients.clone(),
        };
        let registry = Arc::new(registry);
        Ok((
            Self {
                accounts,
                door,
                base,
                meetings,
                servers,
                clients,
                mirrors,
                ports,
                ports_api,
                tasks,
                documents,
                search: kinds.search(&db),
                timezone: config.meetings.timezone.clone(),
                registry,
            },
            Loops {
                polls,
                rooms_changed,
                people,
                reports,
            },
        ))
    }

    /// What following the directory needs.
    pub(crate) fn directory(&self) -> Directory {
        Directory {
            clients: self.clients.clone(),
            syncs: self.base.syncs.clone(),
            events: self.base.events.clone(),
            config: self.base.settings.clients(),
            lease: Lease::new(self.base.db.clone(), directory::LEASE),
        }
    }

    /// What makes documents of the meetings' minutes.
    pub(crate) fn secretary(&self) -> Secretary {
        Secretary {
            meetings: self.meetings.clone(),
            documents: self.documents.clone(),
            events: self.base.events.clone(),
            timezone: TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC),
        }
    }

    /// What a process without the role `api` answers: how it does, and nothing else.
    pub(crate) fn probes(&self) -> Router {
        let (probes, _) = self.probing().split_for_parts();
        let without_api = "this process has no role `api`; ask the one that has";
        let router = probes
            .fallback(move || async move { Problem::unavailable("house.no_api", without_api) });
        dabir_http::layers::wrap(router)
    }

    /// Everything that a process with the role `api` answers.
    pub(crate) fn router(&self) -> Router {
        let (api, mut document) = self.api().split_for_parts();
        dabir_http::openapi::complete(&mut document);
        let swagger = utoipa_swagger_ui::SwaggerUi::new("/docs").url("/api/openapi.json", document);
        let router = api
            .merge(pages::routes().with_state(self.clone()))
            .merge(console::routes().with_state(self.clone()))
            .merge(dabir_writing::documents::published().with_state(self.documents.clone()))
            .merge(join::routes().with_state(self.clone()))
            .merge(dabir_meetings::routes::rooms().with_state(self.meetings.clone()))
            .merge(swagger)
            .fallback(console::show_nothing);
        let authenticate = dabir_accounts::authenticate;
        let authenticated = router.layer(axum::middleware::from_fn_with_state(
            self.door.clone(),
            authenticate,
        ));
        let readable = axum::middleware::from_fn(pages::readable);
        dabir_http::layers::wrap(authenticated.layer(readable))
    }

    fn probing(&self) -> OpenApiRouter {
        OpenApiRouter::with_openapi(ApiDoc::openapi())
            .routes(routes!(health))
            .routes(routes!(ready))
            .route("/metrics", get(metrics))
            .with_state(self.clone())
    }

    fn api(&self) -> OpenApiRouter {
        self.probing()
            .merge(
                OpenApiRouter::new()
                    .routes(routes!(dabir_http::live::stream_events))
                    .routes(routes!(dabir_http::live::list_recent_events))
                    .with_state(self.base.events.clone()),
            )
            .merge(dabir_accounts::routes().with_state(self.accounts.clone()))
            .merge(crate::settings::routes().with_state(self.base.settings.clone()))
            .merge(dabir_ports::routes().with_state(self.ports_api.clone()))
            .merge(dabir_meetings::routes::routes().with_state(self.meetings.clone()))
            .merge(dabir_jobs::routes().with_state(JobsApi {
                jobs: self.base.jobs.clone(),
                handlers: self.base.handlers.clone(),
            }))
            .merge(dabir_clients::routes().with_state(self.clients.clone()))
            .merge(dabir_clients::problems().with_state(self.mirrors.clone()))
            .merge(dabir_sync::routes().with_state(self.base.syncs.clone()))
            .merge(dabir_backup::routes().with_state(self.base.backups.clone()))
            .merge(dabir_files::routes().with_state(self.base.files.clone()))
            .merge(dabir_writing::tasks::routes().with_state(self.tasks.clone()))
            .merge(dabir_notify::routes().with_state(self.base.notify.clone()))
            .merge(dabir_writing::documents::routes().with_state(self.documents.clone()))
            .merge(minutes::routes().with_state(self.secretary()))
            .merge(dabir_search::routes().with_state(self.search.clone()))
            .merge(sample::routes().with_state(self.clone()))
    }
}

impl FromRef<App> for Meetings {
    fn from_ref(app: &App) -> Self {
        app.meetings.clone()
    }
}

fn tasks(base: &Base, accounts: &Accounts) -> Tasks {
    let config = base.settings.running();
    Tasks::new(TasksSetup {
        db: base.db.clone(),
        clock: base.clock.clone(),
        events: base.events.clone(),
        people: Arc::new(Colleagues(accounts.clone())),
        files: Arc::new(Shelf(base.files.clone())),
        timezone: TimeZone::get(&config.meetings.timezone).unwrap_or(TimeZone::UTC),
    })
}

fn documents(base: &Base, accounts: &Accounts) -> Documents {
    Documents::new(DocumentsSetup {
        db: base.db.clone(),
        clock: base.clock.clone(),
        events: base.events.clone(),
        people: Arc::new(Colleagues(accounts.clone())),
        pictures: Some(Arc::new(Album(base.files.clone()))),
    })
}

pub(crate) fn open_ports(
    config: &PortsConfig,
    clock: &Clock,
    events: &Events,
) -> anyhow::Result<PortManager> {
    let options = Options {
        clock: clock.clone(),
        events: events.clone(),
        ..Options::default()
    };
    PortManager::open(config, options).context("the port manager cannot start")
}

/// The key that join tokens are signed with: 32 random bytes, kept in base64.
fn room_key(secrets: &Secrets) -> anyhow::Result<SigningKey> {
    let text = secrets.load_or_make("room.key", || STANDARD.encode(random_bytes::<32>()))?;
    let bytes = STANDARD
        .decode(text.expose())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bytes = bytes.context(
        "`secrets/room.key` holds no 32 bytes in base64; remove it and a new one is made",
    )?;
    Ok(SigningKey::from_bytes(&bytes))
}

fn room_settings(
    config: &Config,
    settings: &Settings,
    key: &SigningKey,
    public_url: &str,
    register: Arc<People>,
) -> anyhow::Result<rooms::Settings> {
    let root = std::path::absolute(config.data_dir.join("rooms"))?;
    Ok(rooms::Settings {
        root,
        command: room_command(&config.rooms.command)?,
        config: settings.rooms(),
        meetings: settings.meetings(),
        public_key: RoomSpec::encode_key(&key.verifying_key()),
        origins: vec![public_url.to_owned()],
        register,
    })
}

fn room_command(words: &[String]) -> anyhow::Result<RoomCommand> {
    let program = room_program()?;
    if words.is_empty() {
        return Ok(RoomCommand::Own(program));
    }
    Ok(RoomCommand::Foreign {
        guard: program,
        words: words.to_vec(),
        environment: passed_on(),
    })
}

/// `dabir-room`, which stands beside this program.
pub(crate) fn room_program() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("this program does not know where it is")?;
    let beside = here.parent().unwrap_or(Path::new(".")).join("dabir-room");
    // Our own tests stand elsewhere, and start no room.
    anyhow::ensure!(
        cfg!(test) || beside.is_file(),
        "the room server `{}` is missing; install it beside `dabir`",
        beside.display()
    );
    Ok(beside)
}

/// How the process is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    status: &'static str,
    version: &'static str,
}

/// Whether the process lives.
#[utoipa::path(get, path = "/health", tag = "house", operation_id = "get_health", responses((status = 200, body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Whether everything that it needs is there.
#[utoipa::path(
    get, path = "/ready", tag = "house", operation_id = "get_readiness",
    responses(
        (status = 200, body = Health),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    let mut missing = app.base.missing().await;
    if let Err(error) = app.ports.health() {
        let file = app.ports.path().display();
        missing.push(format!("the ports file `{file}` cannot be kept: {error}"));
    }
    readiness(&missing)
}

/// The answer of a process that misses this.
pub(crate) fn readiness(missing: &[String]) -> Result<Json<Health>, Problem> {
    if missing.is_empty() {
        return Ok(Json(Health {
            status: "ready",
            version: env!("CARGO_PKG_VERSION"),
        }));
    }
    Err(Problem::unavailable("house.not_ready", missing.join("; ")))
}

async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    exposition(&app.registry)
}

/// All metrics, in the words of Prometheus.
pub(crate) fn exposition(registry: &Registry) -> Result<impl IntoResponse + use<>, Problem> {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry)
        .map_err(|error| Problem::internal(&error))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table that the tests of the whole product call every operation by.
    const TABLE: &str = include_str!("../tests/it/roles.txt");

    #[tokio::test]
    async fn the_table_of_roles_knows_every_path() {
        let folder = tempfile::tempdir().unwrap();
        let no_variables = std::iter::empty();
        let loaded = crate::config::load(None, Some(folder.path()), no_variables).unwrap();
        let (app, _) = App::build(&loaded, loaded.config.server.listen)
            .await
            .unwrap();
        let router = format!("{:?}", app.router());
        let known: Vec<&str> = TABLE
            .lines()
            .filter_map(|line| line.split_whitespace().nth(1))
            .collect();
        // `RouteId(7): "/health"`
        let paths: Vec<&str> = router
            .split("RouteId(")
            .filter_map(|part| part.split_once("): \"")?.1.split('"').next())
            .collect();
        assert!(
            paths.contains(&"/metrics"),
            "the router shows its paths otherwise now"
        );
        // What answers that there is nothing at a path has none itself.
        let unknown = |path: &&&str| !known.contains(path) && !path.contains("axum_fallback");
        let missing: Vec<_> = paths.iter().filter(unknown).collect();
        assert!(missing.is_empty(), "without a row: {missing:?}");
    }
}
