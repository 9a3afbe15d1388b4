//! The table of notifications.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{ROWS, at, count, execute, json, places, query, time, time_if_any};
use crate::inbox::{Notification, Place};
use dabir_db::outbox::Said;

/// Puts what happened into somebody's inbox. What is unread of the same thing becomes one line: the
/// newest, where one that was seen was put to sleep and there are two.
pub(crate) async fn put(
    tx: &impl ConnectionTrait,
    user_id: &str,
    said: &Said,
) -> Result<(), DbErr> {
    let data = said.data.to_string();
    let again = "UPDATE notification SET times = times + 1, at = $5, subject_name = $6, \
                 by_name = $7, data = $8, snoozed_until = NULL \
                 WHERE seen_at IS NULL AND id = (SELECT id FROM notification \
                 WHERE user_id = $1 AND event = $2 AND subject_kind = $3 AND subject_id = $4 \
                 AND seen_at IS NULL ORDER BY at DESC, id DESC LIMIT 1)";
    let values: [Value; 8] = [
        user_id.into(),
        said.event.as_str().into(),
        said.subject_kind.as_str().into(),
        said.subject_id.as_str().into(),
        at(said.at),
        said.subject_name.as_str().into(),
        said.by_name.as_str().into(),
        data.into(),
    ];
    if execute(tx, again, values.clone()).await? > 0 {
        return Ok(());
    }
    let first = "INSERT INTO notification (user_id, event, subject_kind, subject_id, at, \
                 subject_name, by_name, data, first_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $5)";
    execute(tx, first, values).await.map(drop)
}

/// Somebody's notifications after `after`, the newest first: one more than `limit`. What sleeps is
/// left out.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user_id: &str,
    unread: bool,
    after: Option<Place>,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<Notification>, DbErr> {
    let mut sql = "SELECT * FROM notification WHERE user_id = $1 \
                   AND (snoozed_until IS NULL OR snoozed_until <= $2)"
        .to_owned();
    let mut values: Vec<Value> = vec![user_id.into(), at(now)];
    if unread {
        sql += " AND seen_at IS NULL";
    }
    if let Some(place) = after {
        sql += " AND (at < $3 OR (at = $3 AND id < $4))";
        values.extend([at(place.at), place.id.into()]);
    }
    sql += &format!(" ORDER BY at DESC, id DESC LIMIT {}", u64::from(limit) + 1);
    let rows = query(db, sql, values).await?;
    rows.iter().map(notification).collect()
}

/// How many somebody has not seen.
pub(crate) async fn unread(
    db: &impl ConnectionTrait,
    user_id: &str,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let sql = "SELECT COUNT(*) AS many FROM notification WHERE user_id = $1 AND seen_at IS NULL \
               AND (snoozed_until IS NULL OR snoozed_until <= $2)";
    let rows = query(db, sql, [user_id.into(), at(now)]).await?;
    rows.first().map_or(Ok(0), |row| count(row, "many"))
}

/// Marks some as seen.
pub(crate) async fn see(
    tx: &impl ConnectionTrait,
    user_id: &str,
    ids: &[i64],
    now: Timestamp,
) -> Result<u64, DbErr> {
    let mut changed = 0;
    for ids in ids.chunks(ROWS) {
        let sql = format!(
            "UPDATE notification SET seen_at = $2 WHERE user_id = $1 AND seen_at IS NULL \
             AND id IN ({})",
            places(3, ids.len())
        );
        let ids = ids.iter().map(|id| Value::from(*id));
        let values = [user_id.into(), at(now)].into_iter().chain(ids);
        changed += execute(tx, sql, values).await?;
    }
    Ok(changed)
}

/// Marks all as seen that came until `until`; what sleeps sleeps on.
pub(crate) async fn see_all(
    tx: &impl ConnectionTrait,
    user_id: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let sql = "UPDATE notification SET seen_at = $3 WHERE user_id = $1 AND at <= $2 \
               AND seen_at IS NULL AND (snoozed_until IS NULL OR snoozed_until <= $3)";
    execute(tx, sql, [user_id.into(), at(until), at(now)]).await
}

/// Puts one to sleep; it is unread when it wakes.
pub(crate) async fn snooze(
    tx: &impl ConnectionTrait,
    user_id: &str,
    id: i64,
    until: Timestamp,
) -> Result<u64, DbErr> {
    let sql = "UPDATE notification SET snoozed_until = $3, seen_at = NULL \
               WHERE user_id = $1 AND id = $2";
    execute(tx, sql, [user_id.into(), id.into(), at(until)]).await
}

/// Wakes those whose sleep is over, as the newest of all. Answers whose they are.
pub(crate) async fn wake(tx: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<String>, DbErr> {
    let sql = "UPDATE notification SET snoozed_until = NULL, at = $1 \
               WHERE snoozed_until <= $1 RETURNING user_id";
    let rows = query(tx, sql, [at(now)]).await?;
    rows.iter().map(|row| row.try_get("", "user_id")).collect()
}

/// Whether somebody's sleep is over.
pub(crate) async fn is_anyone_awake(
    db: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "SELECT id FROM notification WHERE snoozed_until <= $1 LIMIT 1";
    Ok(!query(db, sql, [at(now)]).await?.is_empty())
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    user_id: &str,
    id: i64,
) -> Result<Option<Notification>, DbErr> {
    let sql = "SELECT * FROM notification WHERE user_id = $1 AND id = $2";
    let rows = query(db, sql, [user_id.into(), id.into()]).await?;
    rows.first().map(notification).transpose()
}

pub(crate) async fn delete(
    tx: &impl ConnectionTrait,
    user_id: &str,
    id: i64,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM notification WHERE user_id = $1 AND id = $2";
    execute(tx, sql, [user_id.into(), id.into()]).await
}

/// Forgets those from before `before`, some at a time.
pub(crate) async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    most: u32,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM notification WHERE id IN \
               (SELECT id FROM notification WHERE at < $1 ORDER BY at LIMIT $2)";
    execute(tx, sql, [at(before), i64::from(most).into()]).await
}

/// To whom something came after `since`.
pub(crate) async fn heard_since(
    db: &impl ConnectionTrait,
    since: Timestamp,
) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT DISTINCT user_id FROM notification WHERE at > $1";
    let rows = query(db, sql, [at(since)]).await?;
    rows.iter().map(|row| row.try_get("", "user_id")).collect()
}

fn notification(row: &QueryResult) -> Result<Notification, DbErr> {
    Ok(Notification {
        id: row.try_get("", "id")?,
        event: row.try_get("", "event")?,
        subject_kind: row.try_get("", "subject_kind")?,
        subject_id: row.try_get("", "subject_id")?,
        subject_name: row.try_get("", "subject_name")?,
        by_name: row.try_get("", "by_name")?,
        times: row.try_get("", "times")?,
        data: json(row, "data")?,
        first_at: time(row, "first_at")?,
        at: time(row, "at")?,
        seen_at: time_if_any(row, "seen_at")?,
        snoozed_until: time_if_any(row, "snoozed_until")?,
    })
}
