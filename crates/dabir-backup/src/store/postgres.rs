//! PostgreSQL: every table as it stands at one instant, by `COPY`, and back again beside the tables
//! that are in use.

use std::collections::BTreeMap;
use std::path::Path;

use dabir_db::Db;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::quoted;
use crate::archive::{DATABASE, Packer};
use crate::course::Course;
use crate::create::apart;
use crate::error::BackupError;
use crate::model::{DatabaseFacts, LeftOut, TableFacts};

/// A part of a table ends behind the row with which it becomes this long.
const PART: usize = 8 << 20;

/// The file of one part of a table; parts are counted from 1.
pub(crate) fn part(table: &str, number: u32) -> String {
    format!("{DATABASE}{table}/{number:04}.copy")
}

/// What of the database was taken.
pub(crate) struct Taken {
    pub(crate) packer: Packer,
    pub(crate) facts: DatabaseFacts,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Packs every table, all as they stand at one instant. Nobody who writes waits.
pub(crate) async fn pack(db: &Db, mut packer: Packer) -> Result<Taken, BackupError> {
    let pool = db.read().get_postgres_connection_pool();
    // Of its own: in whatever state it is left, nobody gets it after us.
    let mut connection = pool.acquire().await?.detach();
    connection
        .execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
             SET LOCAL idle_in_transaction_session_timeout = 0",
        )
        .await?;
    let mut tables = BTreeMap::new();
    let mut left_out = Vec::new();
    for name in table_names(&mut connection).await? {
        if !is_plain(&name) {
            let why = "no table of ours has such a name".to_owned();
            left_out.push(LeftOut {
                path: format!("table {name}"),
                why,
            });
            continue;
        }
        let facts;
        (packer, facts) = pack_table(&mut connection, packer, &name).await?;
        tables.insert(name, facts);
    }
    let steps = sqlx::query_scalar("SELECT version FROM seaql_migrations ORDER BY version")
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    let facts = DatabaseFacts {
        kind: "postgres".to_owned(),
        steps,
        tables,
    };
    Ok(Taken {
        packer,
        facts,
        left_out,
    })
}

async fn table_names(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
    )
    .fetch_all(connection)
    .await
}

fn is_plain(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty() && name.bytes().all(is_word)
}

async fn pack_table(
    connection: &mut PgConnection,
    mut packer: Packer,
    name: &str,
) -> Result<(Packer, TableFacts), BackupError> {
    let columns = columns(connection, name).await?;
    let sql = format!("SELECT count(*) FROM {}", quoted(name));
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(&mut *connection)
        .await?;
    let mut parts = 0;
    let sql = format!("COPY {} ({}) TO STDOUT", quoted(name), list(&columns));
    let mut stream = connection.copy_out_raw(&sql).await?;
    let mut bytes = Vec::new();
    // Each piece is a row, so that a part is whole by itself.
    while let Some(row) = stream.try_next().await? {
        bytes.extend_from_slice(&row);
        if bytes.len() >= PART {
            parts += 1;
            packer = pack_part(packer, part(name, parts), std::mem::take(&mut bytes)).await?;
        }
    }
    drop(stream);
    if !bytes.is_empty() {
        parts += 1;
        packer = pack_part(packer, part(name, parts), bytes).await?;
    }
    let facts = TableFacts {
        rows: u64::try_from(rows).unwrap_or(0),
        columns,
        parts,
    };
    Ok((packer, facts))
}

async fn pack_part(packer: Packer, path: String, bytes: Vec<u8>) -> Result<Packer, BackupError> {
    apart(move || {
        let mut packer = packer;
        let size = bytes.len() as u64;
        let at = path.clone();
        let added = packer.add(path, 0o600, size, bytes.as_slice());
        added.map_err(BackupError::io("write", Path::new(&at)))?;
        Ok(packer)
    })
    .await
}

/// The columns that are stored and not computed.
async fn columns(connection: &mut PgConnection, table: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT attname::text FROM pg_attribute \
         WHERE attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) \
         AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
    )
    .bind(table)
    .fetch_all(connection)
    .await
}

fn list(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    quoted.join(", ")
}

/// Where a backup is put back, beside the tables in use.
pub(crate) const BESIDE: &str = "dabir_restoring";

/// The address of the same database, where tables are those of the schema [`BESIDE`].
pub(crate) fn address_beside(url: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}options[search_path]={BESIDE}")
}

