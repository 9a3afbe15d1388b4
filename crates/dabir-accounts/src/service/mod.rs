//! The rules of accounts: one file a subject, and here what all of them need.
//!
//! Each change takes its turn: read, decide, write to the database with its audit entry, then to
//! the memory that requests ask. So nobody signs in between the block of an account and the end of
//! its sessions.

mod users;
mod sessions;
mod tokens;
mod links;
mod factors;
mod heads;
mod others;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::id::random_text;
use dabir_core::{Actor, ActorKind, Clock, Current, Event, Events, Secret, Timestamp};
use dabir_db::audit::Change;
use dabir_db::outbox::Happening;
use dabir_db::{Db, SecretError, Secrets, audit, outbox};
use dabir_http::{Identity, Limiter, Role, Scope, TooSoon};
use jiff::tz::TimeZone;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

use crate::config::{AuthConfig, LimitsConfig};
use crate::error::AccountError;
use crate::keys::{Keys, hash};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::model::User;
use crate::passwords::{Cost, Hasher};
use crate::store;

pub use factors::{NewFactor, RecoveryCodes};
pub(crate) use sessions::Caller;
pub use sessions::{Device, Login, SignedIn};
pub use tokens::NewTokenView;
pub use users::InvitedUser;

/// Who may do what. Clones share it.
#[derive(Clone, Debug)]
pub struct Accounts {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    events: Events,
    config: Current<AuthConfig>,
    /// Where people reach the server, without a slash at the end.
    public_url: String,
    admin_token: Secret,
    keys: Keys,
    hasher: Hasher,
    live: Live,
    /// Attempts to sign in, for one account from wherever they come.
    attempts: Limiter,
    /// Wrong passwords for one account from one address, and wrong codes for one from wherever.
    failures: Limiter,
    /// How often a session that nothing is known of is looked for: its token may be old and stolen.
    looks: Limiter,
    metrics: Metrics,
    /// One change at a time.
    changes: Mutex<Taken>,
    /// Where the newest audit heads are noted.
    heads_file: PathBuf,
    timezone: TimeZone,
}

/// What [`Accounts`] is made of.
#[derive(Debug)]
pub struct AccountsSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub config: Current<AuthConfig>,
    pub limits: Current<LimitsConfig>,
    pub public_url: String,
    pub data_dir: PathBuf,
    /// In whose days the audit is told.
    pub timezone: TimeZone,
    /// What one password hash costs.
    pub cost: Cost,
}

/// Why the accounts cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the accounts cannot be read")]
    Db(#[from] sea_orm::DbErr),
}

/// The name of the installation's own token, and of its file.
const ADMIN_TOKEN: &str = "admin.token";

/// A change that has its turn: a transaction, and nobody else in one.
struct Turn<'a> {
    tx: DatabaseTransaction,
    now: Timestamp,
    turn: MutexGuard<'a, Taken>,
}

/// What of the audit is in memory.
#[derive(Debug, Default)]
struct Taken {
    /// All up to this entry.
    up_to: i64,
    /// Later ones that this process wrote.
    own: BTreeSet<i64>,
}

impl Accounts {
    /// The accounts of this data folder; its secrets are made on first use.
    ///
    /// # Errors
    /// When a secret's file is readable by others, or the database does not answer.
    pub async fn open(setup: AccountsSetup) -> Result<Self, OpenError> {
        let secrets = Secrets::of(&setup.data_dir);
        let make = || format!("dabir_{}", random_text(52));
        let admin_token = secrets.load_or_make(ADMIN_TOKEN, make)?;
        let (each, burst) = sessions::FAILURES;
        let auth = move || setup.limits.get().auth;
        let inner = Inner {
            keys: Keys::load(&secrets)?,
            hasher: Hasher::new(setup.cost),
            live: Live::new(setup.config.clone()),
            attempts: Limiter::following(auth, setup.clock.clone()),
            failures: Limiter::every(each, burst, setup.clock.clone()),
            looks: Limiter::every(Duration::from_secs(1), 3, setup.clock.clone()),
            metrics: Metrics::default(),
            changes: Mutex::default(),
            heads_file: setup.data_dir.join("audit.heads"),
            timezone: setup.timezone,
            db: setup.db,
            clock: setup.clock,
            events: setup.events,
            config: setup.config,
            public_url: setup.public_url,
            admin_token,
        };
        let accounts = Self {
            inner: Arc::new(inner),
        };
        accounts.load().await?;
        Ok(accounts)
    }

    /// Lets in the sessions and tokens that the database knows.
    async fn load(&self) -> Result<(), sea_orm::DbErr> {
        let db = self.inner.db.read();
        // First: what is written while the rest is read is taken over afterwards.
        self.inner.changes.lock().await.up_to = audit::head(db).await?.seq;
        for session in store::sessions::list(db, None).await? {
            if let Some(user) = store::users::find(db, &session.user_id).await? {
                self.inner.live.add_session(&session, &user);
            }
        }
        for (hash, token) in store::tokens::list(db, None).await? {
            if let Some(user) = store::users::find(db, &token.user_id).await? {
                self.inner.live.add_token(hash, token, &user);
            }
        }
        Ok(())
    }

