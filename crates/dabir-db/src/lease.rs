//! What one process at a time may do: a row that names who, and until when.
//!
//! Whoever has a lease moves its end on, and has it for as long as the end is ahead; whoever takes it
//! over gets a greater *epoch*. A holder that was halted finds by its own clock that it has the lease no
//! more, without asking anybody; where that could be too late, what is written carries the epoch.
//!
//! On SQLite one server at a time has the data folder: it has every lease from its start to its end.
//! On PostgreSQL a lease has a connection of its own, so that a busy house does not lose it, and asks
//! one statement at a time: whoever is halted in the middle holds nobody up.

use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use sea_orm::{DbErr, RuntimeErr, Value};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::Db;
use crate::sql::{execute, is_postgres, query};

/// The lease of one name, as one process sees it. Clones share it.
#[derive(Clone, Debug)]
pub struct Lease {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    db: Db,
    name: String,
    /// This process, and no other one that ever was; or what [`Lease::of`] was told.
    holder: String,
    span: Duration,
    held: watch::Sender<Option<Held>>,
    /// To PostgreSQL.
    line: Mutex<Option<PgConnection>>,
}

/// That this process has a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Greater than that of whoever had it before.
    pub epoch: i64,
    /// On the clock of [`since_boot`]; `None` for ever.
    until: Option<Duration>,
}

/// How long a holder that says nothing keeps a lease.
const SPAN: Duration = Duration::from_secs(6);
/// How often within that it says that it is there.
const BEATS: u32 = 3;
/// How many times sooner it tries again after a try that failed.
const HURRY: u32 = 4;
/// How long giving it back may take.
const GIVE_BACK: Duration = Duration::from_secs(2);

const NOW: &str = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";

impl Held {
    /// Whether nobody else can have it yet.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.until.is_none_or(|until| since_boot() < until)
    }
}

impl Lease {
    #[must_use]
    pub fn new(db: Db, name: impl Into<String>) -> Self {
        Self::with_span(db, name, SPAN)
    }

    /// One that is lost after a silence of `span`.
    #[must_use]
    pub fn with_span(db: Db, name: impl Into<String>, span: Duration) -> Self {
        Self::made(db, name.into(), dabir_core::new_id(), span)
    }

    /// One of a holder who is known by a name of its own: when it comes back it has what it had, at
    /// once. No two that live may have the same name: see [`Lease::has_namesake`].
    #[must_use]
    pub fn of(db: Db, name: impl Into<String>, holder: impl Into<String>) -> Self {
        Self::made(db, name.into(), holder.into(), SPAN)
    }

    fn made(db: Db, name: String, holder: String, span: Duration) -> Self {
        let held = watch::Sender::default();
        let shared = Shared {
            db,
            name,
            holder,
            span,
            held,
            line: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The leases whose name begins so and that somebody has just now. On SQLite there are none: who
    /// has one there never gives it up, and may be gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_by_anybody(db: &Db, prefix: &str) -> Result<Vec<String>, DbErr> {
        if !is_postgres(db.read()) {
            return Ok(Vec::new());
        }
        let sql = format!("SELECT name FROM lease WHERE starts_with(name, $1) AND until > {NOW}");
        let rows = query(db.read(), sql, [prefix.into()]).await?;
        rows.iter().map(|row| row.try_get("", "name")).collect()
    }

    /// Whether somebody else who lives has the same name, and so every lease of that together with this
    /// process. Ask before taking the first one. Whoever was killed a moment ago costs a wait.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_namesake(&self) -> Result<bool, DbErr> {
        let Some(end) = self.end_of_ours().await? else {
            return Ok(false);
        };
        let pause = self.shared.span / BEATS;
        tokio::time::sleep(pause + pause / HURRY).await;
        Ok(self.end_of_ours().await?.is_some_and(|later| later > end))
    }

    /// When the lease ends that somebody of our name has.
    async fn end_of_ours(&self) -> Result<Option<i64>, DbErr> {
        let db = self.shared.db.read();
        if !is_postgres(db) {
            return Ok(None);
        }
        let sql =
            format!("SELECT until FROM lease WHERE name = $1 AND holder = $2 AND until > {NOW}");
        let values = [
            self.shared.name.as_str().into(),
            self.shared.holder.as_str().into(),
        ];
        let rows = query(db, sql, values).await?;
        rows.first().map(|row| row.try_get("", "until")).transpose()
    }

