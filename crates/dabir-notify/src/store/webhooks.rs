//! The table of webhooks.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{at, execute, json, query, time, time_if_any};
use crate::model::{Webhook, WebhookState};

/// What only the sender of a webhook needs.
#[derive(Clone, Debug)]
pub(crate) struct Seals {
    pub(crate) sealed: String,
    pub(crate) old: Option<(String, Timestamp)>,
}

const SELECT: &str = "SELECT w.*, \
    (SELECT COUNT(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting') \
    AS waiting, \
    (SELECT COUNT(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'dead' \
    AND NOT d.is_test) AS dead FROM webhook w";

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    webhook: &Webhook,
    sealed: &str,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO webhook (id, url, description, events, state, state_at, sealed, \
               created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6, $6)";
    let values = [
        webhook.id.as_str().into(),
        webhook.url.as_str().into(),
        webhook.description.as_str().into(),
        events(webhook).into(),
        webhook.state.as_str().into(),
        at(webhook.created_at),
        sealed.into(),
        webhook.created_by.as_str().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes what people may change.
pub(crate) async fn update(tx: &impl ConnectionTrait, webhook: &Webhook) -> Result<(), DbErr> {
    let sql = "UPDATE webhook SET url = $2, description = $3, events = $4, updated_at = $5 \
               WHERE id = $1";
    let values = [
        webhook.id.as_str().into(),
        webhook.url.as_str().into(),
        webhook.description.as_str().into(),
        events(webhook).into(),
        at(webhook.updated_at),
    ];
    execute(tx, sql, values).await.map(drop)
}

fn events(webhook: &Webhook) -> String {
    serde_json::to_string(&webhook.events).unwrap_or_default()
}

/// Turns a webhook to what people say.
pub(crate) async fn set_state(
    tx: &impl ConnectionTrait,
    id: &str,
    state: WebhookState,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE webhook SET state = $2, state_reason = NULL, state_at = $3, \
               failing_since = CASE WHEN $2 = 'on' THEN NULL ELSE failing_since END WHERE id = $1";
    execute(tx, sql, [id.into(), state.as_str().into(), at(now)])
        .await
        .map(drop)
}

/// Has nothing more sent to a webhook that is on; `false` when it is not.
pub(crate) async fn stop(
    tx: &impl ConnectionTrait,
    id: &str,
    state: WebhookState,
    reason: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "UPDATE webhook SET state = $2, state_reason = $3, state_at = $4 \
               WHERE id = $1 AND state = 'on'";
    let values = [id.into(), state.as_str().into(), reason.into(), at(now)];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Puts a new secret in the place of the last one, which still signs until `old_until`.
pub(crate) async fn rotate(
    tx: &impl ConnectionTrait,
    id: &str,
    sealed: &str,
    old_until: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE webhook SET old_sealed = sealed, old_until = $3, sealed = $2 WHERE id = $1";
    execute(tx, sql, [id.into(), sealed.into(), at(old_until)])
        .await
        .map(drop)
}

pub(crate) async fn delete(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    execute(tx, "DELETE FROM webhook WHERE id = $1", [id.into()])
        .await
        .map(drop)
}

/// Has nobody else change this webhook until the transaction ends.
pub(crate) async fn lock(tx: &impl ConnectionTrait, id: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE webhook SET last_position = last_position WHERE id = $1";
    Ok(execute(tx, sql, [id.into()]).await? == 1)
}

/// The next `count` places in the line of a webhook, which are the caller's from here on: answers the
/// first of them, and `None` when it is off or gone.
pub(crate) async fn take_positions(
    tx: &impl ConnectionTrait,
    id: &str,
    count: i64,
) -> Result<Option<i64>, DbErr> {
    let sql = "UPDATE webhook SET last_position = last_position + $2 \
               WHERE id = $1 AND state <> 'off' RETURNING last_position";
    let rows = query(tx, sql, [id.into(), count.into()]).await?;
    let last: Option<i64> = rows
        .first()
        .map(|row| row.try_get("", "last_position"))
        .transpose()?;
    Ok(last.map(|last| last - count + 1))
}

/// Brings `due_at` to what the head of the line says.
pub(crate) async fn refresh_due(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    let sql = "UPDATE webhook SET due_at = (SELECT d.next_at FROM webhook_delivery d \
               WHERE d.webhook_id = $1 AND d.state = 'waiting' ORDER BY d.position LIMIT 1) \
               WHERE id = $1";
    execute(tx, sql, [id.into()]).await.map(drop)
}

/// An attempt got through.
pub(crate) async fn succeeded(
    tx: &impl ConnectionTrait,
    id: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE webhook SET failing_since = NULL, succeeded_at = $2 WHERE id = $1";
    execute(tx, sql, [id.into(), at(now)]).await.map(drop)
}

/// An attempt did not get through. Answers since when none does.
pub(crate) async fn failed(
    tx: &impl ConnectionTrait,
    id: &str,
    since: Timestamp,
) -> Result<Timestamp, DbErr> {
    let sql = "UPDATE webhook SET failing_since = COALESCE(failing_since, $2) WHERE id = $1 \
               RETURNING failing_since";
    let rows = query(tx, sql, [id.into(), at(since)]).await?;
    rows.first()
        .map_or(Ok(since), |row| time(row, "failing_since"))
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Webhook>, DbErr> {
    let rows = query(db, format!("{SELECT} WHERE w.id = $1"), [id.into()]).await?;
    rows.first().map(webhook).transpose()
}

/// As [`find`], without counting what waits, and with what it is signed with: a sender asks before
/// each delivery.
pub(crate) async fn find_to_send(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<(Webhook, Seals)>, DbErr> {
    let sql = "SELECT w.*, CAST(0 AS BIGINT) AS waiting, CAST(0 AS BIGINT) AS dead \
               FROM webhook w WHERE w.id = $1";
    let rows = query(db, sql, [id.into()]).await?;
    let read = |row: &QueryResult| Ok((webhook(row)?, seals(row)?));
    rows.first().map(read).transpose()
}

/// As [`find`], without counting what waits.
pub(crate) async fn find_bare(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<Webhook>, DbErr> {
    Ok(find_to_send(db, id).await?.map(|(webhook, _)| webhook))
}

pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Webhook>, DbErr> {
    let rows = query(db, format!("{SELECT} ORDER BY w.created_at, w.id"), []).await?;
    rows.iter().map(webhook).collect()
}

/// How many there are.
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let rows = query(db, "SELECT COUNT(*) AS many FROM webhook", []).await?;
    rows.first().map_or(Ok(0), |row| super::count(row, "many"))
}

fn seals(row: &QueryResult) -> Result<Seals, DbErr> {
    let old: Option<String> = row.try_get("", "old_sealed")?;
    Ok(Seals {
        sealed: row.try_get("", "sealed")?,
        old: old.zip(time_if_any(row, "old_until")?),
    })
}

/// A webhook that is told of what happens now.
pub(crate) struct Listener {
    pub(crate) id: String,
    /// What it asked for.
    pub(crate) events: Vec<String>,
    /// Whether it is told at once.
    pub(crate) is_on: bool,
}

/// Those that are told of what happens now, in the order of their ids.
pub(crate) async fn listening(db: &impl ConnectionTrait) -> Result<Vec<Listener>, DbErr> {
    let sql = "SELECT id, events, state = 'on' AS is_on FROM webhook WHERE state <> 'off' \
               ORDER BY id";
    let rows = query(db, sql, []).await?;
    let read = |row: &QueryResult| {
        Ok(Listener {
            id: row.try_get("", "id")?,
            events: json(row, "events")?,
            is_on: row.try_get("", "is_on")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Those whose line has something due.
pub(crate) async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT id FROM webhook WHERE state = 'on' AND due_at <= $1 ORDER BY due_at";
    let rows = query(db, sql, [at(now)]).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Forgets secrets whose time is over.
pub(crate) async fn forget_old_secrets(
    tx: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE webhook SET old_sealed = NULL, old_until = NULL WHERE old_until < $1";
    execute(tx, sql, [at(now)]).await.map(drop)
}

fn webhook(row: &QueryResult) -> Result<Webhook, DbErr> {
    let state: String = row.try_get("", "state")?;
    Ok(Webhook {
        id: row.try_get("", "id")?,
        url: row.try_get("", "url")?,
        description: row.try_get("", "description")?,
        events: json(row, "events")?,
        state: WebhookState::parse(&state).unwrap_or(WebhookState::Off),
        state_reason: row.try_get("", "state_reason")?,
        state_at: time(row, "state_at")?,
        old_secret_until: time_if_any(row, "old_until")?,
        failing_since: time_if_any(row, "failing_since")?,
        succeeded_at: time_if_any(row, "succeeded_at")?,
        next_at: time_if_any(row, "due_at")?,
        waiting: super::count(row, "waiting")?,
        dead: super::count(row, "dead")?,
        created_by: row.try_get("", "created_by")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
