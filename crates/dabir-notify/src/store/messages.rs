//! When people were sent text messages.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};

use super::{at, count, execute, query};

/// How many somebody was sent since `since`.
pub(crate) async fn since(
    db: &impl ConnectionTrait,
    user_id: &str,
    since: Timestamp,
) -> Result<u64, DbErr> {
    let sql = "SELECT COUNT(*) AS many FROM notify_sms WHERE user_id = $1 AND at > $2";
    let rows = query(db, sql, [user_id.into(), at(since)]).await?;
    rows.first().map_or(Ok(0), |row| count(row, "many"))
}

pub(crate) async fn note(
    tx: &impl ConnectionTrait,
    user_id: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO notify_sms (user_id, at) VALUES ($1, $2)";
    execute(tx, sql, [user_id.into(), at(now)]).await.map(drop)
}

pub(crate) async fn forget(tx: &impl ConnectionTrait, before: Timestamp) -> Result<(), DbErr> {
    let sql = "DELETE FROM notify_sms WHERE at < $1";
    execute(tx, sql, [at(before)]).await.map(drop)
}
