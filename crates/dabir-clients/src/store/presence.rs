//! Signs of life, which change nothing but the time of the last one, and who gives none.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{ROWS, execute, query, tuples};
use crate::client::REDIS;

/// Someone at a place.
pub(crate) type At = (String, String);

/// Keeps that these names at a place were alive at `now`.
pub(crate) async fn beat(
    tx: &impl ConnectionTrait,
    place: &str,
    names: &[&str],
    now: Timestamp,
) -> Result<(), DbErr> {
    for chunk in names.chunks(ROWS) {
        let [now, place]: [Value; 2] = [now.as_millisecond().into(), place.into()];
        let names = chunk.iter().map(|name| Value::from(*name));
        let values: Vec<Value> = names.chain([now, place]).collect();
        let sql = format!(
            "UPDATE client_presence SET heartbeat_at = ${} \
             WHERE place = ${} AND state = 'connected' AND username IN {}",
            values.len() - 1,
            values.len(),
            tuples(1, chunk.len())
        );
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// Who is connected, used to give signs of life, and gave none since `before`.
pub(crate) async fn silent(db: &impl ConnectionTrait, before: Timestamp) -> Result<Vec<At>, DbErr> {
    let sql = "SELECT username, place FROM client_presence \
               WHERE state = 'connected' AND heartbeat_at < $1 ORDER BY username LIMIT 10000";
    at(&query(db, sql, [before.as_millisecond().into()]).await?)
}

/// Who was lost before `before` and never heard of again. Redis says itself who is gone.
pub(crate) async fn long_lost(
    db: &impl ConnectionTrait,
    before: Timestamp,
) -> Result<Vec<At>, DbErr> {
    let sql = "SELECT username, place FROM client_presence \
               WHERE state = 'lost' AND since < $1 AND place <> $2 ORDER BY username LIMIT 10000";
    at(&query(db, sql, [before.as_millisecond().into(), REDIS.into()]).await?)
}

fn at(rows: &[QueryResult]) -> Result<Vec<At>, DbErr> {
    rows.iter()
        .map(|row| Ok((row.try_get("", "username")?, row.try_get("", "place")?)))
        .collect()
}