    /// How many password hashes were computed.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.inner.hasher.count()
    }

    /// The caller that a token of the `Authorization` header stands for.
    pub(crate) async fn by_token(&self, token: &str) -> Option<Identity> {
        let ours = self.inner.admin_token.expose().as_bytes();
        if token.as_bytes().ct_eq(ours).into() {
            return Some(installation());
        }
        let now = self.now();
        let (identity, note) = self.inner.live.by_token(&hash(token), now)?;
        if note {
            self.note_use(&identity.id, now).await;
        }
        Some(identity)
    }

    /// What is counted here and at the door.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// In whose days the audit is told.
    pub(crate) fn timezone(&self) -> &TimeZone {
        &self.inner.timezone
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Begins a change.
    async fn turn(&self) -> Result<Turn<'_>, AccountError> {
        let turn = self.inner.changes.lock().await;
        let tx = self.inner.db.write().await?;
        // What is decided here holds until it is written, in other processes too.
        audit::take_turn(&tx).await?;
        let now = self.now();
        Ok(Turn { tx, now, turn })
    }

    /// Refuses what comes too often, and counts it as what `limit` names.
    fn limited(&self, limit: &'static str, taken: Result<(), TooSoon>) -> Result<(), AccountError> {
        taken.map_err(|soon| {
            self.inner.metrics.refused(limit);
            AccountError::TooSoon(soon)
        })
    }

    /// Ends sessions in memory, and tells of it; the database has ended them already.
    fn end(&self, reason: &str, ends: impl Fn(&str, &str) -> bool) {
        for (user_id, last) in self.inner.live.end_sessions(ends) {
            self.inner.events.publish(Event::SessionEnded {
                user_id,
                reason: reason.to_owned(),
                last,
            });
        }
    }

    /// Ends all that somebody has open but the session `kept`; rooms too, which they may be in
    /// without a session.
    fn end_all_of(&self, user_id: &str, kept: Option<&str>, reason: &str) {
        let ends = |id: &str, user: &str| user == user_id && Some(id) != kept;
        self.inner.live.end_sessions(ends);
        self.tell_gone(user_id, reason);
    }

    fn tell_gone(&self, user_id: &str, reason: &str) {
        self.inner.events.publish(Event::SessionEnded {
            user_id: user_id.to_owned(),
            reason: reason.to_owned(),
            last: true,
        });
    }

    async fn user(&self, id: &str) -> Result<User, AccountError> {
        let user = store::users::find(self.inner.db.read(), id).await?;
        user.ok_or(AccountError::NotFound("user"))
    }

    /// The person that a word means: by id, or by e-mail address.
    async fn user_by_word(&self, word: &str) -> Result<User, AccountError> {
        // A NUL would be an error of PostgreSQL; no id and no address has one.
        if word.chars().any(char::is_control) {
            return Err(AccountError::NotFound("user"));
        }
        let db = self.inner.db.read();
        match store::users::find(db, word).await? {
            Some(user) => Ok(user),
            None => store::users::find_by_email(db, word)
                .await?
                .ok_or(AccountError::NotFound("user")),
        }
    }
}

impl<'a> Turn<'a> {
    /// Writes what was changed to the audit, and makes it all so. The turn is held on to until
    /// memory says the same as the database.
    async fn commit(
        mut self,
        by: &Actor,
        changes: Vec<Change>,
    ) -> Result<MutexGuard<'a, Taken>, AccountError> {
        let said: Vec<_> = changes.iter().filter_map(said).collect();
        outbox::say_all(&self.tx, self.now, by, said).await?;
        let written = audit::append(&self.tx, self.now, by, changes).await?;
        self.tx.commit().await?;
        self.turn.own.extend(written);
        Ok(self.turn)
    }
}

/// The owner of the installation, whose token lies in the data folder.
fn installation() -> Identity {
    Identity {
        kind: ActorKind::Token,
        id: ADMIN_TOKEN.to_owned(),
        name: "admin token".to_owned(),
        role: Role::Admin,
        scopes: vec![Scope::Admin],
        user_id: None,
        username: None,
        session_id: None,
        alive: CancellationToken::new(),
    }
}

/// What of a change is said outside.
fn said(change: &Change) -> Option<Happening> {
    let event = match change.action {
        "user.create" | "user.first" => "user.created",
        "session.begin" => "user.signed_in",
        "user.block" => "user.blocked",
        _ => return None,
    };
    let mut data = json!({ "id": change.target_id, "name": change.target_name });
    if let Some(after) = &change.after {
        data["role"] = after["role"].clone();
    }
    Some(Happening {
        event,
        subject_kind: "user",
        subject_id: change.target_id.clone(),
        subject_name: change.target_name.clone(),
        data,
        concerns: Vec::new(),
    })
}

/// A change of somebody, for the audit.
fn of_user(action: &'static str, before: Option<&User>, after: Option<&User>) -> Change {
    let user = after.or(before);
    Change {
        action,
        target_kind: "user",
        target_id: user.map_or_else(String::new, |user| user.id.clone()),
        target_name: user.map_or_else(String::new, |user| user.name.clone()),
        before: before.map(User::audited),
        after: after.map(User::audited),
    }
}

/// Something that was done with somebody's account, and changed nothing that the audit keeps of it.
fn about(action: &'static str, user: &User) -> Change {
    Change {
        before: None,
        after: None,
        ..of_user(action, None, Some(user))
    }
}
