//! Reading and changing settings, and telling the services of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dabir_accounts::{AuthConfig, LimitsConfig};
use dabir_clients::ClientsConfig;
use dabir_core::text::one_line;
use dabir_core::{Actor, Clock, Current, Event, Events};
use dabir_db::Db;
use dabir_db::audit::{self, Change};
use dabir_http::{FieldError, Problem};
use dabir_jobs::JobsConfig;
use dabir_meetings::{MeetingsConfig, RoomsConfig};
use dabir_ports::PortsConfig;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value as Json;
use tokio::sync::watch;

use super::held::{Held, accept, editable, json_at};
use super::layers::{Here, Layers};
use super::model::SettingView;
use super::store::{self, Stored};
use crate::config::{Config, LogConfig};

/// All settings of the house. Clones share them.
#[derive(Clone)]
pub(crate) struct Settings {
    inner: Arc<Inner>,
}

struct Inner {
    layers: Layers,
    db: Db,
    clock: Clock,
    events: Events,
    /// What had been changed here when this process started.
    started: Here,
    /// A `std` mutex: it guards memory and is never held across an await.
    held: Mutex<Held>,
    sections: Sections,
    /// One at a time reads the database and makes it so.
    turn: tokio::sync::Mutex<()>,
}

/// The sections whose services take changes, as they run.
struct Sections {
    meetings: watch::Sender<MeetingsConfig>,
    rooms: watch::Sender<RoomsConfig>,
    ports: watch::Sender<PortsConfig>,
    auth: watch::Sender<AuthConfig>,
    limits: watch::Sender<LimitsConfig>,
    clients: watch::Sender<ClientsConfig>,
    jobs: watch::Sender<JobsConfig>,
    log: watch::Sender<LogConfig>,
}

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("some values are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("the database did not do it")]
    Db(#[from] DbErr),
}

impl Settings {
    /// What default, file, environment and database say. A stored value that is not allowed is set
    /// aside with a warning.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn open(
        layers: Layers,
        db: Db,
        clock: Clock,
        events: Events,
    ) -> Result<Self, DbErr> {
        let held = Held::of(&layers, store::list(db.read()).await?, None);
        warn_of(&held, &BTreeMap::new());
        let inner = Inner {
            layers,
            db,
            clock,
            events,
            started: held.here.clone(),
            sections: Sections::of(&held.running),
            held: Mutex::new(held),
            turn: tokio::sync::Mutex::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The configuration as it runs.
    pub(crate) fn running(&self) -> Config {
        self.held().running.clone()
    }

    pub(crate) fn meetings(&self) -> Current<MeetingsConfig> {
        Current::follow(&self.inner.sections.meetings)
    }

    pub(crate) fn rooms(&self) -> Current<RoomsConfig> {
        Current::follow(&self.inner.sections.rooms)
    }

    pub(crate) fn ports(&self) -> Current<PortsConfig> {
        Current::follow(&self.inner.sections.ports)
    }

    pub(crate) fn auth(&self) -> Current<AuthConfig> {
        Current::follow(&self.inner.sections.auth)
    }

    pub(crate) fn limits(&self) -> Current<LimitsConfig> {
        Current::follow(&self.inner.sections.limits)
    }

    pub(crate) fn clients(&self) -> Current<ClientsConfig> {
        Current::follow(&self.inner.sections.clients)
    }

    pub(crate) fn jobs(&self) -> Current<JobsConfig> {
        Current::follow(&self.inner.sections.jobs)
    }

    pub(crate) fn log(&self) -> Current<LogConfig> {
        Current::follow(&self.inner.sections.log)
    }

    /// Every key, in the order of the file.
    pub(crate) fn list(&self) -> Vec<SettingView> {
        self.held().views(&self.inner.layers)
    }

    /// Changes settings, all or none; `null` goes back to what lies beneath. Answers those that were
    /// named.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] names each key that may not be changed, or not so.
    pub(crate) async fn change(
        &self,
        by: &Actor,
        changes: BTreeMap<String, Json>,
    ) -> Result<Vec<SettingView>, SettingsError> {
        let _turn = self.inner.turn.lock().await;
        let keys: Vec<String> = changes.keys().cloned().collect();
        let tx = self.inner.db.write().await?;
        store::take_turn(&tx).await?;
        let before = self.held_of(store::list(&tx).await?);
        let here = self.decide(&before, changes)?;
        let touched = self.write(&tx, by, &before, &keys, &here).await?;
        if touched.is_empty() {
            tx.rollback().await?;
        } else {
            let after = self.held_of(store::list(&tx).await?);
            let audited = self.audited(&before, &after, &touched);
            audit::append(&tx, self.inner.clock.now(), by, audited).await?;
            tx.commit().await?;
            self.make_so(after);
        }
        let mut views = self.list();
        views.retain(|view| keys.contains(&view.key));
        Ok(views)
    }

    /// What is changed here when all of `changes` are allowed.
    fn decide(
        &self,
        before: &Held,
        changes: BTreeMap<String, Json>,
    ) -> Result<Here, SettingsError> {
        let mut here = before.here.clone();
        let mut errors = Vec::new();
        for (key, json) in changes {
            let value = match json {
                Json::Null => editable(&key).map(|_| None),
                json => accept(&key, &json).map(Some),
            };
            match value {
                Ok(Some(value)) => drop(here.insert(key, value)),
                Ok(None) => drop(here.remove(&key)),
                Err(why) => errors.push((key, why)),
            }
        }
        // The same check as that of the file, of all together.
        errors.extend(self.inner.layers.merge(&here).err().into_iter().flatten());
        if errors.is_empty() {
            return Ok(here);
        }
        let refused = |(key, detail): (String, String)| FieldError {
            field: one_line(&key),
            detail,
        };
        let errors = errors.into_iter().map(refused).collect();
        Err(SettingsError::Invalid(errors))
    }

    /// Writes those of `keys` that differ from what is stored, and answers which.
    async fn write<'a>(
        &self,
        tx: &DatabaseTransaction,
        by: &Actor,
        before: &Held,
        keys: &'a [String],
        here: &Here,
    ) -> Result<Vec<&'a String>, DbErr> {
        let mut touched = Vec::new();
        for key in keys {
            let stored = before.stored.iter().find(|stored| stored.key == *key);
            let value = here.get(key).map(as_json);
            if stored.map(|stored| &stored.value) == value.as_ref() {
                continue;
            }
            touched.push(key);
            match value {
                None => store::remove(tx, key).await?,
                Some(value) => {
                    let changed_by = Some(by.name.clone()).filter(|name| !name.is_empty());
                    let changed_at = self.inner.clock.now();
                    let key = key.clone();
                    let stored = Stored {
                        key,
                        value,
                        changed_at,
                        changed_by,
                    };
                    store::save(tx, stored).await?;
                }
            }
        }
        Ok(touched)
    }

    fn audited(&self, before: &Held, after: &Held, keys: &[&String]) -> Vec<Change> {
        let layers = &self.inner.layers;
        let (was, is) = (before.wanted(), after.wanted());
        let change = |key: &&String| Change {
            action: match after.here.contains_key(*key) {
                true => "setting.change",
                false => "setting.reset",
            },
            target_kind: "setting",
            target_id: (*key).clone(),
            target_name: (*key).clone(),
            before: Some(before.told(layers, &was, key)),
            after: Some(after.told(layers, &is, key)),
        };
        keys.iter().map(change).collect()
    }

    /// Looks whether another process changed something.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn reread(&self) -> Result<(), DbErr> {
        let _turn = self.inner.turn.lock().await;
        let stored = store::list(self.inner.db.read()).await?;
        if stored != self.held().stored {
            self.make_so(self.held_of(stored));
        }
        Ok(())
    }

    fn held_of(&self, stored: Vec<Stored>) -> Held {
        Held::of(&self.inner.layers, stored, Some(&self.inner.started))
    }

    /// Tells the services, the log and whoever listens.
    fn make_so(&self, held: Held) {
        let keys = {
            let mut now = self.held();
            warn_of(&held, &now.aside);
            let keys = differing(&now.stored, &held.stored);
            self.inner.sections.tell(&held.running);
            *now = held;
            keys
        };
        let values = self.held().wanted();
        for key in &keys {
            let value = json_at(&values, key).unwrap_or_default().to_string();
            tracing::info!(setting = key, value, "the setting `{key}` is {value} now");
        }
        self.inner.events.publish(Event::SettingsChanged {
            keys: keys.into_iter().collect(),
        });
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.inner
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sections {
    fn of(config: &Config) -> Self {
        Self {
            meetings: watch::Sender::new(config.meetings.clone()),
            rooms: watch::Sender::new(config.rooms.clone()),
            ports: watch::Sender::new(config.ports.clone()),
            auth: watch::Sender::new(config.auth),
            limits: watch::Sender::new(config.limits),
            clients: watch::Sender::new(config.clients.clone()),
            jobs: watch::Sender::new(config.jobs.clone()),
            log: watch::Sender::new(config.log),
        }
    }

    fn tell(&self, config: &Config) {
        replace(&self.meetings, &config.meetings);
        replace(&self.rooms, &config.rooms);
        replace(&self.ports, &config.ports);
        replace(&self.auth, &config.auth);
        replace(&self.limits, &config.limits);
        replace(&self.clients, &config.clients);
        replace(&self.jobs, &config.jobs);
        replace(&self.log, &config.log);
    }
}

/// Nobody is woken for a value that holds already.
fn replace<T: Clone + PartialEq>(sender: &watch::Sender<T>, value: &T) {
    sender.send_if_modified(|held| {
        let differs = held != value;
        if differs {
            held.clone_from(value);
        }
        differs
    });
}

/// Tells of stored values that do not hold, but of none twice.
fn warn_of(held: &Held, told: &BTreeMap<String, String>) {
    for (key, why) in &held.aside {
        if told.get(key) != Some(why) {
            let key = one_line(key);
            tracing::warn!(
                setting = key,
                "what was stored for the setting `{key}` is set aside, and what file, environment or default say holds: {why}"
            );
        }
    }
}

/// The keys that only one of them has, or that are not the same in both.
fn differing(one: &[Stored], other: &[Stored]) -> BTreeSet<String> {
    let only = |these: &[Stored], those: &[Stored]| -> Vec<String> {
        let missing = these.iter().filter(|stored| !those.contains(stored));
        missing.map(|stored| stored.key.clone()).collect()
    };
    let both = only(one, other).into_iter().chain(only(other, one));
    both.collect()
}

/// A value as it is stored.
fn as_json(value: &toml::Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Invalid(errors) => Self::invalid("settings.invalid", errors),
            SettingsError::Db(cause) => Self::internal(&cause),
        }
    }
}
