//! SQLite: a copy made while others write, and a look through a copy.

use std::collections::BTreeMap;
use std::path::Path;

use dabir_db::Db;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::quoted;
use crate::error::BackupError;
use crate::model::{DatabaseFacts, TableFacts};

/// Writes the database as it stands at one instant to `to`, an empty file. Nobody who writes waits.
pub(crate) async fn copy(db: &Db, to: &Path) -> Result<(), BackupError> {
    let pool = db.read().get_sqlite_connection_pool();
    let copied = sqlx::query("VACUUM INTO $1")
        .bind(to.to_string_lossy().into_owned())
        .execute(pool)
        .await;
    copied.map_err(|error| full(error, to))?;
    Ok(())
}

/// SQLite says in its own words that the disk is full.
fn full(error: sqlx::Error, to: &Path) -> BackupError {
    const FULL: &str = "13";
    let said = error.as_database_error();
    if said.is_some_and(|said| said.code().as_deref() == Some(FULL)) {
        return BackupError::Full {
            folder: to.parent().unwrap_or(to).to_owned(),
            needed: None,
        };
    }
    error.into()
}

/// Opens a database that nobody changes.
async fn open(file: &Path) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging()
        .connect()
        .await
}

/// What a copy holds.
pub(crate) async fn facts(file: &Path) -> Result<DatabaseFacts, BackupError> {
    let mut connection = open(file).await?;
    let facts = facts_of(&mut connection).await;
    connection.close().await?;
    Ok(facts?)
}

async fn facts_of(connection: &mut SqliteConnection) -> Result<DatabaseFacts, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut tables = BTreeMap::new();
    for name in names {
        let sql = format!("SELECT count(*) FROM {}", quoted(&name));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await?;
        let rows = u64::try_from(rows).unwrap_or(0);
        let facts = TableFacts {
            rows,
            ..TableFacts::default()
        };
        tables.insert(name, facts);
    }
    let steps = if tables.contains_key(STEPS) {
        sqlx::query_scalar("SELECT version FROM seaql_migrations ORDER BY version")
            .fetch_all(&mut *connection)
            .await?
    } else {
        Vec::new()
    };
    Ok(DatabaseFacts {
        kind: "sqlite".to_owned(),
        steps,
        tables,
    })
}

/// Where the migrator keeps what it did.
const STEPS: &str = "seaql_migrations";

/// Looks whether a copy is whole, and has all the rows that it should have. Answers what is wrong.
pub(crate) async fn check(
    file: &Path,
    expected: &DatabaseFacts,
) -> Result<Option<String>, BackupError> {
    let mut connection = open(file).await?;
    let found = check_open(&mut connection, expected).await;
    connection.close().await?;
    match found {
        Ok(found) => Ok(found),
        // A page that makes no sense ends the question.
        Err(sqlx::Error::Database(error)) => Ok(Some(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

async fn check_open(
    connection: &mut SqliteConnection,
    expected: &DatabaseFacts,
) -> Result<Option<String>, sqlx::Error> {
    let whole: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut *connection)
        .await?;
    if whole != ["ok"] {
        return Ok(Some(format!("SQLite says: {}", whole.join("; "))));
    }
    let orphans = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(&mut *connection)
        .await?;
    // The database in use has them too: a house with them is better kept than lost.
    if !orphans.is_empty() {
        let count = orphans.len();
        tracing::warn!("{count} rows of the database belong to rows that are missing");
    }
    let found = facts_of(connection).await?;
    Ok(difference(&found, expected))
}

fn difference(found: &DatabaseFacts, expected: &DatabaseFacts) -> Option<String> {
    if found == expected {
        return None;
    }
    let rows = |facts: &DatabaseFacts, table: &str| facts.tables.get(table).map(|facts| facts.rows);
    let names = expected.tables.keys().chain(found.tables.keys());
    let mut other = names.filter(|name| rows(found, name) != rows(expected, name));
    Some(other.next().map_or_else(
        || "the database has another version than it had".to_owned(),
        |name| {
            let said = |rows: Option<u64>| rows.map_or("none".to_owned(), |rows| rows.to_string());
            let (has, had) = (said(rows(found, name)), said(rows(expected, name)));
            format!("table `{name}` has {has} rows and should have {had}")
        },
    ))
}
