//! SQL by hand, for questions that SeaORM's builder has no words for, in words that both databases
//! understand.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, QueryResult, Statement, Value};

use crate::Ts;

/// Whether this is PostgreSQL; else it is SQLite.
pub fn is_postgres(db: &impl ConnectionTrait) -> bool {
    db.get_database_backend() == DatabaseBackend::Postgres
}

/// Asks; `$1` and so on stand for the values.
///
/// # Errors
/// When the database does not answer, or not to this.
pub async fn query(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_all_raw(statement).await
}

/// Changes rows, and tells how many.
///
/// # Errors
/// When the database does not do it.
pub async fn execute(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// A column of milliseconds as a time.
///
/// # Errors
/// When there is no such column, or something else stands in it.
pub fn time(row: &QueryResult, column: &str) -> Result<Timestamp, DbErr> {
    Ok(Ts(row.try_get("", column)?).into())
}

/// As [`time`], of a column that may be empty.
///
/// # Errors
/// As [`time`].
pub fn time_if_any(row: &QueryResult, column: &str) -> Result<Option<Timestamp>, DbErr> {
    let value: Option<i64> = row.try_get("", column)?;
    Ok(value.map(|millis| Ts(millis).into()))
}
