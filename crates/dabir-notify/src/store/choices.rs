//! What people chose, and what waits for their digests.

use std::collections::BTreeMap;

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{ROWS, at, execute, json, places, query};
use crate::choices::{Channels, Digest, Habits, Item};

/// What each of some people chose otherwise than events have it by themselves.
pub(crate) type Chosen = BTreeMap<(String, String), Channels>;

pub(crate) async fn of(db: &impl ConnectionTrait, users: &[String]) -> Result<Chosen, DbErr> {
    let sql = "SELECT user_id, event, inbox, mail, sms FROM notify_choice";
    let rows = of_users(db, sql, users).await?;
    let read = |row: &QueryResult| {
        let key = (row.try_get("", "user_id")?, row.try_get("", "event")?);
        let channels = Channels {
            inbox: row.try_get("", "inbox")?,
            mail: row.try_get("", "mail")?,
            sms: row.try_get("", "sms")?,
        };
        Ok((key, channels))
    };
    rows.iter().map(read).collect()
}

/// How each of some people wants to be written to, where they said it.
pub(crate) async fn habits(
    db: &impl ConnectionTrait,
    users: &[String],
) -> Result<BTreeMap<String, Habits>, DbErr> {
    let sql = "SELECT user_id, digest, digest_hour, timezone, phone FROM notify_person";
    let rows = of_users(db, sql, users).await?;
    let read = |row: &QueryResult| {
        let digest: String = row.try_get("", "digest")?;
        let habits = Habits {
            digest: Digest::parse(&digest).unwrap_or_default(),
            digest_hour: row.try_get("", "digest_hour")?,
            timezone: row.try_get("", "timezone")?,
            phone: row.try_get("", "phone")?,
        };
        Ok((row.try_get("", "user_id")?, habits))
    };
    rows.iter().map(read).collect()
}

/// Asks for the rows of some people, however many they are.
async fn of_users(
    db: &impl ConnectionTrait,
    sql: &str,
    users: &[String],
) -> Result<Vec<QueryResult>, DbErr> {
    let mut rows = Vec::new();
    for users in users.chunks(ROWS) {
        let sql = format!("{sql} WHERE user_id IN ({})", places(1, users.len()));
        let users = users.iter().map(|id| Value::from(id.as_str()));
        rows.extend(query(db, sql, users).await?);
    }
    Ok(rows)
}

/// Puts what somebody chose in the place of all that they chose before.
pub(crate) async fn put(
    tx: &impl ConnectionTrait,
    user_id: &str,
    chosen: &BTreeMap<String, Channels>,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM notify_choice WHERE user_id = $1";
    execute(tx, sql, [user_id.into()]).await?;
    for (event, channels) in chosen {
        let sql = "INSERT INTO notify_choice (user_id, event, inbox, mail, sms) \
                   VALUES ($1, $2, $3, $4, $5)";
        let values = [
            user_id.into(),
            event.as_str().into(),
            channels.inbox.into(),
            channels.mail.into(),
            channels.sms.into(),
        ];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

pub(crate) async fn put_habits(
    tx: &impl ConnectionTrait,
    user_id: &str,
    habits: &Habits,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO notify_person (user_id, digest, digest_hour, timezone, phone, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id) DO UPDATE SET \
               digest = $2, digest_hour = $3, timezone = $4, phone = $5, updated_at = $6";
    let values = [
        user_id.into(),
        habits.digest.as_str().into(),
        habits.digest_hour.into(),
        habits.timezone.as_str().into(),
        habits.phone.clone().into(),
        at(now),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Has something wait for somebody's digest.
pub(crate) async fn wait(
    tx: &impl ConnectionTrait,
    user_id: &str,
    due_at: Timestamp,
    item: &Item,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO notify_waiting (user_id, due_at, item) VALUES ($1, $2, $3)";
    let item = serde_json::to_string(item).unwrap_or_default();
    execute(tx, sql, [user_id.into(), at(due_at), item.into()])
        .await
        .map(drop)
}

/// What waits for somebody and is due, the oldest first, with the number of the newest.
pub(crate) async fn waiting(
    db: &impl ConnectionTrait,
    user_id: &str,
    now: Timestamp,
) -> Result<(Vec<Item>, i64), DbErr> {
    let sql = "SELECT id, item FROM notify_waiting WHERE user_id = $1 AND due_at <= $2 ORDER BY id";
    let rows = query(db, sql, [user_id.into(), at(now)]).await?;
    let newest = rows.last().map_or(Ok(0), |row| row.try_get("", "id"))?;
    let items: Result<Vec<Item>, DbErr> = rows.iter().map(|row| json(row, "item")).collect();
    Ok((items?, newest))
}

/// What was waiting went out, up to the number `newest`.
pub(crate) async fn went_out(
    tx: &impl ConnectionTrait,
    user_id: &str,
    newest: i64,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM notify_waiting WHERE user_id = $1 AND id <= $2 AND due_at <= $3";
    execute(tx, sql, [user_id.into(), newest.into(), at(now)])
        .await
        .map(drop)
}

/// Forgets what has waited since before `before` for people who want no digests any more.
pub(crate) async fn forget(tx: &impl ConnectionTrait, before: Timestamp) -> Result<(), DbErr> {
    let sql = "DELETE FROM notify_waiting WHERE due_at < $1 AND user_id NOT IN \
               (SELECT user_id FROM notify_person WHERE digest <> 'none')";
    execute(tx, sql, [at(before)]).await.map(drop)
}
