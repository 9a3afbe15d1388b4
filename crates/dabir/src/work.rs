//! `dabir worker`: a process that works jobs off and does nothing else, beside a server or on another
//! machine with the same database.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use dabir_db::{DataFolder, Sealer, Secrets};
use dabir_http::{Json, Problem};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{Health, exposition, health, readiness};
use crate::base::Base;
use crate::config::Loaded;
use crate::serve::{DRAIN, refuse_half_a_house, signals};
use crate::settings;
use crate::telemetry::Level;

/// What the probes look at.
#[derive(Clone)]
struct Probed {
    base: Base,
    registry: Arc<Registry>,
}

/// Who asks how a worker does: an orchestrator and Prometheus, not the world.
const CONNECTIONS: usize = 32;

/// What to do about a key that is not the server's.
const KEY: &str = "the worker does not start: it needs the server's key; copy `secrets/sealing.key` \
    from the server's data folder into this one's, or start the server on this folder first";

/// Works until SIGTERM or SIGINT; answers `/health`, `/ready` and `/metrics` at `listen`, if anywhere.
pub(crate) async fn work(
    loaded: &Loaded,
    listen: Option<SocketAddr>,
    level: Level,
) -> anyhow::Result<()> {
    let data_dir = &loaded.config.data_dir;
    let _folder = DataFolder::join(data_dir)?;
    refuse_half_a_house(data_dir)?;
    // It is never made here: a key of one's own opens nothing, which would show only in a run.
    let sealer = Sealer::load_kept(&Secrets::of(data_dir)).context(KEY)?;
    let mut registry = Registry::default();
    let listen_at = loaded.config.server.listen;
    let base = Base::open(loaded, listen_at, sealer, &mut registry).await?;
    base.syncs.check_seals().await.context(KEY)?;
    let mut ended = signals()?;
    let cancel = CancellationToken::new();
    let tasks = TaskTracker::new();
    let settings = || base.settings.clone();
    tasks.spawn(settings::follow(settings(), cancel.clone()));
    tasks.spawn(settings::adjust_log(settings(), level, cancel.clone()));
    if let Some(listen) = listen {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("the worker does not start: cannot listen on {listen}"))?;
        announce(listener.local_addr()?)?;
        let router = probes(base.clone(), registry);
        let served = dabir_http::server::serve(listener, router, CONNECTIONS, cancel.clone());
        tasks.spawn(served);
    }
    tasks.spawn(base.clone().tell(cancel.clone()));
    tasks.spawn(base.worker().run(cancel.clone()));
    tracing::info!("working off jobs");
    ended.wait().await;
    cancel.cancel();
    tasks.close();
    if tokio::time::timeout(DRAIN, tasks.wait()).await.is_err() {
        tracing::warn!(
            "some jobs did not end within {} s; others take them",
            DRAIN.as_secs()
        );
    }
    base.close().await;
    Ok(())
}

/// The one line that says where the worker is asked.
fn announce(address: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    writeln!(out, "Dabir {version} worker is ready at http://{address}")?;
    Ok(out.flush()?)
}

fn probes(base: Base, registry: Registry) -> Router {
    let registry = Arc::new(registry);
    let router = Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .fallback(async || Problem::unavailable("house.no_api", "this is a worker; ask the server"))
        .with_state(Probed { base, registry });
    dabir_http::layers::wrap(router)
}

async fn ready(State(probed): State<Probed>) -> Result<Json<Health>, Problem> {
    readiness(&probed.base.missing().await)
}

async fn metrics(State(probed): State<Probed>) -> Result<impl IntoResponse, Problem> {
    exposition(&probed.registry)
}
