//! What one process at a time may do: a row that names who, and until when.
//!
//! Whoever has a lease moves its end on, and has it for as long as the end is ahead; whoever takes it
//! over gets a greater *epoch*. A holder that was halted finds by its own clock that it has the lease no
//! more, without asking anybody; where that could be too late, what is written carries the epoch.
//!
//! On SQLite one server at a time has the data folder: it has every lease from its start to its end.

use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use sea_orm::DbErr;
use tokio::sync::watch;
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
    name: &'static str,
    /// This process, and no other one that ever was.
    holder: String,
    span: Duration,
    held: watch::Sender<Option<Held>>,
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
    pub fn new(db: Db, name: &'static str) -> Self {
        Self::with_span(db, name, SPAN)
    }

    /// One that is lost after a silence of `span`.
    #[must_use]
    pub fn with_span(db: Db, name: &'static str, span: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                db,
                name,
                holder: dabir_core::new_id(),
                span,
                held: watch::Sender::default(),
            }),
        }
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
            match tokio::time::timeout(pause, self.try_once()).await {
                Ok(Ok(())) => is_away = false,
                failed if !is_away => {
                    is_away = true;
                    let (name, why) = (self.shared.name, failed.map_or("no answer".into(), why));
                    tracing::warn!(lease = name, "the lease `{name}` cannot be kept: {why}");
                }
                _ => {}
            }
            let is_over = tokio::time::timeout(pause, cancel.cancelled()).await;
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
            self.shared.name.into(),
            self.shared.holder.as_str().into(),
        ];
        let raised = execute(self.shared.db.read(), sql, values).await?;
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
        self.epoch(&sql, vec![span.into()]).await
    }

    async fn take_alone(&self) -> Result<Option<i64>, DbErr> {
        let sql = "INSERT INTO lease (name, holder, epoch, until) VALUES ($1, $2, 1, 0) \
                   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
                   epoch = lease.epoch + 1 RETURNING epoch";
        self.epoch(sql, Vec::new()).await
    }

    async fn epoch(&self, sql: &str, more: Vec<sea_orm::Value>) -> Result<Option<i64>, DbErr> {
        let first = [self.shared.name.into(), self.shared.holder.as_str().into()];
        let tx = self.shared.db.write().await?;
        let rows = query(&tx, sql, first.into_iter().chain(more)).await?;
        tx.commit().await?;
        rows.first().map(|row| row.try_get("", "epoch")).transpose()
    }

    /// Lets the next one have it at once.
    async fn give_back(&self) {
        self.set(None);
        let sql = "UPDATE lease SET until = 0 WHERE name = $1 AND holder = $2";
        let values = [self.shared.name.into(), self.shared.holder.as_str().into()];
        if let Err(error) = execute(self.shared.db.read(), sql, values).await {
            let name = self.shared.name;
            tracing::warn!(%error, "the lease `{name}` is not given back and ends by itself: {error}");
        }
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