/// Who else is connected to the database with the same name as we, in words; `None` when nobody is.
pub(crate) async fn others(url: &str) -> Result<Option<String>, BackupError> {
    let mut connection = PgConnection::connect(url).await?;
    let found = others_than(&mut connection).await?;
    connection.close().await?;
    Ok(found)
}

async fn others_than(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT 'process ' || pid || coalesce(' at ' || host(client_addr), '') || \
         CASE WHEN application_name = '' THEN '' ELSE ' (' || application_name || ')' END \
         FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user \
         AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid",
    )
    .fetch_all(connection)
    .await?;
    Ok((!found.is_empty()).then(|| found.join(", ")))
}

/// Makes the empty schema [`BESIDE`], in place of what a killed one left.
pub(crate) async fn make_room(url: &str) -> Result<(), BackupError> {
    let sql = format!("DROP SCHEMA IF EXISTS {BESIDE} CASCADE; CREATE SCHEMA {BESIDE}");
    run(url, sql).await
}

/// Removes the schema [`BESIDE`] with all that is in it.
pub(crate) async fn clear_room(url: &str) -> Result<(), BackupError> {
    run(url, format!("DROP SCHEMA IF EXISTS {BESIDE} CASCADE")).await
}

async fn run(url: &str, sql: String) -> Result<(), BackupError> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await?;
    Ok(())
}

pub(crate) async fn has_schema(url: &str, name: &str) -> Result<bool, BackupError> {
    let mut connection = PgConnection::connect(url).await?;
    let found = sqlx::query_scalar("SELECT to_regnamespace(quote_ident($1)) IS NOT NULL")
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(found)
}

/// Fills the tables of `beside`, which are new, from the parts below `folder`. Answers the names of
/// tables that this version does not know and that are left out.
pub(crate) async fn fill(
    beside: &Db,
    facts: &DatabaseFacts,
    folder: &Path,
    course: &Course,
) -> Result<Vec<String>, BackupError> {
    let pool = beside.read().get_postgres_connection_pool();
    let mut connection = pool.acquire().await?.detach();
    connection
        .execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0")
        .await?;
    let known = table_names(&mut connection).await?;
    let references = unhook(&mut connection).await?;
    let (ours, strange): (Vec<_>, Vec<_>) = facts
        .tables
        .iter()
        .partition(|(name, _)| known.contains(name));
    for (name, table) in ours {
        fill_table(&mut connection, name, table, folder, course).await?;
    }
    for reference in references {
        connection.execute(AssertSqlSafe(reference)).await?;
    }
    set_sequences(&mut connection).await?;
    connection.execute("COMMIT").await?;
    connection.close().await?;
    Ok(strange.into_iter().map(|(name, _)| name.clone()).collect())
}

/// Takes off the references between tables, so that those may come in any order, and answers the
/// statements that put them back.
async fn unhook(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let references: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) \
         FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut again = Vec::new();
    for (table, name, definition) in references {
        let name = quoted(&name);
        let sql = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
        connection.execute(AssertSqlSafe(sql)).await?;
        again.push(format!(
            "ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
        ));
    }
    Ok(again)
}

