//! Places in a column of the board. Cards that were deleted keep theirs.

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::{ROWS, execute, query, tuples};
use crate::tasks::model::Status;
use crate::tasks::rank;

/// The last place of a column.
pub(crate) async fn last(
    tx: &impl ConnectionTrait,
    status: Status,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT MAX(rank) AS rank FROM task WHERE status = $1";
    one(tx, sql, vec![status.as_str().into()]).await
}

/// The last place of a column, of another card than `id`.
pub(crate) async fn last_but(
    tx: &impl ConnectionTrait,
    status: Status,
    id: &str,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT MAX(rank) AS rank FROM task WHERE status = $1 AND id <> $2";
    one(tx, sql, vec![status.as_str().into(), id.into()]).await
}

/// The place after `rank`, of another card than `id`.
pub(crate) async fn next(
    tx: &impl ConnectionTrait,
    status: Status,
    rank: &str,
    id: &str,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT MIN(rank) AS rank FROM task WHERE status = $1 AND rank > $2 AND id <> $3";
    one(
        tx,
        sql,
        vec![status.as_str().into(), rank.into(), id.into()],
    )
    .await
}

/// The place before `rank`, of another card than `id`.
pub(crate) async fn previous(
    tx: &impl ConnectionTrait,
    status: Status,
    rank: &str,
    id: &str,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT MAX(rank) AS rank FROM task WHERE status = $1 AND rank < $2 AND id <> $3";
    one(
        tx,
        sql,
        vec![status.as_str().into(), rank.into(), id.into()],
    )
    .await
}

async fn one(
    tx: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<String>, DbErr> {
    let rows = query(tx, sql, values).await?;
    rows.first().map_or(Ok(None), |row| row.try_get("", "rank"))
}

/// Gives every card of a column a short place, in the same order.
pub(crate) async fn spread(tx: &impl ConnectionTrait, status: Status) -> Result<(), DbErr> {
    let sql = "SELECT id FROM task WHERE status = $1 ORDER BY rank, number";
    let rows = query(tx, sql, [status.as_str().into()]).await?;
    let ids = rows.iter().map(|row| row.try_get::<String>("", "id"));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let places: Vec<String> = rank::spread(ids.len()).collect();
    let cards: Vec<(String, String)> = ids.into_iter().zip(places).collect();
    for chunk in cards.chunks(ROWS) {
        let sql = format!(
            "WITH place (id, rank) AS (VALUES {}) UPDATE task SET rank = place.rank \
             FROM place WHERE task.id = place.id",
            tuples(chunk.len(), 2)
        );
        let values = chunk
            .iter()
            .flat_map(|(id, rank)| [id.as_str().into(), rank.as_str().into()]);
        execute(tx, sql, values).await?;
    }
    Ok(())
}
