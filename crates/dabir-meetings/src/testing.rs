//! A house for the tests of this crate: a database, ports and rooms, and nothing that runs.

use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Clock, Current, Events};
use dabir_db::Db;
use dabir_ports::{Durability, Options, PortManager, PortsConfig};
use dabir_room::spec::RoomSpec;
use dabir_room::token::SigningKey;
use prometheus_client::registry::Registry;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::config::{MeetingsConfig, RoomsConfig};
use crate::model::samples::BEGIN;
use crate::register::{Issue, Register, Report};
use crate::rooms::launch::RoomCommand;
use crate::rooms::{Rooms, Settings};
use crate::servers::Servers;
use crate::service::{Meetings, MeetingsSetup};

/// A house that orders nothing and asks nothing.
#[derive(Debug, Default)]
struct Nobody(watch::Sender<Arc<Issue>>);

/// Its clock stands at [`BEGIN`].
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) rooms: Rooms,
    /// Changes how rooms are run.
    pub(crate) config: watch::Sender<RoomsConfig>,
    /// Empty for SQLite.
    pub(crate) database: String,
}

impl Register for Nobody {
    fn bar(&self, _: &str) -> Option<String> {
        None
    }

    fn orders(&self) -> watch::Receiver<Arc<Issue>> {
        self.0.subscribe()
    }

    fn hear(&self, _: Report) {}

    fn beat(&self) -> Duration {
        Duration::MAX
    }
}

impl House {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = clock();
        let ports = PortsConfig {
            state: folder.path().join("ports.json"),
            ..PortsConfig::default()
        };
        let options = Options {
            clock: clock.clone(),
            durability: Durability::Relaxed,
            ..Options::default()
        };
        let ports = PortManager::open(&ports, options).expect("ports");
        let config = watch::Sender::new(RoomsConfig::default());
        let settings = Settings {
            root: folder.path().join("rooms"),
            command: RoomCommand::Own("/nowhere/room".into()),
            config: Current::follow(&config),
            meetings: MeetingsConfig::default().into(),
            public_key: RoomSpec::encode_key(&signing_key().verifying_key()),
            origins: Vec::new(),
            register: Arc::new(Nobody::default()),
        };
        let (rooms, _) = Rooms::new(settings, ports, clock);
        Self {
            folder,
            rooms,
            config,
            database: String::new(),
        }
    }

    /// Its meetings, as its database has them.
    pub(crate) async fn meetings(&self) -> Meetings {
        self.meetings_of("here").await
    }

    /// As the server of this name has them.
    pub(crate) async fn meetings_of(&self, server: &str) -> Meetings {
        let db = Db::open(&self.database, self.folder.path()).await;
        let db = db.expect("a database");
        let servers = Servers::new(&db, server.to_owned());
        servers.come().await.expect("a lease");
        let setup = MeetingsSetup {
            db,
            servers,
            clock: clock(),
            events: Events::default(),
            rooms: self.rooms.clone(),
            config: MeetingsConfig::default().into(),
            ports: 3_001..=3_100,
            public_url: "http://localhost".to_owned(),
            signing_key: signing_key(),
        };
        let loaded = Meetings::load(setup, &mut Registry::default()).await;
        loaded.expect("its meetings").0
    }
}

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

fn clock() -> Clock {
    Clock::fixed(BEGIN.parse().expect("a time"))
}