async fn fill_table(
    connection: &mut PgConnection,
    name: &str,
    facts: &TableFacts,
    folder: &Path,
    course: &Course,
) -> Result<(), BackupError> {
    // The migrations may have put rows there; the audit is empty, and refuses to be emptied.
    let sql = format!(
        "DELETE FROM {0} WHERE EXISTS (SELECT 1 FROM {0})",
        quoted(name)
    );
    if count(connection, name).await? > 0 {
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    for number in 1..=facts.parts {
        let path = folder.join(part(name, number));
        let bytes = tokio::fs::read(&path)
            .await
            .map_err(BackupError::io("read", &path))?;
        course.step(bytes.len() as u64, "filling")?;
        let sql = format!(
            "COPY {} ({}) FROM STDIN",
            quoted(name),
            list(&facts.columns)
        );
        let mut copy = connection.copy_in_raw(&sql).await?;
        copy.send(bytes).await?;
        copy.finish().await?;
    }
    let found = count(connection, name).await?;
    if found != facts.rows {
        let expected = facts.rows;
        let reason = format!("table `{name}` has {found} rows and should have {expected}");
        return Err(BackupError::damaged("the backup", reason));
    }
    Ok(())
}

async fn count(connection: &mut PgConnection, table: &str) -> Result<u64, sqlx::Error> {
    let sql = format!("SELECT count(*) FROM {}", quoted(table));
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

/// Has every counter go on behind the greatest number that its column has.
async fn set_sequences(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT s.seqrelid::regclass::text, d.refobjid::regclass::text, a.attname::text \
         FROM pg_sequence s \
         JOIN pg_class c ON c.oid = s.seqrelid \
         JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i') \
           AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass \
         JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE c.relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (sequence, table, column) in columns {
        let column = quoted(&column);
        let sql = format!(
            "SELECT setval('{sequence}', coalesce(max({column}), 0) + 1, false) FROM {table}"
        );
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    Ok(())
}

/// Puts the tables of the schema `new` in the place of those in use, which go to the schema `old`; all
/// of it or nothing, and nothing while anybody else is connected.
pub(crate) async fn swap(url: &str, new: &str, old: &str) -> Result<(), BackupError> {
    let mut connection = PgConnection::connect(url).await?;
    let mut tx = connection.begin().await?;
    let place: String = sqlx::query_scalar("SELECT current_schema()::text")
        .fetch_one(&mut *tx)
        .await?;
    lock_all(&mut tx, &place).await?;
    // Whoever comes after this look waits for the tables, and finds the new ones.
    if let Some(others) = others_than(&mut tx).await? {
        return Err(BackupError::Connected(others));
    }
    for sql in exchange(&mut tx, new, &place, old).await? {
        tx.execute(AssertSqlSafe(sql)).await?;
    }
    tx.commit().await?;
    connection.close().await?;
    Ok(())
}

/// Locks every table of a schema against everybody.
async fn lock_all(connection: &mut PgConnection, schema: &str) -> Result<(), BackupError> {
    let tables = things(connection, schema).await?;
    let tables = tables.into_iter().filter(|(kind, _)| kind == "TABLE");
    let names: Vec<String> = tables
        .map(|(_, name)| format!("{}.{name}", quoted(schema)))
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SET LOCAL lock_timeout = '10s'; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
        names.join(", ")
    );
    let locked = connection.execute(AssertSqlSafe(sql)).await;
    locked.map_err(|error| match error.as_database_error() {
        Some(said) if said.code().as_deref() == Some(LOCK_TIMEOUT) => {
            BackupError::Connected("somebody works in its tables just now".to_owned())
        }
        _ => error.into(),
    })?;
    Ok(())
}

/// What PostgreSQL says when a lock was not had in time.
const LOCK_TIMEOUT: &str = "55P03";

/// The statements that bring what was in use before back, for `psql`.
pub(crate) async fn way_back(url: &str, before: &str) -> Result<String, BackupError> {
    let mut connection = PgConnection::connect(url).await?;
    let place: String = sqlx::query_scalar("SELECT current_schema()::text")
        .fetch_one(&mut connection)
        .await?;
    // Another name for each: what was given up the last time may be there still.
    let given_up = format!("given_up_{before}");
    let statements = exchange(&mut connection, before, &place, &given_up).await?;
    connection.close().await?;
    Ok(format!("BEGIN;\n{};\nCOMMIT;\n", statements.join(";\n")))
}

/// The statements that move everything of the schema `new` to `place`, and what has its names there
/// to the schema `old`, which is new.
async fn exchange(
    connection: &mut PgConnection,
    new: &str,
    place: &str,
    old: &str,
) -> Result<Vec<String>, sqlx::Error> {
    let (come, are) = (
        things(connection, new).await?,
        things(connection, place).await?,
    );
    let (new, place, old) = (quoted(new), quoted(place), quoted(old));
    let mut statements = vec![format!("CREATE SCHEMA {old}")];
    for (kind, name) in are.iter().filter(|thing| come.contains(thing)) {
        statements.push(format!("ALTER {kind} {place}.{name} SET SCHEMA {old}"));
    }
    for (kind, name) in &come {
        statements.push(format!("ALTER {kind} {new}.{name} SET SCHEMA {place}"));
    }
    statements.push(format!("DROP SCHEMA {new}"));
    Ok(statements)
}

/// What of a schema moves by itself: tables, which take their indexes, counters and triggers along,
/// and functions.
async fn things(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT 'TABLE', quote_ident(tablename) FROM pg_tables WHERE schemaname = $1::name \
         UNION ALL \
         SELECT 'FUNCTION', quote_ident(proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1::name AND prokind = 'f' ORDER BY 1, 2",
    )
    .bind(schema)
    .fetch_all(connection)
    .await
}
