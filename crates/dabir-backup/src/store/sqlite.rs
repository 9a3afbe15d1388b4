//! SQLite: a copy made while others write, and a look through a copy.

use std::collections::BTreeMap;
use std::path::Path;

use dabir_db::Db;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::quoted;
use crate::course::Course;
use crate::error::BackupError;
use crate::model::{DatabaseFacts, TableFacts};

/// After how many of SQLite's instructions a statement asks whether it is to end.
const INSTRUCTIONS: i32 = 50_000;

/// Writes the database as it stands at one instant to `to`, an empty file. Nobody who writes waits.
pub(crate) async fn copy(db: &Db, to: &Path, course: &Course) -> Result<(), BackupError> {
    let pool = db.read().get_sqlite_connection_pool();
    // Of its own: nobody's statements after it are to end with this work.
    let mut connection = pool.acquire().await?.detach();
    follow(&mut connection, course).await?;
    let copied = sqlx::query("VACUUM INTO $1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await;
    copied.map_err(|error| failed(error, to))?;
    connection.close().await?;
    Ok(())
}

/// Has the statements of a connection, which may take long, end when the work is to end.
async fn follow(connection: &mut SqliteConnection, course: &Course) -> Result<(), sqlx::Error> {
    let course = course.clone();
    let mut handle = connection.lock_handle().await?;
    handle.set_progress_handler(INSTRUCTIONS, move || {
        course.step(0, "asking the database").is_ok()
    });
    Ok(())
}

/// SQLite says in its own words that the disk is full, or that it was told to end.
fn failed(error: sqlx::Error, file: &Path) -> BackupError {
    match code(&error) {
        Some(13) => BackupError::Full {
            folder: file.parent().unwrap_or(file).to_owned(),
            needed: None,
        },
        Some(9) => BackupError::Stopped,
        _ => error.into(),
    }
}

/// What SQLite calls the error; its lowest byte is the kind.
fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Whether SQLite says that a page makes no sense, or that the file is no database. A disk or memory
/// that fails is no damage of the backup.
fn is_damage(code: u32) -> bool {
    matches!(code & 0xff, 11 | 26)
}

/// Opens a database that nobody changes.
async fn open(file: &Path, course: &Course) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging()
        .connect()
        .await?;
    follow(&mut connection, course).await?;
    Ok(connection)
}

/// What a copy holds.
pub(crate) async fn facts(file: &Path, course: &Course) -> Result<DatabaseFacts, BackupError> {
    let mut connection = open(file, course).await?;
    let facts = facts_of(&mut connection).await;
    connection.close().await?;
    facts.map_err(|error| failed(error, file))
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
    course: &Course,
) -> Result<Option<String>, BackupError> {
    let mut connection = open(file, course).await?;
    let found = check_open(&mut connection, expected).await;
    connection.close().await?;
    match found {
        Err(error) if code(&error).is_some_and(is_damage) => Ok(Some(error.to_string())),
        found => found.map_err(|error| failed(error, file)),
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

#[cfg(test)]
mod tests {
    use dabir_db::sql;
    use tokio_util::sync::CancellationToken;

    use super::*;

    #[test]
    fn a_disk_or_memory_that_fails_is_no_damage() {
        let (corrupt, corrupt_index, not_a_database) = (11, 779, 26);
        for code in [corrupt, corrupt_index, not_a_database] {
            assert!(is_damage(code), "{code}");
        }
        let (busy, no_memory, read, short_read, cannot_open) = (5, 7, 266, 522, 14);
        for code in [busy, no_memory, read, short_read, cannot_open] {
            assert!(!is_damage(code), "{code}");
        }
    }

    #[tokio::test]
    async fn a_statement_ends_when_the_work_is_to_end() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open("", folder.path()).await.unwrap();
        let tx = db.write().await.unwrap();
        let rows = "CREATE TABLE filler AS WITH RECURSIVE c(i) AS \
            (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000) SELECT i FROM c";
        sql::execute(&tx, rows, []).await.unwrap();
        tx.commit().await.unwrap();
        let ends = CancellationToken::new();
        let course = Course::new(ends.clone(), |_, _| {});
        let to = folder.path().join("copy");
        copy(&db, &to, &course).await.unwrap();
        let facts = facts(&to, &course).await.unwrap();
        ends.cancel();
        let again = folder.path().join("again");
        for stopped in [
            copy(&db, &again, &course).await.err(),
            check(&to, &facts, &course).await.err(),
        ] {
            assert!(matches!(stopped, Some(BackupError::Stopped)), "{stopped:?}");
        }
    }
}
