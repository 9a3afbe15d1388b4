//! `dabir serve`: starts every loop, listens, and ends in order. No task runs that is not begun
//! and waited for here.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use dabir_accounts::Accounts;
use dabir_core::{Actor, ActorKind};
use dabir_db::DataFolder;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, Loops};
use crate::config::Loaded;
use crate::telemetry::Level;
use crate::{directory, minutes, people, settings};

/// What one process does of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Role {
    /// Answers requests.
    Api,
    /// Keeps the meetings' rooms.
    Supervisor,
    /// Does what happens in the background.
    Worker,
}

/// How `dabir serve` was asked to run.
#[derive(Clone, Debug)]
pub(crate) struct ServeOptions {
    pub(crate) roles: BTreeSet<Role>,
    /// Rooms end with the server, instead of outliving it.
    pub(crate) stop_rooms: bool,
}

impl ServeOptions {
    fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// How long the end may take before what is left is dropped.
pub(crate) const DRAIN: Duration = Duration::from_secs(8);
/// How long rooms may take to end with the server before they are killed.
const ROOMS_GRACE: Duration = Duration::from_secs(4);
const MINUTE: Duration = Duration::from_secs(60);
/// Where the commands of this machine find the running server.
pub(crate) const ADDRESS_FILE: &str = "server.url";

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn serve(
    loaded: &Loaded,
    options: &ServeOptions,
    level: Level,
) -> anyhow::Result<()> {
    let config = &loaded.config;
    let folder = DataFolder::hold(&config.data_dir)?;
    refuse_half_a_house(folder.path())?;
    // Whoever has the port of a server that was killed is not to be taken for us.
    let _ = std::fs::remove_file(folder.path().join(ADDRESS_FILE));
    raise_descriptor_limit();
    let listener = TcpListener::bind(config.server.listen)
        .await
        .with_context(|| {
            format!(
                "the server does not start: cannot listen on {}",
                config.server.listen
            )
        })?;
    let address = listener.local_addr()?;
    let (app, loops) = App::build(loaded, address).await?;
    let cancel = CancellationToken::new();
    let tasks = TaskTracker::new();
    if options.has(Role::Supervisor) {
        start_supervisor(&app, loops, &tasks, &cancel).await?;
    } else {
        let living = app.meetings.look_at_rooms().await?;
        tracing::warn!(
            "this process has no role `supervisor`: it starts and ends no rooms, and {living} go on by themselves"
        );
    }
    tasks.spawn(dabir_meetings::worker::follow(
        app.meetings.clone(),
        cancel.clone(),
    ));
    tasks.spawn(tend_accounts(app.accounts.clone(), cancel.clone()));
    tasks.spawn(dabir_accounts::worker::follow(
        app.accounts.clone(),
        cancel.clone(),
    ));
    tasks.spawn(dabir_clients::worker::run(
        app.clients.clone(),
        cancel.clone(),
    ));
    tasks.spawn(app.mirrors.clone().run(cancel.clone()));
    tasks.spawn(directory::run(app.directory(), cancel.clone()));
    tasks.spawn(dabir_writing::tasks::worker::purge(
        app.tasks.clone(),
        cancel.clone(),
    ));
    tasks.spawn(dabir_writing::tasks::worker::remind(
        app.tasks.clone(),
        cancel.clone(),
    ));
    tasks.spawn(dabir_notify::worker::run(
        app.base.notify.clone(),
        cancel.clone(),
    ));
    tasks.spawn(dabir_search::worker::run(
        app.search.clone(),
        cancel.clone(),
    ));
    tasks.spawn(minutes::run(app.secretary(), cancel.clone()));
    start_documents(&app, &tasks, &cancel);
    start_settings(&app, level, &tasks, &cancel);
    app.base
        .syncs
        .put_schedules()
        .await
        .context("the sources cannot be scheduled")?;
    let scheduled = app.base.backups.put_schedule().await;
    scheduled.context("backups cannot be scheduled")?;
    let scheduled = app.base.files.put_schedule().await;
    scheduled.context("the files cannot be tidied by schedule")?;
    tasks.spawn(dabir_sync::worker::tell(
        app.base.syncs.clone(),
        cancel.clone(),
    ));
    let workers = start_workers(&app, options, &tasks, &cancel);
    let router = if options.has(Role::Api) {
        app.router()
    } else {
        app.probes()
    };
    let url = app.base.settings.running().server.url(address);
    std::fs::write(
        folder.path().join(ADDRESS_FILE),
        format!("http://{}\n", local(address)),
    )?;
    let mut ended = signals()?;
    let places = connections();
    let server = tokio::spawn(dabir_http::server::serve(
        listener,
        router,
        places,
        cancel.clone(),
    ));
    announce(&url)?;
    if options.has(Role::Api) {
        show_the_way_in(folder.path(), &app).await?;
    }
    ended.wait().await;
    tracing::info!(
        "ending; rooms {}",
        if options.stop_rooms {
            "end too"
        } else {
            "go on"
        }
    );
    cancel.cancel();
    tasks.close();
    let drained = tokio::time::timeout(DRAIN, async {
        // The loops first: nothing that ends below is to be started again.
        tasks.wait().await;
        let rooms = async {
            if options.stop_rooms {
                app.meetings
                    .rooms()
                    .stop_all("the house closes", ROOMS_GRACE)
                    .await;
            }
            app.meetings.rooms().leave().await;
        };
        let ports = app.ports.clone();
        // It may wait for the lock of the port file, which another program may hold for long.
        let ports = tokio::task::spawn_blocking(move || ports.stop());
        let _ = tokio::join!(rooms, workers.wait(), server, ports);
    });
    if drained.await.is_err() {
        tracing::warn!(
            "some work did not end within {} s and was dropped",
            DRAIN.as_secs()
        );
    }
    let _ = std::fs::remove_file(folder.path().join(ADDRESS_FILE));
    app.base.close().await;
    Ok(())
}

/// A restore that was cut off left a database and files that do not belong together.
pub(crate) fn refuse_half_a_house(data_dir: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        !dabir_backup::is_half_restored(data_dir),
        "a restore was cut off: the database of `{}` is restored and its files are not; \
         run the same `dabir backup restore` again",
        data_dir.display()
    );
    Ok(())
}

