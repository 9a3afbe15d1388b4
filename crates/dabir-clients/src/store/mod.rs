//! The tables of clients. One question, one function; what differs between the databases stays here.

pub(crate) mod directory;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod presence;
pub(crate) mod seats;
pub(crate) mod tally;

pub(crate) use dabir_db::sql::{ROWS, execute, insert, places, query, time, time_if_any, tuples};

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

fn millis(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::as_millisecond).into()
}

/// A question about many names, as often as their number needs; `{names}` stands for their places.
async fn query_names(
    db: &impl ConnectionTrait,
    sql: &str,
    names: &[&str],
) -> Result<Vec<QueryResult>, DbErr> {
    let mut rows = Vec::new();
    for chunk in names.chunks(ROWS) {
        let sql = sql.replace("{names}", &tuples(1, chunk.len()));
        let values = chunk.iter().map(|name| Value::from(*name));
        rows.extend(query(db, sql, values).await?);
    }
    Ok(rows)
}
