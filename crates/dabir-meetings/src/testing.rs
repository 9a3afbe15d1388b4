//! A house for the tests of this crate: a database, ports and rooms, and nothing that runs.

use std::sync::Arc;

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
use crate::register::Nobody;
use crate::rooms::launch::RoomCommand;
use crate::rooms::{Rooms, Settings};
use crate::service::{Meetings, MeetingsSetup};

/// Its clock stands at [`BEGIN`].
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) rooms: Rooms,
    /// Changes how rooms are run.
    pub(crate) config: watch::Sender<RoomsConfig>,
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
        }
    }

    /// Its meetings, as its database has them.
    pub(crate) async fn meetings(&self) -> Meetings {
        let db = Db::open("", self.folder.path()).await.expect("a database");
        let setup = MeetingsSetup {
            db,
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