    /// The lease, if this process has it just now. Ask before each thing that it allows.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        let held = *self.shared.held.borrow();
        held.filter(Held::is_sure)
    }

    /// Wakes when the lease comes or goes; look with [`Lease::held`].
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Option<Held>> {
        self.shared.held.subscribe()
    }

    /// Takes the lease when it is free, keeps it, and gives it back at the end.
    pub async fn keep(&self, cancel: CancellationToken) {
        let pause = self.shared.span / BEATS;
        let mut is_away = false;
        loop {
            let mut rest = pause;
            match tokio::time::timeout(pause, self.try_once()).await {
                Ok(Ok(())) => is_away = false,
                failed => {
                    // The end comes nearer: a whole pause more would let it come.
                    rest = pause / HURRY;
                    if !std::mem::replace(&mut is_away, true) {
                        let why = failed.map_or("no answer".into(), why);
                        let name = &self.shared.name;
                        tracing::warn!(lease = name, "the lease `{name}` cannot be kept: {why}");
                    }
                }
            }
            let is_over = tokio::time::timeout(rest, cancel.cancelled()).await;
            if is_over.is_ok() {
                return self.give_back().await;
            }
        }
    }

    /// Takes or prolongs the lease, unless somebody else has it.
    ///
    /// # Errors
    /// When the database does not answer: what was held is held until its end.
    pub async fn try_once(&self) -> Result<(), DbErr> {
        let asked = since_boot();
        let epoch = if is_postgres(self.shared.db.read()) {
            self.take().await?
        } else if let Some(held) = self.held() {
            Some(held.epoch)
        } else {
            self.take_alone().await?
        };
        let until = is_postgres(self.shared.db.read()).then(|| asked + self.shared.span);
        self.set(epoch.map(|epoch| Held { epoch, until }));
        Ok(())
    }

    /// Makes the epoch greater than one that was met elsewhere: a database that came from a backup has
    /// forgotten epochs that it gave. Does nothing for whoever has the lease no more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outrun(&self, epoch: i64) -> Result<(), DbErr> {
        let sql = "UPDATE lease SET epoch = $1 WHERE name = $2 AND holder = $3 AND epoch <= $1 - 1";
        let next = epoch.saturating_add(1);
        let values = [
            next.into(),
            self.shared.name.as_str().into(),
            self.shared.holder.as_str().into(),
        ];
        let raised = self.write(sql, values).await?;
        if let Some(held) = self.held().filter(|_| raised > 0) {
            self.set(Some(Held {
                epoch: next,
                ..held
            }));
        }
        Ok(())
    }

    async fn take(&self) -> Result<Option<i64>, DbErr> {
        let sql = format!(
            "INSERT INTO lease (name, holder, epoch, until) VALUES ($1, $2, 1, {NOW} + $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, \
             epoch = lease.epoch + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END \
             WHERE lease.holder = excluded.holder OR lease.until <= {NOW} RETURNING epoch"
        );
        let span = i64::try_from(self.shared.span.as_millis()).unwrap_or(i64::MAX);
        let taken = self.ask(sql, span).await;
        taken.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }

    /// Whoever gives up waiting hangs up: a connection that may be dead is not used again.
    async fn ask(&self, sql: String, span: i64) -> Result<Option<i64>, sqlx::Error> {
        let mut line = self.shared.line.lock().await;
        let mut open = match line.take() {
            Some(open) => open,
            None => {
                let pool = self.shared.db.read().get_postgres_connection_pool();
                PgConnection::connect_with(&pool.connect_options()).await?
            }
        };
        let epoch = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(&self.shared.name)
            .bind(&self.shared.holder)
            .bind(span)
            .fetch_optional(&mut open)
            .await?;
        *line = Some(open);
        Ok(epoch)
    }

    async fn take_alone(&self) -> Result<Option<i64>, DbErr> {
        let sql = "INSERT INTO lease (name, holder, epoch, until) VALUES ($1, $2, 1, 0) \
                   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
                   epoch = lease.epoch + 1 RETURNING epoch";
        let values = [
            self.shared.name.as_str().into(),
            self.shared.holder.as_str().into(),
        ];
        let tx = self.shared.db.write().await?;
        let rows = query(&tx, sql, values).await?;
        tx.commit().await?;
        rows.first().map(|row| row.try_get("", "epoch")).transpose()
    }

    /// Lets the next one have it at once.
    async fn give_back(&self) {
        self.set(None);
        let sql = "UPDATE lease SET until = 0 WHERE name = $1 AND holder = $2";
        let values = [
            self.shared.name.as_str().into(),
            self.shared.holder.as_str().into(),
        ];
        let given = self.write(sql, values);
        // Whoever ends does not wait for a database that says nothing.
        let why = match tokio::time::timeout(GIVE_BACK, given).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        let name = &self.shared.name;
        tracing::warn!(
            lease = name,
            "the lease `{name}` is not given back and ends by itself: {why}"
        );
    }

    async fn write<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<u64, DbErr> {
        let tx = self.shared.db.write().await?;
        let rows = execute(&tx, sql, values).await?;
        tx.commit().await?;
        Ok(rows)
    }

    fn set(&self, held: Option<Held>) {
        self.shared.held.send_if_modified(|old| {
            let is_news = old.map(|old| old.epoch) != held.map(|held| held.epoch);
            *old = held;
            is_news
        });
    }
}

fn why(outcome: Result<(), DbErr>) -> String {
    outcome
        .err()
        .map_or_else(String::new, |error| error.to_string())
}

/// Time that goes on while the machine sleeps.
fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
}
