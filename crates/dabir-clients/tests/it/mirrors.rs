//! What the tests of mirrors stand on: a process with a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dabir_clients::{Clients, ClientsConfig, LEASE, Mirrors, MirrorsSetup, Problem, RedisEncoding};
use dabir_core::{Clock, Events, Secret, Span, Timestamp};
use dabir_db::{Db, Lease};
use dabir_testing::eventually;
use prometheus_client::registry::Registry;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bench::{SOON, load_with};

/// What keeps the mirrors of a process.
pub(crate) struct Shop {
    pub(crate) clients: Clients,
    pub(crate) mirrors: Mirrors,
    pub(crate) db: Db,
    pub(crate) metrics: Registry,
    pub(crate) clock: Clock,
    config: ClientsConfig,
    redis: String,
    working: Option<(CancellationToken, JoinHandle<()>)>,
    folder: tempfile::TempDir,
}

impl Shop {
    /// One that waits for no scan: what it sees at once, it was told of.
    pub(crate) async fn open() -> Self {
        Self::with("", RedisEncoding::Hash, Duration::from_secs(3_600)).await
    }

    pub(crate) async fn with(redis: &str, encoding: RedisEncoding, interval: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open("", folder.path()).await.unwrap();
        let config = ClientsConfig {
            dir: folder.path().join("Server_Data"),
            interval: Span::from_millis(u64::try_from(interval.as_millis()).unwrap()),
            redis_encoding: encoding,
            ..ClientsConfig::default()
        };
        let clock = Clock::fixed(Timestamp::from_second(1_000).unwrap());
        let clients = load_with(&db, &clock, &Events::default(), config.clone()).await;
        let mut metrics = Registry::default();
        let mut shop = Self {
            mirrors: mirrors(&clients, &db, redis, &mut metrics),
            clients,
            db,
            metrics,
            clock,
            config,
            redis: redis.to_owned(),
            working: None,
            folder,
        };
        shop.begin();
        shop.shows("Network_Action.json", &[]).await;
        shop
    }

    fn begin(&mut self) {
        let cancel = CancellationToken::new();
        let task = tokio::spawn(self.mirrors.clone().run(cancel.clone()));
        self.working = Some((cancel, task));
    }

    pub(crate) async fn end(&mut self) {
        if let Some((cancel, task)) = self.working.take() {
            cancel.cancel();
            task.await.unwrap();
        }
    }

    /// As a process that starts where another one ended.
    pub(crate) async fn start_again(&mut self) {
        self.end().await;
        let events = Events::default();
        self.clients = load_with(&self.db, &self.clock, &events, self.config.clone()).await;
        self.metrics = Registry::default();
        self.mirrors = mirrors(&self.clients, &self.db, &self.redis, &mut self.metrics);
        self.begin();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.config.dir.join(name)
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.config.dir
    }

    /// A path beside the folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names in a file; `None` while it is not there, or not whole.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let bytes = fs::read(self.path(name)).ok()?;
        let names = dabir_clients::read(&bytes).ok()?;
        Some(names.iter().map(ToString::to_string).collect())
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn put_names(&self, name: &str, names: &[&str]) {
        let text = serde_json::to_vec_pretty(&serde_json::json!({ "clients": names })).unwrap();
        // As careful programs write.
        let beside = self.beside("beside");
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, self.path(name)).unwrap();
    }

    /// Waits until a file has these names.
    pub(crate) async fn shows(&self, name: &str, names: &[&str]) {
        let what = format!("{name} shows {names:?}");
        eventually(&what, SOON, async || {
            (self.list(name)? == names).then_some(())
        })
        .await;
    }

    pub(crate) async fn problem(&self, subject: &str) -> Problem {
        eventually(&format!("a problem with {subject}"), SOON, async || {
            let problems = self.mirrors.problems();
            problems.into_iter().find(|one| one.subject == subject)
        })
        .await
    }

    pub(crate) async fn has_no_problem(&self) {
        eventually("all is well", SOON, async || {
            self.mirrors.problems().is_empty().then_some(())
        })
        .await;
    }
}

fn mirrors(clients: &Clients, db: &Db, redis: &str, metrics: &mut Registry) -> Mirrors {
    let setup = MirrorsSetup {
        clients: clients.clone(),
        lease: Lease::new(db.clone(), LEASE),
        redis: Secret::new(redis),
    };
    Mirrors::new(setup, metrics)
}
