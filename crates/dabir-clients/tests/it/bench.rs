//! What the tests of clients stand on: a database, processes that share it, and a clock.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dabir_clients::{
    Action, Client, Clients, ClientsConfig, ClientsError, ClientsSetup, Command, NewProfile,
    Refused, Snapshot, Terms, Username,
};
use dabir_core::{Actor, ActorKind, Clock, Current, Events, Span, Timestamp};
use dabir_db::Db;
use dabir_testing::Postgres;
use jiff::tz::TimeZone;
use sea_orm::{ConnectionTrait, Statement};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Ample for what should take a second.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Bench {
    pub(crate) clients: Clients,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    _folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

/// The loops of a process, until they are told to end.
pub(crate) struct Working {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clock = Clock::fixed(Timestamp::from_second(1_000).unwrap());
        let events = Events::default();
        Self {
            clients: load(&db, &clock, &events).await,
            db,
            clock,
            events,

            _folder: folder,
            _postgres: postgres,
        }
    }

    /// The same clients as another process has them, with listeners of its own.
    pub(crate) async fn process(&self, events: &Events) -> Clients {
        self.process_with(events, ClientsConfig::default()).await
    }

    pub(crate) async fn process_with(&self, events: &Events, config: ClientsConfig) -> Clients {
        load_with(&self.db, &self.clock, events, config).await
    }

    pub(crate) async fn order(&self, name: &str, action: Action) -> Result<Client, Refused> {
        order(&self.clients, name, action).await
    }

    pub(crate) fn get(&self, name: &str) -> Option<Client> {
        self.clients.get(&username(name)).ok()
    }

    /// The one number that a question answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.db.read().get_database_backend(), sql);
        let row = self.db.read().query_one_raw(statement).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let tx = self.db.write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }
}

impl Working {
    pub(crate) fn begin(clients: &Clients) -> Self {
        let cancel = CancellationToken::new();
        let task = dabir_clients::worker::run(clients.clone(), cancel.clone());
        Self {
            task: tokio::spawn(task),
            cancel,
        }
    }

    pub(crate) async fn end(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }
}

async fn load(db: &Db, clock: &Clock, events: &Events) -> Clients {
    load_with(db, clock, events, ClientsConfig::default()).await
}

/// The clients of one process among several, whose files are in `dir`.
pub(crate) async fn process(db: &Db, dir: &Path) -> Clients {
    let config = ClientsConfig {
        dir: dir.to_owned(),
        interval: Span::from_millis(100),
        ..ClientsConfig::default()
    };
    load_with(db, &Clock::system(), &Events::default(), config).await
}

pub(crate) async fn load_with(
    db: &Db,
    clock: &Clock,
    events: &Events,
    config: ClientsConfig,
) -> Clients {
    let setup = ClientsSetup {
        db: db.clone(),
        clock: clock.clone(),
        events: events.clone(),
        config: Current::from(config),
        timezone: TimeZone::get("Asia/Tehran").unwrap(),
    };
    Clients::load(setup).await.unwrap()
}

pub(crate) async fn order(
    clients: &Clients,
    name: &str,
    action: Action,
) -> Result<Client, Refused> {
    match clients.apply(&operator(), command(name, action)).await {
        Ok(client) => Ok(client),
        Err(ClientsError::Refused(refused)) => Err(refused),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn command(name: &str, action: Action) -> Command {
    Command {
        username: username(name),
        action,
        version: None,
    }
}

pub(crate) fn operator() -> Actor {
    Actor::here(ActorKind::User, "an operator")
}

pub(crate) fn username(name: &str) -> Username {
    name.parse().unwrap()
}

pub(crate) fn add() -> Action {
    Action::Add(NewProfile::default())
}

pub(crate) fn terms(reason: &str, until: Option<i64>) -> Terms {
    Terms {
        reason: reason.to_owned(),
        until: until.map(|second| Timestamp::from_second(second).unwrap()),
    }
}

/// Everything that is in a snapshot, as one text.
pub(crate) fn all_of(snapshot: &Arc<Snapshot>) -> Vec<String> {
    let all = snapshot.after(None);
    all.map(|(name, facts)| format!("{name} {facts:?}"))
        .collect()
}