fn start_documents(app: &App, tasks: &TaskTracker, cancel: &CancellationToken) {
    use dabir_writing::documents::worker;
    let documents = || app.documents.clone();
    tasks.spawn(worker::live(documents(), cancel.clone()));
    tasks.spawn(worker::settle(documents(), cancel.clone()));
    tasks.spawn(worker::purge(documents(), cancel.clone()));
}

fn start_settings(app: &App, level: Level, tasks: &TaskTracker, cancel: &CancellationToken) {
    let settings = || app.base.settings.clone();
    let ports = app.ports.clone();
    tasks.spawn(settings::follow(settings(), cancel.clone()));
    tasks.spawn(settings::adjust_ports(settings(), ports, cancel.clone()));
    tasks.spawn(settings::adjust_log(settings(), level, cancel.clone()));
}

/// The workers end beside the rooms, and not before them: their last jobs may take as long.
fn start_workers(
    app: &App,
    options: &ServeOptions,
    tasks: &TaskTracker,
    cancel: &CancellationToken,
) -> TaskTracker {
    let workers = TaskTracker::new();
    if options.has(Role::Worker) {
        workers.spawn(app.base.worker().run(cancel.clone()));
    }
    workers.close();
    tasks.spawn(app.base.clone().tell(cancel.clone()));
    workers
}

async fn start_supervisor(
    app: &App,
    loops: Loops,
    tasks: &TaskTracker,
    cancel: &CancellationToken,
) -> anyhow::Result<()> {
    app.servers
        .come()
        .await
        .context("the server cannot say that it is there")?;
    tasks.spawn(app.servers.clone().stay(cancel.clone()));
    let adopted = app
        .meetings
        .adopt_rooms()
        .await
        .context("the rooms cannot be taken over")?;
    if adopted > 0 {
        tracing::info!(rooms = adopted, "took over {adopted} living rooms");
    }
    use dabir_meetings::worker;
    let meetings = || app.meetings.clone();
    tasks.spawn(worker::reconcile(
        meetings(),
        loops.rooms_changed,
        cancel.clone(),
    ));
    tasks.spawn(worker::poll(meetings(), loops.polls, cancel.clone()));
    tasks.spawn(worker::look_for_silent(meetings(), cancel.clone()));
    tasks.spawn(people::run(loops.people, loops.reports, cancel.clone()));
    tasks.spawn(worker::put_out(meetings(), cancel.clone()));
    tasks.spawn(worker::rotate_logs(meetings(), cancel.clone()));
    Ok(())
}

/// Ends what sessions keep open whose time is over, every minute; notes the audit's newest head
/// every hour and once more at the end.
async fn tend_accounts(accounts: Accounts, cancel: CancellationToken) {
    for minute in 1_u64.. {
        let ends = tokio::time::timeout(MINUTE, cancel.cancelled())
            .await
            .is_ok();
        if let Err(error) = accounts.forget_ended_sessions().await {
            tracing::warn!(%error, "no session was ended for its age: {error}");
        }
        if ends || minute % 60 == 0 {
            note_audit_head(&accounts).await;
        }
        if ends {
            return;
        }
    }
}

async fn note_audit_head(accounts: &Accounts) {
    if let Err(error) = accounts.note_audit_head().await {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, "the audit's newest head could not be noted: {error}");
    }
}

/// The one line that says where the server is.
fn announce(url: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Dabir {} is ready at {url}", env!("CARGO_PKG_VERSION"))?;
    Ok(out.flush()?)
}

/// For a person at a terminal: the link that signs in.
async fn show_the_way_in(folder: &std::path::Path, app: &App) -> anyhow::Result<()> {
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        let by = Actor::here(ActorKind::System, "dabir");
        let link = app.accounts.make_start_link(&by).await?;
        let mut terminal = std::io::stderr().lock();
        writeln!(terminal, "\n  Open   {link}")?;
        writeln!(
            terminal,
            "         (works once; `dabir admin link` makes another)"
        )?;
        writeln!(terminal, "  Data   {}\n", folder.display())?;
    }
    Ok(())
}

/// The address by which this machine reaches the server.
fn local(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    address
}

/// A thousand rooms need some thousands of descriptors; the usual soft limit is 1,024.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays at {:?}: {error}", limit.current);
    }
}

/// How many connections are served at once. A tunnel to a room takes two descriptors, and the rooms
/// themselves need some; a quarter of the limit leaves them theirs.
fn connections() -> usize {
    use rustix::process::{Resource, getrlimit};
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(80_000);
    usize::try_from(limit / 4)
        .unwrap_or(usize::MAX)
        .clamp(64, 20_000)
}

pub(crate) struct Signals {
    term: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
}

pub(crate) fn signals() -> anyhow::Result<Signals> {
    Ok(Signals {
        term: signal(SignalKind::terminate())?,
        int: signal(SignalKind::interrupt())?,
    })
}

impl Signals {
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}
