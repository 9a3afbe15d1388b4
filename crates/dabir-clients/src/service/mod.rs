//! What people, rooms and other programs do with clients.

mod change;
mod orders;
mod assign;
mod import;
mod presence;
mod follow;
mod folder;
mod portrait;
mod directory;
mod analytics;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Clock, Current, Events, Timestamp};
use dabir_db::Db;
use jiff::tz::TimeZone;
use sea_orm::{DbErr, RuntimeErr};
use tokio::sync::{Notify, watch};

use crate::available::Memory;
use crate::client::Client;
use crate::config::ClientsConfig;
use crate::error::{Bar, ClientsError};
use crate::mirror::Problem;
use crate::model::{Profile, Refused};
use crate::name::Username;
use crate::portrait::Portraits;
use crate::registry::{Orders, Snapshot};
use crate::store::events::{self, ClientEvent};
use crate::store::facts;

pub use analytics::{Analytics, Asked, Figures, FiguresOf, FiguresOfRoom, Line};
pub use assign::Assignments;
pub use directory::{DirectoryPerson, DirectoryPlace};
pub use folder::Looked;
pub use import::{ImportChange, ImportProblem, Imported, ImportedClient};
pub use orders::MAX_COMMANDS;
pub use presence::Attendance;
use presence::Beats;

/// The clients of one house. Clones share them.
#[derive(Clone, Debug)]
pub struct Clients {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    db: Db,
    clock: Clock,
    events: Events,
    config: Current<ClientsConfig>,
    zone: TimeZone,
    /// Whoever has it brings a change from the database into memory: in the order of offsets.
    turn: tokio::sync::Mutex<()>,
    snapshot: watch::Sender<Arc<Snapshot>>,
    orders: watch::Sender<Arc<Orders>>,
    /// A `std` mutex: held for a look-up.
    beats: Mutex<Beats>,
    /// What is wrong in the folder of available clients. A `std` mutex, as above.
    folder_problems: Mutex<Vec<Problem>>,
    /// A `std` mutex: held by a look at that folder.
    folder_memory: Mutex<Memory>,
    portraits: Portraits,
    /// The database may know more than the memory.
    behind: Notify,
}

/// What clients need.
#[derive(Debug)]
pub struct ClientsSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub config: Current<ClientsConfig>,
    /// Where the house is: its days begin at midnight there.
    pub timezone: TimeZone,
}

impl Clients {
    /// Reads all clients.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(setup: ClientsSetup) -> Result<Self, ClientsError> {
        let clients = Self {
            shared: Arc::new(Shared {
                db: setup.db,
                clock: setup.clock,
                events: setup.events,
                config: setup.config,
                zone: setup.timezone,
                turn: tokio::sync::Mutex::default(),
                snapshot: watch::Sender::default(),
                orders: watch::Sender::default(),
                beats: Mutex::default(),
                folder_problems: Mutex::default(),
                folder_memory: Mutex::default(),
                portraits: Portraits::default(),
                behind: Notify::new(),
            }),
        };
        clients.read_all().await?;
        Ok(clients)
    }

    /// How all clients stand, from now on: the lists for other programs, and whatever is known of
    /// each name. A change is seen when it is durable, that of another process within a second.
    #[must_use]
    pub fn sets(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.shared.snapshot.subscribe()
    }

    /// How all clients stand just now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.borrow().clone()
    }

    /// Who is paused, blocked and to be put out, and why: wakes only when one of these changes.
    #[must_use]
    pub fn orders(&self) -> watch::Receiver<Arc<Orders>> {
        self.shared.orders.subscribe()
    }

    /// Whether whoever comes by this name may come in: nobody who spells it otherwise is let in
    /// instead. A block holds until its end is durable.
    ///
    /// # Errors
    /// Why they may not.
    pub fn may_enter(&self, name: &(impl AsRef<str> + ?Sized)) -> Result<(), Bar> {
        let snapshot = self.shared.snapshot.borrow();
        match snapshot.orders().bar(name.as_ref()) {
            None => Ok(()),
            Some(order) => Err(Bar {
                reason: order.reason.clone(),
            }),
        }
    }

    /// A client, or a name that orders or other programs know.
    ///
    /// # Errors
    /// When nothing is known of the name.
    pub fn get(&self, username: &Username) -> Result<Client, Refused> {
        let snapshot = self.shared.snapshot.borrow();
        let facts = snapshot.get(username);
        let facts = facts.ok_or_else(|| Refused::Unknown(username.clone()))?;
        Ok(Client::of(username, facts))
    }

    /// What is known of those of these names that are clients, as the database has it: other servers
    /// may have changed it since this one looked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn profiles(&self, names: &[&str]) -> Result<Vec<(String, Profile)>, DbErr> {
        let known = facts::of(self.db().read(), names).await?.into_iter();
        let profiles = known.filter_map(|(name, facts)| Some((name.to_string(), facts.profile?)));
        Ok(profiles.collect())
    }

    /// What happened to a client before the event `before`, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn history(
        &self,
        username: &Username,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<ClientEvent>, ClientsError> {
        Ok(events::of(self.db().read(), username, before, limit).await?)
    }

    pub(crate) fn config(&self) -> ClientsConfig {
        self.shared.config.get()
    }

    pub(crate) fn current_config(&self) -> Current<ClientsConfig> {
        self.shared.config.clone()
    }

    pub(crate) fn clock(&self) -> Clock {
        self.shared.clock.clone()
    }

    pub(crate) fn domain_events(&self) -> &Events {
        &self.shared.events
    }

    pub(crate) fn db(&self) -> &Db {
        &self.shared.db
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    fn beats(&self) -> std::sync::MutexGuard<'_, Beats> {
        self.shared
            .beats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where other processes hear that clients changed.
pub(crate) const CHANNEL: &str = "dabir_clients";

/// What the database answers within `span`. A connection that says nothing, as after a firewall forgot
/// it, is given up then: everybody else waits behind it.
async fn within<T, E: Into<ClientsError>>(
    span: Duration,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, ClientsError> {
    let silent = || DbErr::Conn(RuntimeErr::Internal("it gives no answer".to_owned()));
    match tokio::time::timeout(span, asked).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(silent().into()),
    }
}

/// Who does what nobody orders.
fn dabir() -> Actor {
    Actor::here(ActorKind::System, "dabir")
}
