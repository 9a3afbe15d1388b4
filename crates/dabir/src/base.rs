//! What every process of the house stands on: the database, the settings, and the jobs of all domains.
//! `dabir worker` is built of this alone.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use dabir_backup::{Backups, BackupsSetup, House, Shelf};
use dabir_core::{Clock, Events};
use dabir_db::{DataFolder, Db, Sealer};
use dabir_files::{Files, FilesSetup, Helper, Objects};
use dabir_http::Egress;
use dabir_jobs::worker::Worker;
use dabir_jobs::{Handlers, Jobs};
use dabir_sync::{Syncs, SyncsSetup};
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::config::Loaded;
use crate::rights::Rights;
use crate::settings::Settings;

/// The services of every process. Clones share them.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    pub(crate) db: Db,
    pub(crate) settings: Settings,
    pub(crate) jobs: Jobs,
    /// The code of every kind of job.
    pub(crate) handlers: Handlers,
    pub(crate) syncs: Syncs,
    pub(crate) backups: Backups,
    pub(crate) files: Files,
    pub(crate) rights: Rights,
    jobs_metrics: dabir_jobs::Metrics,
}

/// How long the database may take to let go, behind [`crate::serve::DRAIN`].
const CLOSE: Duration = Duration::from_millis(1_500);

/// Variables that a foreign program may want; everything else, our secrets first, stays here.
const PASSED_ON: [&str; 10] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "PYTHONPATH",
];

/// This program as it runs, also when another version stands in its place by now.
const GUARD: [&str; 3] = ["/proc/self/exe", "guard", "--"];

impl Base {
    /// `sealer` is what secrets in the database are read with.
    pub(crate) async fn open(
        loaded: &Loaded,
        sealer: Sealer,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let events = Events::new(clock.clone());
        let start = &loaded.config;
        let db = Db::open(start.database.url.expose(), &start.data_dir)
            .await
            .context("the database cannot be used")?;
        let layers = loaded.layers.clone();
        let settings = Settings::open(layers, db.clone(), clock.clone(), events.clone()).await?;
        let jobs = Jobs::new(db.clone(), clock.clone(), events.clone());
        let config = settings.running();
        let syncs = Syncs::new(SyncsSetup {
            db: db.clone(),
            clock: clock.clone(),
            events: events.clone(),
            jobs: jobs.clone(),
            sealer,
            egress: Egress::new(config.egress.private),
            sources: config.sync.sources,
            environment: passed_on(),
            pace: dabir_sync::Pace::default(),
        });
        let config = settings.running();
        let shelf = Shelf::new(config.backup.folder(&start.data_dir));
        let backups = Backups::new(BackupsSetup {
            house: House {
                data_dir: start.data_dir.clone(),
                db: db.clone(),
                clock: clock.clone(),
                elsewhere: start.elsewhere(),
            },
            events: events.clone(),
            jobs: jobs.clone(),
            config: config.backup.clone(),
            timezone: config.meetings.timezone.clone(),
            metrics: dabir_backup::Metrics::registered(registry, shelf, clock.clone()),
        });
        let objects = Objects::open(&config.storage, &start.data_dir)
            .context("the files cannot be stored")?;
        let rights = Rights::default();
        let files = Files::new(FilesSetup {
            db: db.clone(),
            clock: clock.clone(),
            events: events.clone(),
            jobs: jobs.clone(),
            config: config.files,
            objects,
            helper: Helper::beside_this(),
            subjects: Arc::new(rights.clone()),
            scratch: start.data_dir.join("tmp"),
        });
        let mut handlers = syncs.handlers(Handlers::builder());
        if has_the_house(loaded) {
            handlers = backups.handlers(handlers);
        }
        if has_the_house(loaded) || config.storage.is_elsewhere() {
            handlers = files.handlers(handlers);
        }
        Ok(Self {
            clock,
            events,
            db,
            settings,
            jobs,
            handlers: handlers.build(),
            syncs,
            backups,
            files,
            rights,
            jobs_metrics: dabir_jobs::Metrics::registered(registry),
        })
    }

    /// Does what happens in the background.
    pub(crate) fn worker(&self) -> Worker {
        let metrics = self.jobs_metrics.clone();
        let handlers = self.handlers.clone();
        Worker::new(self.jobs.clone(), handlers, self.settings.jobs(), metrics)
            .guarded_by(GUARD.map(OsString::from).to_vec())
    }

    /// Tells others of jobs until `cancel`.
    pub(crate) async fn tell(self, cancel: CancellationToken) {
        cancel.run_until_cancelled(self.jobs.tell()).await;
    }

    /// Lets go of the database. A statement that does not end is not waited for: what it did not commit
    /// is as if it had never begun.
    pub(crate) async fn close(&self) {
        if tokio::time::timeout(CLOSE, self.db.clone().close())
            .await
            .is_err()
        {
            tracing::warn!("the database still worked when the process ended");
        }
    }

    /// What of it is missing just now, in words.
    pub(crate) async fn missing(&self) -> Vec<String> {
        match self.db.ping().await {
            Ok(()) => Vec::new(),
            Err(error) => vec![format!(
                "the database ({}) does not answer: {error}",
                self.db.kind()
            )],
        }
    }
}

/// Whether the data folder of this process is the one to back up: a server works in it, or did. A worker
/// on another machine has one of its own, with keys and nothing else.
fn has_the_house(loaded: &Loaded) -> bool {
    let config = &loaded.config;
    let data_dir = &config.data_dir;
    config.database.url.expose().is_empty()
        || dabir_backup::was_served(data_dir)
        || DataFolder::holder(data_dir).is_some()
}

/// What foreign programs see of our environment.
pub(crate) fn passed_on() -> Vec<(OsString, OsString)> {
    PASSED_ON
        .into_iter()
        .filter_map(|name| Some((name.into(), std::env::var_os(name)?)))
        .collect()
}
