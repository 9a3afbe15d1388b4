//! The tables of clients. One question, one function; what differs between the databases stays here.

pub(crate) mod directory;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod presence;
pub(crate) mod seats;
pub(crate) mod tally;

pub(crate) use dabir_db::sql::{execute, query, time, time_if_any};

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

/// How many rows a statement has: both databases bound the number of its values.
const ROWS: usize = 500;

fn millis(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::as_millisecond).into()
}

/// `($1, $2), ($3, $4)` for rows of so many columns.
fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns)
            .map(|column| format!("${}", row * columns + column))
            .collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Writes rows of `columns` columns: `before` up to `VALUES`, `after` what to do with those that are
/// there.
async fn insert(
    tx: &impl ConnectionTrait,
    before: &str,
    columns: usize,
    rows: Vec<Vec<Value>>,
    after: &str,
) -> Result<(), DbErr> {
    for chunk in rows.chunks(ROWS) {
        let sql = format!("{before} VALUES {} {after}", places(chunk.len(), columns));
        execute(tx, sql, chunk.iter().flatten().cloned()).await?;
    }
    Ok(())
}

/// A question about many names, as often as their number needs; `{names}` stands for their places.
async fn query_names(
    db: &impl ConnectionTrait,
    sql: &str,
    names: &[&str],
) -> Result<Vec<QueryResult>, DbErr> {
    let mut rows = Vec::new();
    for chunk in names.chunks(ROWS) {
        let sql = sql.replace("{names}", &places(1, chunk.len()));
        let values = chunk.iter().map(|name| Value::from(*name));
        rows.extend(query(db, sql, values).await?);
    }
    Ok(rows)
}
