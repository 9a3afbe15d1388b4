//! Opening the database and starting transactions on it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, DbErr, SqliteTransactionMode, SqlxSqliteConnector, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::migrations::Migrator;
use crate::tables::Tables;

/// Handles to the one database. Clones share them.
#[derive(Clone, Debug)]
pub struct Db {
    reader: DatabaseConnection,
    /// On SQLite a single connection, so that writers queue here instead of failing there.
    writer: DatabaseConnection,
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "`{0}` is no database address; write `postgres://user:password@host/name`, or leave it empty for SQLite"
    )]
    Url(String),
    #[error(
        "SQLite {found} is older than 3.51.3, and older ones can corrupt a database in WAL mode"
    )]
    OldSqlite { found: String },
    #[error("the lock for changing the database's tables could not be taken")]
    MigrationLock(#[source] std::io::Error),
    #[error("the database could not be opened")]
    Connect(#[from] DbErr),
}

/// The first release whose write-ahead log cannot corrupt the database (see docs/decisions/0003).
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long PostgreSQL may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(2);
/// A connection that was used so shortly before is not asked first.
const FRESH: Duration = Duration::from_millis(20);

/// Names the one turn of changing tables among PostgreSQL's advisory locks: `dabir` in ASCII.
const MIGRATION_LOCK: i64 = 0x64_61_62_69_72;

/// Waits for the turn to open the database of a folder; it is held until it is dropped.
async fn turn(data_dir: &Path) -> Result<std::fs::File, OpenError> {
    let path = data_dir.join("migrate.lock");
    let lock = move || {
        let file = std::fs::File::create(path)?;
        file.lock()?;
        Ok(file)
    };
    let turn = tokio::task::spawn_blocking(lock).await;
    let turn = turn.map_err(std::io::Error::other).flatten();
    turn.map_err(OpenError::MigrationLock)
}

fn is_postgres(connection: &DatabaseConnection) -> bool {
    connection.get_database_backend() == DatabaseBackend::Postgres
}

impl Db {
    /// Opens `url`, or SQLite in `data_dir/dabir.db` when it is empty, and brings its tables up to
    /// date.
    ///
    /// # Errors
    /// When the address has another form, nothing answers there, or a migration fails.
    pub async fn open(url: &str, data_dir: &Path) -> Result<Self, OpenError> {
        // SQLite waits for nobody while a new file is given its write-ahead log.
        let _turn = match url.is_empty() {
            true => Some(turn(data_dir).await?),
            false => None,
        };
        let db = Self::connect(url, data_dir).await?;
        if !db.tables().await?.pending.is_empty() {
            db.migrate().await?;
        }
        Ok(db)
    }

    /// Takes the steps that are missing. Whoever starts at the same time waits, and finds them taken.
    async fn migrate(&self) -> Result<(), OpenError> {
        if is_postgres(&self.writer) {
            let turn = self.write().await?;
            turn.execute_unprepared(&format!(
                "SET LOCAL idle_in_transaction_session_timeout = 0; \
                 SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
            ))
            .await?;
            Migrator::up(&self.writer, None).await?;
            turn.commit().await?;
        } else {
            Migrator::up(&self.writer, None).await?;
        }
        Ok(())
    }

    /// How far the tables are, `None` while there is no database. Changes nothing, as
    /// [`Db::open_to_read`].
    ///
    /// # Errors
    /// When the address has another form, or nothing answers there.
    pub async fn look(url: &str, data_dir: &Path) -> Result<Option<Tables>, OpenError> {
        let Some(db) = Self::open_to_read(url, data_dir).await? else {
            return Ok(None);
        };
        let tables = db.tables().await;
        // What the look found is worth more than how its connection ended.
        let _ = db.reader.close().await;
        Ok(Some(tables?))
    }

    /// Connects as [`Db::open`] does, for questions alone: changes nothing, takes no migration, and
    /// makes no file beside a database at rest. `None` while there is no database.
    ///
    /// # Errors
    /// When the address has another form, or nothing answers there.
    pub async fn open_to_read(url: &str, data_dir: &Path) -> Result<Option<Self>, OpenError> {
        if !url.is_empty() {
            return Self::connect(url, data_dir).await.map(Some);
        }
        let file = sqlite_file(data_dir);
        if !file.exists() {
            return Ok(None);
        }
        assert_sqlite_is_safe()?;
        // Nobody has it open when there is no log beside it; and a look at a database with
        // a log would make one.
        let at_rest = !file.with_extension("db-wal").exists();
        let options = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .immutable(at_rest)
            .busy_timeout(BUSY_TIMEOUT);
        let reader = sqlite_pool(1, options).await?;
        Ok(Some(Self {
            writer: reader.clone(),
            reader,
        }))
    }

    /// Opens the database as it is, to change it and without taking a migration. `None` while there is
    /// none.
    ///
    /// # Errors
    /// When the address has another form, or nothing answers there.
    pub async fn open_as_is(url: &str, data_dir: &Path) -> Result<Option<Self>, OpenError> {
        if url.is_empty() && !sqlite_file(data_dir).exists() {
            return Ok(None);
        }
        Self::connect(url, data_dir).await.map(Some)
    }

    async fn connect(url: &str, data_dir: &Path) -> Result<Self, OpenError> {
        if url.is_empty() {
            return Self::open_sqlite(&sqlite_file(data_dir)).await;
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(OpenError::Url(without_password(url)));
        }
        let mut options = ConnectOptions::new(url);
        options
            .sqlx_logging(false)
            .max_connections(16)
            .acquire_timeout(BUSY_TIMEOUT)
            .map_sqlx_postgres_pool_opts(|pool| {
                let silence = Silence::default();
                let same = silence.clone();
                pool.after_connect(|connection, _| Box::pin(bound(connection)))
                    .test_before_acquire(false)
                    .before_acquire(move |connection, meta| {
                        Box::pin(silence.clone().still_answers(connection, meta.idle_for))
                    })
                    .after_release(move |connection, _| {
                        Box::pin(same.clone().still_answers(connection, FRESH))
                    })
            });
        let pool = Database::connect(options).await?;
        Ok(Self {
            reader: pool.clone(),
            writer: pool,
        })
    }

    async fn open_sqlite(file: &Path) -> Result<Self, OpenError> {
        assert_sqlite_is_safe()?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL would lose acknowledged commits at a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        let writer = sqlite_pool(1, options.clone()).await?;
        let reader = sqlite_pool(4, options).await?;
        Ok(Self { reader, writer })
    }

    /// For questions; never for changes.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins the transaction of a change. Nothing of it stays unless it is committed. Nothing slow
    /// belongs in it: PostgreSQL ends a transaction that asks nothing for five seconds.
    ///
    /// # Errors
    /// When the database is away or another process holds it for longer than five seconds.
    pub async fn write(&self) -> Result<DatabaseTransaction, DbErr> {
        // A deferred transaction that upgrades from reading to writing fails at once under SQLite,
        // whatever the busy timeout says.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer.begin_with_options(options).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }

    /// How far the tables are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tables(&self) -> Result<Tables, DbErr> {
        Tables::of(&self.reader).await
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        kind_of(&self.reader)
    }

    /// Closes every connection; the write-ahead log is folded into the file.
    pub async fn close(self) {
        // An error here has nobody to act on it: the process is about to end.
        let _ = self.reader.close().await;
        let _ = self.writer.close().await;
    }
}

/// Whoever stops in the middle of a transaction, as a process that is halted or a machine that is cut
/// off, gives its locks back soon: the server ends it. And none of our questions is long enough to be
/// worth compiling: the server's guess that one is costs more than its answer.
async fn bound(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let millis = BUSY_TIMEOUT.as_millis();
    let sql = format!("SET idle_in_transaction_session_timeout = {millis}; SET jit = off");
    connection.execute(AssertSqlSafe(sql)).await?;
    Ok(())
}

/// Connections that say nothing any more, as after a firewall forgot them: each would be waited for
/// until the system gives it up, which takes a quarter of an hour, and there are only so many. Clones
/// share what they know.
#[derive(Clone, Debug, Default)]
struct Silence {
    /// When one was found; those that were used last before that are not asked.
    found: Arc<Mutex<Option<Instant>>>,
}

impl Silence {
    /// Makes sure that a connection that was used last `idle` ago still answers.
    async fn still_answers(
        self,
        connection: &mut PgConnection,
        idle: Duration,
    ) -> Result<bool, sqlx::Error> {
        if idle < FRESH {
            return Ok(true);
        }
        let silent = || Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
        if self.found().is_some_and(|found| found.elapsed() < idle) {
            return silent();
        }
        match tokio::time::timeout(ANSWER, connection.ping()).await {
            Ok(answer) => answer.map(|()| true),
            Err(_) => {
                *self.found() = Some(Instant::now());
                tracing::warn!(
                    "PostgreSQL does not answer on an open connection; all are made anew"
                );
                silent()
            }
        }
    }

    fn found(&self) -> MutexGuard<'_, Option<Instant>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `sqlite` or `postgres`.
pub(crate) fn kind_of(connection: &DatabaseConnection) -> &'static str {
    if is_postgres(connection) {
        "postgres"
    } else {
        "sqlite"
    }
}

fn sqlite_file(data_dir: &Path) -> PathBuf {
    data_dir.join("dabir.db")
}

async fn sqlite_pool(
    connections: u32,
    options: SqliteConnectOptions,
) -> Result<DatabaseConnection, DbErr> {
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        // sqlx asks when a connection is given back; nothing cuts it off from a file until its next use.
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

fn assert_sqlite_is_safe() -> Result<(), OpenError> {
    let version = sqlite_version();
    if version >= OLDEST_SQLITE {
        return Ok(());
    }
    let (major, minor, patch) = (
        version / 1_000_000,
        version / 1_000 % 1_000,
        version % 1_000,
    );
    Err(OpenError::OldSqlite {
        found: format!("{major}.{minor}.{patch}"),
    })
}

/// The version of the SQLite that is built in: 3051003 is 3.51.3.
#[must_use]
fn sqlite_version() -> i32 {
    libsqlite3_sys::SQLITE_VERSION_NUMBER
}

/// An address as it may be shown: `postgres://user:password@host/db` becomes `postgres://…@host/db`.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            format!("{}…{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(without_password("mysql://u:p@h/db"), "mysql://…@h/db");
        assert_eq!(without_password("nonsense"), "nonsense");
    }

    #[tokio::test]
    async fn sqlite_keeps_what_was_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open("", folder.path()).await.unwrap();
        let pragma = |name: &'static str| {
            let db = db.clone();
            async move {
                let sql = sea_orm::Statement::from_string(
                    DatabaseBackend::Sqlite,
                    format!("PRAGMA {name}"),
                );
                let row = db.writer.query_one_raw(sql).await.unwrap().unwrap();
                row.try_get_by_index::<i32>(0).map_or_else(
                    |_| row.try_get_by_index::<String>(0).unwrap(),
                    |n| n.to_string(),
                )
            }
        };
        assert_eq!(pragma("synchronous").await, "2", "2 is FULL");
        assert_eq!(pragma("journal_mode").await, "wal");
        assert_eq!(pragma("foreign_keys").await, "1");
    }
}
