//! The tables that sources fill: making them, adding columns and widening them.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};

use super::{execute, is_postgres, query, signed};
use crate::columns::{Column, Columns, Growth, Type, quoted};

/// What stands in front of the source's own columns, in both databases' words.
const OWN_COLUMNS: &str = "_key TEXT NOT NULL PRIMARY KEY, _hash BIGINT NOT NULL, _cell TEXT, \
     _run BIGINT NOT NULL, _updated_at BIGINT NOT NULL, _deleted_at BIGINT, _search TEXT, \
     _owner TEXT";

/// The source that fills a table.
pub(crate) async fn owner(db: &impl ConnectionTrait, table: &str) -> Result<Option<String>, DbErr> {
    let sql = "SELECT source FROM sync_table WHERE LOWER(name) = LOWER($1)";
    let rows = query(db, sql, [table.into()]).await?;
    rows.first()
        .map(|row| row.try_get("", "source"))
        .transpose()
}

/// The name of a synced table as it was made, whatever the case in which it is asked for.
pub(crate) async fn find(db: &impl ConnectionTrait, table: &str) -> Result<Option<String>, DbErr> {
    let sql = "SELECT name FROM sync_table WHERE LOWER(name) = LOWER($1)";
    let rows = query(db, sql, [table.into()]).await?;
    rows.first().map(|row| row.try_get("", "name")).transpose()
}

/// Whether there is any table of this name.
pub(crate) async fn exists(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let sql = if is_postgres(db) {
        "SELECT 1 AS one FROM information_schema.tables \
         WHERE table_schema = current_schema() AND LOWER(table_name) = LOWER($1)"
    } else {
        "SELECT 1 AS one FROM sqlite_master WHERE LOWER(name) = LOWER($1)"
    };
    Ok(!query(db, sql, [table.into()]).await?.is_empty())
}

/// Makes the table of a source, with our own columns alone.
pub(crate) async fn create(
    tx: &impl ConnectionTrait,
    table: &str,
    source: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    // Bytes in order, so that a walk through the keys is the same everywhere.
    let own = if is_postgres(tx) {
        OWN_COLUMNS.replacen("_key TEXT", "_key TEXT COLLATE \"C\"", 1)
    } else {
        OWN_COLUMNS.to_owned()
    };
    let sql = format!("CREATE TABLE {} ({own})", quoted(table));
    tx.execute_unprepared(&sql).await?;
    let sql = "INSERT INTO sync_table (name, source, created_at) VALUES ($1, $2, $3)";
    let values = [table.into(), source.into(), now.as_millisecond().into()];
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn columns(db: &impl ConnectionTrait, table: &str) -> Result<Columns, DbErr> {
    let sql = "SELECT field, name, type FROM sync_column WHERE table_name = $1 ORDER BY position";
    let rows = query(db, sql, [table.into()]).await?;
    let columns: Result<Vec<Column>, DbErr> = rows
        .iter()
        .map(|row| {
            let kind: String = row.try_get("", "type")?;
            Ok(Column {
                field: row.try_get("", "field")?,
                name: row.try_get("", "name")?,
                kind: Type::parse(&kind),
            })
        })
        .collect();
    Ok(Columns::new(columns?))
}

/// Brings the table to where `columns` are by `growth`.
pub(crate) async fn grow(
    tx: &impl ConnectionTrait,
    table: &str,
    columns: &Columns,
    growth: &Growth,
    now: Timestamp,
) -> Result<(), DbErr> {
    for place in &growth.added {
        add(tx, table, *place, &columns.all[*place], now).await?;
    }
    for (place, _) in &growth.widened {
        widen(tx, table, *place, &columns.all[*place]).await?;
    }
    Ok(())
}

async fn add(
    tx: &impl ConnectionTrait,
    table: &str,
    place: usize,
    column: &Column,
    now: Timestamp,
) -> Result<(), DbErr> {
    // A column of SQLite has no type, and keeps each value as it is given: so it widens at no cost.
    let kind = match is_postgres(tx) {
        true => column.kind.postgres(),
        false => "",
    };
    let sql = format!(
        "ALTER TABLE {} ADD COLUMN {} {kind}",
        quoted(table),
        quoted(&column.name)
    );
    tx.execute_unprepared(&sql).await?;
    let sql = "INSERT INTO sync_column (table_name, position, field, name, type, added_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        table.into(),
        signed(place as u64).into(),
        column.field.as_str().into(),
        column.name.as_str().into(),
        column.kind.as_str().into(),
        now.as_millisecond().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

async fn widen(
    tx: &impl ConnectionTrait,
    table: &str,
    place: usize,
    column: &Column,
) -> Result<(), DbErr> {
    if is_postgres(tx) {
        // It writes the table anew, a second or two for a million rows, and nobody reads the table
        // until the page is written. Others' beats stand in other tables. A reader that holds it is
        // not waited for, since all who come later would wait too: the page is tried again.
        let (table_sql, name) = (quoted(table), quoted(&column.name));
        let kind = column.kind.postgres();
        let steps = format!(
            "SET LOCAL lock_timeout = '5s'; \
             ALTER TABLE {table_sql} ALTER COLUMN {name} TYPE {kind} USING CAST({name} AS {kind}); \
             SET LOCAL lock_timeout TO DEFAULT"
        );
        tx.execute_unprepared(&steps).await?;
    }
    let sql = "UPDATE sync_column SET type = $1, widened = COALESCE(widened, 0) + 1 \
               WHERE table_name = $2 AND position = $3";
    let values = [
        column.kind.as_str().into(),
        table.into(),
        signed(place as u64).into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// The last run that met the field of each column, by the columns' places; 0 when none did.
pub(crate) async fn met(db: &impl ConnectionTrait, table: &str) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT met_run FROM sync_column WHERE table_name = $1 ORDER BY position";
    let rows = query(db, sql, [table.into()]).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Notes that a run has met the fields of these columns.
pub(crate) async fn meet(
    tx: &impl ConnectionTrait,
    table: &str,
    places: &[usize],
    run_id: i64,
) -> Result<(), DbErr> {
    for place in places {
        let sql = "UPDATE sync_column SET met_run = $3 WHERE table_name = $1 AND position = $2";
        let values = [table.into(), signed(*place as u64).into(), run_id.into()];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// How many rows a synced table has that are not gone at their source.
pub(crate) async fn count(db: &impl ConnectionTrait, table: &str) -> Result<u64, DbErr> {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM {} WHERE _deleted_at IS NULL",
        quoted(table)
    );
    let rows = query(db, sql, []).await?;
    rows.first().map_or(Ok(0), |row| super::count(row, "n"))
}
